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
as if they belonged together. Texts of one class push each other apart like any others, the more so
the more often each is seen: a timed run ends after 40 passes. A text by many hands on many topics
has halves that do not belong together. The loss of a model that knows nothing is log(2B - 1), and a
run that stays there learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.tasks.api import Batch, Illustration, IllustrationData, Needs, Views, option, torch
from workbench.tasks.parts.halves import Halves
from workbench.tasks.parts.segments import illustrate_views, lengths, parts


@dataclass(frozen=True)
class HalfSplit(Halves):
    """See the module's docstring."""

    name = "half_split"
    title = "Two halves of a text"
    summary = "Recognise the other half of the same text in the batch."
    needs = Needs(encoders=("bag", "text"), length=8)
    reference = "after Giorgi et al. 2020, arXiv 2006.03659"
    sees = (
        "Sees the two halves of each text apart; for each half it must find the other one among "
        "all halves of the batch."
    )
    starter = 1

    spread: float = option(
        0.2,
        label="How far from the middle",
        help="The cut lies up to this share of the text away from its middle; 0 is always the "
        "middle.",
        low=0.0,
        high=0.45,
    )

    def cut(self, batch: Batch, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        return split(batch.clean(), self.spread, rng)

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
