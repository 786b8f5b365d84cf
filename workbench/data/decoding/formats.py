"""Names of the formats that cannot be read, from the first bytes of a file.

An error that names the format says what to do; "no image" leaves the user to guess.
"""

from __future__ import annotations

# So many bytes at the beginning are enough.
LOOKED_AT = 512
_STARTS = (
    (b"version https://git-lfs", "a pointer of Git LFS; fetch the image with git lfs pull"),
    (b"%PDF", "a PDF; save its pages as PNG"),
    (b"\xff\x0a", "JPEG XL, which is not read; save it as PNG or JPEG"),
    (b"\0\0\0\x0cJXL ", "JPEG XL, which is not read; save it as PNG or JPEG"),
    (b"FUJIFILMCCD-RAW", "a camera's raw file; save it as JPEG or TIFF"),
    (b"PK\x03\x04", "a zip and no image"),
    (b"\x1f\x8b", "packed with gzip; unpack it"),
    (b"\x93NUMPY", "an array of numpy; give it in the notebook, or save it as PNG or TIFF"),
    (b"\x89HDF", "an HDF5 file; save its images as PNG or TIFF"),
    (b"\x1aE\xdf\xa3", "a video; save its frames as PNG or JPEG"),
    (b"SIMPLE  =", "FITS, which is not read; save it as TIFF"),
)  # fmt: skip
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_DICOM_AT = 128


def refusal(start: bytes) -> str:
    """Why an image with these first bytes cannot be read: words that follow "it is" or a colon."""
    if not start:
        return "it is empty"
    named = next((words for mark, words in _STARTS if start.startswith(mark)), None)
    if named is None and start[4:8] == b"ftyp":
        named = _of_box(start[8:12])
    if named is None and start[_DICOM_AT : _DICOM_AT + 4] == b"DICM":
        named = "DICOM, which is not read; save it as TIFF or PNG"
    if named is None:
        named = _of_markup(start)
    return f"it is {named}" if named else "no image format that is known"


def _of_box(brand: bytes) -> str:
    if brand in _HEIC:
        return "HEIC, which is not read; save it as JPEG or PNG"
    if brand in (b"avif", b"avis"):
        return "AVIF, which is not read here; save it as JPEG or PNG"
    if brand == b"crx ":
        return "a camera's raw file; save it as JPEG or TIFF"
    return "a video; save its frames as PNG or JPEG"


def _of_markup(start: bytes) -> str | None:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "SVG, which is a drawing; save it as PNG"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page and no image; fetch the image itself"
    return None
