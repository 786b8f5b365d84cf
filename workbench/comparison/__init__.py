"""What may be said of several runs side by side: what differs, what is fair, and in which words.

Pure functions of run objects as ``workbench.stored_runs.run_json`` gives them; pages, the command
line and reports all use these, so that the same runs get the same sentences everywhere.
"""

from workbench.comparison.decisions import decisions
from workbench.comparison.differences import Difference, differences
from workbench.comparison.document import compare
from workbench.comparison.evidence import Evidence, Looks, Predictions
from workbench.comparison.groups import Group, grouped
from workbench.comparison.guard import Guard, guard
from workbench.comparison.reading import closed, gain, gain_words, main_gain, score, title
from workbench.comparison.sentences import decisions_sentence, looks_sentence, sentences

__all__ = [
    "Difference",
    "Evidence",
    "Group",
    "Guard",
    "Looks",
    "Predictions",
    "closed",
    "compare",
    "decisions",
    "decisions_sentence",
    "differences",
    "gain",
    "gain_words",
    "grouped",
    "guard",
    "looks_sentence",
    "main_gain",
    "score",
    "sentences",
    "title",
]
