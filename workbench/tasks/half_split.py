"""Half split: recognise the second half of a text by its first half.

Idea. Each text is cut at a random place near its middle. Both halves are embedded, and each has to
find its other half among the halves of all texts of the batch. The two share hardly a word, so that
what they have in common is what the text is about.

Paper. None by this name. Text that stands nearby as the positive: J. M. Giorgi, O. Nitski, B. Wang,
G. Bader, "DeCLUTR: Deep Contrastive Learning for Unsupervised Textual Representations", arXiv
2006.03659, section 3.1 (spans near each other); two parts of one document: G. Izacard et al.,
"Unsupervised Dense Information Retrieval with Contrastive Learning" (Contriever), arXiv 2112.09118,
section 3.2 (independent crops). The loss is SimCLR's (arXiv 2002.05709, equation 1, NT-Xent). Ours
differs from both papers: the parts never overlap and together are the whole text, and there is no
masked language modelling beside it.

Teaches. Topic, manner, who writes. In short runs on texts of some length it is the quickest of the
text tasks here: the words of a text come to lie near the words that they occur with.

Fails. Short texts have halves that say nothing of each other, and of one-word texts both halves are
the same. Where all texts begin or end alike (greetings, signatures) halves of different texts look
as if they belonged together. Texts of one class push each other apart like any others. A text by
many hands on many topics has halves that do not belong together. The loss of a model that knows
nothing is log(2B - 1), and a run that stays there learns nothing.
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
from workbench.tasks.parts.numerics import full_precision
from workbench.tasks.parts.pairs import project_both
from workbench.tasks.parts.segments import augmented, illustrate_views, lengths, parts, same_width
from workbench.tasks.simclr import nt_xent


@dataclass(frozen=True)
class HalfSplit(Task):
    """See the module's docstring."""

    name = "half_split"
    title = "Two halves of a text"
    summary = "Recognise the other half of the same text in the batch."
    family = "contrastive"
    modalities = ("text",)
    reference = "after Giorgi et al. 2020, arXiv 2006.03659"
    needs = Needs(encoders=("text",), length=8)
    optimum = Optimum("adamw", learning_rate=1e-3, weight_decay=1e-4, base_batch=32)
    # Halves differ enough: with words left out as well ("text_deletion") kNN was .525, not .613.
    default_augment = "none"
    joint_embedding = True
    sees = (
        "Sees the two halves of each text apart; for each half it must find the other one among "
        "all halves of the batch."
    )
    starter = 1

    # On the intents' validation split, one seed of 300 steps, kNN was .645 with it, .613 with 0.1.
    temperature: float = option(
        0.2,
        label="Temperature",
        help="How much the most similar wrong halves count: low means only those.",
        low=0.01,
        high=100.0,
    )
    spread: float = option(
        0.2,
        label="How far from the middle",
        help="The cut lies up to this share of the text away from its middle; 0 is always the "
        "middle.",
        low=0.0,
        high=0.45,
    )
    hidden: int = option(
        512,
        label="Projection head width",
        help="Units of the hidden layer between representation and projection.",
        low=8,
        high=8192,
        advanced=True,
    )
    out: int = option(
        128,
        label="Projection size",
        help="Dimensions in which the halves are compared.",
        low=2,
        high=8192,
        advanced=True,
    )

    def build(self, encoder: Any, info: DataInfo) -> nn.Module:
        projector = heads.projector((encoder.dim, self.hidden, self.out))
        return heads.assemble(encoder=encoder, projector=projector)

    def views(self, module: Any, batch: Batch, augment: Augmenter, rng: torch.Generator) -> Views:
        halves = split(batch.clean(), self.spread, rng)
        return Views(same_width(*(augmented(batch, half, augment, rng) for half in halves)))

    def loss(self, module: Any, views: Views, ctx: Context) -> Output:
        z = project_both(module, views)
        with full_precision(z):
            first, second = (ctx.gather(part) for part in z.chunk(2))
            loss, found = nt_xent(first, second, self.temperature)
        return Output(loss, {"half_found": found}, z)

    def chance(self, info: DataInfo, batch_size: int) -> float:
        return math.log(2 * batch_size - 1)

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which of all the other halves in the batch belongs to the same text?"
        captions = ("first half", "second half")
        return illustrate_views(views, batch, data, question, captions, second="found")


def split(
    tokens: torch.Tensor, spread: float, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two int64 (B, W): the first and the second half of each text, PAD at the end.

    The cut lies, evenly drawn, up to ``spread`` of the text's length from its middle; no half is
    empty. A text of one token is both halves, as there is nothing to cut.
    """
    count = lengths(tokens)
    draw = torch.rand(count.shape, generator=rng, device=tokens.device)
    share = 0.5 + spread * (2 * draw - 1)
    cut = (share * count).round().long().minimum(count - 1).clamp_min(1)
    first, second = parts(tokens, cut)
    second = torch.where((count < 2)[:, None], first, second)
    # Halves need less room than wholes.
    width = max(1, int(lengths(first).maximum(lengths(second)).max()))
    return first[:, :width], second[:, :width]
