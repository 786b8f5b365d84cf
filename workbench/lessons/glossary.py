"""The words of the lessons and of the screens, one sentence each."""

from __future__ import annotations

import re

TERMS: dict[str, str] = {
    "accuracy": "The share of answers that are right.",
    "alignment": "How close the projections of two augmented views of one sample lie; small is "
    "close.",
    "alpha-ReQ": "How fast the variation falls from direction to direction; large means few "
    "directions.",
    "anomaly score": "How far a sample lies from its nearest training samples in the "
    "representation.",
    "augmented view": "A sample changed at random (cropped, recoloured, with words left out), in a "
    "way that is meant to leave what it shows unchanged.",
    "AUROC": "How often an unusual sample gets a higher score than a usual one; 50% is chance.",
    "balanced accuracy": "The accuracy of each class, averaged, so that rare classes count as much "
    "as common ones.",
    "baseline": "Something simple to compare a result with, such as pixels only, counted words, or "
    "the untrained encoder.",
    "batch": "The samples that the model sees in one training step.",
    "clustering": "Groups are found without labels, and the score says how well they match the "
    "classes.",
    "collapse": "The model gives all samples nearly the same answer (complete collapse), or "
    "answers along very few directions (dimensional collapse), so that it tells little apart.",
    "collapse check": "Numbers of how far the model's answers are spread and how many directions "
    "they use; passing it says nothing about quality.",
    "contrastive": "Learning by telling the other view of the same sample from views of others.",
    "embedding map": "A picture in which each point is a sample, and points that the model sees as "
    "alike are meant to lie near each other.",
    "encoder": "The network that turns a sample into numbers; it is kept after pretraining.",
    "factor": "One thing that varies in the data and is known, such as shape, colour or position.",
    "fine-tuning": "Training the whole encoder further on labelled samples.",
    "gain": "How much higher the trained encoder scores than the same encoder untrained.",
    "interval": "A range that, made this way, holds the true value in about 95 of 100 cases.",
    "isotropic": "Spread evenly over all directions.",
    "label": "What a person says a sample is; pretraining does not see it.",
    "label efficiency": "How good a classifier gets with few labels a class.",
    "largest class": "The accuracy of always naming the most frequent class, without a model.",
    "LiDAR": "How many directions separate samples while views of one sample stay together.",
    "loss": "The number that training makes small; losses of different tasks cannot be compared.",
    "low rank": "The outputs use few of their directions; with few classes that is normal.",
    "macro-F1": "The F1 score of each class, averaged, so that rare classes count as much as "
    "common ones.",
    "LSA": "TF-IDF reduced to its strongest directions; nothing is trained.",
    "masking ratio": "The share of a sample that is hidden and has to be filled in.",
    "mean cosine": "How alike the outputs of two samples are on average: 0 is healthy, 1 is all in "
    "one place.",
    "nearest neighbours": "The samples whose representations lie closest to a sample's; the score "
    "asks how often they share its label.",
    "negatives": "The views of other samples, among which a view must be recognised.",
    "NESum": "The whole variation as a multiple of that in the strongest direction.",
    "nuisance probe": "A simple classifier that predicts brightness, colour or length from the "
    "representation.",
    "off-diagonal correlation": "How much two columns of the output vary together: 0 none, 1 "
    "always.",
    "order probe": "A simple classifier that tells texts from the same texts with their halves "
    "swapped.",
    "participation ratio": "How many directions hold most of the variation.",
    "PCA": "A map by the directions in which the representations vary most; it keeps large "
    "distances.",
    "pilot": "Short runs made to decide which longer one to make.",
    "pretext task": "A task made from the data themselves, without labels, so that a model learns "
    "something by solving it.",
    "pretraining": "Training on a pretext task, before any labels are used.",
    "projection": "The output of the projection head, on which the pretext task's loss acts.",
    "projection head": "A small network behind the encoder in whose output the views are compared; "
    "it is thrown away afterwards.",
    "RankMe": "A number of directions that the outputs use; more is healthier.",
    "representation": "The numbers that the encoder gives for a sample.",
    "seed": "The number that all random choices of a run follow from; another seed is another try.",
    "shortcut": "A way to solve the pretext task without learning what it was meant to teach.",
    "sign-flip test": "It asks how often a mean difference this large would come about if each "
    "seed's difference were as likely to have the other sign.",
    "simple classifier": "Logistic regression on frozen representations (a linear probe).",
    "spread": "How far the outputs lie apart: about 1 is healthy, 0 is all in one place.",
    "stop-gradient": "One side of a comparison is held fixed: the other moves to it, and it does "
    "not move back.",
    "strongest direction": "The share of the variation that one direction holds.",
    "supervised": "Trained with labels.",
    "temperature": "A number in SimCLR's loss: low, and only the most similar wrong views count; "
    "high, and all count alike.",
    "TF-IDF": "A text as counts of its words, rare words counting more; nothing is trained.",
    "trustworthiness": "The share of a map's neighbourhoods that are neighbourhoods in the "
    "representation too, at most 1.",
    "UMAP": "A map that keeps who is near whom and chooses all other distances freely.",
    "uniformity": "How evenly the outputs fill the sphere: the lower the more evenly, 0 is all in "
    "one place.",
    "untrained encoder": "The same network before its first step: with random weights, or with "
    "word vectors from counts.",
    "word vectors alone": "The mean of the vectors of a text's words; the vectors come from counts "
    "of the words nearby, and no network is trained.",
}

