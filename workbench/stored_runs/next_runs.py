"""The runs that a comparison's decision asks for: their configurations, and their command."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.records import ComparisonRecord
from workbench.config import RunConfig
from workbench.records import RunRecord
from workbench.requests.command_line import command_line


def add_command(compared: ComparisonRecord, records: Sequence[RunRecord]) -> list[RunConfig]:
    """Put the command of the decision into ``compared``; returns the configurations that it runs.

    records: of the compared runs. Raises RequestError for a damaged configuration.
    """
    step = compared["decision"]
    if step is None:
        return []
    configs = {record["id"]: record["config"] for record in records}
    wanted = [
        RunConfig.from_json({**configs[row["like"]], "seed": row["seed"], "budget": row["budget"]})
        for row in step["runs"]
    ]
    step["command"] = " && ".join(command_line(config) for config in wanted) or None
    return wanted
