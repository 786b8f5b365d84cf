"""Causal language modelling: say which word comes next, from the words before it alone.

Idea. The transformer may not look ahead: at each place it sees the tokens up to there and names
the next one. One pass over a text asks as many questions as it has tokens, less one.

Paper. A. Radford, K. Narasimhan, T. Salimans, I. Sutskever, "Improving Language Understanding by
Generative Pre-Training" (GPT), 2018, equation 1: the cross-entropy of each token given those
before it. Output weights are the input embeddings, as there. Ours differs: there is no token for
the beginning, because the encoder sees none when it is evaluated, so the first token is not
predicted; a small head stands between representation and prediction; the mean is over all
predicted tokens of the batch, as in GPT's code.

Teaches. Which words follow which, phrases, some topic. It is the pretraining of today's language
models, and its score on unseen texts is easy to read: perplexity, the number of tokens among which
the model hesitates. Perplexities are comparable for one vocabulary only.

Fails. In minutes it learns frequent words and phrases, and the last words say most about the next
one: features of the whole text, averaged over tokens of which the first ones have seen almost
nothing, gain less than those of masked language modelling, and all point in about one direction.
The loss falls fast from log V, the chance level of V tokens, to that of word frequencies, and stays
there for a while. With few texts it learns them by heart: training loss falls, perplexity rises.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    PAD, Augmenter, Batch, Context, DataInfo, Encoder, F, HeldOut, Illustration, IllustrationData,
    Needs, Optimum, Output, RequestError, Task, Views, nn, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.held_out.perplexity import perplexities
from workbench.tasks.parts.render import original_panel, token_panel
from workbench.tasks.parts.vocabulary import head, logits, name_tokens


@dataclass(frozen=True)
class CausalLM(Task):
    """See the module's docstring."""

    name = "causal_lm"
    title = "Causal language modelling"
    summary = "Say which word comes next, from the words before it."
    family = "language"
    modalities = ("text",)
    reference = "Radford et al. 2018 (GPT)"
    needs = Needs(encoders=("text",), length=2)
    encoder_options = {"causal": True}
    # As masked language modelling: small nets and short runs like a high rate.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    fine_tuned = True
    sees = "Sees a text up to some word, at every word in turn; it must name the next one."
    caution = (
        "Half a minute gains nothing here. The first words of a text have seen almost none of it. "
        "The score uses the mean over all words, which dilutes what the last ones know."
    )

    def check_encoder(self, encoder: Encoder) -> None:
        if not getattr(encoder, "causal", False):
            raise RequestError(
                f"'{self.name}' asks for the next word, and this encoder sees it.",
                field="--set encoder.causal",
                remedy="Give --set encoder.causal=true, or take the task mlm.",
            )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        return heads.assemble(encoder=encoder, **head(encoder))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        tokens = augment(batch, rng)[:, : module.encoder.length]
        return Views((tokens,), (following(tokens),))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (tokens,), (target,) = views.inputs, views.targets
        return name_tokens(module, tokens, target)

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        return math.log(info.vocabulary) if info.vocabulary else None

    def held_out(
        self, module: nn.Module, untrained: nn.Module, batches: Iterable[Batch]
    ) -> tuple[HeldOut, ...]:
        """Perplexity on test texts of at least two tokens; nothing if there are none."""
        return perplexities(module, untrained, batches, token_losses)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (tokens,), (target,) = views.inputs, views.targets
        rows = []
        for row in range(batch.size):
            predicted = target[row] != IGNORE
            marks = ["" if flag else "last" for flag in predicted.tolist()]
            answers = target[row][predicted]
            rows.append(
                (
                    original_panel(batch, row, data),
                    token_panel(tokens[row], marks, data, "one word after another", "sees"),
                    token_panel(answers, [""] * len(answers), data, "next words", "answers"),
                )
            )
        return Illustration("Which word comes next, after each word?", tuple(rows))


def following(tokens: torch.Tensor) -> torch.Tensor:
    """int64 (B, L): the token after each one, IGNORE where there is none. tokens: int64 (B, L)."""
    target = tokens.roll(-1, dims=1)
    target[:, -1] = PAD
    return target.masked_fill(target == PAD, IGNORE)


def token_losses(module: Any, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """float and bool, both (B, L): the loss of the token after each one; whether there is one."""
    tokens = tokens[:, : module.encoder.length]
    target = following(tokens)
    predicted = target != IGNORE
    scores = logits(module, tokens, predicted).float()
    each = F.cross_entropy(scores, target[predicted], reduction="none")
    losses = torch.zeros(tokens.shape, device=tokens.device).masked_scatter(predicted, each)
    return losses, predicted
