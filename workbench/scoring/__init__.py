"""After training: what a run scores, beside which baselines and references.

``evaluate.evaluate_run`` is what the worker calls: start reading there. ``trained_run.py`` has what
is scored and the shelf of baselines that runs of one data set share. ``embedding.py`` embeds,
``scorer.py`` scores targets and nuisances, ``references.py`` makes the encoders trained with labels
and the pretrained ones, ``finetuning.py`` tunes on few labels, ``files.py`` writes the run's files.

It uses torch, training and the rooms of arrays, and knows no jobs and no stored runs. ``jobs`` and
``engine`` may import it.
"""
