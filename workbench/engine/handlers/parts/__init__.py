"""What several handlers use: prepared samples (``samples.py``), and the encoders of runs
(``encoder_cache.py``, with torch). Only handlers import it."""
