"""Compare of runs on two data sets: each has its own map and table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import drawn_runs
from streamlit.testing.v1 import AppTest

from workbench.config import DataConfig
from workbench.data import prepare

Open = Callable[..., AppTest]


def test_the_samples_of_both_data_sets_open_as_tables(tmp_path: Path, open_page: Open) -> None:
    home = tmp_path / "home"
    ids = []
    for name in ("notes", "letters"):
        table = tmp_path / f"{name}.csv"
        rows = "".join(f"some {name} about {n} {n * 7 % 40} things,c{n % 2}\n" for n in range(80))
        table.write_text(f"text,label\n{rows}")
        source = DataConfig(str(table))
        ids.append(drawn_runs.draw(home, prepare(source, home), "mlm", source=source))
    both = {"table-compare-0": "true", "table-compare-1": "true"}
    app = open_page(home, "compare", runs=",".join(ids), **both)
    searches = [one for one in app.text_input if one.label == "Search"]
    assert len(searches) == 2
    searches[1].set_value("letters").run()
    assert not app.exception
    shown = [one.value for one in app.caption if "Choose rows" in one.value]
    assert len(shown) == 2
