"""Every page with something on it. RUN stands for a finished run of the app's home."""

from __future__ import annotations

from pathlib import Path

from workbench.store.store import Store

ADDRESSES = (
    "",
    "data?data=sample:digits",
    "augment?data=sample:digits",
    "pretrain?data=sample:digits&tasks=simclr",
    "runs",
    "runs?run=RUN",
    "compare?runs=RUN",
    "inspect?run=RUN",
    "try?run=RUN",
    "learn",
    "learn?lesson=collapse",
)


# What the address calls a page -> what its link and its heading say. Start's heading is a question.
TITLES = {
    **{name: name.capitalize() for name in ("data", "augment", "pretrain", "runs", "compare")},
    "inspect": "Inspect",
    "try": "Try and export",
    "learn": "Learn",
}


def address_in(home: Path, address: str) -> str:
    """The address with a SimCLR run of ``home`` in the place of RUN."""
    row = next(row for row in Store.open(home).runs() if row.config["task"] == "simclr")
    return address.replace("RUN", row.id)
