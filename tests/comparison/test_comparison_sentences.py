from __future__ import annotations

from typing import Any

import pytest
from comparison_making import answers, around, gain_row, run, score_row

from workbench import comparison
from workbench.comparison import Evidence, Looks

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


def text(*runs: dict[str, Any]) -> str:
    return " ".join(comparison.sentences(runs))


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
        ((0.10, 0.08, 0.12), "10.0 points above the untrained encoder, [+8.0, +12.0]"),
        ((-0.10, -0.12, -0.08), "10.0 points below the untrained encoder, [-12.0, -8.0]"),
        (
            (0.01, -0.01, 0.03),
            "1.0 points above the untrained encoder, [-1.0, +3.0]: no clear difference",
        ),
        ((0.02, 0.0, 0.04), "no clear difference"),
    ],
)
def test_words_of_a_gain_follow_its_interval(row: tuple[float, float, float], words: str) -> None:
    assert words in comparison.gain_words(gain_row(*row))


def test_one_seed_with_intervals_apart_is_an_observation_of_trained_models() -> None:
    words = text(run("first", (0.02, 0.01, 0.03)), run("second", (0.10, 0.08, 0.12)))
    assert "On test samples, second gained more than first." in words
    assert "Another seed may give another order." in words
    assert "No clear difference" not in words
    assert "scores higher" not in words


def test_intervals_that_touch_give_no_order() -> None:
    words = text(run("first", (0.09, 0.07, 0.11)), run("second", (0.10, 0.08, 0.12)))
    assert "No clear difference: second, first." in words
    assert "scores higher" not in words


def test_a_lower_run_with_a_wide_interval_is_not_told_apart() -> None:
    words = text(
        run("a", (0.10, 0.08, 0.12)), run("b", (0.05, 0.04, 0.06)), run("c", (0.04, -0.05, 0.13))
    )
    assert "a gained more than b" in words
    assert "No clear difference: a, c." in words


def test_a_third_run_that_is_clearly_lower_is_not_among_those_not_told_apart() -> None:
    runs = [
        run("a", (0.10, 0.08, 0.12)),
        run("b", (0.09, 0.07, 0.11)),
        run("c", (0.0, -0.01, 0.01)),
    ]
    (line,) = [line for line in comparison.sentences(runs) if line.startswith("No clear")]
    assert line == "No clear difference: a, b."


def test_an_unfair_comparison_names_the_problem_and_gives_no_order() -> None:
    words = text(
        run("rotation", (0.02, 0.01, 0.03), budget={"seconds": 60.0}),
        run("simclr", (0.10, 0.08, 0.12)),
    )
    assert "different training times" in words
    assert "scores higher" not in words
    assert "No clear difference" not in words


def test_a_broken_run_comes_first_with_its_reason() -> None:
    lines = comparison.sentences([run(), run("own", verdict="complete collapse")])
    yet = ", yet its scores are above the untrained encoder's"
    assert lines[0] == f"own (seed 0): complete collapse{yet}. A plain reason."


def test_broken_seeds_stand_in_one_sentence() -> None:
    runs = [run("own", seed=seed, verdict="complete collapse") for seed in range(2)]
    lines = comparison.sentences([*runs, run("own", seed=2)])
    yet = ", yet its scores are above the untrained encoder's"
    assert lines[0] == f"own, 2 of 3 runs: complete collapse{yet}. A plain reason."


def test_no_sign_of_collapse_is_not_called_broken() -> None:
    assert "no sign of collapse" not in text(run(), run("rotation"))


def test_without_labels_nothing_is_ranked() -> None:
    lines = comparison.sentences([run(gain=None), run("rotation", None)])
    assert lines[0].startswith("There are no labels to score with")
    assert "scores higher" not in " ".join(lines)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (1, "One seed a task: may be luck. Run 3 or more."),
        (2, "2 seeds a task: may be luck. Run 3 or more."),
        (3, "3 seeds a task: indicative. A test needs 6 or more."),
    ],
)
def test_words_for_the_evidence_follow_the_number_of_seeds(seeds: int, words: str) -> None:
    runs = [run(task, seed=seed) for task in ("simclr", "rotation") for seed in range(seeds)]
    assert words in comparison.sentences(runs)


def test_the_task_with_the_fewest_seeds_counts() -> None:
    runs = [run(seed=seed) for seed in range(3)] + [run("rotation")]
    assert "One seed a task: may be luck. Run 3 or more." in comparison.sentences(runs)


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
    words = " ".join(lines).lower()
    assert not [claim for claim in CLAIMS if claim in words]
    assert "does not rank methods in the long run" in lines[-1]


def test_a_run_is_called_by_its_name_or_by_its_task_and_seed() -> None:
    assert comparison.title(run() | {"name": "My run"}) == "My run"
    assert comparison.title(run(seed=4) | {"name": ""}) == "SimCLR (seed 4)"
    assert comparison.title(run("a_plugin_that_is_gone")) == "a_plugin_that_is_gone (seed 0)"


def test_runs_of_two_lengths_say_whether_the_gain_still_grows() -> None:
    short, long = {"seconds": 20.0}, {"seconds": 60.0}
    rising = [
        run("a", (0.02, 0.01, 0.03), budget=short),
        run("a", (0.08, 0.07, 0.09), budget=long),
    ]
    (line,) = [line for line in comparison.sentences(rising) if "still rising" in line]
    assert "+2.0 points after 20 seconds, +8.0 after 60 seconds" in line
    same = [run("a", (0.02, 0.01, 0.03), budget=s) for s in (short, long)]
    assert any("no clear change" in line for line in comparison.sentences(same))
    assert not any("rising" in line for line in comparison.sentences(rising[:1]))


