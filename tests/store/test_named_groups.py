"""Named groups: kept with the data, owned, forgotten, and read back as labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.errors import RequestError
from workbench.store import named_groups
from workbench.store.named_groups import MOST_GROUPS, as_labels, delete, groups_of, keep
from workbench.store.owners import Viewer
from workbench.store.store import Store

ADA, BEN, LOCAL = Viewer("Ada"), Viewer("Ben"), Viewer(local=True)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def names(store: Store, fingerprint: str = "abc") -> list[str]:
    return [group.name for group in groups_of(store, fingerprint)]


def test_a_group_is_kept_for_its_data_alone(store: Store, tmp_path: Path) -> None:
    given = keep(store, "abc", "  odd   sevens ", np.array([7, 3, 3]), viewer=ADA)
    assert given.name == "odd sevens"
    assert given.rows == (3, 7)
    assert groups_of(store, "abc") == [given]
    assert groups_of(store, "abcd") == []
    assert groups_of(Store.open(tmp_path), "abc") == [given], "as another process sees it"


def test_naming_again_changes_ones_own_and_not_others(store: Store) -> None:
    first = keep(store, "abc", "blurred", [1, 2, 3], viewer=ADA)
    assert keep(store, "abc", "Blurred", [3, 2, 1], viewer=BEN) == first, "the same group"
    with pytest.raises(RequestError, match="Ada"):
        keep(store, "abc", "BLURRED", [4], viewer=BEN)
    assert groups_of(store, "abc") == [first]
    keep(store, "abc", "blurred", [4], viewer=ADA)
    assert [group.rows for group in groups_of(store, "abc")] == [(4,)]


def test_who_may_delete(store: Store) -> None:
    keep(store, "abc", "one", [1], viewer=ADA)
    with pytest.raises(RequestError, match="Ada"):
        delete(store, "abc", "one", viewer=BEN)
    with pytest.raises(RequestError, match="Ada"):
        delete(store, "abc", "one", viewer=Viewer())
    assert names(store) == ["one"]
    delete(store, "abc", "none such", viewer=BEN)
    delete(store, "abc", "one", viewer=LOCAL)
    assert names(store) == []
    keep(store, "abc", "of nobody", [1], viewer=Viewer())
    with pytest.raises(RequestError, match="somebody"):
        delete(store, "abc", "of nobody", viewer=Viewer())


@pytest.mark.parametrize("name", ["", "   ", "rest", "Rest", "x" * 41, "a/b", "<b>", "_x", "-"])
def test_names_that_cannot_be_shown(store: Store, name: str) -> None:
    with pytest.raises(RequestError, match="cannot be used"):
        keep(store, "abc", name, [1], viewer=ADA)


def test_no_sample_and_too_many_groups(store: Store) -> None:
    with pytest.raises(RequestError, match="no sample"):
        keep(store, "abc", "empty", [], viewer=ADA)
    for number in range(MOST_GROUPS):
        keep(store, "abc", f"group {number}", [number], viewer=ADA)
    with pytest.raises(RequestError, match="Delete one"):
        keep(store, "abc", "one more", [1], viewer=ADA)
    keep(store, "abc", "group 3", [99], viewer=ADA)
    assert len(groups_of(store, "abc")) == MOST_GROUPS


def test_as_labels_the_latest_wins(store: Store) -> None:
    first = named_groups.NamedGroup("a", "", (1, 2, 3), 1.0)
    second = named_groups.NamedGroup("b", "", (3, 9), 2.0)
    rows = np.array([9, 1, 5, 3])
    assert as_labels([first, second], rows).tolist() == [1, 0, -1, 1]
    assert as_labels([], rows).tolist() == [-1] * 4
