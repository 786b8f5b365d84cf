"""The value of ``--room``: a code of the teacher's choice, or ``auto`` for a generated one."""

from __future__ import annotations

import secrets

from workbench.errors import RequestError

AUTO = "auto"
SHORTEST, LONGEST = 6, 64
# 31 letters and digits without look-alikes; 8 of them give 40 bits.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 8


def parse(text: str | None) -> str:
    """The code of ``--room``: generated for ``auto``, empty for none. Raises RequestError."""
    if text is None:
        return ""
    if text.strip().lower() == AUTO:
        return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    code = text.strip()
    if not SHORTEST <= len(code) <= LONGEST:
        fault = "short" if len(code) < SHORTEST else "long"
        raise RequestError(
            f"a code of {len(code)} characters is too {fault}.",
            field="--room",
            remedy=f"Give {SHORTEST} to {LONGEST} characters, or --room {AUTO} for one that is "
            "made and printed.",
        )
    return code
