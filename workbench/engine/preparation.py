"""Data sets that are being prepared in the background: one job each, in a thread of its own."""

from __future__ import annotations

import dataclasses
import secrets
import threading
import traceback
from pathlib import Path

from workbench.engine.replies import ErrorRecord, Job
from workbench.engine.requests import PrepareRequest
from workbench.errors import EngineError, WorkbenchError

# The answer about a job that another engine began.
_LOST = Job(
    "",
    "failed",
    "",
    0.0,
    error={
        "message": "the engine was started anew in between.",
        "field": None,
        "remedy": "Ask again.",
    },
)


# Ended jobs that pages can still ask about.
_MOST_ENDED = 200


class Preparations:
    """The jobs of one engine, by id: all that run, and the last that ended."""

    def __init__(self, home: Path):
        self._home = home
        self._jobs: dict[str, Job] = {}

    @property
    def busy(self) -> bool:
        return any(job.state == "running" for job in list(self._jobs.values()))

    def start(self, request: PrepareRequest) -> Job:
        """Begin to prepare what ``request`` names."""
        ended = [one.id for one in list(self._jobs.values()) if one.state != "running"]
        for job_id in ended[:-_MOST_ENDED]:
            self._jobs.pop(job_id, None)
        job = Job(secrets.token_hex(8), "running", "reading", 0.0)
        self._jobs[job.id] = job
        threading.Thread(target=self._prepare, args=(job.id, request), daemon=True).start()
        return job

    def job(self, job_id: str) -> Job:
        """How far a job is; a failed one if this engine has not begun it."""
        return self._jobs.get(job_id, _LOST)

    def _prepare(self, job_id: str, request: PrepareRequest) -> None:
        from workbench.data import prepare

        def progress(text: str, share: float) -> None:
            self._change(job_id, text=text, share=share)

        try:
            dataset = prepare(request.data, self._home, progress, within=request.within)
        except WorkbenchError as error:
            self._change(job_id, state="failed", error=error_record(error))
        except Exception as error:  # noqa: BLE001  the page that waits must hear of it
            traceback.print_exc()
            failure = EngineError(f"{type(error).__name__}: {error}")
            self._change(job_id, state="failed", error=error_record(failure))
        else:
            fingerprint = dataset.info.fingerprint
            self._change(job_id, state="done", share=1.0, fingerprint=fingerprint)

    def _change(self, job_id: str, **values: object) -> None:
        self._jobs[job_id] = dataclasses.replace(self._jobs[job_id], **values)  # type: ignore[arg-type]


def error_record(error: WorkbenchError) -> ErrorRecord:
    """An error as it travels."""
    return {"message": error.message, "field": error.field, "remedy": error.remedy}
