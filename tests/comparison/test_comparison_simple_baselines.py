from __future__ import annotations

from typing import Any

from comparison_making import gain_row, run, score_row

from workbench import comparison
from workbench.comparison.simple_baselines import baseline_sentences, behind_words


def behind(value: float, half: float = 0.02, *, seed: int = 0, **reached: float) -> dict[str, Any]:
    """A run whose probe gains ``value`` over each of the simple features named."""
    made = run("mlm", seed=seed)
    for name, accuracy in reached.items():
        over = name.replace("_", "-")
        row = {"protocol": "linear probe", "over": over}
        made["gains"].append(gain_row(value, value - half, value + half, **row))
        made["scores"].append(score_row(over, protocol="linear probe", value=accuracy))
    return made


def test_the_strongest_of_what_all_runs_stay_below_is_named_with_the_smallest_gap() -> None:
    runs = [behind(-0.3, tf_idf=0.688, lsa=0.59), behind(-0.45, seed=1, tf_idf=0.688, lsa=0.59)]
    (sentence,) = baseline_sentences(runs)
    assert sentence.startswith("All runs here stay below word counts (TF-IDF)")
    assert "reaches 68.8%: by 30.0 points or more" in sentence
    assert sentence in comparison.sentences(runs)
    (alone,) = baseline_sentences(runs[:1])
    assert alone.startswith("This run stays")


def test_the_runs_that_stay_below_are_named_where_not_all_do() -> None:
    close = [behind(-0.3, tf_idf=0.688), behind(-0.01, seed=1, tf_idf=0.688)]
    (sentence,) = baseline_sentences(close)
    assert sentence.startswith("Masked language modelling (seed 0) stays below word counts")
    assert "by 30.0 points or more" in sentence


def test_nothing_is_said_where_no_run_is_clearly_below_or_there_is_no_such_score() -> None:
    assert not baseline_sentences([behind(-0.01, tf_idf=0.688)])
    assert not baseline_sentences([behind(0.1, tf_idf=0.3)])
    assert not baseline_sentences([run()])


def test_runs_on_different_data_share_no_such_sentence() -> None:
    other = behind(-0.3, seed=1, tf_idf=0.688)
    other["config"]["data"] = {"source": "x", "fingerprint": "other"}
    text = " ".join(comparison.sentences([behind(-0.3, tf_idf=0.688), other]))
    assert "simple classifier, which reaches" not in text


def few(made: dict[str, Any], labels: int, value: float, over: str = "tf-idf") -> dict[str, Any]:
    row = {"protocol": "label efficiency", "over": over, "labels_per_class": labels}
    made["gains"].append(gain_row(value, value - 0.05, value + 0.05, **row))
    return made


def test_a_win_with_few_labels_stands_beside_the_loss_with_all() -> None:
    runs = [behind(-0.3, tf_idf=0.688), behind(-0.4, seed=1, tf_idf=0.688)]
    for labels, value in ((5, 0.17), (20, 0.03)):
        few(runs[0], labels, value)
    few(runs[1], 5, 0.11)
    first, second, _ = baseline_sentences(runs)
    assert first.startswith("All runs here stay below word counts (TF-IDF)")
    assert second == (
        "With 5 labels a class, Masked language modelling (seed 0) is 17.0 points above it "
        "[+12.0, +22.0]."
    )
    assert behind_words(runs[0]) == (
        "Below TF-IDF by 30.0 points; 17.0 points above it with 5 labels a class "
        "(simple classifier)."
    )


def test_a_win_with_few_labels_is_said_without_a_loss_and_left_out_beside_a_win_with_all() -> None:
    sentence, _ = baseline_sentences([few(behind(0.01, tf_idf=0.688), 5, 0.17)])
    assert sentence.startswith("With 5 labels a class, this run is 17.0 points above word counts")
    assert sentence.endswith("with all labels there is no clear difference.")
    assert not baseline_sentences([few(behind(0.2, tf_idf=0.688), 5, 0.17)])
    assert not baseline_sentences([few(behind(-0.01, tf_idf=0.688), 5, 0.02)])


def test_what_simple_features_reach_stands_before_the_gain() -> None:
    lines = comparison.sentences([behind(-0.3, tf_idf=0.688)])
    assert lines[0].startswith("This run stays below")
    assert "above the untrained encoder" in lines[1]
