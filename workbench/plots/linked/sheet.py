"""All thumbnails of a map in one picture."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

# Small pictures are kept exactly; large ones as JPEG, a tenth of the size.
_EXACT_SIDE = 32
_LARGEST_TILE = 64
# Browsers hold a picture unpacked: this side takes 256 MB.
_LARGEST_SHEET = 8192


@dataclass(frozen=True)
class Sheet:
    """All thumbnails in one picture. image: its bytes, or an address on this host; mime: of bytes;
    columns: tiles in a row; tile: (width, height) of each in pixels; count: tiles."""

    image: bytes | str
    mime: str
    columns: int
    tile: tuple[int, int]
    count: int


def sheet_of(
    thumbnails: npt.NDArray[np.uint8], *, side: int = _LARGEST_TILE, exact: int = _EXACT_SIDE
) -> Sheet:
    """uint8 (n, H, W, 3) as one picture. Larger than ``side``, or too many for one picture, they
    are scaled down; up to ``exact`` pixels a side they are kept to the last bit.

    Costs about 0.1 s for 2,000 thumbnails: keep the result (``st.cache_data``).
    """
    count, height, width = thumbnails.shape[:3]
    columns = max(1, math.ceil(math.sqrt(count)))
    most = min(side, _LARGEST_SHEET // columns)
    step = max(1, math.ceil(max(height, width) / most))
    tiles = np.ascontiguousarray(thumbnails[:, ::step, ::step])
    height, width = tiles.shape[1:3]
    down = max(1, math.ceil(count / columns))
    grid = np.zeros((down * columns, height, width, 3), np.uint8)
    grid[:count] = tiles
    pixels = grid.reshape(down, columns, height, width, 3).transpose(0, 2, 1, 3, 4)
    picture = Image.fromarray(pixels.reshape(down * height, columns * width, 3))
    out = io.BytesIO()
    if max(height, width) <= exact:
        picture.save(out, "PNG")
        mime = "image/png"
    else:
        picture.save(out, "JPEG", quality=85)
        mime = "image/jpeg"
    return Sheet(out.getvalue(), mime, columns, (width, height), count)
