"""Is every wrong request refused in our own words? Mutated requests, and the figures as a table.

    python benchmarks/mutated_requests.py --count 10000 [--seed 0] [--show 20]

The kinds: configuration files (``--config FILE``), options (``--set``, ``--augment``), parameters
of addresses, stored records of runs and data, and headers of the engine's messages. The values
come from hypothesis. Each is read by the code that commands, pages and the engine call, in child
processes. Exit status 1 if one ended in another error than ours, crashed, took more than 10 s or
1 GB, or left a file.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import random
import socket
import struct
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning
from watched_batches import Ending, run

from workbench import registry
from workbench.config import AugmentStep, Budget, DataConfig, RunConfig
from workbench.data.dataset import DataInfo
from workbench.errors import EngineError, WorkbenchError

_WARM = ("workbench.requests.build", "workbench.app.shared.data_choice", "workbench.engine.wire")
_INFO = DataInfo(
    name="made", title="made", source="sample:digits", fingerprint="0" * 16, modality="image",
    counts={"train": 100, "validation": 20, "test": 20}, targets=(), group=None, size=(8, 8),
    channels=1, mean=(0.5,), std=(0.2,),
)  # fmt: skip
_LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(("", "none", "simclr", "\0", "../../etc/passwd", "9" * 400, "\ud800", -1, 1e308,
                     float("nan"), 2**70, "sample:digits", [[[[[]]]]])),
)  # fmt: skip
VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@cache
def pool() -> list[Any]:
    """Values of hypothesis, always the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        random.seed(0)
        return [VALUES.example() for _ in range(200)]


# Made when a child begins, so that no request's time has it.
pool()


def mutated(document: Any, chance: random.Random) -> Any:
    """``document`` with one to three of its values replaced, removed, renamed or added."""
    out = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2, 3))):
        place = chance.choice(_places(out))
        # A copy, or else a document may come to contain itself.
        value = copy.deepcopy(chance.choice(pool()))
        if not place:
            return value
        inner = out
        for key in place[:-1]:
            inner = inner[key]
        kind = chance.randrange(5)
        if kind == 0 and isinstance(inner, dict):
            del inner[place[-1]]
        elif kind == 1 and isinstance(inner, dict):
            inner[str(value)[:20]] = inner.pop(place[-1])
        elif kind == 2 and isinstance(inner, dict):
            inner[str(chance.choice(pool()))[:20]] = value
        else:
            inner[place[-1]] = value
    return out


def _places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    return [above, *(place for key in keys for place in _places(value[key], (*above, key)))]


def _config() -> dict[str, Any]:
    steps = (
        AugmentStep("random_resized_crop", {"scale": [0.3, 1.0]}),
        AugmentStep("gaussian_blur", {}),
    )
    config = RunConfig(DataConfig("sample:digits"), "simclr", budget=Budget(steps=5), augment=steps)
    return json.loads(json.dumps(config.to_json()))  # type: ignore[no-any-return]


def config_file(chance: random.Random, folder: Path) -> None:
    """A configuration file, read and validated."""
    from workbench.requests import build, validation

    path = folder / "config.json"
    text = json.dumps(mutated(_config(), chance))
    if chance.random() < 0.2:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(("", "[" * 5000, "\0", "}", '"')) + text[at + 1 :]
    path.write_text(text, "utf-8", "surrogatepass")
    config = build.read_config(str(path))
    registry_free = dataclasses.replace(config, plugins=())
    validation.check_without_data(registry_free)
    validation.validate(registry_free, _INFO)


def options(chance: random.Random, folder: Path) -> None:
    """Words of ``--set`` and ``--augment``."""
    from workbench.requests import build, validation

    task = chance.choice(sorted(registry.tasks()))
    names = [
        "temperature",
        "train.batch_size",
        "train.lr",
        "encoder.width",
        "eval.neighbours",
        "x",
        "cutout",
        "gaussian_blur",
        "random_resized_crop.scale",
        "-gaussian_blur",
        "simclr",
    ]

    def word() -> str:
        value = chance.choice(pool())
        text = value if isinstance(value, str) else json.dumps(value)
        return chance.choice((f"{chance.choice(names)}={text}", text, f"{text}={text}", f"-{text}"))

    config = RunConfig(DataConfig("sample:digits"), task, budget=Budget(steps=5))
    config = build.with_settings(config, [word() for _ in range(chance.randrange(1, 3))])
    edits = [word() for _ in range(chance.randrange(1, 3))]
    build.check_edits(edits)
    validation.validate(build.with_augmentations(config, edits, _INFO), _INFO)