# The glossary's word for each metric of a collapse check.
METRIC_TERMS: dict[str, str] = {
    "std_sqrt_d": "spread",
    "mean_cosine": "mean cosine",
    "rankme": "RankMe",
    "rankme_ratio": "RankMe",
    "participation_ratio": "participation ratio",
    "top_share": "strongest direction",
    "nesum": "NESum",
    "alpha_req": "alpha-ReQ",
    "uniformity": "uniformity",
    "off_diagonal": "off-diagonal correlation",
    "alignment": "alignment",
    "lidar_ratio": "LiDAR",
}
# The glossary's word for each protocol by which runs are scored.
PROTOCOL_TERMS: dict[str, str] = {
    "knn": "nearest neighbours",
    "linear probe": "simple classifier",
    "label efficiency": "label efficiency",
    "fine-tuning": "fine-tuning",
    "anomaly": "anomaly score",
    "anomaly mahalanobis": "anomaly score",
    "clustering": "clustering",
    "nuisance probe": "nuisance probe",
    "order probe": "order probe",
    "language modelling": "loss",
    "reconstruction": "loss",
    "guess": "largest class",
}

# Columns of tables whose title is not the glossary's word itself.
COLUMN_TERMS: dict[str, str] = {
    "gain in points": "gain",
    "gain over untrained, in points": "gain",
    "neighbours share the label": "nearest neighbours",
    "neighbours share the digit": "nearest neighbours",
    "directions used (RankMe)": "RankMe",
    "RankMe, share of an even spread": "RankMe",
    "alignment of two views": "alignment",
    "LiDAR, share of its most": "LiDAR",
    "labels a class": "label efficiency",
    "low end": "interval",
    "high end": "interval",
    "check": "collapse check",
    "task": "pretext task",
}
_WORDS = {word.lower(): word for word in TERMS}
_READOUT = re.compile(r"(.+) \(([^()]+)\)")

# Letters that follow belong to the word, so that a plural is one link.
_MARK = re.compile(r"\[\[([^\]|]+)(?:\|([^\]]+))?\]\](\w*)")


def column_sentence(title: str) -> str | None:
    """The sentence for a column with this title; None if the glossary has no word for it.

    A title may name how a score was read out: ``TF-IDF (simple classifier)`` has both sentences.
    """
    word = COLUMN_TERMS.get(title) or _WORDS.get(title.lower())
    if word:
        return TERMS[word]
    parts = _READOUT.fullmatch(title)
    sentences = [column_sentence(part) for part in parts.groups()] if parts else []
    return " ".join(sentence for sentence in sentences if sentence) or None


def words_in(text: str) -> list[str]:
    """The glossary's words marked in ``text``, in order, each once."""
    return list(dict.fromkeys(match.group(1) for match in _MARK.finditer(text)))


def linked(text: str, target: str = "#words") -> str:
    """``text`` in Markdown, each marked word a link to where the words are explained."""
    return _MARK.sub(lambda match: f"[{_written(match)}]({target})", text)


def plain(text: str) -> str:
    """``text`` without its marks."""
    return _MARK.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    return f"{match.group(2) or match.group(1)}{match.group(3)}"
