"""What a visitor may do to what is somebody else's: every action, refused behind the page.

The pages disable these buttons, too (tests/app/test_visitors.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from run_making import request

from workbench.errors import RequestError
from workbench.jobs import launch, supervisor
from workbench.store import edit, limits, named_groups, owners
from workbench.store.owners import Viewer
from workbench.store.store import Store

BOB = Viewer("Bob", visitor=owners.visitor_of("bob"))
NOBODY = Viewer(visitor=owners.visitor_of("nobody"))

ACTIONS: dict[str, Callable[[Path, str, Viewer], object]] = {
    "stop": lambda home, run, viewer: launch.stop(home, run, viewer=viewer),
    "resume": lambda home, run, viewer: launch.resume(home, run, viewer=viewer),
    "delete": lambda home, run, viewer: launch.delete(home, run, viewer=viewer),
    "stop all": lambda home, run, viewer: launch.stop_all(home, viewer=viewer),
    "rename": lambda home, run, viewer: edit.edit(home, run, name="x", viewer=viewer),
    "note": lambda home, run, viewer: edit.edit(home, run, note="x", viewer=viewer),
    "tag": lambda home, run, viewer: edit.edit(home, run, tag=["x"], viewer=viewer),
    "untag": lambda home, run, viewer: edit.edit(home, run, untag=["t"], viewer=viewer),
}


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is to run here: the queue alone is looked at."""
    monkeypatch.setattr(supervisor, "ensure", lambda home: None)


@pytest.mark.parametrize("viewer", [BOB, NOBODY, Viewer()], ids=["named", "unnamed", "unknown"])
@pytest.mark.parametrize("owner", ["Ada", owners.visitor_of("ada"), ""])
@pytest.mark.parametrize("action", ACTIONS)
def test_no_action_changes_a_run_of_somebody_else(
    tmp_path: Path, action: str, owner: str, viewer: Viewer
) -> None:
    store = Store.open(tmp_path)
    run_id = store.add_run({"task": "t"}, digest="d", owner=owner)
    state = "failed" if action in ("resume", "delete") else "queued"
    store.update(run_id, state=state)
    store.change_tags(run_id, {"t"}, set())
    before = store.run(run_id)
    with pytest.raises(RequestError):
        ACTIONS[action](tmp_path, run_id, viewer)
    assert store.run(run_id) == before


@pytest.mark.parametrize("action", ["replace", "delete"])
def test_no_action_changes_a_group_of_somebody_else(tmp_path: Path, action: str) -> None:
    store = Store.open(tmp_path)
    kept = named_groups.keep(store, "f", "odd", [1, 2], viewer=Viewer("Ada"))
    acts = {
        "delete": partial(named_groups.delete, store, "f", "odd"),
        "replace": partial(named_groups.keep, store, "f", "odd", [3]),
    }
    for viewer in (BOB, NOBODY):
        with pytest.raises(RequestError, match="Ada"):
            acts[action](viewer=viewer)
    assert named_groups.groups_of(store, "f") == [kept]


def test_an_equal_request_takes_no_run_out_of_the_experiment_of_somebody_else(
    digits_home: Path, own_digits: Path
) -> None:
    store, config = Store.open(own_digits), request(digits_home)
    digest = launch.request_digest(config)
    of_ada = store.add_run(config.to_json(), digest=digest, owner="Ada", experiment="hers")
    store.update(of_ada, state="finished")
    launched = launch.launch(own_digits, config, owner="Bob", experiment="his", viewer=BOB)
    assert not launched.reused
    assert store.run(of_ada).experiment == "hers"
    assert launch.launch(own_digits, config, owner="Bob", viewer=BOB).run_id == of_ada, "shown"
    ada = Viewer("Ada")
    assert launch.launch(own_digits, config, owner="Ada", experiment="new", viewer=ada).reused


@pytest.fixture
def own_digits(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_a_visitor_without_a_name_has_the_limits_of_an_owner(
    digits_home: Path, own_digits: Path
) -> None:
    store, config = Store.open(own_digits), request(digits_home)
    limits.put(store, "queued", 1)
    launch.launch(own_digits, config, owner=NOBODY.owner, viewer=NOBODY)
    with pytest.raises(RequestError, match=r"visitor .* may have 1"):
        launch.launch(own_digits, config, owner=NOBODY.owner, viewer=NOBODY)
    other = Viewer(visitor=owners.visitor_of("other"))
    launch.launch(own_digits, config, owner=other.owner, viewer=other)
    for _ in range(3):
        launch.launch(own_digits, config, owner="")
    stopped = store.runs(owner=other.owner)[0].id
    launch.stop(own_digits, stopped, viewer=other)
    launch.launch(own_digits, config, owner=other.owner, viewer=other)
    with pytest.raises(RequestError, match="may have 1"):
        launch.resume(own_digits, stopped, viewer=other)
