"""The floors of the house: which room may import which, and how large a file may grow.

An import counts wherever it stands in a file, inside functions and as ``lazy("...")`` too; only
imports for types (``if TYPE_CHECKING``) do not.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import workbench

PACKAGE = Path(workbench.__file__).parent
PAGES = PACKAGE.parent / "pages"
MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_FILES = 350, 60, 25

# Files at the top of the package that anybody may import: names, paths, types, letters, records.
GROUND = frozenset(
    [
        "config",
        "damage",
        "declared",
        "errors",
        "hub",
        "json_types",
        "lazy",
        "letters",
        "options",
        "paths",
        "records",
        "registry",
        "run_folder",
        "transfer",
    ]
)
# Rooms of arrays and records: no task, no data set, no store.
ARRAYS = frozenset(("comparison", "diagnostics", "evaluation", "maps", "plots", "selection"))
BUILDING = frozenset(("augment", "data", "encoders", "tasks", "training"))
# For each room the other rooms that it may import, besides the ground.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "evaluation": frozenset(),
    "diagnostics": frozenset(("evaluation",)),
    "maps": frozenset(("diagnostics", "evaluation")),
    "comparison": frozenset(("evaluation",)),
    "selection": frozenset(("evaluation", "maps")),
    "plots": frozenset(("comparison", "diagnostics")),
    "data": frozenset(),
    "augment": frozenset(("data",)),
    "encoders": frozenset(("data",)),
    "tasks": frozenset(("augment", "data", "encoders")),
    "store": frozenset(),
    "training": frozenset(("augment", "data", "encoders", "tasks")) | ARRAYS,
    "scoring": BUILDING | ARRAYS | {"store"},
    "requests": BUILDING | {"store"},
    "stored_runs": (BUILDING - {"training"}) | ARRAYS | {"requests", "store"},
    "export": BUILDING | ARRAYS | {"store", "stored_runs"},
    # The supervisor keeps an engine alive while maps are queued.
    "jobs": BUILDING | ARRAYS | {"engine", "requests", "scoring", "store"},
    "engine": BUILDING | ARRAYS | {"export", "jobs", "requests", "scoring", "store", "stored_runs"},
    "lessons": ARRAYS | {"data", "jobs", "requests", "store", "stored_runs"},
    "mirrors": ARRAYS | {"store", "stored_runs"},
    "serving": BUILDING | ARRAYS | {"export", "store", "stored_runs"},
}
# Above everything: command line, notebook and pages. They do not import one another, except that a
# command starts the app.
TOP: dict[str, frozenset[str]] = {
    "api": frozenset(),
    "cli": frozenset(("app",)),
    "app": frozenset(),
}
# A few single files reach further than their room.
EXCEPTIONS = {
    ("workbench.jobs.supervisor", "workbench.engine.address"),
}


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed once for all tests."""
    return ast.parse(path.read_text("utf-8"))


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "_pages" in parts or "_sample_data" in parts:
            continue
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of ``known`` that a file imports when it runs."""
    return set(_imported(tree(path), known))


def _imported(node: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for other in child.orelse:
                yield from _names(other, known)
                yield from _imported(other, known)
            continue
        yield from _names(child, known)
        yield from _imported(child, known)


def _names(node: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            if whole in known:
                yield whole
            elif node.module in known:
                yield node.module
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "lazy" and node.args:
        name = getattr(node.args[0], "value", None)
        if name in known:
            yield name


def room(module: str) -> str:
    """``workbench.data.build`` lies in ``data``; ``workbench.config`` is its own room."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@cache
def graph() -> dict[str, set[str]]:
    known = modules()
    return {name: imports(path, known) - {name} for name, path in known.items()}


def test_rooms_import_only_from_below() -> None:
    wrong = []
    for module, imported in graph().items():
        own = room(module)
        if own in ("", "__main__") or own in GROUND:
            continue
        assert own in MAY_IMPORT or own in TOP, f"say in this file what {own} may import"
        for other in sorted(imported):
            there = room(other)
            if there in ("", own) or there in GROUND or (module, other) in EXCEPTIONS:
                continue
            allowed = MAY_IMPORT.get(own)
            below = there in allowed if allowed is not None else there not in TOP
            if not below and not (own in TOP and there in TOP[own]):
                wrong.append(f"{module} imports {other}")
    assert wrong == []


def test_the_ground_imports_only_the_ground() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, imported in graph().items()
        if room(module) in GROUND
        for other in imported
        if room(other) not in GROUND
    ]
    assert wrong == []


def test_training_and_scoring_know_no_jobs_and_jobs_no_engine_but_its_address() -> None:
    known = graph()
    for module, imported in known.items():
        if room(module) in ("training", "scoring"):
            assert not {room(other) for other in imported} & {"jobs", "stored_runs"}, module
        if room(module) == "jobs":
            engine = {other for other in imported if room(other) == "engine"}
            assert engine <= {"workbench.engine.address"}, module


def test_no_two_files_import_each_other_in_a_circle() -> None:
    known = graph()
    # The package hands out its notebook names on first use, by name: no import of its own.
    state: dict[str, int] = {}
    circles: list[list[str]] = []

    def visit(module: str, path: list[str]) -> None:
        state[module] = 1
        for other in sorted(known[module]):
            if state.get(other) == 1:
                circles.append([*path[path.index(other) :], other] if other in path else [other])
            elif other not in state:
                visit(other, [*path, other])
        state[module] = 2

    for module in sorted(known):
        if module not in state:
            visit(module, [module])
    assert circles == []


def test_only_the_app_and_its_pages_know_streamlit() -> None:
    wrong = [
        module
        for module, path in modules().items()
        if room(module) != "app"
        and re.search(r"^\s*(import|from) streamlit", path.read_text(), re.M)
    ]
    assert wrong == []


def test_only_one_file_spells_the_names_in_a_runs_folder() -> None:
    names = ("embeddings.safetensors", "encoder.safetensors", "checkpoint.safetensors")
    names += ("predictions.parquet", "map_pca.parquet", "map_umap.parquet", "spectrum.json")
    wrong = [
        f"{module}: {name}"
        for module, path in modules().items()
        if module != "workbench.run_folder"
        for name in names
        if f'"{name}"' in path.read_text("utf-8")
    ]
    assert wrong == []


def test_no_folder_holds_too_many_files() -> None:
    counts = Counter(path.parent for path in modules().values())
    wide = {
        str(folder.relative_to(PACKAGE)): n
        for folder, n in counts.items()
        if n > MOST_FILES and folder != PACKAGE / "tasks"
    }
    assert wide == {}


def test_no_file_and_no_function_is_long() -> None:
    long = []
    for path in [*modules().values(), *PAGES.glob("*.py")]:
        text = path.read_text("utf-8")
        lines = len(text.splitlines())
        if lines > MOST_LINES:
            long.append(f"{path.name}: {lines} lines")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                if size > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{path.name}: {node.name} has {size} lines")
    assert long == []


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for module, path in modules().items():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_names_of_modules_are_nouns_and_verbs() -> None:
    banned = {"asked", "answered", "answering", "answers", "said", "told", "known", "held", "kept"}
    banned |= {"beside", "outside", "near", "stored", "scored", "found", "checked"}
    assert {module for module in modules() if set(module.split(".")) & banned} == set()


def test_every_folder_says_what_is_in_it() -> None:
    folders = {module: path for module, path in modules().items() if path.name == "__init__.py"}
    silent = [
        module for module, path in folders.items() if len(ast.get_docstring(tree(path)) or "") < 40
    ]
    assert silent == []
