"""Token order: put the words of shuffled spans back in their order.

Idea. In each text some spans of a few neighbouring tokens are shuffled. Nothing marks them. At each
place of such a span the model names the token that stood there. All the words are there, so only
their order has to be found.

Paper. W. Wang et al., "StructBERT: Incorporating Language Structures into Pre-training for Deep
Language Understanding", arXiv 1908.04577, section 2.2.1, equation 1 (word structural objective):
cross-entropy of the original token at each place of shuffled spans of K = 3. Ours differs: it
stands alone, where the paper has masked words beside it; a larger share of the text is shuffled, as
runs are short; a span is never shuffled into its own order, unless its tokens are equal; output
weights are the input embeddings.

Teaches. Word order: phrases, grammar, and which words keep company, as each is found by its
neighbours.

Fails. The answer is always one of the tokens of the span, so that copying a word from nearby brings
the loss from log V, the chance level of V tokens, down to about log K; only a loss below that shows
knowledge of order; the mean over tokens, which is what is evaluated, need not hold any of it. Where
words stand in no fixed order (lists of keywords) there is nothing to learn. Texts shorter than a
span are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum, Output,
    RequestError, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.render import original_panel, token_panel
from workbench.tasks.parts.segments import lengths
from workbench.tasks.parts.shuffling import shuffle
from workbench.tasks.parts.vocabulary import head, name_tokens


@dataclass(frozen=True)
class TokenOrder(Task):
    """See the module's docstring."""

    name = "token_order"
    title = "Order of words"
    summary = "Put the words of shuffled spans back in their order."
    family = "predictive"
    modalities = ("text",)
    reference = "Wang et al. 2019 (StructBERT), arXiv 1908.04577"
    needs = Needs(encoders=("text",), length=2)
    # As masked language modelling: small nets and short runs like a high rate.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    reads_order = True
    sees = (
        "Sees a text in which some neighbouring words were shuffled; it must name the word that "
        "stood at each of their places."
    )
    starter = 5

    span: int = option(
        3,
        label="Span",
        help="Neighbouring tokens that are shuffled among each other.",
        low=2,
        high=32,
    )
    # The paper shuffles about .15 beside masked words; alone and in a short run more teach more.
    share: float = option(
        0.3,
        label="Shuffled share",
        help="Share of the tokens that stand in shuffled spans.",
        low=0.01,
        high=1.0,
    )

    def check(self, info: DataInfo) -> None:
        super().check(info)
        if info.length is not None and info.length < self.span:
            raise RequestError(
                f"spans of {self.span} tokens do not fit into texts of at most {info.length}.",
                field="--set span",
                remedy=f"Give --set span={max(2, info.length)} or less.",
            )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        return heads.assemble(encoder=encoder, **head(encoder))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        tokens = augment(batch, rng)[:, : module.encoder.length]
        order, chosen = shuffle(lengths(tokens), tokens.shape[1], self.span, self.share, rng)
        target = tokens.masked_fill(~chosen, IGNORE)
        return Views((tokens.gather(1, order),), (target,), (order,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (shuffled,), (target,) = views.inputs, views.targets
        return name_tokens(module, shuffled, target)

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        return math.log(info.vocabulary) if info.vocabulary else None

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (shuffled,), (target,), (order,) = views.inputs, views.targets, views.masks
        places = torch.arange(order.shape[1], device=order.device)
        rows = []
        for row in range(batch.size):
            chosen, moved = target[row] != IGNORE, order[row] != places
            marks = [
                "moved" if away else "kept" if asked else ""
                for away, asked in zip(moved.tolist(), chosen.tolist(), strict=True)
            ]
            answers = [name for name in marks if name]
            rows.append(
                (
                    original_panel(batch, row, data),
                    token_panel(shuffled[row], marks, data, "shuffled text", "sees"),
                    token_panel(target[row][chosen], answers, data, "original tokens", "answers"),
                )
            )
        return Illustration("Which word stood at each marked place?", tuple(rows))
