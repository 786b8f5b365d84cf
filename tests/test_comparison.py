from __future__ import annotations

import json
from typing import Any

import pytest

from workbench import comparison

# Nothing that was measured can support these.
CLAIMS = (
    "better method",
    "best method",
    "better task",
    "is better",
    "proves",
    "outperform",
    "winner",
)


def gain_row(value: float, low: float, high: float, **changes: Any) -> dict[str, Any]:
    row = {"protocol": "knn", "metric": "accuracy", "target": "label", "over": "random init"}
    return row | {"value": value, "low": low, "high": high, "n": 719} | changes


def score_row(features: str = "trained", n: int = 719, **changes: Any) -> dict[str, Any]:
    row = {"protocol": "knn", "metric": "accuracy", "features": features, "representation": "h"}
    numbers = {"value": 0.9, "low": 0.88, "high": 0.92, "n": n}
    return row | {"target": "label", "split": "test"} | numbers | changes


def run(
    task: str = "simclr",
    gain: tuple[float, float, float] | None = (0.10, 0.08, 0.12),
    *,
    seed: int = 0,
    verdict: str = "no sign of collapse",
    n: int = 719,
    device: str = "cpu",
    **config: Any,
) -> dict[str, Any]:
    """A run as `run_json` gives it, with what a comparison reads."""
    settings = {
        "task": task,
        "seed": seed,
        "encoder": "small_conv",
        "budget": {"seconds": 20.0},
        "data": {"source": "sample:digits", "fingerprint": "abc"},
        "task_options": {"temperature": 0.5},
    }
    return {
        "id": f"{task}-{seed}",
        "config": settings | config,
        "training": {"device": device},
        "verdict": {"label": verdict, "reason": "A plain reason."},
        "scores": [] if gain is None else [score_row(n=n)],
        "gains": [] if gain is None else [gain_row(*gain)],
    }


def text(*runs: dict[str, Any]) -> str:
    return " ".join(comparison.sentences(runs))


def test_differences_are_the_fields_that_differ_by_dotted_name() -> None:
    found = comparison.differences(
        [run(task_options={"temperature": 0.5}), run(task_options={"temperature": 0.1})]
    )
    assert [(row.field, row.values) for row in found] == [("task_options.temperature", (0.5, 0.1))]


def test_a_field_that_one_run_lacks_is_a_difference() -> None:
    found = comparison.differences([run(), run("rotation", task_options={})])
    rows = {row.field: row.values for row in found}
    assert rows["task_options.temperature"] == (0.5, None)
    assert rows["task"] == ("simclr", "rotation")


def test_equal_runs_do_not_differ() -> None:
    assert comparison.differences([run(), run()]) == []


def test_runs_of_equal_data_budget_and_device_may_be_ranked() -> None:
    guard = comparison.guard([run(), run("rotation")])
    assert guard.fair
    assert guard == comparison.Guard((), ())


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (run(data={"source": "sample:digits", "fingerprint": "xyz"}), "different data"),
        (run(budget={"seconds": 60.0}), "different training times"),
        (run(budget={"steps": 20}), "different training times"),
        (run(device="cuda"), "different devices"),
        (run(n=500), "different numbers of samples"),
    ],
)
def test_what_makes_a_comparison_unfair_is_named(other: dict[str, Any], words: str) -> None:
    guard = comparison.guard([run(), other])
    assert not guard.fair
    assert len(guard.problems) == 1
    assert words in guard.problems[0]


def test_a_budget_is_named_with_its_unit() -> None:
    (problem,) = comparison.guard([run(), run(budget={"steps": 50})]).problems
    assert "20 seconds" in problem
    assert "50 steps" in problem


def test_different_encoders_are_forced_and_not_unfair() -> None:
    guard = comparison.guard([run(), run("mae", encoder="vit")])
    assert guard.fair
    assert len(guard.forced) == 1
    assert "untrained version of its own" in guard.forced[0]


def test_the_gain_is_the_one_over_the_untrained_encoder() -> None:
    found = run()
    found["gains"] = [gain_row(0.5, 0.4, 0.6, over="raw input"), gain_row(0.1, 0.05, 0.15)]
    row = comparison.gain(found)
    assert row is not None
    assert row["value"] == 0.1
    assert comparison.gain(found, protocol="linear probe") is None
    assert comparison.gain({"gains": []}) is None


def test_a_score_is_found_by_features_protocol_and_metric() -> None:
    found = run()
    found["scores"] = [
        score_row("random init", value=0.4),
        score_row(value=0.7),
        score_row(metric="macro_f1", value=0.6),
    ]
    for features, metric, value in (
        ("trained", "accuracy", 0.7),
        ("trained", "macro_f1", 0.6),
        ("random init", "accuracy", 0.4),
    ):
        row = comparison.score(found, features, metric=metric)
        assert row is not None
        assert row["value"] == value
    assert comparison.score(found, "tf-idf") is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((0.10, 0.08, 0.12), "+10.0 points over the untrained encoder, [+8.0, +12.0]"),
        ((-0.10, -0.12, -0.08), "-10.0 points, below the untrained encoder, [-12.0, -8.0]"),
        ((0.01, -0.01, 0.03), "not distinguishable from the untrained encoder, [-1.0, +3.0]"),
        ((0.02, 0.0, 0.04), "not distinguishable"),
    ],
)
def test_words_of_a_gain_follow_its_interval(row: tuple[float, float, float], words: str) -> None:
    assert words in comparison.gain_words(gain_row(*row))


