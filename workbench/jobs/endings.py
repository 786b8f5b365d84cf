"""How a run ended, in words for the person who reads it: what happened, and what to do."""

from __future__ import annotations

import errno
import signal
from pathlib import Path

from workbench import paths
from workbench.data.estimate import in_words
from workbench.jobs.cgroup import Memory
from workbench.training.full_memory import is_memory_error

_TAIL_BYTES = 4000
# Not known here is what the worker did at that moment.
_LESS_MEMORY = (
    "Give a smaller --size or encoder. If it was training, --set train.batch_size helps, too."
)
# The exit status of a worker that could write the end of its run nowhere, nor say so in its log.
NO_ROOM = 74


def describe_exit(status: int, before: Memory | None = None, after: Memory | None = None) -> str:
    """The exit status of a worker: 0 or more, or minus the number of the signal that killed it.

    before, after: the memory of its control group when it began and when it had ended.
    """
    if status == NO_ROOM:
        return "The disk was full: the worker could not write how its run ended. Make room."
    if status >= 0:
        return f"The worker ended with exit status {status}."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    killed = f"The worker was killed ({name})"
    if name != "SIGKILL":
        return f"{killed}."
    if before is None or after is None or before.kills is None or after.kills is None:
        return f"{killed}. Often the system ran out of memory."
    if after.kills <= before.kills:
        return f"{killed}, and not for lack of memory."
    full = "the memory of this machine was full"
    if after.limit is not None:
        full = f"the memory limit of this container ({in_words(after.limit)}) was reached"
    return f"{killed}: {full}. {_LESS_MEMORY}"


def describe_error(error: Exception) -> str:
    """Why a run failed, with the remedy where there is one."""
    text = f"{type(error).__name__}: {error}"
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in text:
        return f"The disk is full.\nMake room, then resume the run. ({text})"
    if getattr(error, "errno", None) == errno.EFBIG or "File too large" in text:
        return f"A file may not be so large here.\nLift the limit, then resume the run. ({text})"
    if is_memory_error(error):
        return f"The memory is full.\n{_LESS_MEMORY} ({text})"
    return text


def resume_command(home: Path, run_id: str) -> str:
    """The command that goes on with a run."""
    where = "" if home.resolve() == paths.default_home().resolve() else f' --home "{home}"'
    return f"workbench resume {run_id}{where}"


def last_line(log: Path) -> str:
    """The last line of a worker's log that is not empty; "" if there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
