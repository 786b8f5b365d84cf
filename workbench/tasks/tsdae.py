"""TSDAE: squeeze a text with words left out into one vector, and write the whole text from it.

Idea. Of each text 60 % of the tokens are left out. The encoder turns the rest into its one vector
h, and a small decoder writes the whole text, reading nothing but h. So h has to hold the text: of
the language tasks this is the one that trains the very vector which is used afterwards.

Paper. K. Wang, N. Reimers, I. Gurevych, "TSDAE: Using Transformer-based Sequential Denoising
Auto-Encoder for Unsupervised Sentence Embedding Learning", arXiv 2104.06979, section 3: the
likelihood of the text given the vector of its corrupted version, through cross-attention whose keys
and values are that one vector; leaving out 60 % was best there. Ours differs: the paper starts from
pretrained BERT, ours from nothing; the paper ties the decoder's blocks to the encoder's, ours only
the embedding; the paper's vector is the state at [CLS], ours the mean over tokens, the very h that
is evaluated; and most of the words that the paper's decoder reads while it writes are hidden from
ours (word dropout, Bowman et al., arXiv 1511.06349), so that it learns to listen to h in minutes.

Teaches. Which words a text holds, and so its topic; what was left out must be inferred from what
goes with the rest.

Fails. Without pretraining the decoder first learns to write likely texts whatever h says, and only
then to listen: for the first hundred steps or more h gets worse than it was untrained, and a run
that ends there shows a loss. Long texts do not fit into one vector. Words that say nothing of the
topic count as much as those that do. A strong decoder (more blocks, no hidden hints) writes well
without h.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    PAD, SEP, Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum,
    Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import decoder, heads, spans
from workbench.tasks.parts.render import original_panel, token_panel


@dataclass(frozen=True)
class TSDAE(Task):
    """See the module's docstring."""

    name = "tsdae"
    title = "Text through one vector (TSDAE)"
    summary = "Write a whole text from the one vector of what was left of it."
    family = "language"
    modalities = ("text",)
    reference = "Wang et al. 2021 (TSDAE), arXiv 2104.06979"
    needs = Needs(encoders=("text",), length=2)
    # As mlm: small nets, a thousand steps.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    sees = "Sees a text with most words left out, as one vector; it must write the whole text."
    starter = 4

    deleted_share: float = option(
        0.6,
        label="Left-out share",
        help="Share of the tokens that is left out; one at least stays. The paper found .6 best.",
        low=0.0,
        high=0.95,
    )
    # Of 0, .5 and .8 the last had the best neighbours after 300 steps of 64 texts (validation).
    hidden_hints: float = option(
        0.8,
        label="Hidden hints",
        help="Share of the words that are hidden from the decoder when it writes the next ones. "
        "The more, the more it needs h. The paper hides none (0).",
        low=0.0,
        high=1.0,
    )
    decoder_depth: int = option(
        1,
        label="Decoder depth",
        help="Transformer blocks of the decoder. More of them write without listening to h.",
        low=1,
        high=12,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        writer = decoder.decoder(
            encoder.dim, encoder.vocabulary, encoder.length, self.decoder_depth
        )
        return heads.assemble(encoder=encoder, decoder=writer)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        """What is left of the text, and the text itself: augmentations change the former only."""
        kept = delete(augment(batch, rng), self.deleted_share, rng)
        target = spans.end(batch.clean())
        return Views((kept,), (target,), (decoder.hide_hints(target, self.hidden_hints, rng),))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (kept,), (target,), (hidden,) = views.inputs, views.targets, views.masks
        memory = module.encoder(kept)[:, None]
        loss, right = decoder.reconstruction(
            module.decoder, module.encoder.embedding, target, memory, None, hidden
        )
        return Output(loss, {"accuracy": right})

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        return math.log(info.vocabulary) if info.vocabulary else None

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (kept,), (target,) = views.inputs, views.targets
        rows = []
        for row in range(batch.size):
            words = ["" if token == SEP else "answer" for token in target[row].tolist()]
            plain = [""] * kept.shape[1]
            rows.append(
                (
                    original_panel(batch, row, data),
                    token_panel(kept[row], plain, data, "what was left of the text", "sees"),
                    token_panel(target[row], words, data, "the whole text", "answers"),
                )
            )
        return Illustration("What did the whole text say?", tuple(rows))


def delete(tokens: torch.Tensor, share: float, rng: torch.Generator) -> torch.Tensor:
    """int64 (B, W): each token of int64 (B, L) left out with probability ``share``; one stays."""
    draw = torch.rand(tokens.shape, generator=rng, device=tokens.device)
    draw = draw.masked_fill(tokens == PAD, -1.0)
    highest = draw.argmax(dim=1, keepdim=True)
    kept = (draw >= share).scatter(1, highest, True) & (tokens != PAD)
    return spans.pack(tokens, kept)