def test_intervals_apart_give_an_order_after_equal_time() -> None:
    said = text(run("first", (0.02, 0.01, 0.03)), run("second", (0.10, 0.08, 0.12)))
    assert "second (seed 0) scores higher after equal time than the others here." in said
    assert "Not told apart" not in said


def test_intervals_that_touch_give_no_order() -> None:
    said = text(run("first", (0.09, 0.07, 0.11)), run("second", (0.10, 0.08, 0.12)))
    assert "Not told apart by these numbers: second (seed 0), first (seed 0)." in said
    assert "scores higher" not in said


def test_a_lower_run_whose_wide_interval_reaches_the_best_forbids_an_order() -> None:
    said = text(
        run("a", (0.10, 0.08, 0.12)), run("b", (0.05, 0.04, 0.06)), run("c", (0.04, -0.05, 0.13))
    )
    assert "scores higher" not in said


def test_a_third_run_that_is_clearly_lower_is_not_among_those_not_told_apart() -> None:
    runs = [
        run("a", (0.10, 0.08, 0.12)),
        run("b", (0.09, 0.07, 0.11)),
        run("c", (0.0, -0.01, 0.01)),
    ]
    (line,) = [line for line in comparison.sentences(runs) if line.startswith("Not told apart")]
    assert line == "Not told apart by these numbers: a (seed 0), b (seed 0)."


def test_an_unfair_comparison_names_the_problem_and_gives_no_order() -> None:
    said = text(
        run("rotation", (0.02, 0.01, 0.03), budget={"seconds": 60.0}),
        run("simclr", (0.10, 0.08, 0.12)),
    )
    assert "different training times" in said
    assert "scores higher" not in said
    assert "Not told apart" not in said


def test_a_broken_run_comes_first_with_its_reason() -> None:
    lines = comparison.sentences([run(), run("own", verdict="complete collapse")])
    assert lines[0] == "own (seed 0): complete collapse. A plain reason."


def test_no_sign_of_collapse_is_not_called_broken() -> None:
    assert "no sign of collapse" not in text(run(), run("rotation"))


def test_without_labels_nothing_is_ranked() -> None:
    lines = comparison.sentences([run(gain=None), run("rotation", None)])
    assert lines[0].startswith("There are no labels to score with")
    assert "scores higher" not in " ".join(lines)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (1, "With one seed a task this is an observation."),
        (2, "With 2 seeds a task this is an observation."),
        (3, "With 3 seeds a task this is indicative."),
    ],
)
def test_words_for_the_evidence_follow_the_number_of_seeds(seeds: int, words: str) -> None:
    runs = [run(task, seed=seed) for task in ("simclr", "rotation") for seed in range(seeds)]
    assert words in comparison.sentences(runs)


def test_the_task_with_the_fewest_seeds_counts() -> None:
    runs = [run(seed=seed) for seed in range(3)] + [run("rotation")]
    assert "With one seed a task this is an observation." in comparison.sentences(runs)


@pytest.mark.parametrize(
    "runs",
    [
        [run()],
        [run(), run("rotation", (0.02, 0.01, 0.03))],
        [run(), run("rotation", (0.09, 0.07, 0.11))],
        [run(seed=seed) for seed in range(5)],
        [run(gain=None)],
        [run(), run("mae", (0.3, 0.2, 0.4), encoder="vit")],
        [run(), run("vicreg", (0.2, 0.18, 0.22), budget={"steps": 9})],
    ],
)
def test_sentences_never_claim_more_than_was_measured(runs: list[dict[str, Any]]) -> None:
    lines = comparison.sentences(runs)
    said = " ".join(lines).lower()
    assert not [claim for claim in CLAIMS if claim in said]
    assert "does not rank methods in the long run" in lines[-1]


def test_a_run_is_called_by_its_name_or_by_its_task_and_seed() -> None:
    assert comparison.title(run() | {"name": "My run"}) == "My run"
    assert comparison.title(run(seed=4) | {"name": ""}) == "SimCLR (seed 4)"
    assert comparison.title(run("a_plugin_that_is_gone")) == "a_plugin_that_is_gone (seed 0)"


def test_the_comparison_object_is_json_with_gains_by_run() -> None:
    runs = [run(), run("rotation", None)]
    found = comparison.compare(runs)
    assert set(found) == {"fair", "problems", "forced", "differences", "gains", "sentences"}
    assert [(row["run"], row["task"], row["value"]) for row in found["gains"]] == [
        ("simclr-0", "simclr", 0.10)
    ]
    assert json.loads(json.dumps(found))["fair"] is True
    assert found["sentences"] == comparison.sentences(runs)


def test_runs_of_two_lengths_say_whether_the_gain_still_grows() -> None:
    short, long = {"seconds": 20.0}, {"seconds": 60.0}
    rising = [
        run("a", (0.02, 0.01, 0.03), budget=short),
        run("a", (0.08, 0.07, 0.09), budget=long),
    ]
    (line,) = [line for line in comparison.sentences(rising) if "still rising" in line]
    assert "+2.0 points after 20 seconds, +8.0 after 60 seconds" in line
    same = [run("a", (0.02, 0.01, 0.03), budget=s) for s in (short, long)]
    assert any("no change that can be told" in line for line in comparison.sentences(same))
    assert not any("rising" in line for line in comparison.sentences(rising[:1]))
