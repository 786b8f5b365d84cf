from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency

Cards = Callable[[str], dict[str, Any]]
Columns = Callable[[str, str], dict[str, list[Any]]]
SHAPES = ("label", "colour", "texture", "orientation", "size", "position", "background")


@pytest.mark.parametrize("pair", list(combinations(SHAPES, 2)), ids="-".join)
def test_factors_of_shapes_are_independent(pair: tuple[str, str], columns_of: Columns) -> None:
    first, second = (np.array(columns_of("shapes", "train")[name]) for name in pair)
    counts = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(counts, (first, second), 1)
    found = chi2_contingency(counts)
    # Cramer's V: 0 is independent, 1 is the same; 4,000 chance draws stay under 0.06.
    strength = np.sqrt(found.statistic / (len(first) * (min(counts.shape) - 1)))
    assert strength < 0.06
    assert found.pvalue > 1e-4


def test_surfaces_train_on_normal_ones_only(card_of: Cards, columns_of: Columns) -> None:
    card = card_of("surfaces")
    normal = card["classes"].index(card["normal_label"])
    assert set(columns_of("surfaces", "train")["label"]) == {normal}
    assert set(columns_of("surfaces", "validation")["label"]) == {normal}
    tested = Counter(columns_of("surfaces", "test")["label"])
    assert set(tested) == set(range(len(card["classes"])))
    assert tested[normal] == sum(tested.values()) / 2


def test_no_material_of_surfaces_has_more_defects(columns_of: Columns) -> None:
    columns = columns_of("surfaces", "test")
    pairs = Counter(zip(columns["label"], columns["material"], strict=True))
    for label in range(6):
        assert len({pairs[label, material] for material in range(5)}) == 1


def test_a_patient_is_one_person_on_one_scanner(columns_of: Columns) -> None:
    for split in ("train", "validation", "test"):
        columns = columns_of("scans", split)
        rows = zip(columns["patient"], columns["organs"], columns["scanner"], strict=True)
        assert len(set(rows)) == len(set(columns["patient"]))
        slices = zip(columns["patient"], columns["height"], strict=True)
        assert Counter(Counter(patient for patient, _ in set(slices)).values()).keys() == {4}


@pytest.mark.parametrize("factor", ["organs", "scanner", "artefact"])
def test_no_factor_of_scans_gives_the_lesion_away(factor: str, columns_of: Columns) -> None:
    """Within a split: the share of ill slices differs by little between values of a factor."""
    columns = columns_of("scans", "train")
    ill = np.array(columns["label"]) > 0
    values = np.array(columns[factor])
    shares = [ill[values == value].mean() for value in np.unique(values)]
    assert max(shares) - min(shares) < 0.15


def test_a_patient_has_at_most_one_kind_of_lesion(columns_of: Columns) -> None:
    columns = columns_of("scans", "train")
    kinds: dict[str, set[int]] = {}
    for patient, label in zip(columns["patient"], columns["label"], strict=True):
        kinds.setdefault(patient, set()).add(label)
    assert max(len(found - {0}) for found in kinds.values()) == 1
