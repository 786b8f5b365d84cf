"""Next sentence prediction: does the second segment follow the first, or is it from elsewhere?

Idea. Each text is cut at the beginning of one of its sentences. The model sees the part before the
cut, a separator, and either the part after it or the second part of another text of the batch. It
has to say which. To be right it must compare what the two segments are about.

Paper. J. Devlin, M.-W. Chang, K. Lee, K. Toutanova, "BERT: Pre-training of Deep Bidirectional
Transformers for Language Understanding", arXiv 1810.04805, section 3.1 (task 2): half of the pairs
follow each other, half do not. Ours differs in four points: it stands alone, without masked words;
the answer is read at the separator, and not at a [CLS] token before the segments; there are no
segment embeddings; and a strange segment is always the second part of another text of the same
batch, so that nothing about a segment by itself gives the answer away.

Teaches. What belongs together: topic. The segments of one text share names, words and manner.

Fails. Topic alone gives the answer away, so that the order of sentences and their logic are never
needed (Lan et al., arXiv 1909.11942, section 4.6; Liu et al., arXiv 1907.11692, section 4.2): see
sentence_order. If all texts are about the same, nothing tells the segments apart and the loss stays
at log 2, the chance level. In minutes the task is half learned and the features gain nothing: the
answer at the separator is trained, one bit a text, and the mean over tokens only indirectly (sample
tickets, two blocks of 128, 250 steps: loss .53, kNN as before). Reading the answer from the mean,
or from the means of both segments encoded apart, made the mean worse (validation kNN .51 untrained,
.25 with the latter). Texts of one sentence are left out of the loss, and are not shown as the
second part of others.
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
    augmented, cut_at_sentence, illustrate_pairs, join, judge_pairs, pair_head, parts,
)  # fmt: skip

ANSWERS = ("is from another text", "follows")


@dataclass(frozen=True)
class NSP(Task):
    """See the module's docstring."""

    name = "nsp"
    title = "Next sentence prediction"
    summary = "Say whether the second segment follows the first."
    family = "predictive"
    modalities = ("text",)
    reference = "Devlin et al. 2018, arXiv 1810.04805"
    needs = Needs(encoders=("text",), sentences=2)
    # As masked language modelling: ten times BERT's rate, for small nets and short runs.
    optimum = Optimum(
        "adamw", learning_rate=1e-3, weight_decay=0.01, base_batch=32, betas=(0.9, 0.98)
    )
    reads_order = True
    sees = (
        "Sees two segments of text; it must say whether the second one follows the first or comes "
        "from another text."
    )
    caution = (
        "Half a minute gains nothing here. Each text trains one answer, which its topic alone "
        "gives away. The score uses the mean over the words, which learns little from that."
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
        first, second = parts(batch.clean(), cut)
        donor, target = partners(possible, rng)
        first = augmented(batch, first, augment, rng)
        second = augmented(batch, second[donor], augment, rng)
        return Views((join(first, second, module.encoder.length),), (target,), (donor,))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        return judge_pairs(module, views)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(2)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Does the second segment follow the first?"
        return illustrate_pairs(views, batch, data, question, ANSWERS)


def partners(possible: torch.Tensor, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two int64 (B,): whose second part each text gets, and the answer.

    possible: bool (B,), whether a text has two parts. Half of those that do (one more or less if
    their number is odd) get the part of another one, and the answer 0; the others get their own,
    and the answer 1. No part is given to two others. Texts without two parts get their own and
    IGNORE. Among fewer than two there is no other, and the answer is 1.
    """
    size, device = len(possible), possible.device
    draw = torch.rand(size, generator=rng, device=device).masked_fill(~possible, 2.0)
    order = draw.argsort()
    count = int(possible.sum())
    coin = int(torch.randint(2, (), generator=rng, device=device))
    strangers = (count + coin) // 2 if count > 1 else 0
    own = torch.arange(size, device=device)
    # Each gets the part of the next in the random order, so that right and wrong second parts are
    # drawn alike from the same texts.
    donor = own.scatter(0, order[:strangers], order[1 : strangers + 1])
    target = torch.ones_like(own).scatter(0, order[:strangers], 0)
    return donor, target.masked_fill(~possible, IGNORE)
