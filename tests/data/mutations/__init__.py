"""Inputs mutated from made cases, with what is known of them independently of any reader.

``made`` is what a generator knows of its input, ``check`` compares it with what was read. One
generator a file: ``delimited``, ``json_rows``, ``trees`` (folders and zips), ``parquet_tables``,
``image_tables``. ``damaged_bytes`` and ``damaged_check`` are for files of which nothing is known.
``tests/data/test_data_mutated.py`` runs the short form, ``benchmarks/mutated_data.py`` the long
form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from mutations import delimited, image_tables, json_rows, parquet_tables, trees
from mutations.made import Made

# From a source of chance and an empty folder to an input in it.
Generator = Callable[[Random, Path], Made]
GENERATORS: Mapping[str, Generator] = {
    "CSV and TSV": delimited.make,
    "JSON and JSONL": json_rows.make,
    "folders of images": trees.make_folder,
    "zips of images": trees.make_zip,
    "Parquet": parquet_tables.make,
    "tables of images": image_tables.make,
}
