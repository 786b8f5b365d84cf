"""The noise control of maps: a run's UMAP fitted once more with another seed.

Two maps of one run differ by chance alone. How much they do, by the same measure as maps of
different runs, says how little a difference between maps may mean. It is made on request, by the
engine that makes the maps, after all maps that are waiting.
"""

from __future__ import annotations

from typing import Any

from workbench.maps.align import align
from workbench.run_folder import NOISE_MAP
from workbench.store.store import Store
from workbench.stored_runs.map_files import read_map, read_noise_map
from workbench.stored_runs.stored_run import StoredRun

FILE = NOISE_MAP
SEED = 1
_PREFIX = "map_again/"


def residual(run: StoredRun) -> float | None:
    """The share of the shape in which two UMAPs of this run differ after turning one onto the
    other, in [0, 1]; None while there is no second one."""
    again = read_noise_map(run)
    if again is None:
        return None
    first = read_map(run, "umap")
    return align(again.xy, again.rows, first.xy, first.rows).residual


def ask(store: Store, run_id: str) -> None:
    """Ask for the second map; a request that failed is made anew."""
    store.set_setting(_PREFIX + run_id, {"state": "asked"})


def state(store: Store, run_id: str) -> str | None:
    """``asked``, ``failed``, or None if nothing was asked for or it is done."""
    found: Any = store.setting(_PREFIX + run_id)
    return None if found is None else str(found["state"])


def asked(store: Store) -> list[str]:
    """Ids of the runs whose second map is asked for."""
    found = store.settings_under(_PREFIX)
    return [
        key.removeprefix(_PREFIX)
        for key, value in sorted(found.items())
        if value["state"] == "asked"
    ]


def done(store: Store, run_id: str, *, failed: bool = False) -> None:
    """The second map is there, or could not be made."""
    if failed:
        store.set_setting(_PREFIX + run_id, {"state": "failed"})
    else:
        store.drop_setting(_PREFIX + run_id)
