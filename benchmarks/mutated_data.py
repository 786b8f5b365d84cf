"""Are data read right, or refused with the reason? Many mutated inputs, and the figures as a table.

    python benchmarks/mutated_data.py --count 10000 [--seed 0] [--only "CSV and TSV"] [--show 20]
    python benchmarks/mutated_data.py --only Parquet --at 17 --to /tmp/one     one of them, kept

Each input is made by a generator that knows how many rows or files it wrote, and the split and the
label of each sample. It is prepared and compared (``tests/data/mutations``). Other generators
damage the bytes of a file, also one of a run; such an input has to be read or refused in our own
words. All run in
child processes. Exit status 1 if any input was read wrongly, ended in another error than a
RequestError, crashed, took more than 10 s or 1 GB, or left a file outside the home.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "data")]

from mutations import GENERATORS, damaged_check  # noqa: E402
from mutations.check import check  # noqa: E402
from mutations.damaged_check import DAMAGED  # noqa: E402
from mutations.made import Made  # noqa: E402
from watched_batches import Ending, run  # noqa: E402

_WARM = ("datasets", "tifffile", "pyarrow.parquet", "tokenizers")
KINDS = (*GENERATORS, *DAMAGED)


@dataclass
class Figures:
    """Of one kind of input. results: how many by result. seconds: of each. at_border: refusals that
    only the border for foreign errors put into words."""

    results: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    at_border: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, ending: Ending) -> None:
        self.results[ending.result] += 1
        self.seconds.append(ending.seconds)
        self.at_border += ending.at_border
        if ending.result not in ("read", "refused"):
            message = " / ".join(ending.message.splitlines())
            self.faults.append(f"{ending.number}: {ending.result}: {message}")


def make(kind: str, seed: int, number: int, folder: Path) -> Made:
    """Input ``number`` of a kind, in a new folder."""
    folder.mkdir(parents=True)
    return GENERATORS[kind](Random(f"{seed}/{kind}/{number}"), folder)


def examine(kind: str, seed: int, number: int, folder: Path) -> tuple[str, str, bool]:
    """Make and check input ``number`` of a kind in ``folder``: result, message, at the border."""
    source, home = folder / "source", folder / "home"
    if kind in DAMAGED:
        source.mkdir()
        path = DAMAGED[kind](Random(f"{seed}/{kind}/{number}"), source)
        outcome, words = damaged_check.check(path, home), ""
    else:
        made = make(kind, seed, number, source)
        outcome, words = check(made, home), ", ".join(made.mutations) or "no mutation"
    shutil.rmtree(folder)
    return outcome.result, f"{outcome.message} ({words})", outcome.at_border


def measure(count: int, seed: int, kinds: list[str]) -> dict[str, Figures]:
    """Make and check ``count`` inputs, of each kind equally many. Input k of a kind is always the
    same."""
    figures: dict[str, Figures] = defaultdict(Figures)
    for at, kind in enumerate(kinds):
        numbers = list(range(len(range(at, count, len(kinds)))))
        checked: Callable[[int, Path], tuple[str, str, bool]] = partial(examine, kind, seed)
        for ending in run(checked, numbers, _WARM):
            figures[kind].add(ending)
    return figures


def as_markdown(figures: dict[str, Figures]) -> str:
    """One row a kind of input, and all together."""
    lines = [
        "input | inputs | read right | refused | of these by a foreign error | "
        "faults | median s | longest s",
        "---|---|---|---|---|---|---|---",
    ]
    whole = Figures()
    for kind, one in figures.items():
        lines.append(_row(kind, one))
        whole.results += one.results
        whole.seconds += one.seconds
        whole.at_border += one.at_border
        whole.faults += one.faults
    return "\n".join([*lines, _row("all", whole)])


def _row(kind: str, one: Figures) -> str:
    seconds = sorted(one.seconds)
    counts = (sum(one.results.values()), one.results["read"], one.results["refused"])
    cells = [kind, *(f"{count:,}" for count in counts), str(one.at_border), str(len(one.faults))]
    cells += [f"{seconds[len(seconds) // 2]:.2f}", f"{seconds[-1]:.2f}"]
    return " | ".join(cells)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--show", type=int, default=20, help="Faults to print of each kind.")
    parser.add_argument("--at", type=int, help="Make and check this input of --only alone.")
    parser.add_argument("--to", type=Path, help="A new folder in which the input of --at is kept.")
    args = parser.parse_args()
    if args.at is not None and args.only and args.to:
        if args.only in DAMAGED:
            args.to.mkdir(parents=True)
            print(DAMAGED[args.only](Random(f"{args.seed}/{args.only}/{args.at}"), args.to))
            return 0
        made = make(args.only, args.seed, args.at, args.to)
        with tempfile.TemporaryDirectory() as home:
            print(made.path, made.mutations, check(made, Path(home)), sep="\n")
        return 0
    began = time.monotonic()
    figures = measure(args.count, args.seed, [args.only] if args.only else list(KINDS))
    print(as_markdown(figures))
    print(f"\n{args.count:,} inputs, seed {args.seed}, {time.monotonic() - began:.0f} s")
    for kind, one in figures.items():
        if one.faults:
            print(f"\n{kind}: " + ", ".join(f"{n} {name}" for name, n in one.results.items()))
            print("\n".join(one.faults[: args.show]))
    return 1 if any(one.faults for one in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
