"""BART's denoising: repair a text with gaps of unknown length, and write all of it anew.

Idea. Runs of tokens, some 30 % of a text, are each replaced by one [MASK], whatever their length;
some have no tokens at all, so that a mark may stand for nothing. With ``permute_sentences``
sentences change places too. The encoder reads this, a small decoder reads the encoder's tokens and
writes the whole original text. What it writes of texts it has never seen is scored with BLEU after
training.

Paper. M. Lewis et al., "BART: Denoising Sequence-to-Sequence Pre-training for Natural Language
Generation, Translation, and Comprehension", arXiv 1910.13461, section 2.2 (text infilling with
Poisson(3) spans; sentence permutation; cross-entropy of the original text) and 5 (30 % masked).
Ours differs: gaps never touch, at least one token is hidden and one seen, sentences are not
permuted by default (the paper's table 1 gains little from it, and short texts are one sentence),
and the decoder has one block. Augmentations change what is read, never what must be written.

Teaches. Which words go together; how many words a gap held; to keep apart what is broken and what
is whole. Most of the target stands in the input, so copying is learned too.

Fails. Copying must be learned first, and a short run does not get that far: compare BLEU with that
of the raw input, the answer that only copies (after 300 steps on short texts .02 against .51).
Until then the decoder writes likely texts, and h gets worse before it gets better. The whole text
is written at every step, so a step costs more than mlm's. The encoder's tokens keep words and
places; their mean blurs both.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    MASK, SEP, Augmenter, Batch, Context, DataInfo, HeldOut, Illustration, IllustrationData, Needs,
    Optimum, Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import decoder, heads, repair, spans
from workbench.tasks.parts.render import original_panel, token_panel


@dataclass(frozen=True)
class BartDenoising(Task):
    """See the module's docstring."""

    name = "bart_denoising"
    title = "Text repair (BART)"
    summary = "Write a whole text from one with gaps of unknown length."
    family = "language"
    modalities = ("text",)
    reference = "Lewis et al. 2019 (BART), arXiv 1910.13461"
    needs = Needs(encoders=("text",), length=2)
    # As mlm: small nets, a thousand steps.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    fine_tuned = True
    sees = "Sees a text in which runs of words are one mark each; it must write the whole text."
    starter = 6

    hidden_share: float = option(
        0.3,
        label="Hidden share",
        help="Share of the tokens that is hidden behind marks.",
        low=0.01,
        high=0.9,
    )
    span_length: float = option(
        3.0,
        label="Length of a gap",
        help="Mean of the Poisson distribution of the tokens behind a mark; 0 is possible.",
        low=0.5,
        high=20.0,
    )
    permute_sentences: bool = option(
        False,
        label="Permute sentences",
        help="Put the sentences of each text in random order; texts of one sentence stay.",
    )
    decoder_depth: int = option(
        1,
        label="Decoder depth",
        help="Transformer blocks of the decoder.",
        low=1,
        high=12,
        advanced=True,
    )

    def notes(self, info: DataInfo) -> tuple[str, ...]:
        if self.permute_sentences and info.sentences is not None and info.sentences < 2:
            return ("Half of the texts are one sentence: permuting sentences leaves them alone.",)
        return ()

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        writer = decoder.decoder(
            encoder.dim, encoder.vocabulary, encoder.length, self.decoder_depth
        )
        return heads.assemble(encoder=encoder, decoder=writer)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        original = batch.clean()
        if self.permute_sentences and batch.sentences is not None:
            moved = spans.permute(original, batch.sentences, rng)
            batch = dataclasses.replace(batch, tokens=moved)
        noisy = spans.infill(augment(batch, rng), self.hidden_share, self.span_length, rng)
        return Views((noisy,), (spans.end(original),))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (noisy,), (target,) = views.inputs, views.targets
        memory, seen = repair.read(module, noisy)
        loss, right = decoder.reconstruction(
            module.decoder, module.encoder.embedding, target, memory, seen
        )
        return Output(loss, {"accuracy": right})

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        return math.log(info.vocabulary) if info.vocabulary else None

    def held_out(
        self, module: nn.Module, untrained: nn.Module, batches: Iterable[Batch]
    ) -> tuple[HeldOut, ...]:
        """BLEU of repaired texts; ``workbench.tasks.parts.repair`` says which and how."""
        return repair.scores(module, untrained, batches)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (noisy,), (target,) = views.inputs, views.targets
        rows = []
        for row in range(batch.size):
            gaps = ["masked" if token == MASK else "" for token in noisy[row].tolist()]
            answer = ["" if token == SEP else "answer" for token in target[row].tolist()]
            rows.append(
                (
                    original_panel(batch, row, data),
                    token_panel(noisy[row], gaps, data, "broken text", "sees"),
                    token_panel(target[row], answer, data, "the whole text", "answers"),
                )
            )
        return Illustration("What did the whole text say?", tuple(rows))
