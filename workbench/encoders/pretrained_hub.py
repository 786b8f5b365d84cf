"""Models of the Hugging Face hub: checked within seconds, downloaded before training begins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from workbench import hub
from workbench.errors import RequestError

FIELD = "--set eval.pretrained"
HUB = "hub:"
_NAME = re.compile(r"^[a-zA-Z0-9][\w.-]*/[a-zA-Z0-9][\w.-]*$")
# Only files that are read: repositories often hold the same weights in several formats.
_PATTERNS = [
    *("config.json", "preprocessor_config.json", "model*.safetensors", "model*.json"),
    *("tokenizer*", "vocab*", "merges.txt", "special_tokens_map.json", "*.model"),
]


def name_of(source: str) -> str:
    """``OWNER/NAME`` of ``hub:OWNER/NAME``. Raises RequestError for anything else."""
    repo = source.removeprefix(HUB)
    if not _NAME.match(repo):
        raise RequestError(
            f"'{source}' names no model.", field=FIELD, remedy="Give hub:OWNER/NAME."
        )
    return repo


def cached(repo: str) -> Path | None:
    """The folder of an earlier download of ``repo``; None if there is none. Asks no host."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, allow_patterns=_PATTERNS, local_files_only=True))
    except LocalEntryNotFoundError:
        return None


def ask(repo: str) -> tuple[set[str], dict[str, Any]]:
    """The names of the files of ``repo`` and its ``config.json``, as the hub has them now.

    Raises RequestError if the hub does not know the model, does not give it, or does not answer
    within a few seconds.
    """
    return hub.answer(lambda: _ask(repo), lambda reason: _unreachable(repo, reason))


def download(repo: str) -> Path:
    """The folder of ``repo``; what is missing of it is downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, allow_patterns=_PATTERNS))
    except (OSError, ValueError, RuntimeError, LocalEntryNotFoundError) as error:
        raise _unreachable(repo, hub.first_line(error)) from error


def _ask(repo: str) -> tuple[set[str], dict[str, Any]] | RequestError:
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        model = HfApi().model_info(repo, timeout=hub.SECONDS)
        path = hf_hub_download(repo, "config.json", revision=model.sha)
        names = {file.rfilename for file in model.siblings or ()}
        return names, json.loads(Path(path).read_text("utf-8"))
    except GatedRepoError:
        return RequestError(
            f"'{repo}' is given to those only who ask its owner for it.",
            field=FIELD,
            remedy="Ask for it on the hub, and set HF_TOKEN.",
        )
    except RepositoryNotFoundError:
        return RequestError(
            f"the hub has no model '{repo}'.",
            field=FIELD,
            remedy="Check owner and name (a private model needs HF_TOKEN).",
        )
    except (OfflineModeIsEnabled, LocalEntryNotFoundError) as error:
        return _unreachable(repo, hub.first_line(error))
    except EntryNotFoundError:
        return set(), {}
    except Exception as error:  # noqa: BLE001  each transport raises its own; all mean the same
        return _unreachable(repo, hub.first_line(error))


def _unreachable(repo: str, reason: str) -> RequestError:
    return RequestError(
        f"the hub does not give '{repo}' ({reason}).",
        field=FIELD,
        remedy="Check the network, or give a folder that save_pretrained wrote.",
    )
