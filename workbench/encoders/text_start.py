"""What the encoders of texts declare together: where their token vectors come from."""

from __future__ import annotations

STARTS = ("random", "corpus", "texts")
HELP = (
    "What they are before training. corpus: from the words that stand nearby in the training texts "
    "(Levy et al. 2015). texts: from the texts that words share, and in short texts parts of words "
    "(latent semantic analysis, Deerwester et al. 1990). Making them counts as training time."
)
