"""Span corruption: short runs of words are cut out of a text; write them down, in order.

Idea. Some 15 % of the tokens of each text are hidden, in runs of three on the average. The encoder
reads the rest, in which each run is one [MASK]; a small decoder, which reads the encoder's tokens,
writes the hidden runs one after another. It writes only what is missing, so a step costs less than
writing the whole text.

Paper. C. Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
Transformer" (T5), arXiv 1910.10683, section 3.1.4 and figure 2: 15 % of the tokens, mean length 3,
cross-entropy of the target's tokens. Ours differs: T5 marks the runs with sentinels X, Y, ... that
its vocabulary holds; ours holds none, so each run becomes one [MASK] and the target is [MASK] first
run [MASK] second run ... [SEP]. A sentinel says which run is meant. Our decoder learns this in
another way: with each token of a run it is given the encoder's vector at the [MASK] of that run,
through one linear map. In T5 a text never begins with a hidden run and always ends with one; here a
run may lie anywhere. The decoder is one block, and positions are learned.

Teaches. Which words keep company, and phrases of several words. Here the encoder has to say where a
gap is and what surrounds it; how a phrase goes on may be known by the decoder alone.

Fails. It predicts few words a step, and a decoder that is given the beginning of a run guesses its
end without the encoder: only the frequencies of words are learned in the first hundreds of steps,
and the features, which do not help with that, get worse. It needs thousands of steps: with the mini
transformer, some 1,200 in half a minute gained little (benchmarks/RESULTS.md). Texts of one token
are left out of the loss. The mean over tokens tells a text's topic, not its word order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    MASK, PAD, SEP, Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs,
    Optimum, Output, Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import decoder, heads, spans
from workbench.tasks.parts.render import original_panel, token_panel


@dataclass(frozen=True)
class SpanCorruption(Task):
    """See the module's docstring."""

    name = "span_corruption"
    title = "Span corruption (T5)"
    summary = "Write down the runs of words that were cut out of a text."
    family = "language"
    modalities = ("text",)
    reference = "Raffel et al. 2019 (T5), arXiv 1910.10683"
    # Of a text of one token nothing would be left to guess it from.
    needs = Needs(encoders=("text",), length=2)
    # As mlm: small nets, a thousand steps.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    fine_tuned = True
    sees = "Sees a text with gaps, one mark for each; it must write what stood in them, in order."
    caution = (
        "Half a minute gains little, and not surely. Each step asks for few words. The decoder "
        "guesses most of them from the words before, without the encoder."
    )

    hidden_share: float = option(
        0.15,
        label="Hidden share",
        help="Share of the tokens that is cut out. T5 has .15; .10 to .50 made little difference "
        "to it.",
        low=0.01,
        high=0.9,
    )
    span_length: float = option(
        3.0,
        label="Length of a run",
        help="Mean number of tokens in a run that is cut out.",
        low=1.0,
        high=20.0,
    )
    decoder_depth: int = option(
        1,
        label="Decoder depth",
        help="Transformer blocks of the decoder. More of them know more without the encoder.",
        low=1,
        high=12,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        # Each hidden token may have a [MASK] of its own before it.
        length = 2 * encoder.length
        writer = decoder.decoder(encoder.dim, encoder.vocabulary, length, self.decoder_depth)
        # Its output is as large as an embedding, so that neither drowns the other.
        tell = nn.Linear(encoder.dim, encoder.dim, bias=False)
        nn.init.normal_(tell.weight, std=0.02 / math.sqrt(encoder.dim))
        return heads.assemble(encoder=encoder, decoder=writer, tell=tell)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        tokens = augment(batch, rng)
        count = (tokens != PAD).sum(dim=1)
        total = spans.budget(count, self.hidden_share, rng)
        room = count - total + 1
        lengths, number = spans.even_lengths(total, self.span_length, room, tokens.shape[1], rng)
        cut = spans.lay(lengths, number, count, rng)
        target, gap = spans.answers(tokens, cut)
        return Views((spans.without(tokens, cut),), (target,), (gap,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        (corrupted,), (target,), (gap,) = views.inputs, views.targets, views.masks
        memory, seen = module.encoder.tokens(corrupted), decoder.real(corrupted)
        place = gap[:, :, None].expand(-1, -1, memory.shape[2])
        beside = module.tell(memory.gather(1, place))
        loss, right = decoder.reconstruction(
            module.decoder, module.encoder.embedding, target, memory, seen, beside=beside
        )
        return Output(loss, {"accuracy": right})

    def chance(self, info: DataInfo, batch_size: int) -> float | None:
        return math.log(info.vocabulary) if info.vocabulary else None

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        (corrupted,), (target,) = views.inputs, views.targets
        rows = []
        for row in range(batch.size):
            gaps = ["masked" if token == MASK else "" for token in corrupted[row].tolist()]
            marks = {MASK: "masked", SEP: ""}
            words = [marks.get(token, "answer") for token in target[row].tolist()]
            rows.append(
                (
                    original_panel(batch, row, data),
                    token_panel(corrupted[row], gaps, data, "text with gaps", "sees"),
                    token_panel(target[row], words, data, "what the gaps held", "answers"),
                )
            )
        return Illustration("Which words stood in each gap?", tuple(rows))
