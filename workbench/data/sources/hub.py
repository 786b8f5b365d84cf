"""``hub:OWNER/NAME`` (or ``hub:OWNER/NAME/CONFIGURATION``): a data set of the Hugging Face hub.

The first request to the hub is a short one, so that a host out of reach costs seconds and not
minutes of retries. It gives the revision, which is the content address. The revision is stored, so
that a prepared data set opens without the hub.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, ClassVar

from workbench import hub, paths
from workbench.config import DataConfig
from workbench.data.listing import Hints, Listing
from workbench.data.sources import table
from workbench.data.sources.base import Source, SourceMissing
from workbench.data.sources.part import Part
from workbench.data.sources.saved import tables_of
from workbench.errors import RequestError

_NAME = re.compile(r"^[a-zA-Z0-9][\w.-]*/[a-zA-Z0-9][\w.-]*(/[\w.-]+)?$")


class HubSource(Source):
    """See the module's docstring."""

    kind: ClassVar[str] = "hub data set"
    remote: ClassVar[bool] = True

    def __init__(self, name: str):
        if not _NAME.match(name):
            raise RequestError(
                f"'hub:{name}' names no data set.", field="--data", remedy="Give hub:OWNER/NAME."
            )
        owner, rest, *configuration = name.split("/")
        self.repo = f"{owner}/{rest}"
        self.configuration = configuration[0] if configuration else None
        self._revision: str | None = None
        self._memo: Path | None = None
        super().__init__(rest)

    def files(self, config: DataConfig) -> list[tuple[str, Path]]:
        return []

    def content(self, config: DataConfig, home: Path) -> str:
        name = f"{self.repo}/{self.configuration or ''}"
        self._memo = paths.cache_dir(home) / ".hashes" / f"hub-{_digest(name)[:32]}.txt"
        try:
            self._revision = revision(self.repo)
        except SourceMissing:
            if not self._memo.exists():
                raise
            self._revision = self._memo.read_text("utf-8")
        return _digest(f"{name}@{self._revision}")

    def listing(self, config: DataConfig) -> Listing:
        parts, account, notes = tables_of(self._loaded())
        listed = table.listing(
            parts, config, hints=Hints(), notes=notes, within=self._roots(), account=account
        )
        if self._memo is not None and self._revision is not None:
            paths.make_folder(self._memo.parent)
            self._memo.write_text(self._revision, "utf-8")
        return listed

    def tables(self, most: int) -> list[Part]:
        return tables_of(self._loaded())[0]

    def _loaded(self) -> Any:
        """The Dataset or DatasetDict, downloaded if it is not yet. Raises RequestError."""
        import datasets

        datasets.disable_progress_bars()
        try:
            loaded = datasets.load_dataset(self.repo, self.configuration, revision=self._revision)
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise RequestError(
                f"'{self.repo}' cannot be loaded ({hub.first_line(error)}).",
                field="--data",
                remedy="Give hub:OWNER/NAME/CONFIGURATION if it has several, or another data set.",
            ) from error
        return loaded

    def _roots(self) -> list[Path | None]:
        """Folders that image files may lie in: ``within``, and the caches of downloads."""
        if self.within is None:
            return [None]
        from datasets import config
        from huggingface_hub import constants

        return [self.within, Path(config.HF_DATASETS_CACHE), Path(constants.HF_HUB_CACHE)]


def revision(repo: str) -> str:
    """The current revision of ``repo`` on the hub.

    Raises SourceMissing if the hub does not answer within a few seconds, RequestError if it does
    not have the data set or refuses it.
    """
    return hub.answer(lambda: _request(repo), lambda reason: _unreachable(repo, reason))


def _request(repo: str) -> str | RequestError:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        return str(HfApi().dataset_info(repo, timeout=hub.SECONDS).sha)
    except GatedRepoError:
        return RequestError(
            f"'{repo}' is given to those only who ask its owner for it.",
            field="--data",
            remedy="Ask for it on the hub, and set HF_TOKEN.",
        )
    except (RepositoryNotFoundError, HFValidationError):
        return RequestError(
            f"the hub has no data set '{repo}'.",
            field="--data",
            remedy="Check owner and name (a private data set needs HF_TOKEN).",
        )
    except OfflineModeIsEnabled:
        return _unreachable(repo, "HF_HUB_OFFLINE is set")
    except Exception as error:  # noqa: BLE001  transports raise errors of their own
        return _unreachable(repo, hub.first_line(error))


def _unreachable(repo: str, reason: str) -> SourceMissing:
    return SourceMissing(
        f"the hub cannot be reached for '{repo}' ({reason}).",
        field="--data",
        remedy="Check the network, or give a path or sample:NAME.",
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
