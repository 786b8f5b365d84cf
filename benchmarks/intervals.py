"""Do 95 % intervals hold the truth 95 times in 100? Coverage by simulation.

    python benchmarks/intervals.py [--draws N]

Every number is drawn from a population whose value is known, or is measured on a population of
a million samples. Writes the section ``intervals`` of RESULTS.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from machine import describe
from rows import put

from workbench.evaluation import clustering, detection, f1, intervals

Draw = Callable[[np.random.Generator], intervals.Estimate]
Case = tuple[str, float, Draw]

ACCURACIES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
SIZES = (200, 500, 1000, 2000, 5000, 10_000)
POPULATION = 1_000_000
DRAWS = 2000


def proportions() -> Iterator[Case]:
    """Accuracy: Wilson's interval of one draw of labels."""
    for share in ACCURACIES:
        for n in SIZES:
            yield (
                f"accuracy {share:g}, n {n}",
                share,
                lambda rng, n=n, share=share: intervals.wilson(int(rng.binomial(n, share)), n),
            )


def paired_gains() -> Iterator[Case]:
    """The difference of two classifiers, of which one alone is right on some samples."""
    for better, worse in ((0.02, 0.02), (0.1, 0.05), (0.25, 0.05), (0.03, 0.0)):
        shares = (better, worse, 1 - better - worse)
        for n in (200, 2000):

            def draw(
                rng: np.random.Generator, n: int = n, shares: tuple[float, ...] = shares
            ) -> intervals.Estimate:
                return intervals.paired(rng.choice((1.0, -1.0, 0.0), n, p=shares))

            yield (
                f"gain {better - worse:+.2f} of {better:g} and {worse:g}, n {n}",
                better - worse,
                draw,
            )


def classes(
    rng: np.random.Generator, n: int, accuracy: float, shares: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int64], ...]:
    """True classes and two predictions; errors go to any class, common ones more often."""
    truth = rng.choice(len(shares), n, p=shares)
    said = [
        np.where(rng.random(n) < right, truth, rng.choice(len(shares), n, p=shares))
        for right in (accuracy, accuracy - 0.05)
    ]
    return truth, *said


def averaged_over_classes() -> Iterator[Case]:
    """Macro F1, its gain, and balanced accuracy, of ten classes, alike or not in size."""
    alike = np.full(10, 0.1)
    unlike = 0.75 ** np.arange(10)
    unlike /= unlike.sum()
    measures: dict[str, Callable[..., intervals.Estimate]] = {
        "macro F1": lambda t, a, b: f1.interval(t, a),
        "gain of macro F1": f1.gain,
        "balanced accuracy": lambda t, a, b: f1.balanced_accuracy(t, a),
    }
    for title, shares in (("alike", alike), ("of unlike size", unlike)):
        for accuracy in (0.6, 0.9, 0.97):
            whole = classes(np.random.default_rng(1), POPULATION, accuracy, shares)
            for name, measure in measures.items():
                for n in (500, 5000):

                    def draw(
                        rng: np.random.Generator,
                        n: int = n,
                        accuracy: float = accuracy,
                        shares: npt.NDArray[Any] = shares,
                        measure: Callable[..., intervals.Estimate] = measure,
                    ) -> intervals.Estimate:
                        return measure(*classes(rng, n, accuracy, shares))

                    what = f"{name}, classes {title}, accuracy {accuracy:g}, n {n}"
                    yield what, measure(*whole).value, draw


