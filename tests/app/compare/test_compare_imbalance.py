"""The Compare page on imbalanced data and on unequal steps, with made-up records."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest


def record(task: str, steps: int) -> dict[str, Any]:
    """A run on data of four classes, the largest with 0.8 of the samples."""
    of_run = {"target": "label", "split": "test", "n": 300, "total": 1200}
    span = {"low": 0.4, "high": 0.6}
    scores = [
        {
            "protocol": "knn",
            "metric": metric,
            "features": features,
            "value": value,
            **span,
            **of_run,
        }
        for metric, features, value in (
            ("accuracy", "trained", 0.8),
            ("balanced_accuracy", "trained", 0.5),
            ("macro_f1", "trained", 0.45),
            ("balanced_accuracy", "raw input", 0.4),
        )
    ]
    scores += [
        {**scores[0], "protocol": "guess", "features": "largest class", "metric": m, "value": v}
        for m, v in (("accuracy", 0.8), ("balanced_accuracy", 0.25))
    ]
    gain = {"protocol": "knn", "over": "random init", "value": 0.1, "low": 0.05, "high": 0.15}
    gains = [{**gain, **of_run, "metric": name} for name in ("accuracy", "balanced_accuracy")]
    return {
        "id": f"{task}-1",
        "name": "",
        "status": "finished",
        "config": {
            "task": task,
            "seed": 0,
            "encoder": "small_conv",
            "encoder_options": {},
            "budget": {"seconds": 20.0},
            "data": {"source": "sample:digits", "fingerprint": "abc"},
            "options": {},
        },
        "training": {"device": "cpu", "steps": steps, "seconds": 20.0},
        "verdict": {"label": "no sign of collapse", "reason": "", "metrics": {}, "since_step": 1},
        "test": "open",
        "scores": scores,
        "gains": gains,
        "validation_gains": [],
    }


def page(records):  # type: ignore[no-untyped-def]
    from workbench import comparison
    from workbench.app.compare import next_step, overview, summary

    compared = comparison.compare(records)
    summary.show_headline(compared)
    overview.show(records, compared)
    next_step.show(next_step.decide(records, compared), records, compared)


def shown(*records: dict[str, Any]) -> AppTest:
    app = AppTest.from_function(page, args=(list(records),), default_timeout=60)
    return app.run()


def test_balanced_accuracy_leads_beside_the_largest_class_and_the_samples_scored() -> None:
    app = shown(record("simclr", 100), record("byol", 50))
    assert not app.exception
    (table,) = app.table
    line = table.value.iloc[0].to_dict()
    assert line["score (nearest neighbours)"] == "50.0% (n\u00a0=\u00a0300 of 1,200)"
    assert line["other scores"] == "macro F1 45.0%; accuracy 80.0%"
    assert line["pixels only (nearest neighbours)"] == "40.0%"
    assert line["largest class"] == "25.0% (accuracy 80.0%)"
    first = app.markdown[0].value
    assert first.startswith("- The largest class has 80.0% of 300 scored test samples")
    assert "no better than always guessing the largest class" in first
    assert any("balanced accuracy on test samples" in caption.value for caption in app.caption)


def test_unequal_steps_are_offered_by_steps() -> None:
    app = shown(record("simclr", 100), record("byol", 50))
    assert any("SimCLR made 100 steps, 2.0 times as many as BYOL" in m.value for m in app.markdown)
    assert "Run by steps" in [button.label for button in app.button]
    like = shown(record("simclr", 100), record("byol", 90))
    assert "Run by steps" not in [button.label for button in like.button]
