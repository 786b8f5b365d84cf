"""Folders and zips of small images, with odd names, links, hidden files and broken images."""

from __future__ import annotations

import io
import os
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from mutations.made import CLASSES, DOUBTFUL, Known, Made, labels, mark, splits

_UNKNOWN = Known()


@dataclass
class File:
    """A file of the tree. folders: from the root. data: its bytes; link: where it points instead.
    is_sample: whether it is an image that can be read and that is meant as a sample."""

    folders: list[str]
    name: str
    data: bytes = b""
    link: str | None = None
    known: Known = _UNKNOWN
    is_sample: bool = True


@dataclass
class Draft:
    """A tree while it is mutated. levels: which level of folders is "split" or "class". outside:
    files that lie beside the root, for links to point at."""

    files: list[File]
    levels: tuple[str, ...]
    above: tuple[str, ...] = ()
    backslashes: bool = False
    encoding: str = "utf-8"
    compression: int = zipfile.ZIP_STORED
    folder_entries: bool = False
    torn: int | None = None
    clear: bool = True
    linked_class: str | None = None

    def some(self, random: Random) -> list[File]:
        """One to three of the samples."""
        samples = [file for file in self.files if file.is_sample]
        return random.sample(samples, random.randint(1, 3))


Mutation = Callable[[Draft, Random], None]
_SPLIT_FOLDERS = (
    {"train": "train", "validation": "validation", "test": "test"},
    {"train": "train", "validation": "val", "test": "test"},
    {"train": "training_set", "validation": "validation_set", "test": "test_set"},
    {"train": "seg_train", "validation": "seg_val", "test": "seg_test"},
    {"train": "train2017", "validation": "val2017", "test": "test2017"},
    {"train": "Train", "validation": "Valid", "test": "Test"},
    {"train": "train", "validation": "dev", "test": "holdout"},
    {"train": "train_images", "validation": "val_images", "test": "test_images"},
    {"train": "pets_train", "validation": "pets_val", "test": "pets_test"},
    {"train": "01_train", "validation": "02_val", "test": "03_test"},
)


def make_folder(random: Random, folder: Path) -> Made:
    """A folder of images with none to three mutations."""
    draft, done = _mutated(random, MUTATIONS | FOLDER_MUTATIONS)
    root = folder / "pictures"
    root.mkdir()
    for file in draft.files:
        at = root.joinpath(*draft.above, *file.folders)
        at.mkdir(parents=True, exist_ok=True)
        if file.link is None:
            (at / file.name).write_bytes(file.data)
        else:
            (at / file.name).symlink_to(file.link)
    if draft.linked_class is not None:
        _link_class(root.joinpath(*draft.above), draft.linked_class, folder / "elsewhere")
    return _made(root, draft, done, len(draft.files))


def make_zip(random: Random, folder: Path) -> Made:
    """A zip of images with none to three mutations."""
    draft, done = _mutated(random, MUTATIONS | ZIP_MUTATIONS)
    path = folder / "pictures.zip"
    with zipfile.ZipFile(path, "w", draft.compression) as archive:
        if draft.folder_entries:
            for name in sorted({"/".join([*draft.above, *f.folders]) for f in draft.files} - {""}):
                archive.writestr(f"{name}/", b"")
        for file in draft.files:
            slash = "\\" if draft.backslashes else "/"
            name = slash.join([*draft.above, *file.folders, file.name])
            archive.writestr(_entry(name, draft), file.data)
    if draft.torn is not None:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * draft.torn // 100])
    return _made(path, draft, done, len(draft.files))


class _OldEntry(zipfile.ZipInfo):
    """The header of a file whose name is not in UTF-8, as old programs write it."""

    __slots__ = ("raw_name",)
    raw_name: bytes

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  zipfile calls it
        return self.raw_name, 0


def _entry(name: str, draft: Draft) -> zipfile.ZipInfo:
    if draft.encoding == "utf-8":
        info = zipfile.ZipInfo(name)
    else:
        info = old = _OldEntry(name)
        old.raw_name = name.encode(draft.encoding)
    info.compress_type = draft.compression
    return info


def _made(path: Path, draft: Draft, done: list[str], found: int) -> Made:
    samples = {}
    for file in draft.files:
        if file.is_sample:
            samples[_mark_of(file.name)] = file.known
    return Made(path, found, samples, draft.clear, tuple(done), named="class" in draft.levels)


def _mark_of(name: str) -> str:
    start = name.index("mark")
    return name[start : start + len(mark(0))]


