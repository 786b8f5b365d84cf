"""Which data a visitor may open: sample sets, the hub, the data root, and uploads of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench import paths, registry
from workbench.app import settings
from workbench.app.shared import session
from workbench.config import RunConfig
from workbench.data import library, uploads
from workbench.data.dataset import Dataset
from workbench.errors import RequestError
from workbench.options import options_of
from workbench.store import upload_owners

# Shown in place of a path that the visitor may not know.
FOREIGN = "an upload of somebody else"


def check(source: str) -> None:
    """Raise RequestError for data that the viewer may not open, whether they exist or not."""
    settings.current().check_source(source)
    if not _may_see(source):
        raise _foreign()


def check_path(name: str) -> None:
    """As ``check``, for a file that an option names; ``sample:`` and ``hub:`` have no meaning."""
    settings.current().check_path(name)
    if not session.viewer().trusted and not _may_see(str(Path(name).expanduser().absolute())):
        raise _foreign()


def check_config(config: RunConfig) -> None:
    """As ``check``, for all that ``config`` reads: its data, a pretrained encoder, and the files
    that options name."""
    check(config.data.source)
    pretrained = config.eval.get("pretrained")
    if pretrained:
        settings.current().check_folder(str(pretrained))
        check(str(pretrained))
    for kind, values in _kinds(config):
        for spec in options_of(kind):
            if spec.path and values.get(spec.name):
                check_path(str(values[spec.name]))


def _kinds(config: RunConfig) -> Iterator[tuple[type, Mapping[str, Any]]]:
    """The classes that declare the options of ``config``, as far as they are known, with the
    values."""
    named = [
        (registry.tasks().get(config.task), config.options),
        (registry.encoders().get(config.encoder or ""), config.encoder_options),
        *((registry.augmentations().get(step.name), step.options) for step in config.augment or ()),
    ]
    yield from ((kind, values) for kind, values in named if kind is not None)


def is_source_of(data: Dataset, source: str) -> bool:
    """Whether the viewer, who may open ``source``, may see ``data``, which the engine gave for it.

    If the source is missing or on the hub, the engine goes by the fingerprint in the address. It
    may then give data that were prepared from another source.
    """
    return session.viewer().trusted or library.is_source_of(data, source)


def may_open(source: str) -> bool:
    """Whether the viewer may open these data, and see their name and path."""
    try:
        check(source)
    except RequestError:
        return False
    return True


def shown(source: str) -> str:
    """``source`` for the screen: nothing of somebody else's upload."""
    return source if _may_see(source) else FOREIGN


def _foreign() -> RequestError:
    return RequestError(
        "these data are an upload of somebody else, or are not here.",
        field="Data",
        remedy="Upload the files yourself: equal files are prepared only once.",
    )


def upload_folder(source: str) -> Path | None:
    """The folder of the upload that contains ``source``; None for data from elsewhere."""
    return uploads.folder_of(paths.uploads_dir(session.home()), source)


def _may_see(source: str) -> bool:
    viewer = session.viewer()
    if viewer.trusted or source.startswith(("sample:", "hub:")):
        return True
    folder = upload_folder(source)
    return folder is None or upload_owners.may_see(session.store(), viewer, folder.name)
