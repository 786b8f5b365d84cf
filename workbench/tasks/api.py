"""Everything that the file of a pretext task needs, in one import.

    from workbench.tasks.api import Batch, Needs, Output, Task, Views, option, torch

``torch``, ``nn`` and ``F`` (torch.nn.functional) are imported when they are first used, because a
declaration must load without torch; type checkers see the real modules. The building blocks that
several tasks share are in ``workbench.tasks.parts``, one idea a module.

A task lists all names of this import on as few lines as they take, and keeps the formatter away
from it: ``)  # fmt: skip``.
"""

from __future__ import annotations

from workbench.config import AugmentStep
from workbench.data.dataset import CLS, MASK, PAD, SEP, SPECIAL_TOKENS, DataInfo
from workbench.declared import Modality
from workbench.encoders.base import Encoder
from workbench.errors import RequestError
from workbench.lazy import F, nn, torch
from workbench.options import option
from workbench.tasks.base import Task
from workbench.tasks.broken import BrokenPreset
from workbench.tasks.records import (
    Augmenter,
    Batch,
    Context,
    HeldOut,
    Illustration,
    IllustrationData,
    Needs,
    Optimum,
    Output,
    Panel,
    Views,
)

__all__ = (
    "CLS",
    "MASK",
    "PAD",
    "SEP",
    "SPECIAL_TOKENS",
    "AugmentStep",
    "Augmenter",
    "Batch",
    "BrokenPreset",
    "Context",
    "DataInfo",
    "Encoder",
    "F",
    "HeldOut",
    "Illustration",
    "IllustrationData",
    "Modality",
    "Needs",
    "Optimum",
    "Output",
    "Panel",
    "RequestError",
    "Task",
    "Views",
    "nn",
    "option",
    "torch",
)
