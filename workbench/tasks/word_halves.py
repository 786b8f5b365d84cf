"""Word halves: recognise a text by the words that another view of it does not have.

Idea. The words of each text are dealt at random to two views; all places of one word go to the same
view. Both are embedded, and each has to find the other among the views of all texts of the batch.
The two share no word, so that what they have in common is what the text is about.

Paper. J. Lee, S. Joe, K. Park, B. Kim, H. Kang, J. Park, Y. Gwon, "Shuffle & Divide: Contrastive
Learning for Long Text", arXiv 2304.09374, section 3 (words are shuffled and divided into two
halves, which are positives).
There the encoder is pretrained. Ours differs: words keep their order, and a word that occurs twice
is in one view only (``by=places`` deals each place by itself, as the paper does). The loss is
SimCLR's (arXiv 2002.05709, equation 1, NT-Xent).

Teaches. Topic: the words of a text come to lie near the words that they occur with. Short texts
have two halves too, where a cut in the middle leaves one without the word that counts.

Fails. Word order and phrases are torn apart, so that nothing is learned of them. Texts of one word
have no second view, and both are the same. A text by many hands on many topics has halves that do
not belong together. Texts of one class push each other apart like any others, the more so the more
often each is seen: a timed run ends after 40 passes. The loss of a model that knows nothing is
log(2B - 1), and a run that stays there learns nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.tasks.api import (
    PAD, Batch, Illustration, IllustrationData, Views, option, torch,
)  # fmt: skip
from workbench.tasks.parts.corruption import words
from workbench.tasks.parts.halves import Halves
from workbench.tasks.parts.segments import illustrate_views, lengths


@dataclass(frozen=True)
class WordHalves(Halves):
    """See the module's docstring."""

    name = "word_halves"
    title = "Two halves of a text's words"
    summary = "Recognise a text by the words that another view of it does not have."
    reference = "after Lee et al. 2023, arXiv 2304.09374"
    sees = (
        "Sees half of the words of each text, and the other half apart; for each it must find the "
        "other one among all halves of the batch."
    )

    by: str = option(
        "words",
        label="What is dealt",
        help="words: all places of a word go to one view. places: each goes where it falls.",
        choices=("words", "places"),
    )

    def cut(self, batch: Batch, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = batch.clean()
        units = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        if batch.continues is not None:
            units = words(tokens, batch.continues)
        return deal(tokens, units, rng, by_words=self.by == "words")

    def illustrate(self, views: Views, batch: Batch, data: IllustrationData) -> Illustration:
        question = "Which of all the other halves in the batch has the rest of the same text?"
        captions = ("some of its words", "the others")
        return illustrate_views(views, batch, data, question, captions, second="found")


def deal(
    tokens: torch.Tensor, units: torch.Tensor, rng: torch.Generator, *, by_words: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two int64 (B, W): each word of a text in one of them, in order, PAD at the end.

    units: int64 (B, L), the number of the word that each token belongs to, below L. by_words: all
    places of a word go together; words are told apart by their first token. About half of the
    tokens are in each. A text of a single word is both.
    """
    real = tokens != PAD
    if by_words:
        # Each word's first token, at all of its tokens.
        starts = torch.zeros_like(units).scatter_reduce(
            1, units, torch.arange(tokens.shape[1], device=tokens.device).expand_as(units), "amin",
            include_self=False,
        )  # fmt: skip
        units = tokens.gather(1, starts.gather(1, units))
    count = int(units.max()) + 1
    draw = torch.rand((len(tokens), count), generator=rng, device=tokens.device)
    lot = draw.gather(1, units).masked_fill(~real, 2.0)
    middle = (lengths(tokens) - 1).clamp_min(0) // 2
    border = lot.sort(dim=1).values.gather(1, middle[:, None])
    # The word of the highest lot is always in the second view.
    highest = lot.masked_fill(~real, -1.0).amax(dim=1, keepdim=True)
    first = real & (lot <= border) & (lot < highest)
    second = real & ~first
    first = torch.where(first.any(dim=1, keepdim=True), first, second)
    return _left(tokens, first), _left(tokens, second)


def _left(tokens: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """int64 (B, W): the kept tokens in their order, then PAD; W is that of the longest."""
    order = (~kept).long().argsort(dim=1, stable=True)
    width = max(1, int(kept.sum(dim=1).max()))
    return tokens.masked_fill(~kept, PAD).gather(1, order)[:, :width]
