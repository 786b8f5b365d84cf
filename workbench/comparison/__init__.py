"""Runs side by side: what differs, what is fair to compare, which is ahead, and in which words.

Pure functions of run records (``workbench.records``) and of the evidence beside them. ``compare``
(``document.py``) puts everything together: start reading there; ``records.py`` says what it gives.
``run_fields.py`` reads single runs, ``numbers.py`` is the one place that formats a number. The
statistics are in ``groups.py`` (seeds), ``run_pairs.py`` (samples) and ``seed_tests.py``;
``relations.py`` is the one rule by which two configurations differ, ``basis.py`` says on which
samples, ``lead_metric.py`` by which metric, and ``analysis.py`` holds what all of these give.

``stored_runs``, ``export``, ``lessons``, ``plots``, ``api``, ``cli`` and ``app`` may import this
room, so that the same runs get the same sentences everywhere. It imports the registry's
declarations, ``evaluation`` and no store.
"""

from workbench.comparison.analysis import Analysis, analyse
from workbench.comparison.copies import copies_sentences, without_copies
from workbench.comparison.decisions import decisions
from workbench.comparison.differences import (
    Difference,
    changes,
    differences,
    field_words,
    value_words,
)
from workbench.comparison.document import compare
from workbench.comparison.evidence import Evidence, Looks, Predictions
from workbench.comparison.groups import Group, group_runs
from workbench.comparison.guard import Guard, guard
from workbench.comparison.run_fields import (
    closed,
    gain,
    gain_words,
    main_gain,
    score,
    title,
    unique_titles,
    why_unscored,
)
from workbench.comparison.sentences import decisions_sentence, looks_sentence, sentences
from workbench.comparison.simple_baselines import behind_words

__all__ = [
    "Analysis",
    "Difference",
    "Evidence",
    "Group",
    "Guard",
    "Looks",
    "Predictions",
    "analyse",
    "behind_words",
    "changes",
    "closed",
    "compare",
    "copies_sentences",
    "decisions",
    "decisions_sentence",
    "differences",
    "field_words",
    "gain",
    "gain_words",
    "group_runs",
    "guard",
    "looks_sentence",
    "main_gain",
    "score",
    "sentences",
    "title",
    "unique_titles",
    "value_words",
    "why_unscored",
    "without_copies",
]
