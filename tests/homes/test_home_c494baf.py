"""A home written by commit c494baf (version 0.1.0): everything in it can still be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from make_home import open_home
from process_ending import end_processes
from run_making import ended, until
from streamlit.testing.v1 import AppTest

import workbench as wb
from workbench import paths, registry
from workbench.app import settings
from workbench.cli.main import workbench
from workbench.lessons import predictions
from workbench.store import named_groups, schema
from workbench.store.store import Store
from workbench.stored_runs import votes

KEPT = Path(__file__).with_name("c494baf")
FINISHED = ("contrastive", "rotated", "plugin", "words", "sentences", "whole")
PICTURES = ("contrastive", "rotated", "plugin", "whole")
STATES = (*FINISHED, "failed", "stopped", "running", "queued")
# What a later version may add to, and must not change.
FIELDS = ("id", "name", "status", "reason", "note", "tags", "config", "training", "chance")
FIELDS += ("verdict", "scores", "gains", "test", "map_state", "artifacts", "notes")

Command = Callable[..., Any]


class Old(NamedTuple):
    """A copy of the home; parts: the id of the run that plays each part; shown: what ``show``
    answered for each of them then."""

    home: Path
    sources: Path
    parts: dict[str, Any]
    shown: dict[str, Any]

    def ids(self, names: tuple[str, ...]) -> list[str]:
        return [self.parts[name] for name in names]


def copied(folder: Path) -> Old:
    home, parts = open_home(KEPT, folder)
    shown = json.loads((folder / "shown.json").read_text("utf-8"))
    return Old(home, folder / "sources", parts, shown)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Old]:
    """A copy in which no run is started: nothing may be lost by looking."""
    made = copied(tmp_path_factory.mktemp("old") / "place")
    with FileLock(made.home / "supervisor.lock").acquire(timeout=5):
        yield made
    end_processes(made.home)


@pytest.fixture(scope="module")
def resumed(tmp_path_factory: pytest.TempPathFactory) -> Old:
    """A copy in which the stopped run has been resumed, and no run is waiting any more."""
    made = copied(tmp_path_factory.mktemp("resumed") / "place")
    assert workbench.main(["resume", made.parts["stopped"], "--home", str(made.home)]) == 0
    store = Store.open(made.home)
    ended(store, made.parts["running"])
    until(lambda: store.run(made.parts["queued"]).state in ("running", "finished"), "it starts")
    end_processes(made.home)
    return made


def missing(new: Any, before: Any, place: str = "") -> list[str]:
    """Where ``new`` lacks or changes something that ``before`` has."""
    if isinstance(before, Mapping) and isinstance(new, Mapping):
        parts = [missing(new.get(key), value, f"{place}.{key}") for key, value in before.items()]
    elif isinstance(before, list) and isinstance(new, list) and len(before) == len(new):
        parts = [
            missing(*pair, f"{place}[{i}]") for i, pair in enumerate(zip(new, before, strict=True))
        ]
    else:
        parts = [[]] if new == before else [[f"{place}: {new!r} was {before!r}"]]
    return [line for part in parts for line in part]


def test_every_run_is_listed(old: Old, command: Command) -> None:
    rows = {row["id"]: row for row in command("runs", "--home", old.home, "--json")}
    states = {name: rows[run_id]["status"] for name, run_id in old.parts.items() if name in STATES}
    assert states == old.parts["states"]
    assert len(rows) == len(states)
    tagged = command("runs", "--tag", "thesis", "--home", old.home, "--json")
    assert [row["id"] for row in tagged] == [old.parts["contrastive"]]
    assert "the best" in command("runs", "--home", old.home)


@pytest.mark.parametrize("part", STATES)
def test_show_tells_at_least_what_it_told_then(old: Old, command: Command, part: str) -> None:
    run = command("show", old.parts[part], "--home", old.home, "--json")
    then = json.loads(
        json.dumps(old.shown[part]).replace("/the-place-of-this-home", str(old.home.parent))
    )
    # The largest class is a baseline of old runs too, after all scores of that time.
    of_then = [row for row in run["scores"] if row["features"] != "largest class"]
    assert bool(of_then) == (len(run["scores"]) > len(of_then))
    run["scores"] = of_then
    # The reason of a collapse check is in today's words, also for a run of that time.
    for name in ("reason", "advice"):
        if then.get("verdict") and then["verdict"].pop(name, None):
            assert run["verdict"][name]
            assert "sqrt(d)" not in run["verdict"][name]
    assert missing(*({key: one[key] for key in FIELDS if key in one} for one in (run, then))) == []
    assert command("show", old.parts[part], "--curves", "--home", old.home)


def test_runs_are_compared_and_reported(old: Old, command: Command, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    words = ("compare", *old.ids(PICTURES), "--home", old.home, "--html", report, "--json")
    document = command(*words)
    assert [run["id"] for run in document["runs"]] == old.ids(PICTURES)
    assert document["comparison"]["gains"]
    assert document["comparison"]["agreement"]
    assert "the best" in report.read_text("utf-8")


def test_a_closed_test_stays_closed(old: Old, command: Command) -> None:
    splits = {}
    for part in ("words", "sentences"):
        run = command("show", old.parts[part], "--home", old.home, "--json")
        splits[part] = {row["split"] for row in run["scores"]}
    assert splits == {"words": {"validation"}, "sentences": {"test"}}
    document = command("compare", *old.ids(("words", "sentences")), "--home", old.home, "--json")
    assert len(document["runs"]) == 2


def test_the_store_is_of_the_present_version_and_keeps_what_people_added(old: Old) -> None:
    store, fingerprint = Store.open(old.home), old.parts["fingerprints"]["pictures"]
    assert store.setting("schema") == schema.VERSION
    groups = named_groups.groups_of(store, fingerprint)
    assert [(one.name, one.owner, one.rows) for one in groups] == [
        ("dark ones", "Ada", (0, 3, 5)),
        ("bright ones", "Ada", (1, 2, 8, 9)),
    ]
    given = predictions.all_predictions(store, "collapse")
    assert {(one.voter, one.choice, one.revealed) for one in given} == {
        ("ada", "collapsed", False),
        ("bob", "higher", True),
    }
    (tally,) = votes.tallies(
        votes.votes_on(store, fingerprint), old.ids(("contrastive", "rotated"))
    )
    assert (tally.preferred, tally.wins, tally.ties) == (old.parts["contrastive"], 1, 1)


@pytest.mark.parametrize("part", FINISHED)
def test_a_run_is_exported_and_encodes(
    old: Old, command: Command, tmp_path: Path, part: str
) -> None:
    run_id = old.parts[part]
    assert "encoder.safetensors" in command(
        "export", run_id, "--to", tmp_path / "out", "--home", old.home
    )
    source = old.sources / ("pictures.zip" if part in PICTURES else "texts.csv")
    table = tmp_path / "new.parquet"
    command("embed", run_id, "--data", source, "--to", table, "--home", old.home)
    assert pq.read_table(table).num_rows == (40 if part in PICTURES else 60)


def test_maps_and_curves_are_drawn(old: Old) -> None:
    run = next(one for one in wb.list_runs(old.home) if one.id == old.parts["contrastive"])
    for kind in ("pca", "umap"):
        assert run.map(kind).data
    assert run.spectrum().data
    assert run.neighbours()
    assert run.linked_map("umap")
    assert set(run.curves.columns) >= {"loss", "check.z.std_sqrt_d"}


def test_a_run_of_a_plugin_brings_its_plugin(old: Old, command: Command) -> None:
    run = command("show", old.parts["plugin"], "--home", old.home, "--json")
    (file,) = run["config"]["plugins"]
    assert file == str(old.sources / "mirror.py")
    registry.load_plugin(file)
    task = registry.task("mirror")
    assert registry.plugin_file(task) == file
    assert task.title == "Mirror"


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("runs", {}),
        ("runs", {"run": "failed"}),
        ("runs", {"run": "stopped"}),
        ("compare", {"runs": "contrastive,rotated,plugin"}),
        ("compare", {"runs": "words,sentences"}),
        ("inspect", {"run": "contrastive"}),
        ("inspect", {"run": "plugin", "look": "Settings"}),
        ("inspect", {"run": "words", "look": "Samples"}),
        ("inspect", {"run": "running"}),
        ("inspect", {"run": "queued"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()) or "all",
)
def test_a_page_opens(old: Old, page: str, query: dict[str, str]) -> None:
    settings.use(settings.AppSettings(old.home))
    try:
        app = AppTest.from_file(str(Path(settings.__file__).with_name("entry.py")))
        app.default_timeout = 90
        for name, value in query.items():
            parts = [old.parts.get(part, part) for part in value.split(",")]
            app.query_params[name] = ",".join(parts)
        app.switch_page(str(paths.pages_dir() / f"{page}.py")).run()
        assert not app.exception
        assert len(app.title) == 1
    finally:
        settings.use(None)


def test_a_stopped_run_is_resumed_and_ends_as_if_it_had_not_been(resumed: Old) -> None:
    store = Store.open(resumed.home)
    row, whole = store.run(resumed.parts["stopped"]), store.run(resumed.parts["whole"])
    assert row.state == "finished"
    assert row.summary["training"]["steps"] == whole.summary["training"]["steps"] == 300
    losses = [
        dict(store.metrics(one.id, ["loss"], max_points=10**6)["loss"]) for one in (row, whole)
    ]
    assert set(losses[0]) == set(losses[1])
    # This version draws the two views of an image otherwise, so that single losses differ.
    ends = [np.mean([loss for step, loss in one.items() if step > 250]) for one in losses]
    assert ends[0] == pytest.approx(ends[1], rel=0.05)
    assert {score["protocol"] for score in row.summary["scores"]} >= {"knn", "linear probe"}


def test_a_waiting_run_is_started_and_a_lost_one_noticed(resumed: Old) -> None:
    store = Store.open(resumed.home)
    assert store.run(resumed.parts["queued"]).state in ("running", "finished")
    lost = store.run(resumed.parts["running"])
    assert lost.state == "failed"
    assert f"workbench resume {lost.id}" in str(lost.reason)
