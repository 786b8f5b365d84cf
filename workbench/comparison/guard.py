"""Whether runs may be ranked: what differs between them, and whether that could be avoided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench import registry
from workbench.comparison.differences import flatten
from workbench.comparison.run_fields import KNN, budget_words, closed, name_list
from workbench.evaluation.knn import NEIGHBOURS
from workbench.records import RunRecord

_OWN = "so each is compared with the untrained version of its own"


@dataclass(frozen=True)
class Guard:
    """Whether runs may be ranked. problems: what differs and should not. forced: what a task
    forces (its encoder); then only gains over each run's own untrained encoder are compared. notes:
    what else is worth knowing of how they are compared."""

    problems: tuple[str, ...]
    forced: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def fair(self) -> bool:
        return not self.problems


def guard(runs: Sequence[RunRecord]) -> Guard:
    """What makes a comparison unfair: other data, split, encoder, budget, samples or device.

    A difference that could have been avoided is a problem. Several budgets are none where every
    task had each of them: runs of equal budget are then compared.
    """
    problems = [*_data(runs), *_split(runs)]
    notes = []
    budgets = _distinct(budget_words(run["config"]["budget"]) for run in runs)
    if len(budgets) > 1 and crossed(runs):
        notes.append(
            f"Each task had {name_list(budgets)} of training; runs of equal budget are compared."
        )
    elif len(budgets) > 1:
        problems.append(f"The runs had different training times ({', '.join(budgets)}).")
    problems += _machines(runs)
    if any(_scored_unlike(alike) for alike in _by_encoder_and_budget(runs)):
        problems.append("The runs were scored on different numbers of samples.")
    neighbours = sorted({k for run in runs for k in _neighbours(run)})
    if len(neighbours) > 1:
        problems.append(
            "The runs' nearest-neighbour scores use different numbers of neighbours "
            f"({', '.join(map(str, neighbours))})."
        )
    if len({bool((run["config"].get("eval") or {}).get("whiten")) for run in runs}) > 1:
        problems.append("Some runs are scored on whitened features and some are not.")
    avoidable, forced = _encoders(runs)
    if len(readouts(runs)) > 1:
        families = ", ".join(readouts(runs))
        notes.append(
            f"Tasks of several kinds ({families}): we rank them only where both scores agree "
            "(nearest neighbours and the simple classifier)."
        )
    return Guard((*problems, *avoidable), tuple(forced), tuple(notes))


def crossed(runs: Sequence[RunRecord]) -> bool:
    """Whether two tasks or more were each run for several budgets, the same ones."""
    times: dict[str, set[str]] = {}
    for run in runs:
        times.setdefault(run["config"]["task"], set()).add(budget_words(run["config"]["budget"]))
    sets = list(times.values())
    return len(sets) > 1 and len(sets[0]) > 1 and all(budgets == sets[0] for budgets in sets)


def readouts(runs: Sequence[RunRecord]) -> list[str]:
    """The kinds of readout that the runs' tasks declare; a run of an unknown task has none."""
    tasks = [registry.tasks().get(run["config"]["task"]) for run in runs]
    return sorted({task.readout() for task in tasks if task is not None})


def _data(runs: Sequence[RunRecord]) -> list[str]:
    if len({run["config"]["data"].get("fingerprint") for run in runs}) < 2:
        return []
    configs = [flatten(run["config"]["data"]) for run in runs]
    names = [
        name
        for name in sorted({name for config in configs for name in config})
        if name not in ("source", "fingerprint")
        and len({str(config.get(name)) for config in configs}) > 1
    ]
    if len({config.get("source") for config in configs}) > 1:
        return ["The runs saw different data."]
    how = f" (it was read differently: {', '.join(names)})" if names else " (it has changed since)"
    return [f"The runs saw different data of one source{how}."]


def _split(runs: Sequence[RunRecord]) -> list[str]:
    scored = [run for run in runs if run.get("scores") or run.get("gains")]
    if len({closed(run) for run in scored}) < 2:
        return []
    return [
        "Some runs show test scores and some validation scores, because their test scores are "
        "hidden."
    ]


