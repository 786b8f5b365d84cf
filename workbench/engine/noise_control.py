"""The noise control of maps: a run's UMAP fitted once more with another seed.

Two maps of one run differ by chance alone. A difference between maps of two runs that is no larger
says nothing of the runs. The second map is made on request, by the engine that makes the maps,
after all maps that are waiting.
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
    """The state of a request for a run's second map, as a setting of the store."""

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
    """Request the second map of a run, also after a request that failed."""
    store.set_setting(_PREFIX + run_id, {"state": "asked"})


def state(store: Store, run_id: str) -> str | None:
    """``asked`` while the map is waited for, ``failed``; None if it is made or not requested."""
    setting: NoiseState | None = store.setting(_PREFIX + run_id)
    return None if setting is None else setting["state"]


def requested(store: Store) -> list[str]:
    """Ids of the runs whose second map is requested and not made yet."""
    settings = sorted(store.settings_under(_PREFIX).items())
    return [key.removeprefix(_PREFIX) for key, value in settings if value["state"] == "asked"]


def finish(store: Store, run_id: str, *, failed: bool = False) -> None:
    """Close a request: the second map is there, or could not be made."""
    if failed:
        store.set_setting(_PREFIX + run_id, {"state": "failed"})
    else:
        store.drop_setting(_PREFIX + run_id)