def address(chance: random.Random, folder: Path) -> None:
    """Parameters of an address, to a description of data and back, and to its source."""
    from workbench.app import settings
    from workbench.app.shared import data_choice
    from workbench.data.sources.resolve import resolve

    names = [field.name for field in dataclasses.fields(DataConfig)]
    query = {
        data_choice._ADDRESS_NAMES.get(name, name): str(chance.choice(pool()))
        for name in chance.sample(names, 4)
    }
    query["data"] = chance.choice(("sample:digits", "hub:", "", f"{folder}/")) + str(
        chance.choice(pool())
    )
    config = data_choice.from_query(query)
    if config is None:
        return
    assert data_choice.from_query(data_choice.to_query(config)) == config
    limited = settings.AppSettings(folder, host="0.0.0.0", data_root=folder)
    limited.check_source(config.source)
    if not config.source.startswith("hub:"):
        resolve(config, folder)


def record(chance: random.Random, folder: Path) -> None:
    """Stored descriptions of a run and of data."""
    document = mutated(_config(), chance)
    RunConfig.from_json(document)


def header(chance: random.Random, folder: Path) -> None:
    """The header of a message to the engine."""
    from workbench.engine import wire

    document = mutated(
        {"values": {"request": "peek", "a": 1}, "arrays": [["a", "uint8", [2, 2]]]}, chance
    )
    text = json.dumps(document).encode("utf-8", "surrogatepass")
    length = len(text) if chance.random() < 0.8 else chance.randrange(2**32)
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"SSLW"[:4] if chance.random() < 0.1 else wire._MAGIC)
        left.sendall(struct.pack(">I", length) + text + bytes(4))
        left.shutdown(socket.SHUT_WR)
        wire.receive(right, 5.0)


KINDS: dict[str, Callable[[random.Random, Path], None]] = {
    "configuration files": config_file,
    "options": options,
    "addresses": address,
    "stored records": record,
    "engine messages": header,
}


def examine(kind: str, seed: int, number: int, folder: Path) -> tuple[str, str, bool]:
    """Make and read request ``number`` of a kind: result, message, False."""
    try:
        KINDS[kind](random.Random(f"{seed}/{kind}/{number}"), folder)
    except WorkbenchError as error:
        if not isinstance(error, EngineError) and not (error.field and error.remedy):
            return "no field or no remedy", str(error), False
        return "refused", "", False
    except Exception as error:  # noqa: BLE001  each of them is a fault that is counted
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        where = "" if last is None else f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}"
        return "raw error", f"{type(error).__name__}: {error}"[:200] + f" ({where})", False
    return "read", "", False


def as_markdown(endings: dict[str, list[Ending]]) -> str:
    """One row a kind of request, and all together."""
    lines = ["request | requests | read | refused | faults | longest s", "---|---|---|---|---|---"]
    whole = [one for ended in endings.values() for one in ended]
    for kind, ended in (*endings.items(), ("all", whole)):
        results = Counter(one.result for one in ended)
        bad = len(ended) - results["read"] - results["refused"]
        longest = max((one.seconds for one in ended), default=0.0)
        cells = (len(ended), results["read"], results["refused"], bad)
        lines.append(" | ".join([kind, *(f"{n:,}" for n in cells), f"{longest:.2f}"]))
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=list(KINDS))
    parser.add_argument("--show", type=int, default=20, help="Faults to print of each kind.")
    args = parser.parse_args()
    began = time.monotonic()
    kinds = [args.only] if args.only else list(KINDS)
    endings = {
        kind: list(
            run(
                partial(examine, kind, args.seed),
                list(range(len(range(at, args.count, len(kinds))))),
                _WARM,
            )
        )
        for at, kind in enumerate(kinds)
    }
    print(as_markdown(endings))
    print(f"\n{args.count:,} requests, seed {args.seed}, {time.monotonic() - began:.0f} s")
    faults = 0
    for kind, ended in endings.items():
        bad = [one for one in ended if one.result not in ("read", "refused")]
        faults += len(bad)
        for one in bad[: args.show]:
            print(f"{kind} {one.number}: {one.result}: {' / '.join(one.message.splitlines())}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
