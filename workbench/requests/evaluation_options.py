"""What an evaluation is asked for, checked against the data before anything is launched."""

from __future__ import annotations

import dataclasses

from workbench.config import EvalOptions
from workbench.data.dataset import DataInfo
from workbench.encoders import pretrained
from workbench.encoders.pretrained_hub import HUB
from workbench.errors import RequestError


def checked(asked: EvalOptions, info: DataInfo) -> EvalOptions:
    """``asked`` with whole paths: workers run in other folders. A second call changes nothing.

    Raises RequestError, with field and remedy, for what needs labels where there are none, and for
    a pretrained model that cannot encode the data.
    """
    classes = len(info.label.classes) if info.label is not None else 0
    for name in ("fine_tuning", "supervised"):
        if getattr(asked, name) and (info.normal is not None or classes < 2):
            raise RequestError(
                f"it needs labels of two classes or more, and '{info.name}' has none to train on.",
                field=f"--set eval.{name}",
                remedy=f"Give --set eval.{name}=false, or name a column with --label.",
            )
    source = asked.pretrained
    if source is None:
        return asked
    if not source.startswith(HUB):
        source = str(pretrained.folder_of(source))
    pretrained.check(source, info)
    return dataclasses.replace(asked, pretrained=source)
