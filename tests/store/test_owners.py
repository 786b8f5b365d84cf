"""Names: claimed once, kept by a secret; who may touch whose runs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from workbench.errors import RequestError
from workbench.store import owners, upload_owners
from workbench.store.owners import Viewer
from workbench.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path)


def test_a_name_belongs_to_the_browser_that_took_it(store: Store) -> None:
    assert owners.claim(store, "  Ada   L. ", "s1") == "Ada L."
    assert owners.claim(store, "Ada L.", "s1") == "Ada L."
    with pytest.raises(RequestError, match="taken"):
        owners.claim(store, "ada l.", "s2")
    assert owners.owns_name(store, "Ada L.", "s1")
    assert not owners.owns_name(store, "Ada L.", "s2")
    assert not owners.owns_name(store, "Bob", "s1")
    assert not owners.owns_name(store, "", "")


@pytest.mark.parametrize("name", ["", "   ", "<b>", "x" * 40, "-x", "a\nb~c"])
def test_names_that_cannot_be_shown_are_refused(store: Store, name: str) -> None:
    with pytest.raises(RequestError):
        owners.claim(store, name, "s")


def test_only_owner_admin_and_local_user_may_change_a_run(store: Store) -> None:
    run = store.run(store.add_run({"task": "t"}, digest="d", owner="Ada"))
    assert owners.may_change(Viewer("Ada"), run)
    assert owners.may_change(Viewer(admin=True), run)
    assert owners.may_change(Viewer(local=True), run)
    assert not owners.may_change(Viewer("Bob"), run)
    assert not owners.may_change(Viewer(), run)
    assert not owners.may_change(Viewer(), dataclasses.replace(run, owner=""))


def test_a_browser_without_a_name_owns_what_it_made_also_under_a_name_later(store: Store) -> None:
    visitor = owners.visitor_of("secret")
    assert visitor != owners.visitor_of("other")
    assert "secret" not in visitor
    run = store.run(store.add_run({"task": "t"}, digest="d", owner=visitor))
    assert owners.may_change(Viewer(visitor=visitor), run)
    assert owners.may_change(Viewer("Ada", visitor=visitor), run)
    assert not owners.may_change(Viewer(visitor=owners.visitor_of("other")), run)
    assert owners.in_words(visitor) == f"visitor {visitor[1:5]}"
    with pytest.raises(RequestError):
        owners.claim(store, visitor, "s")


def test_an_upload_is_seen_by_those_who_brought_it_and_by_the_trusted(store: Store) -> None:
    ada, visitor = Viewer("Ada"), Viewer(visitor=owners.visitor_of("v"))
    upload_owners.record(store, "abc", "Ada", 2.0)
    upload_owners.record(store, "abc", visitor.owner, 2.0)
    for viewer in (ada, visitor, Viewer(admin=True), Viewer(local=True)):
        assert upload_owners.may_see(store, viewer, "abc")
    for viewer in (Viewer(), Viewer("Bob"), Viewer(visitor=owners.visitor_of("w"))):
        assert not upload_owners.may_see(store, viewer, "abc")
    assert not upload_owners.may_see(store, ada, "of-an-older-version")
    upload_owners.forget(store, "abc", "Ada")
    assert [one.owner for one in upload_owners.records(store)] == [visitor.owner]