def _mutated(random: Random, mutations: dict[str, Mutation]) -> tuple[Draft, list[str]]:
    draft = _draft(random)
    names = random.sample(list(mutations), random.choice([0, 1, 1, 1, 2, 2, 3]))
    # The order of the table: what changes all names comes last.
    names.sort(key=list(mutations).index)
    for name in names:
        mutations[name](draft, random)
    return draft, names


def _draft(random: Random) -> Draft:
    count = random.randint(20, 32)
    levels = random.choice(
        [(), ("class",), ("class",), ("split",), ("split", "class"), ("class", "split")]
    )
    drawn_labels = labels(random, count)
    drawn_splits = splits(random, count)
    folders = random.choice(_SPLIT_FOLDERS)
    files = []
    for at in range(count):
        path, split, label = [], DOUBTFUL, None
        for level in levels:
            if level == "split":
                split = drawn_splits[at]
                path.append(folders[split])
            else:
                label = drawn_labels[at]
                path.append(label)
        suffix = random.choice([".png", ".png", ".bmp", ".PNG"])
        name = f"im_{mark(at)}{suffix}"
        files.append(File(path, name, _image(at, suffix), known=Known(split, label)))
    return Draft(files, levels)


@cache
def _image(number: int, suffix: str) -> bytes:
    """An encoded image, another one for each number."""
    pixels = np.random.default_rng(number).integers(0, 255, (6, 6, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "BMP" if suffix == ".bmp" else "PNG")
    return buffer.getvalue()


def _other(draft: Draft, random: Random, name: str, data: bytes, *, deep: bool = True) -> None:
    """A file that is no sample, beside one or at the root."""
    folders = random.choice(draft.files).folders if deep and random.random() < 0.5 else []
    draft.files.append(File(list(folders), name, data, is_sample=False))


def _readme(draft: Draft, random: Random) -> None:
    _other(draft, random, random.choice(["README.md", "LICENSE", "notes.txt", "x.pdf"]), b"words")


def _hidden(draft: Draft, random: Random) -> None:
    _other(draft, random, ".DS_Store", b"\0\0")
    _other(draft, random, "Thumbs.db", b"\0\0")


def _hidden_image(draft: Draft, random: Random) -> None:
    _other(draft, random, "._im_000.png", b"\0\5\x16\7")


def _macosx(draft: Draft, random: Random) -> None:
    for file in draft.some(random):
        twin = File(["__MACOSX", *file.folders], f"._{file.name}", b"\0\5\x16\7", is_sample=False)
        draft.files.append(twin)


def _broken_images(draft: Draft, random: Random) -> None:
    for file in draft.some(random):
        file.data = random.choice([b"", b"no image", file.data[: len(file.data) // 2]])
        file.is_sample = False


def _constant_level(draft: Draft, random: Random) -> None:
    level = random.choice(["images", "data", "imgs"])
    for file in draft.files:
        if file.folders:
            file.folders.append(level)


def _extra_folder(draft: Draft, random: Random) -> None:
    """Images beside the folders of splits: nobody knows to which they belong."""
    if draft.levels[:1] == ("split",):
        draft.clear = False
        for at in range(2):
            number = 900 + at
            name = f"im_{mark(number)}.png"
            draft.files.append(File(["extras"], name, _image(number, ".png"), known=Known()))


def _above(draft: Draft, random: Random) -> None:
    draft.above = random.choice([("pets",), ("archive", "pets"), ("train",)])
    if draft.above == ("train",):
        draft.clear = False
        for file in draft.files:
            file.known = Known(DOUBTFUL, file.known.label)


def _renamed(change: Callable[[str], str]) -> Mutation:
    """Class folders with other names."""

    def mutate(draft: Draft, random: Random) -> None:
        if "class" not in draft.levels:
            return
        for file in draft.files:
            for at, name in enumerate(file.folders):
                if name in CLASSES:
                    file.folders[at] = change(name)
                    if file.known.label == name:
                        file.known = Known(file.known.split, change(name))

    return mutate


def _two_forms(draft: Draft, random: Random) -> None:
    """Class folders that are spelled in one normal form here and in the other there."""
    if "class" not in draft.levels:
        return
    for number, file in enumerate(draft.files):
        for at, name in enumerate(file.folders):
            if name in CLASSES:
                whole = f"caf\u00e9 {name}"
                file.folders[at] = unicodedata.normalize("NFC" if number % 3 else "NFD", whole)
                if file.known.label == name:
                    file.known = Known(file.known.split, whole)


def _class_called_train(draft: Draft, random: Random) -> None:
    if draft.levels == ("class",):
        _renamed(lambda name: "train" if name == "cat" else name)(draft, random)


def _foreign_names(draft: Draft, random: Random) -> None:
    for file in draft.some(random):
        file.name = os.fsdecode(b"caf\xe9_" + os.fsencode(file.name))


def _foreign_class(draft: Draft, random: Random) -> None:
    if "class" not in draft.levels:
        return
    draft.clear = False
    for file in draft.files:
        file.folders = [os.fsdecode(b"caf\xe9") if name == "cat" else name for name in file.folders]
        if file.known.label == "cat":
            file.known = Known(file.known.split, DOUBTFUL)


def _linked_files(draft: Draft, random: Random) -> None:
    for file in draft.some(random):
        twin = File([".hidden"], f"x{len(draft.files)}.png", file.data, is_sample=False)
        draft.files.append(twin)
        up = "../" * (len(file.folders))
        file.link = f"{up}.hidden/{twin.name}"


def _dead_links(draft: Draft, random: Random) -> None:
    draft.clear = False
    for file in draft.some(random):
        file.link = "/nowhere/at/all.png"
        file.is_sample = False


def _circle(draft: Draft, random: Random) -> None:
    draft.clear = False
    file = draft.some(random)[0]
    draft.files.append(File(list(file.folders), "round.png", link="round.png", is_sample=False))


def _linked_class(draft: Draft, random: Random) -> None:
    if draft.levels == ("class",):
        draft.linked_class = "cat"


def _link_class(root: Path, name: str, elsewhere: Path) -> None:
    """Move the folder ``name`` below ``root`` to ``elsewhere`` and link to it."""
    for folder in list(root.iterdir()):
        if folder.name == name:
            folder.rename(elsewhere)
            folder.symlink_to(elsewhere, target_is_directory=True)


def _heic(draft: Draft, random: Random) -> None:
    _other(draft, random, "photo.heic", b"\0\0\0\x18ftypheic")


def _backslashes(draft: Draft, random: Random) -> None:
    draft.backslashes = True


def _deflated(draft: Draft, random: Random) -> None:
    draft.compression = zipfile.ZIP_DEFLATED


def _folder_entries(draft: Draft, random: Random) -> None:
    draft.folder_entries = True


def _cp932(draft: Draft, random: Random) -> None:
    _renamed(lambda name: {"cat": "\u732b", "dog": "\u72ac"}.get(name, name))(draft, random)
    names = "".join(name for file in draft.files for name in (*file.folders, file.name))
    if "class" in draft.levels and all(_is_shift_jis(letter) for letter in set(names)):
        draft.encoding = "cp932"
        draft.clear = False


def _is_shift_jis(letter: str) -> bool:
    return letter.encode("cp932", "replace") != b"?"


def _torn(draft: Draft, random: Random) -> None:
    draft.clear = False
    draft.torn = random.randint(5, 99)


def _names_out(draft: Draft, random: Random) -> None:
    for at in range(random.randint(1, 2)):
        draft.files.append(File(["..", "out"], f"x{at}.png", b"", is_sample=False))


MUTATIONS: dict[str, Mutation] = {
    "a file of words": _readme,
    "hidden files": _hidden,
    "hidden images": _hidden_image,
    "__MACOSX": _macosx,
    "an image in HEIC": _heic,
    "broken images": _broken_images,
    "folders above all": _above,
    "images beside the splits": _extra_folder,
    "one more folder in each": _constant_level,
    "a class called train": _class_called_train,
    "classes with spaces and signs": _renamed(lambda name: f"{name} & co #1 (50%)"),
    "classes called by numbers": _renamed(lambda name: str(10 * CLASSES.index(name))),
    "class names in two normal forms": _two_forms,
}
FOLDER_MUTATIONS: dict[str, Mutation] = {
    "links to files": _linked_files,
    "dead links": _dead_links,
    "a link in a circle": _circle,
    "a class that is a link": _linked_class,
    "file names that are no UTF-8": _foreign_names,
    "a class name that is no UTF-8": _foreign_class,
}
ZIP_MUTATIONS: dict[str, Mutation] = {
    "backslashes": _backslashes,
    "compressed": _deflated,
    "entries of folders": _folder_entries,
    "names by cp932": _cp932,
    "names that lead out": _names_out,
    "a torn zip": _torn,
}
