"""The check of one mutated input: the numbers add up and nothing is wrong, or it is refused."""

from __future__ import annotations

import re
import shutil
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from mutations.made import DOUBTFUL, Known, Made, mark
from workbench.config import DataConfig
from workbench.data import prepare
from workbench.data.dataset import SPLITS, Dataset
from workbench.data.sources.foreign_errors import UnreadableSource
from workbench.errors import RequestError

MOST_SECONDS = 30.0
_MARK = re.compile(r"mark\d{3}q")


@dataclass(frozen=True)
class Outcome:
    """result: "read", "refused", or the kind of fault. message: of the refusal, or what is wrong.
    at_border: whether the refusal came from a reader's own error that no part of ours expected."""

    result: str
    message: str
    seconds: float
    at_border: bool = False

    @property
    def is_fault(self) -> bool:
        return self.result not in ("read", "refused")


def check(made: Made, home: Path) -> Outcome:
    """Prepare the input in ``home``, compare it with what is known, and remove it again."""
    began = time.monotonic()
    config = DataConfig(str(made.path), **made.options)  # type: ignore[arg-type]
    at_border = False
    try:
        data = prepare(config, home)
    except RequestError as error:
        at_border = isinstance(error, UnreadableSource)
        result, message = _refusal(made, error), str(error)
    except Exception as error:  # noqa: BLE001  each of them is a fault that is counted
        result, message = "raw error", f"{type(error).__name__}: {error}"
    else:
        result, message = _compared(made, data)
        shutil.rmtree(data.folder)
    seconds = time.monotonic() - began
    if seconds > MOST_SECONDS:
        result, message = "too slow", f"{seconds:.0f} s"
    return Outcome(result, message, seconds, at_border)


def _refusal(made: Made, error: RequestError) -> str:
    if not error.field or not error.remedy:
        return "no field or no remedy"
    return "refused, though clear" if made.clear else "refused"


def _compared(made: Made, data: Dataset) -> tuple[str, str]:
    """The result and what is wrong, if anything is."""
    info = data.info
    taken, left_out = info.total, sum(info.left_out.values())
    if info.found != made.found:
        return "wrong count found", f"{info.found} found, {made.found} written; {info.left_out}"
    if taken + left_out != info.found:
        return "numbers do not add up", f"{info.found} = {taken} + {dict(info.left_out)}"
    if made.clear and taken != len(made.samples):
        return "samples lost", f"{taken} of {len(made.samples)} taken; {dict(info.left_out)}"
    names = data.texts if info.modality == "text" else data.ids
    marks = _marks(made, data)
    mixed = [names[at] for at, found in enumerate(marks) if len(found) > 1]
    if mixed:
        return "rows run together", f"{len(mixed)}, such as {mixed[0][:120]!r}"
    without = [names[at] for at, found in enumerate(marks) if not found]
    if len(without) > made.strays:
        return "no sample, but taken", f"{len(without)}, such as {without[0][:120]!r}"
    if len({found[0] for found in marks if found}) + len(without) != len(marks):
        return "samples twice", ""
    known = [made.samples.get(found[0]) if found else Known() for found in marks]
    strangers = [names[at] for at, one in enumerate(known) if one is None]
    if strangers:
        return "no sample, but taken", repr(strangers[0][:120])
    samples = [one for one in known if one is not None]
    return _wrong_split(data, samples) or _wrong_label(made, data, samples) or ("read", "")


def _marks(made: Made, data: Dataset) -> list[list[str]]:
    """The marks in each sample."""
    if made.pictured and data.info.modality == "image":
        values = data.images[:, 0, 0, 0].tolist()
        return [[mark(value // 5)] if value % 5 == 0 else [] for value in values]
    names = data.texts if data.info.modality == "text" else data.ids
    return [_MARK.findall(name) for name in names]


def _wrong_split(data: Dataset, samples: list[Known]) -> tuple[str, str] | None:
    given = {one.split for one in samples} - {DOUBTFUL}
    for split in SPLITS:
        for one in samples[data.rows(split)]:
            if one.split in (DOUBTFUL, split):
                continue
            if one.split == "train" and split not in given:
                continue
            return "wrong split", f"a sample of {one.split} lies in {split}"
    return None


def _wrong_label(made: Made, data: Dataset, samples: list[Known]) -> tuple[str, str] | None:
    certain = [at for at, one in enumerate(samples) if one.label != DOUBTFUL]
    label = data.info.label
    if label is None or label.name.strip().lower() != "label":
        lost = made.clear and any(samples[at].label is not None for at in certain)
        return ("label lost", str(data.info.notes)) if lost else None
    codes = data.target(label.name)
    seen: dict[str | None, str | None] = {}
    for at in certain:
        known = samples[at].label
        read = label.classes[codes[at]] if codes[at] >= 0 else None
        if (known is None) != (read is None):
            return "wrong label", f"{known!r} is read as {read!r}"
        if made.named and known is not None and _plain(read) != _plain(known):
            return "wrong label", f"{known!r} is read as {read!r}"
        if seen.setdefault(known, read) != read:
            return "wrong label", f"{known!r} is read as {seen[known]!r} and as {read!r}"
    if len(set(seen.values())) != len(seen):
        return "wrong label", f"classes are run together: {seen}"
    return None


def _plain(name: str | None) -> str:
    return unicodedata.normalize("NFC", (name or "").strip())
