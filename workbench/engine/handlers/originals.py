"""The engine's ``originals``: samples as they lay in their source, beside the prepared ones."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.data_replies import CutTextRecord, pack_originals
from workbench.engine.handlers.parts import samples
from workbench.engine.requests import OriginalsRequest
from workbench.engine.wire import Message

REQUEST = OriginalsRequest
_MOST = 32


def handle(request: OriginalsRequest, home: Path) -> Message:
    """``images``: an ``OriginalRecord`` each; or ``texts``: a ``CutTextRecord`` each."""
    from workbench.data.originals import cut_texts, originals

    data = samples.dataset(home, request.fingerprint)
    rows = request.rows[:_MOST]
    if data.info.modality == "text":
        texts: list[CutTextRecord] = [
            {"pieces": list(text.pieces), "tokens": text.tokens, "kept": text.kept}
            for text in cut_texts(data, rows)
        ]
        return Message({"texts": texts})
    records, arrays = pack_originals(originals(request.data, data, rows, within=request.within))
    return Message({"images": records}, arrays)
