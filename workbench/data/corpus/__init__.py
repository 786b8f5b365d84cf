"""Word vectors from counts over the training texts, kept beside the prepared data."""
