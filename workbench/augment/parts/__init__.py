"""Parts that augmentations share: draws, matrices, passes over pixels, tables of words."""
