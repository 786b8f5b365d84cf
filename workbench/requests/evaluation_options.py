"""The options of an evaluation, checked against the data before anything is launched."""

from __future__ import annotations

import dataclasses

from workbench.config import EvalOptions
from workbench.data.dataset import DataInfo
from workbench.encoders import pretrained
from workbench.encoders.pretrained_hub import HUB
from workbench.errors import RequestError


def complete(options: EvalOptions, info: DataInfo) -> EvalOptions:
    """``options`` with absolute paths, because workers run in other folders. A second call changes
    nothing.

    Raises RequestError, with field and remedy, for an option that needs labels where there are
    none, and for a pretrained model that cannot encode the data.
    """
    classes = len(info.label.classes) if info.label is not None else 0
    for name in ("fine_tuning", "supervised"):
        if getattr(options, name) and (info.normal is not None or classes < 2):
            raise RequestError(
                f"it needs labels of two classes or more, and '{info.name}' has none to train on.",
                field=f"--set eval.{name}",
                remedy=f"Give --set eval.{name}=false, or name a column with --label.",
            )
    source = options.pretrained
    if source is None:
        return options
    if not source.startswith(HUB):
        source = str(pretrained.folder_of(source))
    pretrained.check(source, info)
    return dataclasses.replace(options, pretrained=source)
