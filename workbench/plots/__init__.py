"""Charts and small HTML pieces, the same for pages, notebooks and reports: arrays and records in.

One figure a file, in plotly, all in the look of ``style.py``: start reading there, then
``scores.py``. ``linked/`` is the map with a browser's part. ``cards.py``, ``sheets.py`` and
``views.py`` are HTML without plotly, ``thumbnail.py`` draws pictures for cards, ``words.py`` holds
the words that charts and pages share. Every figure takes ``theme``: ``light``, ``dark``, or
``both`` (the default: a grey that can be read on either).

``app``, ``api``, ``export`` and ``stored_runs`` may import this room. It knows ``comparison``,
``diagnostics`` and records, no store and no task. Figures are imported on first use, so that
importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.plots.agreement import agreement_figure
    from workbench.plots.baselines import baselines_figure
    from workbench.plots.checks import checks_figure
    from workbench.plots.classes import class_counts_figure
    from workbench.plots.curves import curves_figure
    from workbench.plots.factors import factors_figure
    from workbench.plots.labels import label_efficiency_figure
    from workbench.plots.levels import levels_figure
    from workbench.plots.linked import MapPanel
    from workbench.plots.maps import embedding_figure
    from workbench.plots.pooled import pooled_figure
    from workbench.plots.scores import scores_figure
    from workbench.plots.seeds import seeds_figure
    from workbench.plots.spectrum import spectrum_figure
    from workbench.plots.tally import tally_figure

_MODULES = {
    "MapPanel": "linked",
    "agreement_figure": "agreement",
    "baselines_figure": "baselines",
    "checks_figure": "checks",
    "class_counts_figure": "classes",
    "curves_figure": "curves",
    "embedding_figure": "maps",
    "factors_figure": "factors",
    "label_efficiency_figure": "labels",
    "levels_figure": "levels",
    "pooled_figure": "pooled",
    "scores_figure": "scores",
    "seeds_figure": "seeds",
    "spectrum_figure": "spectrum",
    "tally_figure": "tally",
}

__all__ = [
    "MapPanel",
    "agreement_figure",
    "baselines_figure",
    "checks_figure",
    "class_counts_figure",
    "curves_figure",
    "embedding_figure",
    "factors_figure",
    "label_efficiency_figure",
    "levels_figure",
    "pooled_figure",
    "scores_figure",
    "seeds_figure",
    "spectrum_figure",
    "tally_figure",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
