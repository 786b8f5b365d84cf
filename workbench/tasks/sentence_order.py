"""Sentence order prediction: are these two segments of one text in their order, or swapped?

Idea. Each text is cut at the beginning of one of its sentences. The model sees both parts with a
separator between them, in their order or swapped, and says which. Both segments are always of the
same text, so that topic says nothing: what counts is what refers to what, and how a text begins,
goes on and ends.

Paper. Z. Lan et al., "ALBERT: A Lite BERT for Self-supervised Learning of Language
Representations", arXiv 1909.11942, section 3.1 (inter-sentence coherence loss). Ours differs: it
stands alone, without masked words; the answer is read at the separator, and not at a [CLS] token
before the segments; there are no segment embeddings.

Teaches. Coherence: greetings come before thanks, questions before answers, "it" after the thing.

Fails. It learns the easiest clue to the order first: a few words that begin or end texts (a
greeting, a farewell) answer most pairs, and the rest of the text is never read. What it learns is
by design not the topic, so that classes that differ by topic gain little, or lose (sample tickets,
two blocks of 128, 250 steps: 99 % of the orders right, kNN .13, untrained .15). Reading the answer
from the mean over tokens loses as much, and encoding the segments apart leaves the means with one
direction, beginning against end. Where sentences stand in no order (a list of remarks) the loss
stays at log 2, the chance level. Texts of one sentence are left out of the loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from workbench.tasks.api import (
    Augmenter, Batch, Context, DataInfo, Illustration, IllustrationData, Needs, Optimum, Output,
    Task, Views, nn, option, torch,
)  # fmt: skip
from workbench.tasks.parts import heads
from workbench.tasks.parts.corruption import IGNORE
from workbench.tasks.parts.segments import (
    augmented, cut_at_sentence, illustrate_pairs, join, judge_pairs, pair_head, parts, same_width,
)  # fmt: skip

ANSWERS = ("swapped", "in order")


@dataclass(frozen=True)
class SentenceOrder(Task):
    """See the module's docstring."""

    name = "sentence_order"
    title = "Sentence order"
    summary = "Say whether two segments of a text are in order or swapped."
    family = "predictive"
    modalities = ("text",)
    reference = "Lan et al. 2019, arXiv 1909.11942"
    needs = Needs(encoders=("text",), sentences=2)
    # As masked language modelling: ten times BERT's rate, for small nets and short runs.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    reads_order = True
    sees = (
        "Sees two neighbouring segments of one text; it must say whether they are in their order "
        "or swapped."
    )
    caution = (
        "Half a minute gains nothing where classes differ by topic. The model learns which words "
        "begin and end a text, and these are the same in all classes."
    )

    hidden: int = option(
        128,
        label="Head width",
        help="Units of the hidden layer between representation and answer.",
        low=8,
        high=8192,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        return heads.assemble(encoder=encoder, head=pair_head(encoder.dim, self.hidden))

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        cut, possible = cut_at_sentence(batch, rng)
        earlier, later = same_width(
            *(augmented(batch, part, augment, rng) for part in parts(batch.clean(), cut))
        )
        # Half of the texts of the batch, drawn anew, are swapped.
        order = torch.randperm(batch.size, generator=rng, device=earlier.device)
        target = (order % 2).masked_fill(~possible, IGNORE)
        swapped = (target == 0)[:, None]
        joined = join(
            torch.where(swapped, later, earlier),
            torch.where(swapped, earlier, later),
            module.encoder.length,
        )
        return Views((joined,), (target,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        return judge_pairs(module, views)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(2)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Are the two segments in their order, or swapped?"
        return illustrate_pairs(views, batch, data, question, ANSWERS)
