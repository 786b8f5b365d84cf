"""The runs that a comparison's decision asks for: their configurations, and their command."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.comparison.records import ComparisonRecord, NextRun
from workbench.config import RunConfig
from workbench.records import RunRecord
from workbench.requests.command_line import command_line


def add_command(compared: ComparisonRecord, records: Sequence[RunRecord]) -> list[RunConfig]:
    """Put the commands of the decision and of equal steps into ``compared``; returns the
    configurations that the decision runs.

    records: of the compared runs. Raises RequestError for a damaged configuration.
    """
    step, unequal = compared["decision"], compared["unequal_steps"]
    if unequal is not None:
        unequal["command"] = _command(runs_by_steps(compared, records))
    if step is None:
        return []
    wanted = _configs(step["runs"], records)
    step["command"] = _command(wanted)
    return wanted


def runs_by_steps(compared: ComparisonRecord, records: Sequence[RunRecord]) -> list[RunConfig]:
    """The configurations that compare the runs by steps; none unless their steps are unequal."""
    unequal = compared["unequal_steps"]
    return [] if unequal is None else _configs(unequal["runs"], records)


def _configs(runs: Sequence[NextRun], records: Sequence[RunRecord]) -> list[RunConfig]:
    configs = {record["id"]: record["config"] for record in records}
    return [
        RunConfig.from_json({**configs[row["like"]], "seed": row["seed"], "budget": row["budget"]})
        for row in runs
    ]


def _command(configs: Sequence[RunConfig]) -> str | None:
    return " && ".join(command_line(config) for config in configs) or None
