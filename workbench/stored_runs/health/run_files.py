"""The files of one run: which are damaged or missing, and what each can be made again from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench import damage, paths
from workbench.config import RunConfig
from workbench.data import cache
from workbench.errors import WorkbenchError
from workbench.run_folder import (
    CHECKPOINT,
    CONFIG,
    EMBEDDINGS,
    ENCODER,
    INVARIANCE,
    LOG,
    MAP_FACTS,
    PCA_MAP,
    SPECTRUM,
    THUMBNAILS,
    UMAP_MAP,
    frames_name,
)
from workbench.store.rows import RunRow
from workbench.stored_runs.health.findings import ASIDE, Action, Finding
from workbench.stored_runs.map_files import parse_map_facts
from workbench.stored_runs.spectra import parse_spectra

_CACHED = (INVARIANCE, frames_name("h"), frames_name("z"))
_MAPS = (PCA_MAP, MAP_FACTS, UMAP_MAP)
# What reads the JSON files of a run. Each raises an error where they hold something else.
_PARSERS: dict[str, Callable[[dict[str, Any]], object]] = {
    CONFIG: RunConfig.from_json,
    MAP_FACTS: parse_map_facts,
    SPECTRUM: parse_spectra,
}


def check(home: Path, folder: Path, row: RunRow | None) -> Iterator[Finding]:
    """The damaged files in the folder of a run. row: None if the store has none or is damaged."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    faults = {path.name: reason for path in files if (reason := fault(path))}
    faults |= dict.fromkeys(_missing(folder, row), "it is missing")
    for name, reason in faults.items():
        if name.startswith("."):
            continue
        action: Action | None = _action(home, folder, name, row, faults)
        if not (folder / name).exists():
            if action == "move aside":
                action = None
            if action is None and _moved_before(home, folder, name):
                continue
        problem = f"'{name}' of run '{folder.name}' is damaged: {reason}."
        yield Finding(folder.name, folder / name, problem, action, _advice(home, folder, name))


def fault(path: Path) -> str | None:
    """As ``damage.fault``; besides, why a JSON file of a run is not what its name says."""
    reason, parse = damage.fault(path), _PARSERS.get(path.name)
    if reason or parse is None:
        return reason
    try:
        with damage.reading(path):
            parse(damage.read_json(path))
    except WorkbenchError:
        return "its JSON is of something else"
    return None


def can_be_mapped(home: Path, folder: Path, row: RunRow) -> bool:
    """Whether what a UMAP is made from is there: representations, and the PCA map or the data that
    it is drawn from."""
    if fault(folder / EMBEDDINGS):
        return False
    return fault(folder / PCA_MAP) is None or _data_whole(home, row)


def _moved_before(home: Path, folder: Path, name: str) -> bool:
    """Whether an earlier repair moved the file aside: that it is missing is known."""
    return any((home / ASIDE).glob(f"*/runs/{folder.name}/{name}"))


def _missing(folder: Path, row: RunRow | None) -> list[str]:
    """The files that a run in this state has and that are not there."""
    if row is None or row.state != "finished":
        return []
    if not (folder / LOG).exists():
        # The folder itself was lost, and was made again from the row.
        return [] if (folder / CONFIG).exists() else [CONFIG]
    expected = [CONFIG, ENCODER]
    if (folder / EMBEDDINGS).exists():
        expected += [PCA_MAP, MAP_FACTS]
    if row.map_state == "ready":
        expected.append(UMAP_MAP)
    return [name for name in expected if not (folder / name).exists()]


def _action(
    home: Path, folder: Path, name: str, row: RunRow | None, faults: dict[str, str]
) -> Action:
    embedded = (folder / EMBEDDINGS).exists() and EMBEDDINGS not in faults
    if name == CONFIG and row is not None and not row.damage:
        return "write configuration"
    if name == ENCODER and (folder / CHECKPOINT).exists() and CHECKPOINT not in faults:
        return "take encoder from checkpoint"
    if name in _CACHED:
        return "remove cached result"
    whole_data = row is not None and _data_whole(home, row)
    if name in (PCA_MAP, MAP_FACTS) and embedded and whole_data:
        return "draw map again"
    if name == UMAP_MAP and row is not None:
        return "fit map again" if can_be_mapped(home, folder, row) else "give map up"
    if name == THUMBNAILS and whole_data and PCA_MAP not in faults:
        return "make thumbnails again"
    return "move aside"


def _data_whole(home: Path, row: RunRow) -> bool:
    folder = paths.cache_dir(home) / (row.fingerprint or "none")
    return folder.is_dir() and not cache.faults(folder)


def _advice(home: Path, folder: Path, name: str) -> str:
    if name == CHECKPOINT:
        again = damage.command(home, f"resume {folder.name} --from-start")
        return f"An unfinished run can be trained from the start: {again}"
    if name in (CONFIG, *_CACHED, *_MAPS, THUMBNAILS):
        return ""
    return f"To have it again, repeat the run: {damage.repeat_command(home, folder)}"