def test_a_paired_test_tells_models_apart_where_intervals_overlap() -> None:
    a, b = run("simclr", around(0.2)), run("moco_v2", around(0.18))
    assert "No clear difference: SimCLR, MoCo v2." in text(a, b)
    evidence = Evidence({a["id"]: answers(95), b["id"]: answers(80)})
    words = " ".join(comparison.sentences([a, b], evidence))
    assert "SimCLR gained more than MoCo v2" in words
    assert "No clear difference" not in words


def test_a_paired_test_that_tells_nothing_outweighs_intervals_apart() -> None:
    a, b = run("simclr", around(0.2)), run("moco_v2", around(0.1))
    evidence = Evidence({a["id"]: answers(80), b["id"]: answers(79)})
    assert "No clear difference" in " ".join(comparison.sentences([a, b], evidence))


def seeded(task: str, level: float, seeds: int, **more: Any) -> list[dict[str, Any]]:
    return [run(task, around(level + s / 100), seed=s, **more) for s in range(seeds)]


def test_three_seeds_are_indicative_with_what_their_test_could_give() -> None:
    words = text(*seeded("simclr", 0.3, 3), *seeded("byol", 0.1, 3))
    assert "SimCLR, mean of 3 runs: 31.0 points above the untrained encoder" in words
    assert "each: +30.0, +31.0, +32.0" in words
    assert "Indicative, over 3 paired seeds on test samples: SimCLR gained more than BYOL" in words
    assert "(+20.0 points [+20.0, +20.0])." in words
    assert "3 seeds are too few for a test; 6 can reach p < 0.05." in words
    assert "scores higher" not in words
    assert "Another seed" not in words


@pytest.mark.parametrize(
    ("budget", "words"),
    [({"seconds": 20.0}, "equal time"), ({"steps": 500}, "equal steps")],
)
def test_from_six_paired_seeds_on_one_scores_higher(budget: dict[str, float], words: str) -> None:
    runs = [*seeded("byol", 0.1, 6, budget=budget), *seeded("simclr", 0.3, 6, budget=budget)]
    sentences = text(*runs)
    assert f"SimCLR scores higher after {words} than BYOL: +20.0 points" in sentences
    assert "(sign-flip p = 0.031, adjusted by Holm)" in sentences
    assert "6 seeds a task" in sentences
    assert not [claim for claim in CLAIMS if claim in sentences.lower()]


def test_six_seeds_of_three_tasks_say_how_many_it_takes() -> None:
    words = text(*(r for i, t in enumerate(("simclr", "byol", "moco_v2")) for r in seeded(t, i, 6)))
    assert "scores higher after" not in words
    assert "6 paired seeds cannot show a difference among 3 comparisons; 7 could." in words
    assert "No clear difference over seeds:" in words


def test_seeds_that_do_not_agree_are_not_told_apart() -> None:
    other = [run("byol", around(v), seed=s) for s, v in enumerate((0.1, 0.5, 0.3))]
    words = text(*seeded("simclr", 0.3, 3), *other)
    assert "No clear difference over seeds: SimCLR and BYOL." in words
    assert "Indicative" not in words


def test_kinds_with_other_readouts_are_ordered_only_where_both_agree() -> None:
    agree = [
        run("simclr", around(0.3), probe=around(0.3)),
        run("mae", around(0.1), probe=around(0)),
    ]
    assert "SimCLR gained more" in text(*agree)
    split = [
        run("simclr", around(0.3), probe=around(0)),
        run("mae", around(0.1), probe=around(0.3)),
    ]
    assert "gained more" not in text(*split)
    assert "No clear difference" in text(*split)


def test_an_order_is_told_for_each_time_apart() -> None:
    runs = [
        run(task, around(level), budget={"seconds": time})
        for time, levels in ((20.0, (0.1, 0.2)), (60.0, (0.4, 0.3)))
        for task, level in zip(("simclr", "byol"), levels, strict=True)
    ]
    lines = comparison.sentences(runs)
    (short,) = [line for line in lines if line.startswith("After 20 seconds: On test")]
    (long,) = [line for line in lines if line.startswith("After 60 seconds: On test")]
    assert "BYOL (20 seconds) gained more" in short
    assert "SimCLR (60 seconds) gained more" in long
    assert any(
        "SimCLR and BYOL swapped, SimCLR and BYOL beyond the noise" in line for line in lines
    )


def test_how_often_the_test_was_open_is_said() -> None:
    evidence = Evidence(looks=(Looks("abc", "digits", 14, closed=False),))
    assert any(
        "14 runs on digits have been open here" in s
        for s in comparison.sentences([run()], evidence)
    )
    none = Evidence(looks=(Looks("abc", "digits", 0, closed=True),))
    assert not any("is luck" in s for s in comparison.sentences([run()], none))


def test_a_test_kept_closed_is_said_first() -> None:
    lines = comparison.sentences([run(test="closed"), run("byol", test="closed")])
    assert lines[0].startswith("Test scores of these data are hidden")
    lines = comparison.sentences([run(gain=None, test="closed")])
    assert "no validation scores to show" in lines[1]
    assert "There are no labels to score with" not in " ".join(lines)


def test_anomaly_detection_has_its_own_first_number() -> None:
    found = run(gain=None)
    found["gains"] = [gain_row(0.1, 0.05, 0.15, protocol="anomaly", metric="auroc")]
    assert "10.0 points above the untrained encoder" in text(found)
    assert "finds the unusual" in text(found)
