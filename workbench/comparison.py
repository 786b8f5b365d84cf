"""What may be said of several runs side by side: what differs, what is fair, and in which words.

Pure functions of run objects as ``workbench.runs.result.run_json`` gives them; pages, the command
line and reports all use these, so that the same runs get the same sentences everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench import registry

Run = Mapping[str, Any]

# Fields that always differ, or that no comparison turns on.
_NOISE = ("plugins", "device")
_LONG_RUNS = (
    "A short run shows what learns quickly here. It does not rank methods in the long run: over 12 "
    "published methods on CIFAR-10, the order at 200 epochs explained little of the order at 800 "
    "(Spearman 0.30)."
)


@dataclass(frozen=True)
class Difference:
    """A configuration field whose values differ between runs; values in the order of the runs."""

    field: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Guard:
    """Whether runs may be ranked. problems: what differs and should not; forced: what a task
    forces (its encoder), for which only gains over the own untrained encoder are compared."""

    problems: tuple[str, ...]
    forced: tuple[str, ...]

    @property
    def fair(self) -> bool:
        return not self.problems


def differences(runs: Sequence[Run]) -> list[Difference]:
    """The configuration fields in which the runs differ, flattened to dotted names."""
    flat = [_flatten(run["config"]) for run in runs]
    names = sorted({name for config in flat for name in config})
    rows = [Difference(n, tuple(config.get(n) for config in flat)) for n in names]
    return [
        row
        for row in rows
        if row.field.split(".")[0] not in _NOISE and any(v != row.values[0] for v in row.values[1:])
    ]


def guard(runs: Sequence[Run]) -> Guard:
    """What makes a comparison unfair: other data, another budget, other evaluated samples."""
    problems, forced = [], []
    if len({run["config"]["data"]["fingerprint"] for run in runs}) > 1:
        problems.append("The runs saw different data.")
    budgets = {tuple(sorted(run["config"]["budget"].items())) for run in runs}
    if len(budgets) > 1:
        said = ", ".join(sorted(_budget(run["config"]["budget"]) for run in runs))
        problems.append(f"The runs had different training times ({said}).")
    devices = {run["training"].get("device") for run in runs if run.get("training")}
    if len(devices) > 1:
        problems.append(f"The runs trained on different devices ({', '.join(map(str, devices))}).")
    if len({tuple(sorted(_evaluated(run).items())) for run in runs if run.get("scores")}) > 1:
        problems.append("The runs were scored on different numbers of samples.")
    encoders = {run["config"]["encoder"] for run in runs}
    if len(encoders) > 1:
        forced.append(
            f"The runs use different encoders ({', '.join(sorted(encoders))}), so each is compared "
            "with the untrained version of its own."
        )
    return Guard(tuple(problems), tuple(forced))


def gain(run: Run, protocol: str = "knn", metric: str = "accuracy") -> Mapping[str, Any] | None:
    """The gain of a run over its untrained encoder, with its interval, or None without labels."""
    for row in run.get("gains", ()):
        same = (row["protocol"], row["metric"], row["over"]) == (protocol, metric, "random init")
        if same:
            return row  # type: ignore[no-any-return]
    return None


def score(
    run: Run, features: str, protocol: str = "knn", metric: str = "accuracy"
) -> Mapping[str, Any] | None:
    """One score of a run, or None if it has none such."""
    for row in run.get("scores", ()):
        if (row["features"], row["protocol"], row["metric"]) == (features, protocol, metric):
            return row  # type: ignore[no-any-return]
    return None


def sentences(runs: Sequence[Run]) -> list[str]:
    """What was and what was not shown, in plain sentences, most important first.

    The words follow the evidence: one seed a task is an observation, three are indicative. Two
    runs are told apart only if their intervals of the gain do not overlap, which is stricter than
    a paired test.
    """
    out = []
    broken = [run for run in runs if "collapse" in _verdict(run) and "no sign" not in _verdict(run)]
    for run in broken:
        out.append(f"{title(run)}: {_verdict(run)}. {run['verdict'].get('reason', '')}".strip())
    scored = [(run, row) for run in runs if (row := gain(run)) is not None]
    if not scored:
        out.append("There are no labels to score with: compare the maps and the collapse checks.")
        return [*out, _LONG_RUNS]
    for run, row in scored:
        out.append(f"{title(run)}: {gain_words(row)} (nearest neighbours share the label).")
    out += _growth_words(scored)
    fairness = guard([run for run, _ in scored])
    out += [*fairness.problems, *fairness.forced]
    if len(scored) > 1 and fairness.fair:
        out.append(_order_words(scored))
    seeds = _seeds_a_task(runs)
    evidence = "an observation" if seeds < 3 else "indicative"
    plural = "one seed" if seeds == 1 else f"{seeds} seeds"
    return [*out, f"With {plural} a task this is {evidence}.", _LONG_RUNS]


def compare(runs: Sequence[Run]) -> dict[str, Any]:
    """The ``comparison`` object of ``workbench pilot`` and ``workbench compare``."""
    fairness = guard(runs)
    return {
        "fair": fairness.fair,
        "problems": list(fairness.problems),
        "forced": list(fairness.forced),
        "differences": [asdict(row) for row in differences(runs)],
        "gains": [
            {"run": run["id"], "task": run["config"]["task"], **row}
            for run in runs
            if (row := gain(run)) is not None
        ],
        "sentences": sentences(runs),
    }


def title(run: Run) -> str:
    """What a run is called in sentences: its name, or its task with its seed."""
    task = registry.tasks().get(run["config"]["task"])
    called = task.title if task is not None else run["config"]["task"]
    return str(run.get("name") or f"{called} (seed {run['config']['seed']})")


def _verdict(run: Run) -> str:
    return str((run.get("verdict") or {}).get("label", ""))


def gain_words(row: Mapping[str, Any]) -> str:
    """A gain with its interval, in points, and what it says."""
    points, low, high = (100 * row[name] for name in ("value", "low", "high"))
    band = f"[{low:+.1f}, {high:+.1f}]"
    if row["low"] > 0:
        return f"{points:+.1f} points over the untrained encoder, {band}"
    if row["high"] < 0:
        return f"{points:+.1f} points, below the untrained encoder, {band}"
    return f"{points:+.1f} points, not distinguishable from the untrained encoder, {band}"


def _order_words(scored: Sequence[tuple[Run, Mapping[str, Any]]]) -> str:
    ranked = sorted(scored, key=lambda pair: -float(pair[1]["value"]))
    best, first = ranked[0]
    if all(first["low"] > row["high"] for _, row in ranked[1:]):
        (unit,) = best["config"]["budget"]
        equal = "time" if unit == "seconds" else unit
        if len({run["config"]["encoder"] for run, _ in scored}) > 1:
            return f"{title(best)} gains more after equal {equal} than the others here."
        return f"{title(best)} scores higher after equal {equal} than the others here."
    near = [title(run) for run, row in ranked if row["high"] >= first["low"]]
    return f"Not told apart by these numbers: {', '.join(near)}."


def _growth_words(scored: Sequence[tuple[Run, Mapping[str, Any]]]) -> list[str]:
    """For tasks that were run for several times with one seed: whether the gain still grows."""
    groups: dict[tuple[str, int, str], list[tuple[Run, Mapping[str, Any]]]] = {}
    for run, row in scored:
        if "seconds" in run["config"]["budget"]:
            key = (run["config"]["task"], run["config"]["seed"], str(run["config"]["encoder"]))
            groups.setdefault(key, []).append((run, row))
    out = []
    for members in groups.values():
        members = sorted(members, key=lambda pair: float(pair[0]["config"]["budget"]["seconds"]))
        (short, before), (long, after) = members[0], members[-1]
        if short["config"]["budget"] == long["config"]["budget"]:
            continue
        grows = after["low"] > before["high"]
        falls = after["high"] < before["low"]
        how = "still rising" if grows else "falling" if falls else "no change that can be told"
        first, last = (_budget(run["config"]["budget"]) for run in (short, long))
        out.append(
            f"{title(long)}: {100 * before['value']:+.1f} points after {first}, "
            f"{100 * after['value']:+.1f} after {last}: {how}."
        )
    return out


def _seeds_a_task(runs: Sequence[Run]) -> int:
    seeds: dict[str, set[int]] = {}
    for run in runs:
        seeds.setdefault(run["config"]["task"], set()).add(run["config"]["seed"])
    return min(len(found) for found in seeds.values()) if seeds else 0


def _evaluated(run: Run) -> dict[str, int]:
    return {
        f"{row['protocol']}/{row['target']}": int(row["n"])
        for row in run["scores"]
        if row["features"] == "trained"
    }


def _budget(budget: Mapping[str, Any]) -> str:
    ((unit, amount),) = budget.items()
    return f"{amount:g} {unit}"


def _flatten(value: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        out: dict[str, Any] = {}
        for name, inner in value.items():
            out |= _flatten(inner, f"{prefix}{name}.")
        return out
    return {prefix.rstrip("."): value}
