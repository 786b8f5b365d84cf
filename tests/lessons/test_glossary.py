"""Every term that the screens use has an entry of one sentence."""

from __future__ import annotations

import pytest

from workbench.app.compare.run_tables import _CHECK_METRICS
from workbench.diagnostics.metrics import METRICS
from workbench.lessons import glossary
from workbench.plots.words import FEATURES, PROTOCOLS
from workbench.tasks.families import FAMILIES

# Counts, which their words explain.
_COUNTS = {"n", "d"}


def test_every_metric_and_every_protocol_has_an_entry() -> None:
    metrics = (set(METRICS) | set(_CHECK_METRICS)) - _COUNTS
    assert metrics <= set(glossary.METRIC_TERMS)
    assert set(PROTOCOLS) <= set(glossary.PROTOCOL_TERMS)
    words = {*glossary.METRIC_TERMS.values(), *glossary.PROTOCOL_TERMS.values()}
    assert words <= set(glossary.TERMS)


@pytest.mark.parametrize(
    "term", ["isotropic", "low rank", "projection", "AUROC", "macro-F1", "TF-IDF", "LSA"]
)
def test_words_of_verdicts_and_tables_have_an_entry(term: str) -> None:
    assert term in glossary.TERMS


@pytest.mark.parametrize("features", ["random init", "tf-idf", "lsa", "word vectors"])
def test_features_of_texts_have_an_entry(features: str) -> None:
    assert FEATURES[features] in glossary.TERMS


def test_an_entry_is_one_sentence() -> None:
    long = [word for word, text in glossary.TERMS.items() if ". " in text or text[-1] != "."]
    assert long == []


def test_a_family_of_tasks_explains_itself_in_its_title() -> None:
    assert [family.name for family in FAMILIES if ": " not in family.title] == []
