"""From a ``DataConfig`` to an opened data set: find the source, its content address, its cache."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from workbench.config import DataConfig
from workbench.data import cache, fingerprint, library
from workbench.data.account import WHILE_PREPARING, Account
from workbench.data.dataset import DataInfo, Dataset
from workbench.data.sources import foreign_errors
from workbench.data.sources.base import Source, SourceMissing
from workbench.data.sources.resolve import resolve
from workbench.errors import DamageError, RequestError

Progress = Callable[[str, float], None]
Check = Callable[[DataInfo], object]


def prepare(
    config: DataConfig,
    home: Path,
    progress: Progress | None = None,
    *,
    within: Path | None = None,
    check: Check | None = None,
) -> Dataset:
    """The prepared data set that ``config`` describes, from its cache in ``home`` or made now.

    progress: called with a phase in words and the share of it that is done, in [0, 1].
    within: the folder that must contain all files of the source, also those behind links or named
    in a table; None for no limit. check: called before samples are read, with an incomplete
    description (the kind of data and its columns; no counts, no sizes), and again with the complete
    one at the end. If it raises, nothing is kept. Raises RequestError if the source is missing,
    cannot be read, has files outside ``within``, does not fit on the disk, or has changed since
    ``config.fingerprint``. While its cache exists, a source that is gone is no error, and the hub
    is not asked.
    """
    with foreign_errors.in_words(config.source, home):
        return library.known_as(_prepare(config, home, progress, within, check), config.source)


def _prepare(
    config: DataConfig,
    home: Path,
    progress: Progress | None,
    within: Path | None,
    check: Check | None,
) -> Dataset:
    cached, trouble = _cached(home, config)
    if trouble is not None and progress is not None:
        progress(f"{trouble.message} Preparing it again", 0.0)
    try:
        source = resolve(config, within)
        if cached is not None and source.remote:
            return cached
        content = source.content(config, home)
    except SourceMissing as error:
        if cached is None:
            lost = _lost(trouble, "its source is gone", config)
            if lost is None:
                raise
            raise lost from error
        return cached
    address = fingerprint.of_dataset(content, config, version=source.version)
    # The packaged samples keep their first version: their address is no older one.
    if config.fingerprint != address and config.fingerprint in fingerprint.former(content, config):
        if cached is not None:
            return cached
        raise _lost(trouble, "it is of an older workbench", config) or RequestError(
            f"'{config.source}' was prepared by an older workbench, and that is gone.",
            field="--data",
            remedy="Start a new run with the data: they may be read in another way now.",
        )
    if config.fingerprint not in (None, address):
        raise _lost(trouble, "its source has changed", config) or RequestError(
            f"'{config.source}' has changed since it was prepared.",
            field="--data",
            remedy="Start a new run with the data as it is now, or put it back as it was.",
        )
    return _make(source, config, home, address, progress, None, check)


def _cached(home: Path, config: DataConfig) -> tuple[Dataset | None, DamageError | None]:
    """The cache that ``config`` names, or what is damaged in it."""
    if not config.fingerprint:
        return None, None
    try:
        return cache.find(home, config.fingerprint), None
    except DamageError as error:
        return None, error


def _lost(trouble: DamageError | None, reason: str, config: DataConfig) -> DamageError | None:
    """The error for a damaged cache that cannot be made again; None if none is damaged."""
    if trouble is None:
        return None
    return DamageError(
        f"{trouble.message} It cannot be made again: {reason} ('{config.source}').",
        remedy="Put the source back as it was, or start a new run with the data as they are.",
    )


def prepare_like(
    config: DataConfig, home: Path, reference: Dataset, progress: Progress | None = None
) -> Dataset:
    """Another source with the reference's size, fit, channels, scaling, vocabulary and length.

    Labels may be missing. Its own splits are kept; samples without one are in ``test``.
    Raises RequestError as ``prepare`` does, and if images meet texts.
    """
    alike = dataclasses.replace(config, size=None, channels=None, length=None, fit=None)
    with foreign_errors.in_words(config.source, home):
        source = resolve(alike)
        address = fingerprint.of_dataset(
            source.content(alike, home),
            alike,
            like=reference.info.fingerprint,
            version=source.version,
        )
        return _make(source, alike, home, address, progress, reference)


def account_now(config: DataConfig, data: Dataset, *, within: Path | None = None) -> Account | None:
    """The account of the source of ``data`` as it is now.

    Files that are no samples do not change a fingerprint. So a source may hold others of these than
    the one that the cache was made from. None if the source is gone, and for data that an older
    version prepared.
    """
    stored = data.info.left_out
    try:
        with foreign_errors.in_words(config.source):
            account = resolve(config, within).listing(config).accounted
    except SourceMissing:
        return None
    for reason in WHILE_PREPARING:
        account = account.without(reason, stored.get(reason, 0))
    return account if account.taken == data.info.total else None


def _make(
    source: Source,
    config: DataConfig,
    home: Path,
    address: str,
    progress: Progress | None,
    like: Dataset | None,
    check: Check | None = None,
) -> Dataset:
    def make(folder: Path) -> None:
        from workbench.data.building.build import build

        build(
            source.listing(config),
            config,
            folder,
            name=source.name,
            fingerprint=address,
            progress=progress or _silent,
            like=like,
            check=check or _any,
        )

    data = cache.open_or_make(home, address, make)
    if like is None:
        library.add_name(data, config, source.name)
    return data


def _silent(phase: str, share: float) -> None:
    """The progress that is used when none is given."""


def _any(info: DataInfo) -> None:
    """The check that is used when none is given; all data pass."""
