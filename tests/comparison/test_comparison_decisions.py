"""What to do with each task after a pilot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from comparison_making import around, gain_row, run

from workbench import comparison
from workbench.comparison import Evidence
from workbench.comparison.decisions import rises

FLAT = [(step, 0.5) for step in range(51)]
UP = [(step, 0.3 + 0.01 * step) for step in range(51)]


def decided(*runs: dict[str, Any], curves: dict[str, Any] | None = None) -> dict[str, str]:
    rows = comparison.decisions(comparison.analyse(runs, Evidence(curves=curves or {})))
    return {row["name"]: row["decision"] for row in rows}


def test_the_one_above_all_is_run_next_and_those_below_are_ruled_out() -> None:
    assert decided(run("simclr", around(0.3)), run("byol", around(0.1))) == {
        "SimCLR": "run next",
        "BYOL": "ruled out",
    }


def test_those_that_overlap_with_the_highest_need_more_evidence() -> None:
    rows = decided(
        run("simclr", around(0.30)), run("byol", around(0.29)), run("moco_v2", around(0.1))
    )
    assert rows == {
        "SimCLR": "not enough evidence",
        "BYOL": "not enough evidence",
        "MoCo v2": "ruled out",
    }


def test_those_within_the_margin_are_alike() -> None:
    close = decided(run("simclr", around(0.3, 0.005)), run("byol", around(0.302, 0.005)))
    assert close == {"SimCLR": "alike", "BYOL": "alike"}
    nothing = decided(run("simclr", around(0.001, 0.005)), run("byol", around(0.002, 0.005)))
    assert set(nothing.values()) == {"not enough evidence"}


@pytest.mark.parametrize("verdict", ["complete collapse", "dimensional collapse", "not learning"])
def test_a_collapsed_task_is_ruled_out_and_no_rival(verdict: str) -> None:
    broken = run("byol", around(0.31), verdict=verdict)
    assert decided(run("simclr", around(0.3)), broken) == {
        "SimCLR": "run next",
        "BYOL": "ruled out",
    }


def test_a_collapsed_task_whose_scores_lead_is_not_ruled_out_and_both_are_in_the_reason() -> None:
    runs = [
        run("simclr", around(0.3)),
        run("byol", around(0.5), verdict="dimensional collapse"),
        run("moco_v2", around(0.6), verdict="complete collapse", status="failed"),
    ]
    runs[2]["gains"] = []
    rows = comparison.decisions(comparison.analyse(runs))
    assert [row["decision"] for row in rows] == ["ruled out", "run next", "ruled out"]
    assert "+50.0 points" in rows[1]["reason"]
    assert "The collapse check says dimensional collapse." in rows[1]["reason"]
    assert "below BYOL" in rows[0]["reason"]


def test_collapsed_tasks_above_every_sound_one_are_not_ruled_out() -> None:
    fault = {"verdict": "dimensional collapse"}
    runs = [
        run("simclr", around(0.1)),
        run("byol", around(0.5), **fault),
        run("moco_v2", around(0.5), **fault),
    ]
    rows = comparison.decisions(comparison.analyse(runs))
    assert [row["decision"] for row in rows] == [
        "ruled out",
        "not enough evidence",
        "not enough evidence",
    ]
    assert "below BYOL and MoCo v2" in rows[0]["reason"]
    for row in rows[1:]:
        assert row["reason"].endswith("But: The collapse check says dimensional collapse.")


def test_a_ruled_out_task_that_gained_has_both_in_its_reason() -> None:
    runs = [run("simclr", around(0.5)), run("byol", around(0.3), verdict="complete collapse")]
    row = comparison.decisions(comparison.analyse(runs))[1]
    assert row["decision"] == "ruled out"
    assert "collapse check says complete collapse. Yet: Gain on" in row["reason"]


def test_most_seeds_decide_on_collapse() -> None:
    seeds = [run("byol", around(0.3), seed=s) for s in range(3)]
    seeds[0]["verdict"] = {"label": "complete collapse", "reason": ""}
    assert decided(*seeds) == {"BYOL": "run next"}
    seeds[1]["verdict"] = {"label": "complete collapse", "reason": ""}
    assert decided(*seeds) == {"BYOL": "ruled out"}


def test_below_the_untrained_encoder_is_ruled_out_and_around_it_is_not() -> None:
    assert decided(run("simclr", around(-0.1))) == {"SimCLR": "ruled out"}
    assert decided(run("simclr", around(0.01))) == {"SimCLR": "not enough evidence"}


def test_a_task_that_failed_is_ruled_out_with_its_reason() -> None:
    failed = run("byol", None, status="failed") | {"reason": "The loss is NaN."}
    runs = [run("simclr", around(0.3)), failed]
    rows = comparison.decisions(comparison.analyse(runs))
    assert rows[1]["decision"] == "ruled out"
    assert rows[1]["reason"] == "No run of it finished. The loss is NaN."


def test_a_task_behind_that_still_rises_is_not_ruled_out() -> None:
    lead, behind = run("simclr", around(0.3)), run("byol", around(0.1))
    assert decided(lead, behind, curves={behind["id"]: UP, lead["id"]: UP}) == {
        "SimCLR": "run next",
        "BYOL": "still rising",
    }
    assert decided(lead, behind, curves={behind["id"]: FLAT})["BYOL"] == "ruled out"


def test_a_gain_that_rose_with_the_time_is_still_rising() -> None:
    runs = [
        run(task, around(level), budget={"seconds": time})
        for task, levels in (("simclr", (0.3, 0.3)), ("byol", (0.1, 0.2)))
        for level, time in zip(levels, (20.0, 60.0), strict=True)
    ]
    rows = comparison.decisions(comparison.analyse(runs))
    assert [row["task"] for row in rows] == ["simclr", "byol"]
    assert [row["decision"] for row in rows] == ["run next", "still rising"]
    assert "rose from 20 seconds to 60 seconds" in rows[1]["reason"]


def test_validation_decides_where_there_is_any_and_test_has_no_part() -> None:
    runs = [
        run("simclr", around(0.1), validation=around(0.3)),
        run("byol", around(0.3), validation=around(0.1)),
    ]
    rows = comparison.decisions(comparison.analyse(runs))
    assert [row["decision"] for row in rows] == ["run next", "ruled out"]
    assert {row["split"] for row in rows} == {"validation"}
    assert "no part" in comparison.decisions_sentence(rows)
    # The test scores may be anything: nothing that was decided changes.
    for one in runs:
        one["gains"] = [gain_row(*around(0.9))]
    assert comparison.decisions(comparison.analyse(runs)) == rows
    runs[1]["validation_gains"] = []
    rows = comparison.decisions(comparison.analyse(runs))
    assert {row["split"] for row in rows} == {"test"}
    assert "Confirm on new samples" in comparison.decisions_sentence(rows)


def test_a_readout_that_validation_lacks_is_not_taken_from_test() -> None:
    runs = [
        run("simclr", around(0.3), probe=around(0.3), validation=around(0.3)),
        run("mae", around(0.1), probe=around(0.9), validation=around(0.1)),
    ]
    rows = comparison.decisions(comparison.analyse(runs))
    assert all("90.0" not in row["reason"] for row in rows)


def test_kinds_with_other_readouts_have_to_be_behind_in_both() -> None:
    runs = [
        run("simclr", around(0.3), probe=around(0.1)),
        run("mae", around(0.1), probe=around(0.3)),
    ]
    assert set(decided(*runs).values()) == {"not enough evidence"}
    runs[1] = run("mae", around(0.1), probe=around(0.0))
    assert decided(*runs) == {"SimCLR": "run next", "Masked autoencoder": "ruled out"}


def test_without_labels_only_the_collapse_check_decides() -> None:
    runs = [run("simclr", None), run("byol", None, verdict="complete collapse")]
    assert decided(*runs) == {"SimCLR": "not scored", "BYOL": "ruled out"}


def test_a_curve_rises_by_its_last_third_alone() -> None:
    assert rises(UP)
    assert not rises(FLAT)
    assert not rises([(step, min(0.6, 0.02 * step)) for step in range(51)])
    assert not rises([])
    assert not rises(UP[:3])
    # Less than a point over the last third is not worth more time.
    assert not rises([(step, 0.5 + 0.0004 * step) for step in range(51)])


def test_noise_alone_seldom_counts_as_rising() -> None:
    rng = np.random.default_rng(0)
    called = [
        rises([(step, value) for step, value in enumerate(rng.normal(0.5, 0.02, 51))])
        for _ in range(400)
    ]
    assert np.mean(called) < 0.05
