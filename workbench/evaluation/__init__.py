"""Scores of frozen features: protocols, intervals, and gains over baselines.

Start with ``scores`` (``evaluate``: features and labels to an ``Evaluation``). ``protocols`` scores
one kind of features: ``knn``, ``probe`` (on ``logistic``), ``label_efficiency``, ``clustering``,
``anomaly``. ``intervals``, ``f1`` and ``detection`` turn predictions into metrics with 95 %
intervals; ``gains`` and ``significance`` compare. ``baselines`` are the simple features and the
shelf that keeps their scores. ``nuisance`` probes for brightness, colour, length and groups.
``new_samples`` compares a new sample with those of a run; ``run_files`` writes a run's files.

Arrays and plain records in, numbers out. Anything may import this room. It imports ``records``,
``run_folder`` and ``errors``, and knows no task, data set or store.
"""
