"""The noise control of maps: a run's UMAP fitted once more with another seed.

Two maps of one run differ by chance alone. How much they do, by the same measure as maps of
different runs, says how little a difference between maps may mean. It is made on request, by the
engine that makes the maps, after all maps that are waiting.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from workbench.maps.align import align
from workbench.store.store import Store
from workbench.stored_runs.map_files import read_map, read_noise_map
from workbench.stored_runs.stored_run import StoredRun

SEED = 1
_PREFIX = "map_again/"


class NoiseState(TypedDict):
    """How the request for a run's second map stands, as a setting of the store."""

    state: Literal["asked", "failed"]


def residual(run: StoredRun) -> float | None:
    """The share of the shape in which two UMAPs of this run differ after turning one onto the
    other, in [0, 1]; None while there is no second one."""
    again = read_noise_map(run)
    if again is None:
        return None
    first = read_map(run, "umap")
    return align(again.xy, again.rows, first.xy, first.rows).residual


def request(store: Store, run_id: str) -> None:
    """Ask for the second map; a request that failed is made anew."""
    store.set_setting(_PREFIX + run_id, {"state": "asked"})


def state(store: Store, run_id: str) -> str | None:
    """``asked``, ``failed``, or None if nothing was asked for or it is done."""
    setting: NoiseState | None = store.setting(_PREFIX + run_id)
    return None if setting is None else setting["state"]


def requested(store: Store) -> list[str]:
    """Ids of the runs whose second map is asked for."""
    settings = sorted(store.settings_under(_PREFIX).items())
    return [key.removeprefix(_PREFIX) for key, value in settings if value["state"] == "asked"]


def finish(store: Store, run_id: str, *, failed: bool = False) -> None:
    """The second map is there, or could not be made."""
    if failed:
        store.set_setting(_PREFIX + run_id, {"state": "failed"})
    else:
        store.drop_setting(_PREFIX + run_id)
