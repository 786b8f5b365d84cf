"""The few words that charts, reports and pages share."""

from __future__ import annotations

from workbench.comparison import numbers
from workbench.records import Score, VerdictRecord

# How a score was measured, in words.
PROTOCOLS = {
    "knn": "nearest neighbours share the label",
    "linear probe": "simple classifier on frozen features",
    "label efficiency": "classifier with few labels",
    "fine-tuning": "fine-tuned",
    "guess": "always guesses the largest class",
    "anomaly": "finds the unusual",
    "anomaly mahalanobis": "finds the unusual, by the spread of the usual",
    "clustering": "groups found without labels match the classes",
    "nuisance probe": "predicts brightness, colour and the like: ask whether that matters here",
    "order probe": "tells texts from the same with their halves swapped",
    "language modelling": "predicts the next word (less is better)",
    "reconstruction": "restores the corrupted text",
}

# What a score counts.
METRICS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "fpr95": "false alarms at 95 % found (less is better)",
    "nmi": "normalised mutual information",
    "ari": "adjusted Rand index",
    "r2": "R²",
}

# What is scored.
FEATURES = {
    "trained": "trained",
    "supervised": "trained with labels",
    "pretrained": "pretrained encoder",
    "random init": "untrained encoder",
    "raw input": "pixels only",
    "tf-idf": "TF-IDF",
    "lsa": "LSA",
    "word vectors": "word vectors alone",
    "largest class": "largest class",
}


# Passing the collapse check is never praise: it does not judge quality.
PASSED = "collapse check passed; quality not judged"


def protocol_words(row: Score) -> str:
    """How a score was measured, in words, with k of kNN where it is not the default."""
    name, k = PROTOCOLS.get(row["protocol"], row["protocol"]), numbers.neighbours(row)
    return f"{name} ({k})" if k else name


def verdict(record: VerdictRecord | None, otherwise: str = "") -> str:
    """A verdict in words, ``otherwise`` where there is none yet."""
    label = record["label"] if record else ""
    if not label:
        return otherwise
    if label == "no sign of collapse":
        return PASSED
    return f"collapse check: {label}"


def verdict_text(record: VerdictRecord) -> str:
    """A verdict with its reason and advice, for a terminal or a notebook."""
    parts = (f"{verdict(record)}.", record.get("reason"), record.get("advice"))
    return " ".join(part for part in parts if part)
