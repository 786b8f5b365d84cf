"""A run in the words of the screen: its title, state, collapse check, gain and duration."""

from __future__ import annotations

from collections.abc import Sequence

from workbench import comparison, registry
from workbench.comparison import numbers
from workbench.comparison.run_fields import data_name, of_metric, task_title
from workbench.plots.words import PASSED
from workbench.records import ConfigRecord, Summary, VerdictRecord
from workbench.store import owners
from workbench.store.rows import Heartbeat, RunRow
from workbench.stored_runs import hidden_test
from workbench.stored_runs.stored_run import StoredRun

SPLIT_NAMES = {"train": "training", "validation": "validation", "test": "test"}
_PHASES = {
    "starting": "Starting",
    "preparing": "Preparing the data",
    "warming up": "Warming up",
    "training": "Training",
    "evaluating": "Scoring",
    "done": "Writing the results",
}
_ICONS = {
    "complete collapse": ":material/error:",
    "dimensional collapse": ":material/error:",
    "low rank": ":material/info:",
    "not learning": ":material/warning:",
    "too early to say": ":material/hourglass_empty:",
    "no sign of collapse": ":material/check:",
}


def title(row: RunRow) -> str:
    """A run's name, or its task and seed."""
    return comparison.title({"name": row.name, "config": row.config})


def unique_titles(runs: Sequence[StoredRun]) -> dict[str, str]:
    """The title of each run by its id; where two titles are the same, with the id."""
    return unique_row_titles([run.row for run in runs])


def unique_row_titles(rows: Sequence[RunRow]) -> dict[str, str]:
    """``unique_titles`` of runs by their rows."""
    titles = comparison.unique_titles(
        [{"id": row.id, "name": row.name, "config": row.config} for row in rows]
    )
    return dict(zip((row.id for row in rows), titles, strict=True))


def facts(run: StoredRun) -> str:
    """A run in one line: task, data, encoder, budget, seed, owner and id."""
    row, config = run.row, run.config
    return (
        f"{task_title(config)} on {data_name(config['data'])}, {encoder(config)}, "
        f"{budget(config)}, seed {config['seed']}"
        + (f", by {owners.in_words(row.owner)}" if row.owner else "")
        + f" · {row.id}"
        + (" · a stored demo run" if run.demo else "")
    )


def encoder(config: ConfigRecord) -> str:
    """The title of a run's encoder; its name if its plugin is gone."""
    name = config.get("encoder") or ""
    declared = registry.encoders().get(name)
    return name if declared is None else declared.title


def budget(config: ConfigRecord) -> str:
    """The requested training time."""
    ((unit, amount),) = config["budget"].items()
    return f"{amount:g} {'s' if unit == 'seconds' else unit}"


def verdict(check: VerdictRecord | None) -> str:
    """The collapse check in words, empty before there is one. Passing it is never praise."""
    if check is None:
        return ""
    return PASSED if check["label"] == "no sign of collapse" else check["label"]


def verdict_icon(check: VerdictRecord | None) -> str:
    return "" if check is None else _ICONS.get(check["label"], "")


def gain(summary: Summary, *, closed: bool = False) -> str:
    """The first number shown: the gain over the untrained encoder, with its interval.

    closed: the run's test scores are hidden; the gain is then of validation samples.
    """
    main = comparison.main_gain(hidden_test.visible_scores(summary, closed))
    if main is None:
        return ""
    metric = of_metric(main["metric"]).removeprefix(" of ")
    more = ", ".join(filter(None, (metric, numbers.neighbours(main))))
    return f"{numbers.gain(main)} ({more})" if more else numbers.gain(main)


def gain_sentence(summary: Summary, *, closed: bool = False) -> str:
    """``gain`` in words: how far above or below the untrained encoder, with its interval."""
    main = comparison.main_gain(hidden_test.visible_scores(summary, closed))
    return "" if main is None else comparison.gain_words(main)


def state(row: RunRow, beat: Heartbeat | None, position: int | None) -> str:
    """What a run is doing, in one sentence. beat: its last heartbeat. position: in the queue."""
    if row.state == "queued":
        return f"Queued, number {position} in line." if position else "Queued."
    if row.state in ("running", "stopping"):
        phase = _PHASES.get(beat.phase, "Starting") if beat else "Starting"
        stopping = " It was asked to stop." if row.state == "stopping" else ""
        left = ""
        if beat is not None and beat.phase == "training" and beat.eta_seconds is not None:
            left = f", about {max(0.0, beat.eta_seconds):.0f} s of training left"
        return f"{phase}{left}.{stopping}"
    reason = f" {row.reason}" if row.reason else ""
    after = f" after {duration(row.ended - row.started)}" if row.ended and row.started else ""
    return f"{row.state.capitalize()}{after}.{reason}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def no_score(summary: Summary) -> str:
    """Why a finished run has no score of classes; empty if it has one.

    What the features predict of brightness, colour or length is no such score.
    """
    scores = summary.get("scores") or []
    if any(row["protocol"] != "nuisance probe" for row in scores):
        return ""
    if scores or not summary.get("unscored"):
        return "No score: the data have no labels."
    return "No score: the encoder is too slow for scores in this training time."
