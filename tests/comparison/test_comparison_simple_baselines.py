from __future__ import annotations

from typing import Any

from comparison_making import gain_row, run, score_row

from workbench import comparison
from workbench.comparison.simple_baselines import baseline_sentences


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


def test_nothing_is_said_where_one_run_is_not_told_apart_or_there_is_no_such_score() -> None:
    close = [behind(-0.3, tf_idf=0.688), behind(-0.01, seed=1, tf_idf=0.688)]
    assert not baseline_sentences(close)
    assert not baseline_sentences([behind(0.1, tf_idf=0.3)])
    assert not baseline_sentences([run()])


def test_runs_on_different_data_share_no_such_sentence() -> None:
    other = behind(-0.3, seed=1, tf_idf=0.688)
    other["config"]["data"] = {"source": "x", "fingerprint": "other"}
    text = " ".join(comparison.sentences([behind(-0.3, tf_idf=0.688), other]))
    assert "simple classifier, which reaches" not in text
