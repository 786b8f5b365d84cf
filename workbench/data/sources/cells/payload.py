"""The columns that hold the samples: one of images, else one or several of texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from workbench.config import DataConfig
from workbench.data.sources.cells.content import Content, contents, inner_fields, peeked
from workbench.data.sources.part import Part
from workbench.data.wording import quoted
from workbench.errors import RequestError, unknown_name

TEXT_NAMES = (
    "text", "sentence", "content", "message", "review", "question", "body", "utterance", "query",
    "document", "tweet", "comment", "description", "title", "headline", "abstract", "post",
    "caption",
)  # fmt: skip
IMAGE_NAMES = ("image", "img", "picture", "photo", "pixels", "file_name", "filename", "path")
# Words have letters only: neither a time of day nor a checksum is a text.
_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGIT = re.compile(r"\d")
# Chinese, Japanese, Thai, Lao, Burmese and Khmer have no white space between words; a word has
# about two letters.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_LETTERS_A_WORD = 2
_HALF = 0.5


def image_column(parts: Sequence[Part], config: DataConfig) -> str | None:
    """The column that holds images, None if the table holds texts. Raises RequestError if the
    column that ``config`` names is absent or holds no images."""
    return images_in(contents(parts), config)


def holds_paths(parts: Sequence[Part], image: str) -> bool:
    """Whether cells of the image column may name files."""
    content = contents([_only(part, image) for part in parts])[image]
    return content.holds in ("files", "text") or inner_fields(content.kind) != ""


def images_in(held: Mapping[str, Content], config: DataConfig) -> str | None:
    """As ``image_column``, by what the columns hold."""
    if config.image is not None:
        _check_image(held, config.image)
        return config.image
    if config.text is not None:
        return None
    for wanted in ("images", "files"):
        names = [name for name, content in held.items() if content.holds == wanted]
        if names:
            return _preferred(names, IMAGE_NAMES) or names[0]
    # Bytes of no known format in a column that is made for images: the decoder gives the reason.
    made = [n for n, c in held.items() if c.holds == "bytes" and n.lower() in IMAGE_NAMES]
    texts = any(content.holds == "text" for name, content in held.items() if _is_name_of_text(name))
    return made[0] if made and not texts else None


def texts_in(
    parts: Sequence[Part], held: Mapping[str, Content], config: DataConfig
) -> tuple[str, ...]:
    """The columns that hold texts. Raises RequestError that lists the columns if there is none."""
    if config.text is not None:
        for name in config.text:
            _check_text(held, name)
        return config.text
    described = (config.label, config.group)
    names = [n for n, c in held.items() if c.holds == "text" and n not in described]
    values = {name: [_string(value) for value in peeked(parts, name)] for name in names}
    # A column of numbers may be called "comment" or "post".
    named = [name for name in names if _is_name_of_text(name) and _has_letters(values[name])]
    preferred = _preferred(named, TEXT_NAMES)
    if preferred is not None:
        return (preferred,)
    _refuse_addresses(held, config)
    # A text has several words; names and classes seldom do.
    words = {name: _words_a_cell(values[name]) for name in names}
    longest = max(words, key=lambda name: words[name], default=None)
    if longest is None or words[longest] < 2:
        raise _nothing(held)
    return (longest,)


def payload_notes(
    held: Mapping[str, Content], config: DataConfig, image: str | None, texts: tuple[str, ...]
) -> tuple[str, ...]:
    """Notes on the choice of columns that was made here, with the flag that changes it."""
    notes: list[str] = []
    if image is not None:
        others = [n for n, c in held.items() if c.holds in ("images", "files") and n != image]
        if config.image is None and (image != "image" or others):
            more = f"; others are in {quoted(others, None)}" if others else ""
            notes.append(f"Images are in column '{image}'{more} (--image and --text choose).")
        return tuple(notes)
    if config.text is None and texts != ("text",):
        notes.append(f"Texts are in column '{texts[0]}' (--text and --image choose).")
    numbers = [name for name in texts if held[name].holds == "values"]
    if numbers:
        notes.append(f"Column {quoted(numbers, None)} holds numbers; they are read as texts.")
    addresses = [name for name, content in held.items() if content.pictures and name not in texts]
    if addresses:
        notes.append(
            f"Column {quoted(addresses, None)} holds web addresses of images, which are not "
            "fetched."
        )
    return tuple(notes)


def _check_image(held: Mapping[str, Content], name: str) -> None:
    if name not in held:
        raise unknown_name("column", name, held, field="--image")
    content = held[name]
    if content.holds == "addresses":
        raise _addresses(name, "--image")
    if content.holds in ("values", "nested"):
        raise RequestError(
            f"column '{name}' holds no images, but {content.words}.",
            field="--image",
            remedy="Give a column of encoded images or of names of image files.",
        )


def _check_text(held: Mapping[str, Content], name: str) -> None:
    if name not in held:
        raise unknown_name("column", name, held, field="--text")
    content = held[name]
    if content.holds not in ("images", "bytes", "nested"):
        return
    inner = inner_fields(content.kind)
    what = {
        "images": "images",
        "bytes": "bytes that are no UTF-8 text",
        "nested": f"records with the fields {inner}" if inner else f"lists ({content.kind})",
    }[content.holds]
    remedy = "Give a column of strings."
    if inner and content.holds == "nested":
        remedy = "Write the field that holds the text into a column of its own, as strings."
    raise RequestError(
        f"column '{name}' holds no texts, but {what}.", field="--text", remedy=remedy
    )


def _refuse_addresses(held: Mapping[str, Content], config: DataConfig) -> None:
    """Raise RequestError if the images of the table lie in the web."""
    pictures = [name for name, content in held.items() if content.pictures]
    if pictures:
        raise _addresses(pictures[0], "--data")


def _addresses(name: str, field: str) -> RequestError:
    return RequestError(
        f"column '{name}' holds web addresses, and images are not fetched from the web.",
        field=field,
        remedy="Download the images, and put the names of the files into the column "
        "(--text COLUMN reads texts).",
    )


def _nothing(held: Mapping[str, Content]) -> RequestError:
    columns = ", ".join(f"{name}{_words(content)}" for name, content in held.items())
    return RequestError(
        f"no column holds texts or images; the columns are {columns}.",
        field="--data",
        remedy="Name the column with --text COLUMN (or --image COLUMN).",
    )


def _words(content: Content) -> str:
    """What a column holds that is neither text nor a plain value, in brackets."""
    inner = inner_fields(content.kind)
    if content.holds == "nested" and inner:
        return f" (records of {inner})"
    return "" if content.holds in ("text", "values") else f" ({content.words})"


def _preferred(names: Sequence[str], order: Sequence[str]) -> str | None:
    by_name = {name.lower(): name for name in names}
    return next((by_name[name] for name in order if name in by_name), None)


def _is_name_of_text(name: str) -> bool:
    return name.lower() in TEXT_NAMES


def _has_letters(values: Sequence[str]) -> bool:
    values = [value for value in values if value.strip()]
    if not values:
        return True
    return sum(any(map(str.isalpha, value)) for value in values) >= _HALF * len(values)


def _words_a_cell(values: Sequence[str]) -> float:
    return sum(map(_words_of, values)) / len(values) if values else 0.0


def _words_of(text: str) -> float:
    spaced = sum(len(_WORD.findall(token)) for token in text.split() if not _DIGIT.search(token))
    return max(spaced, len(_UNSPACED.findall(text)) / _LETTERS_A_WORD)


def _string(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _only(part: Part, column: str) -> Part:
    import dataclasses

    types = {name: kind for name, kind in part.types.items() if name == column}
    return dataclasses.replace(part, types=types)
