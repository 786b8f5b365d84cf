"""Scores of language tasks on held-out texts: BLEU and perplexity."""
