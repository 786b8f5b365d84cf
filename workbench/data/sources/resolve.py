"""From ``--data`` (``sample:NAME``, ``hub:OWNER/NAME`` or a path) to a source."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from workbench import paths
from workbench.config import FITS, FOLDERS, UNSPLIT, DataConfig
from workbench.data.listing import printable
from workbench.data.safety import regular_files
from workbench.data.sources import confine, file_kinds, table_files
from workbench.data.sources.base import Source, SourceMissing
from workbench.errors import RequestError, unknown_name

_SOURCES = "Give a path, sample:NAME or hub:OWNER/NAME."
_LONGEST = 100


def resolve(config: DataConfig, within: Path | None = None) -> Source:
    """The source that ``config.source`` names. Raises RequestError, SourceMissing if it is gone.

    within: the folder that must contain a path and all files behind it; None for no limit.
    """
    check_options(config)
    scheme, _, rest = config.source.partition(":")
    if scheme == "sample":
        return _sample(rest, config)
    if scheme == "hub":
        from workbench.data.sources.hub import HubSource

        source: Source = HubSource(rest)
    else:
        path = _path(config.source, within)
        source = _folder(path, config, within) if path.is_dir() else _file(path, config)
    source.within = within
    return source


def _path(source: str, within: Path | None) -> Path:
    if not source.strip():
        raise RequestError("is empty.", field="--data", remedy=_SOURCES)
    try:
        path = confine.inside(Path(source).expanduser(), within)
        exists = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        # Too long a name, an unknown user, a loop of links, or a letter that no name may have.
        shown = source if len(source) <= _LONGEST else f"{source[:_LONGEST]}..."
        raise RequestError(f"'{shown}' is no path.", field="--data", remedy=_SOURCES) from error
    if not exists:
        raise _missing(path)
    if path.is_dir():
        regular_files.check_folder(path)
    else:
        regular_files.check(path)
    return path


def check_options(config: DataConfig) -> None:
    """Raise RequestError for an option that is out of range for any source."""
    if config.folders not in FOLDERS:
        raise unknown_name("meaning of folders", config.folders, FOLDERS, field="--folders")
    if config.fit is not None and config.fit not in FITS:
        raise unknown_name("way to make pictures square", config.fit, FITS, field="--fit")
    if config.unsplit not in UNSPLIT:
        raise unknown_name("place", config.unsplit, UNSPLIT, field="--unsplit")
    for name, value, low, high in (
        ("--size", config.size, 4, 1024),
        ("--samples", config.samples, 2, 10**9),
        ("--length", config.length, 4, 4096),
    ):
        if value is not None and not low <= value <= high:
            raise RequestError(
                f"{value} is out of range.",
                field=name,
                remedy=f"Give a whole number from {low} to {high}.",
            )
    chosen = config.channels
    if chosen is not None and not (
        1 <= len(chosen) <= 3 and len(set(chosen)) == len(chosen) and min(chosen) >= 0
    ):
        raise RequestError(
            f"{','.join(map(str, chosen)) or 'nothing'} is not a choice of channels.",
            field="--channels",
            remedy="Give one to three different numbers, counted from 0, such as 0,2.",
        )


def _sample(name: str, config: DataConfig) -> Source:
    names = _samples()
    if name not in names:
        raise unknown_name("sample data set", name, names, field="--data")
    folder = paths.sample_data_dir() / name
    source = _tables(folder, sorted(folder.glob("*.parquet")), config)
    # The sample data are read as ever, so that the stored demo runs are of the same data.
    source.version = 1
    return source


def _samples() -> list[str]:
    return sorted(card.parent.name for card in paths.sample_data_dir().glob("*/card.json"))


def _folder(path: Path, config: DataConfig, within: Path | None) -> Source:
    from workbench.data.sources.arrays import ArraysSource
    from workbench.data.sources.folder import FolderSource
    from workbench.data.sources.saved import SavedSource, is_saved

    if (path / ArraysSource.MARK).is_file():
        return ArraysSource(path)
    if is_saved(path):
        return SavedSource(path)
    tables = table_files.of_folder(path)
    confine.all_inside([(table.name, table) for table in tables], within)
    here = [table for table in tables if table.parent in (path, path / "data")]
    if any(table.suffix.lower() == ".parquet" for table in here):
        return _tables(path, tables, config)
    folder = FolderSource(path, within, here)
    images = len(folder.images())
    # A few images beside tables that do not name them are no data.
    stray = (
        images < table_files.FEW
        and here
        and not any(table_files.names_images(t, within) for t in here)
    )
    if images and not stray:
        return folder
    if tables:
        return _tables(path, tables, config, images)
    raise folder.nothing()


def _tables(folder: Path, tables: Sequence[Path], config: DataConfig, images: int = 0) -> Source:
    """The source of the tables in a folder. images: how many lie beside them."""
    chosen = table_files.choose(tables, config)
    card = folder / "card.json"
    notes = chosen.notes
    if images:
        notes = (*notes, f"{images:,} images in the folder were left out: no table names them.")
    name = printable(folder.resolve().name)
    return table_files.source_of(name, chosen.paths, card if card.is_file() else None, notes)


def _file(path: Path, config: DataConfig) -> Source:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        from workbench.data.sources.zipped import zip_source

        return zip_source(path, config)
    if file_kinds.is_table(path.name):
        return table_files.source_of(printable(path.stem), [path])
    remedy = "Give a folder of images, a zip of such, or a CSV, JSONL or Parquet file."
    if file_kinds.is_image(path.name):
        remedy = "Give the folder of the images."
    elif file_kinds.is_archive(path.name):
        remedy = "Unpack it and give the folder, or make a zip of it."
    raise RequestError(
        f"'{printable(path.name)}' is no kind of file that can be read.",
        field="--data",
        remedy=remedy,
    )


def _missing(path: Path) -> SourceMissing:
    """The error for a path that does not exist, with suggestions."""
    whole = path.absolute()
    parent = next(folder for folder in whole.parents if folder.is_dir())
    wrong, *rest = whole.relative_to(parent).parts
    names = sorted(child.name for child in parent.iterdir())
    similar = difflib.get_close_matches(wrong, names, n=3, cutoff=0.6)
    offers = [str(parent.joinpath(name, *rest)) for name in similar]
    offers = [name for name in offers if Path(name).exists()] or [
        str(parent / name) for name in similar
    ]
    # "digits" or "simple:digits" for "sample:digits".
    last = path.name.rpartition(":")[2]
    offers += [f"sample:{name}" for name in difflib.get_close_matches(last, _samples(), cutoff=0.8)]
    if offers:
        remedy = f"Did you mean {' or '.join(offers)}?"
    elif rest:
        remedy = f"There is no '{parent / wrong}' either."
    else:
        remedy = _SOURCES
    return SourceMissing(f"there is no '{path}'.", field="--data", remedy=remedy)