def anomalies(
    rng: np.random.Generator, normal: int, strange: int, apart: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Scores of unit Gaussians ``apart`` from each other."""
    kind = np.arange(normal + strange) < strange
    return rng.standard_normal(normal + strange) + apart * kind, kind


def detections() -> Iterator[Case]:
    """AUROC, AUPRC and FPR at 95 % TPR, of unit Gaussians."""
    for normal, strange in ((100, 60), (1000, 200), (2000, 100)):
        for apart in (0.5, 1.5, 3.0):
            share = POPULATION // (normal + strange)
            whole = anomalies(np.random.default_rng(1), normal * share, strange * share, apart)
            for measure in (detection.auroc, detection.auprc, detection.fpr95):

                def draw(
                    rng: np.random.Generator,
                    sizes: tuple[int, int] = (normal, strange),
                    apart: float = apart,
                    measure: Callable[..., intervals.Estimate] = measure,
                ) -> intervals.Estimate:
                    return measure(*anomalies(rng, *sizes, apart))

                what = f"{measure.__name__}, {normal} normal and {strange} others, {apart:g} apart"
                yield what, measure(*whole).value, draw


def draws_of_labels() -> Iterator[Case]:
    """Accuracy averaged over five draws of labels, which differ in how good they are."""
    for middle, spread in ((0.6, 0.0), (0.6, 0.03), (0.9, 0.02)):

        def draw(
            rng: np.random.Generator, middle: float = middle, spread: float = spread
        ) -> intervals.Estimate:
            # What one draw gets right another mostly does too: half of the samples are shared.
            shares = middle + spread * rng.standard_normal(5)
            ease = np.where(rng.random(1000) < 0.5, rng.random(1000), rng.random((5, 1000)))
            return intervals.mean_over_draws(ease < shares[:, None])

        yield f"five draws of labels around {middle:g}, spread {spread:g}, n 1000", middle, draw


def agreements() -> Iterator[Case]:
    """Adjusted Rand index and normalised mutual information of noisy clusters."""
    for share in (0.3, 0.7):

        def pair(rng: np.random.Generator, n: int, share: float = share) -> tuple[Any, Any]:
            truth = rng.integers(0, 10, n)
            return truth, np.where(rng.random(n) < share, truth, rng.integers(0, 10, n))

        for measure in (clustering.ari, clustering.nmi):
            for n in (500, 5000):

                def draw(
                    rng: np.random.Generator,
                    n: int = n,
                    pair: Callable[..., tuple[Any, Any]] = pair,
                    measure: Callable[..., intervals.Estimate] = measure,
                ) -> intervals.Estimate:
                    return measure(*pair(rng, n))

                value = measure(*pair(np.random.default_rng(1), POPULATION)).value
                yield f"{measure.__name__}, {share:g} of samples placed right, n {n}", value, draw


FAMILIES: dict[str, Callable[[], Iterator[Case]]] = {
    "accuracy (Wilson)": proportions,
    "gain in accuracy (Bonett and Price)": paired_gains,
    "averaged over classes": averaged_over_classes,
    "anomaly detection": detections,
    "several draws of labels": draws_of_labels,
    "clustering agreement": agreements,
}


def coverage(value: float, draw: Draw, draws: int) -> float:
    """Share of ``draws`` intervals that hold ``value``."""
    rng = np.random.default_rng(0)
    found = [draw(rng) for _ in range(draws)]
    return float(np.mean([one.low <= value <= one.high for one in found]))


def main() -> None:
    """Simulate every case and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    draws = parser.parse_args().draws
    lines = [
        "## Do intervals hold the truth?",
        "",
        f"`python benchmarks/intervals.py --draws {draws}`, {describe()}. Share of "
        f"{draws:,} simulated samples whose 95 % interval holds the known value.",
        "",
        "| interval of | cases | mean | lowest | highest |",
        "|---|---|---|---|---|",
    ]
    details = []
    for title, cases in FAMILIES.items():
        found = []
        for what, value, draw in cases():
            found.append((coverage(value, draw, draws), what))
            print(f"{found[-1][0]:.3f}  {what}", flush=True)
        shares = [share for share, _ in found]
        lines.append(
            f"| {title} | {len(found)} | {np.mean(shares):.3f} | {min(shares):.3f} | "
            f"{max(shares):.3f} |"
        )
        details += [f"{what}: {share:.3f}" for share, what in found if not 0.93 <= share <= 0.97]
    lines += ["", "Cases outside 93 to 97 %:", "", *(f"- {line}" for line in details)]
    put("intervals", "\n".join(lines if details else lines[:-3]))


if __name__ == "__main__":
    main()
