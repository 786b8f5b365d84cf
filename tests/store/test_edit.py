"""Name, note and tags: what is kept, who may, and the same from a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.cli.main import workbench
from workbench.errors import RequestError
from workbench.store import edit
from workbench.store.owners import Viewer
from workbench.store.store import Store


@pytest.fixture
def run_id(tmp_path: Path) -> str:
    config = {"task": "simclr", "seed": 0, "data": {"source": "sample:digits"}}
    return Store.open(tmp_path).add_run(config, digest="d", owner="Ada")


def test_name_note_and_tags_are_kept(tmp_path: Path, run_id: str) -> None:
    row = edit.edit(tmp_path, run_id, name="  my   run ", note=" seen \n", tag=["Thesis", "a b"])
    assert (row.name, row.note, row.tags) == ("my run", "seen", ("a b", "thesis"))
    row = edit.edit(tmp_path, run_id, name="", untag=["THESIS"])
    assert (row.name, row.note, row.tags) == ("", "seen", ("a b",))


@pytest.mark.parametrize(
    "bad",
    [
        {"tag": ["a,b"]},
        {"tag": [""]},
        {"tag": ["x" * 31]},
        {"tag": ["<b>"]},
        {"tag": [f"t{n}" for n in range(13)]},
        {"name": "x" * 81},
        {"note": "x" * 2001},
    ],
)
def test_what_cannot_be_kept_changes_nothing(
    tmp_path: Path, run_id: str, bad: dict[str, object]
) -> None:
    before = Store.open(tmp_path).run(run_id)
    with pytest.raises(RequestError):
        edit.edit(tmp_path, run_id, **{"name": "new", **bad})
    assert Store.open(tmp_path).run(run_id) == before


def test_only_the_owner_edits(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(RequestError, match="Ada's run"):
        edit.edit(tmp_path, run_id, name="mine", viewer=Viewer("Bob"))
    assert edit.edit(tmp_path, run_id, name="mine", viewer=Viewer("Ada")).name == "mine"


def test_the_same_from_a_shell(tmp_path: Path, run_id: str) -> None:
    home = ["--home", str(tmp_path)]

    def said(*words: str) -> str:
        done = CliRunner().invoke(workbench, [*words, *home])
        assert done.exit_code == 0, done.output
        return done.output

    said("edit", run_id, "--name", "my run", "--note", "n", "--tag", "thesis", "--tag", "b")
    document = json.loads(said("edit", run_id, "--untag", "b", "--json"))
    assert (document["name"], document["note"], document["tags"]) == ("my run", "n", ["thesis"])
    assert [run["id"] for run in json.loads(said("runs", "--tag", "Thesis", "--json"))] == [run_id]
    assert json.loads(said("runs", "--tag", "b", "--json")) == []
    assert "[thesis]" in said("runs")


def test_a_wrong_edit_says_what_to_give(tmp_path: Path, run_id: str) -> None:
    for words in (["edit", run_id], ["edit", run_id, "--tag", "a,b"], ["edit", "nothing-here"]):
        done = CliRunner().invoke(workbench, [*words, "--home", str(tmp_path)])
        assert done.return_value == 2
        assert done.output.strip()