def _machines(runs: Sequence[RunRecord]) -> list[str]:
    """Other devices, precisions and numbers of threads. What an older run does not tell is no
    difference, and neither is a precision that goes with the encoder."""
    trained = [run for run in runs if run.get("training")]
    problems = []
    devices = _distinct(str(run["training"].get("device")) for run in trained)
    if len(devices) > 1:
        problems.append(f"The runs trained on different devices ({', '.join(devices)}).")
    by_encoder: dict[str, set[str]] = {}
    for run in trained:
        if "precision" in run["training"]:
            used = by_encoder.setdefault(str(run["config"]["encoder"]), set())
            used.add(run["training"]["precision"])
    mixed = sorted({name for used in by_encoder.values() if len(used) > 1 for name in used})
    if mixed:
        problems.append(f"The runs trained in different precisions ({', '.join(mixed)}).")
    threads = sorted(
        {run["training"]["threads"] for run in trained if "threads" in run["training"]}
    )
    if len(threads) > 1 and devices == ["cpu"]:
        listed = ", ".join(map(str, threads))
        problems.append(f"The runs trained with different numbers of threads ({listed}).")
    return problems


def _encoders(runs: Sequence[RunRecord]) -> tuple[list[str], list[str]]:
    """(what could have been avoided, what a task forces), of encoders and their options."""
    names = _distinct(str(run["config"]["encoder"]) for run in runs)
    if len(names) > 1:
        message = f"The runs use different encoders ({', '.join(names)})"
        if _avoidable(runs):
            return [f"{message}, although all these tasks take the same one."], []
        return [], [f"{message}, {_OWN}."]
    options = [flatten(run["config"].get("encoder_options") or {}) for run in runs]
    differing = {
        name
        for name in {name for one in options for name in one}
        if len({str(one.get(name)) for one in options}) > 1
    }
    tasks = [registry.tasks().get(run["config"]["task"]) for run in runs]
    own = {name for task in tasks if task is not None for name in task.encoder_options}
    messages = [
        f"The runs' encoders have different options ({', '.join(sorted(which))})"
        for which in (differing - own, differing & own)
        if which
    ]
    if not messages:
        return [], []
    if differing - own:
        return [f"{messages[0]}."], []
    return [], [f"{messages[0]}, as their tasks need, {_OWN}."]


def _avoidable(runs: Sequence[RunRecord]) -> bool:
    """Whether one kind of encoder suits all tasks, or two runs differ within one kind."""
    encoders, tasks = registry.encoders(), registry.tasks()
    names = [(str(run["config"]["encoder"]), run["config"]["task"]) for run in runs]
    known = [
        (encoders[encoder], tasks[task])
        for encoder, task in names
        if encoder in encoders and task in tasks
    ]
    if len(known) < len(runs):
        return False
    modalities = {encoder.kind: encoder.modalities for encoder in encoders.values()}
    texts = any("text" in encoder.modalities for encoder, _ in known)
    common = set.intersection(*(set(task.needs.encoders) for _, task in known))
    if any(("text" in modalities.get(kind, ())) == texts for kind in common):
        return True
    pairs = combinations(known, 2)
    return any(a.kind == b.kind and a.name != b.name for (a, _), (b, _) in pairs)


def _by_encoder_and_budget(runs: Sequence[RunRecord]) -> list[list[RunRecord]]:
    """Scored runs of equal encoder and budget. How many samples are scored depends on both, and
    whether these may differ is said of them."""
    groups: dict[tuple[str, str], list[RunRecord]] = {}
    for run in runs:
        if run.get("scores"):
            config = run["config"]
            key = str(config["encoder"]), budget_words(config["budget"])
            groups.setdefault(key, []).append(run)
    return list(groups.values())


def _scored_unlike(runs: Sequence[RunRecord]) -> bool:
    """Whether a protocol that all these runs share scored them on different numbers of samples."""
    counts = [_evaluated(run) for run in runs]
    shared = set.intersection(*(set(by_name) for by_name in counts))
    return any(len({by_name[name] for by_name in counts}) > 1 for name in shared)


def _evaluated(run: RunRecord) -> dict[str, int]:
    """How many samples each protocol and target was scored on."""
    return {
        f"{row['protocol']}/{row['target']}": int(row["n"])
        for row in run["scores"]
        if row["features"] == "trained"
    }


def _neighbours(run: RunRecord) -> set[int]:
    """k of the run's kNN scores; those that say none are from before it could be chosen."""
    rows = (row for row in run.get("scores", ()) if row["protocol"] == KNN)
    return {row.get("neighbours", NEIGHBOURS) for row in rows}


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted({str(value) for value in values})
