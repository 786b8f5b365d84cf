"""The report of ``workbench doctor``: versions, hardware, what is damaged in the home, remedies."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypedDict

from filelock import Timeout

from workbench import __version__, damage, paths
from workbench.errors import RequestError, StoreError, WorkbenchError
from workbench.jobs import hardware, supervisor
from workbench.jobs.processes import Process, alive
from workbench.store.locks import without_processes
from workbench.store.lookup import existing_store
from workbench.store.rows import LIVE
from workbench.store.store import Store
from workbench.stored_runs.health import checkup
from workbench.stored_runs.health.findings import WORDS, Finding, as_json, as_text
from workbench.stored_runs.health.repair import Repair

_PACKAGES = ("streamlit", "torch", "umap-learn", "scikit-learn", "datasets", "plotly", "tokenizers")
_LITTLE_DISK = 2 << 30
_ALL = 100_000
_ROUNDS = 4


class DoctorReport(TypedDict):
    """What ``workbench doctor --json`` gives.

    versions: by package. hardware: as ``jobs.hardware.facts``. free_bytes: on the disk of ``home``.
    runs: how many the home has. sample_data: whether it is there. problems: each with its remedy.
    healthy: whether the store opens and nothing in the home is damaged.
    findings: what is damaged in the home, as ``stored_runs.health.findings.as_json`` gives it.
    """

    versions: dict[str, str]
    hardware: Mapping[str, object]
    home: str
    free_bytes: int
    runs: int
    sample_data: bool
    problems: list[str]
    findings: list[dict[str, object]]
    healthy: bool


def report(home: Path) -> DoctorReport:
    """Examine this machine and ``home``, which is made if it is not there."""
    problems = []
    versions = {"workbench": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name} is not installed. Run: pip install ssl-workbench")
    warning = hardware.gpu_without_cuda()
    if warning:
        problems.append(warning)
    paths.make_home(home)
    free = shutil.disk_usage(home).free
    if free < _LITTLE_DISK:
        problems.append(f"Only {free / 1e9:.1f} GB are free in {home}. Make room, or give --home.")
    findings = checkup.check(home, busy=supervisor.running(home))
    problems += [as_text(finding) for finding in findings]
    if any(finding.action for finding in findings):
        problems.append(f"Mend what can be mended: {damage.command(home, 'doctor --repair')}")
    runs, healthy = 0, not findings
    try:
        runs = len(Store.open(home).runs(limit=_ALL)) if not _store_damaged(findings) else 0
    except StoreError as error:
        problems.append(str(error))
        healthy = False
    return {
        "versions": versions,
        "hardware": hardware.facts(),
        "home": str(home),
        "free_bytes": free,
        "runs": runs,
        "sample_data": paths.sample_data_dir().is_dir(),
        "problems": problems,
        "findings": [as_json(finding) for finding in findings],
        "healthy": healthy,
    }


def _store_damaged(findings: Sequence[Finding]) -> bool:
    return any(finding.action == "rebuild store" for finding in findings)


def exit_status(report: DoctorReport) -> int:
    """1 if the home is damaged, else 0."""
    return 0 if report["healthy"] else 1


def repair(home: Path, *, ask: Callable[[str], bool], say: Callable[[str], None]) -> int:
    """Mend what is damaged in ``home``, asking before each kind of mending.

    ask: whether to do what the text says. say: takes each line of what was done. Returns 0 if
    nothing is damaged after it, else 1. Raises RequestError while the home is in use.
    """
    if not home.is_dir():
        raise RequestError(
            f"there is no folder {home}.", field="--home", remedy="Give the home to be mended."
        )
    mending = Repair.today(home)
    with _unused(home):
        damaged = _mend_all(home, mending, ask, say)
    if not _store_damaged(damaged):
        # A run that was launched meanwhile found the lock taken, and started no supervisor.
        store = Store.open(home)
        if store.queued_maps() or store.count(("queued", *LIVE)):
            supervisor.ensure(home)
    if mending.aside.exists():
        say(f"What could not be made again lies in {mending.aside}.")
    say("Nothing is damaged." if not damaged else f"{len(damaged)} things are still damaged.")
    return 1 if damaged else 0


def _mend_all(
    home: Path, mending: Repair, ask: Callable[[str], bool], say: Callable[[str], None]
) -> list[Finding]:
    """Mend one kind of damage after another; returns what is damaged after that."""
    refused: set[tuple[str, Path, str | None]] = set()
    # The rows of a mended store show what else is damaged, and a mended file lets others be.
    for _ in range(_ROUNDS):
        findings = [one for one in checkup.check(home) if _key(one) not in refused]
        if not findings:
            break
        for action in dict.fromkeys(finding.action for finding in findings):
            kind = [finding for finding in findings if finding.action == action]
            refused |= _mend(mending, kind, ask, say)
            if action == "rebuild store":
                break
    return checkup.check(home)


def _mend(
    mending: Repair,
    findings: Sequence[Finding],
    ask: Callable[[str], bool],
    say: Callable[[str], None],
) -> set[tuple[str, Path, str | None]]:
    """Mend findings of one kind, if that is wanted; returns the keys of those that stay."""
    action = findings[0].action
    for finding in findings:
        say(as_text(finding))
    keys = {_key(finding) for finding in findings}
    if action is None or not ask(f"{len(findings)} x {WORDS[action]}?"):
        return keys
    for finding in findings:
        try:
            say(mending.mend(finding))
        except WorkbenchError as error:
            say(f"This was not mended. {error}")
    # What was tried once is not tried again.
    return keys


def _key(finding: Finding) -> tuple[str, Path, str | None]:
    return finding.subject, finding.path, finding.action


@contextmanager
def _unused(home: Path) -> Iterator[None]:
    """Keep the home's processes from starting. Raises RequestError if one of them lives."""
    with ExitStack() as locks:
        try:
            locks.enter_context(without_processes(home))
            used = _worker_lives(home)
        except Timeout:
            used = True
        if used:
            raise RequestError(
                f"the home {home} is in use.",
                field="--repair",
                remedy="Close the app, wait until its runs and maps have ended, and try again.",
            )
        yield


def _worker_lives(home: Path) -> bool:
    """Whether a run is trained at this moment: workers outlive a supervisor that was killed."""
    try:
        store = existing_store(home)
        rows = [] if store is None else store.runs(states=LIVE)
    except (StoreError, RequestError):
        return False
    return any(
        alive(Process(row.pid, row.pid_created))
        for row in rows
        if row.pid is not None and row.pid_created is not None
    )


def report_text(report: DoctorReport) -> str:
    """The report for a terminal."""
    lines = [f"{name} {version}" for name, version in report["versions"].items()]
    lines += [f"{name}: {value}" for name, value in report["hardware"].items()]
    lines += [
        f"home: {report['home']} ({report['runs']} runs, {report['free_bytes'] / 1e9:.0f} GB free)"
    ]
    lines += report["problems"] or ["No problems found."]
    return "\n".join(lines)
