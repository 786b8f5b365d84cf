"""Has numba keep what it compiles of umap-learn, for every process that the tests start.

umap-learn compiles for about 20 s in each process that fits its first map, and nearly none of its
functions is declared with ``cache=True``. ``tests/conftest.py`` puts this folder on ``PYTHONPATH``,
and Python imports a module of this name when it starts. What is compiled stays the same.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any


class _BeforeUmap(MetaPathFinder):
    """Changes the default of ``numba.njit`` just before umap-learn is imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name != "umap":
            return
        sys.meta_path.remove(self)
        import numba

        compile_function = numba.njit
        numba.njit = lambda *words, **options: compile_function(
            *words, **{"cache": True, **options}
        )


sys.meta_path.insert(0, _BeforeUmap())
