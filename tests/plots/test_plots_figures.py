"""Figures carry the numbers given, in words that people can read."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from workbench import comparison, plots
from workbench.diagnostics import zones
from workbench.plots import style


def _named(figure: Any, name: str) -> list[Any]:
    return [trace for trace in figure.data if trace.name == name]


def _annotations(figure: Any) -> str:
    return " ".join(a.text for a in figure.layout.annotations)


def test_spectrum_has_a_panel_a_space_and_stops_at_zero() -> None:
    spectra = {
        "run A": {
            "h": {"trained": [4.0, 1.0, 0.5], "untrained": [1.0, 0.9, 0.8]},
            "z": {"trained": [1.0, 0.0, 0.0]},
        },
        "run B": {"h": {"trained": [2.0, 2.0, 2.0]}},
    }
    figure = plots.spectrum_figure(spectra)
    first = {(trace.name, trace.yaxis): list(trace.y) for trace in figure.data}
    assert first["run A", "y"] == [1.0]
    assert first["run A", "y2"] == [4.0, 1.0, 0.5]
    assert first["run A, untrained", "y2"] == [1.0, 0.9, 0.8]
    assert first["run B", "y2"] == [2.0, 2.0, 2.0]
    assert figure.layout.yaxis.type == figure.layout.yaxis2.type == "log"
    assert "projection z" in figure.layout.yaxis.title.text


def test_curves_and_the_chance_line_of_each_run() -> None:
    curves = {"a": [(0, 5.0), (10, 1.0)], "b": [(0, 2.0)]}
    figure = plots.curves_figure(curves, chance={"a": 5.5, "b": None})
    assert list(_named(figure, "a")[0].x) == [0, 10]
    assert list(_named(figure, "a")[0].y) == [5.0, 1.0]
    assert _named(figure, "b")[0].mode == "markers"
    assert [shape.y0 for shape in figure.layout.shapes] == [5.5]
    assert figure.layout.shapes[0].line.dash == "dash"
    assert _named(figure, "guessing")
    assert not plots.curves_figure(curves).layout.shapes
    assert plots.curves_figure({"a": [(0, 1.0)]}, chance=0.7).layout.shapes[0].y0 == 0.7


@pytest.mark.parametrize("theme", ["light", "dark", "both"])
def test_figures_that_are_made_unchecked_pass_plotlys_checks(theme: Any) -> None:
    z = {"check.z.std_sqrt_d": [(0, 0.9)], "check.z.rankme_ratio": [(0, 0.5)]}
    views = z | {"check.z.alignment": [(0, 1.5), (5, 0.4)]}
    for figure in (
        plots.curves_figure({"a": [(0, 5.0), (1, 2.0)]}, chance={"a": 5.5}, theme=theme),
        plots.curves_figure({"a": [(0, 5.0)]}, chance=4.0, log=True, theme=theme),
        plots.checks_figure({"a": views, "b": z}, theme=theme),
    ):
        checked = go.Figure(figure.to_dict())
        assert len(checked.data) >= 2
        assert checked.layout.shapes
        with pytest.raises(ValueError, match="no such thing"):
            go.Figure({"layout": {"shapes": [{"type": "no such thing"}]}})


def test_curves_on_a_logarithmic_axis_leave_out_zero() -> None:
    figure = plots.curves_figure({"a": [(0, 1.0), (1, 0.0), (2, 0.1)]}, log=True)
    assert list(figure.data[0].x) == [0, 2]


def test_checks_shade_the_zones_of_the_verdict_in_words() -> None:
    runs = {
        "joint": {"check.z.std_sqrt_d": [(0, 0.1), (5, 0.9)], "check.z.rankme_ratio": [(0, 0.5)]},
        "masked": {"check.h.std_sqrt_d": [(0, 0.3)], "check.h.rankme_ratio": [(0, 1.2)]},
    }
    figure = plots.checks_figure(runs)
    assert list(figure.data[0].y) == [0.1, 0.9]
    assert _named(figure, "masked (of h)")
    words = _annotations(figure)
    for phrase in ("all in one place", "few directions", "may be a collapse"):
        assert phrase in words
    # Above their panels, beside a mark of the zone's colour: a line may run anywhere in a panel.
    for axis, note in zip(("yaxis", "yaxis2"), figure.layout.annotations, strict=True):
        assert (note.yref, note.yanchor) == ("paper", "bottom")
        assert note.y == figure.layout[axis].domain[1]
        assert "■" in note.text
    assert figure.layout.yaxis.domain[0] - figure.layout.yaxis2.domain[1] > 0.08
    edges = {shape.y1 for shape in figure.layout.shapes}
    assert {zones.COMPLETE_STD, 0.1, zones.LOW_RANK} <= edges
    assert figure.layout.yaxis2.range[1] >= 1.2


def test_checks_show_how_far_views_lie_apart_where_a_run_has_views() -> None:
    z = {"check.z.std_sqrt_d": [(0, 0.9)], "check.z.rankme_ratio": [(0, 0.5)]}
    paired = z | {"check.z.alignment": [(0, 1.5), (5, 0.4)]}
    figure = plots.checks_figure({"views": paired, "none": z})
    shown = [trace for trace in _named(figure, "views") if trace.yaxis == "y3"]
    assert [list(trace.y) for trace in shown] == [[1.5, 0.4]]
    assert figure.layout.yaxis3.title.text == "two views apart"
    assert 2 in {shape.y0 for shape in figure.layout.shapes}
    assert "yaxis3" not in plots.checks_figure({"none": z}).layout


def test_scores_show_gains_with_intervals_and_the_zero_line(make_run: Any) -> None:
    runs = [make_run("simclr", 0.2), make_run("vicreg", -0.1), make_run("mae", gains=[])]
    figure = plots.scores_figure(runs)
    knn = _named(figure, "nearest neighbours share the label")[0]
    assert list(knn.x) == pytest.approx([20, -10])
    assert list(knn.error_x.array) == pytest.approx([5, 5])
    assert list(knn.error_x.arrayminus) == pytest.approx([3, 3])
    assert len(figure.data) == 2
    assert any(shape.x0 == shape.x1 == 0 for shape in figure.layout.shapes)
    assert figure.layout.yaxis.ticktext[0] == comparison.title(runs[0])
    assert comparison.title(runs[2]) in _annotations(figure)


def test_scores_fall_back_to_auroc_and_survive_no_runs(make_run: Any) -> None:
    row = {**make_run()["gains"][0], "protocol": "anomaly", "metric": "auroc"}
    figure = plots.scores_figure([make_run(gains=[row])])
    assert figure.data[0].name == "finds the unusual"
    assert not plots.scores_figure([]).data


def test_label_efficiency_draws_baselines_once(make_run: Any) -> None:
    runs = [make_run("simclr"), make_run("vicreg")]
    figure = plots.label_efficiency_figure(runs)
    names = [trace.name for trace in figure.data]
    assert names.count("untrained encoder") == names.count("pixels only") == 1
    line = _named(figure, comparison.title(runs[0]))[0]
    assert list(line.x) == [1, 5, 10]
    assert list(line.y) == pytest.approx([0.41, 0.45, 0.5])
    assert list(line.error_y.array) == pytest.approx([0.06] * 3)
    assert line.line.dash == "solid"
    other = make_run("mae")
    other["config"]["encoder"] = "vit"
    names = [t.name for t in plots.label_efficiency_figure([make_run(), other]).data]
    assert "untrained encoder (vit)" in names
    assert "untrained encoder (resnet18)" in names


def test_seeds_of_one_configuration_share_a_colour_with_few_labels(make_run: Any) -> None:
    runs = [make_run("simclr"), make_run("vicreg"), make_run("simclr", id="simclr-bbbbbb")]
    runs[2]["config"]["seed"] = 1
    figure = plots.label_efficiency_figure(runs)
    first, other, second = (_named(figure, comparison.title(run))[0] for run in runs)
    assert first.line.color == second.line.color != other.line.color
    assert (first.opacity, second.opacity) == (1.0, 0.55)


def test_class_counts_pool_what_does_not_fit() -> None:
    counts = {"train": list(range(100)), "test": [1] * 100}
    figure = plots.class_counts_figure([f"c{i}" for i in range(100)], counts, most=10)
    assert len(figure.data[0].x) == 10
    assert sum(figure.data[0].x) == sum(range(100))
    assert figure.layout.yaxis.ticktext[-1] == "91 more classes"
    small = plots.class_counts_figure(["a", "b"], {"train": [3, 4]})
    assert list(small.data[0].x) == [3, 4]


def _panel(title: str, n: int, *, flat: bool = False) -> plots.MapPanel:
    xy = np.random.default_rng(n).standard_normal((n, 2)) * (0 if flat else 1)
    return plots.MapPanel(title, xy, np.arange(n) * 2, "collapse check: low rank", "PCA")


def test_maps_carry_sample_ids_and_the_verdict() -> None:
    panels = [_panel("one", 40), _panel("two", 40)]
    labels = np.arange(80) % 3
    labels[0] = -1
    figure = plots.embedding_figure(panels, labels, ["a", "b", "c"], texts=["<b>"] * 80)
    ids = [i for trace in figure.data if trace.xaxis == "x" for i in trace.customdata]
    assert sorted(ids) == list(range(0, 80, 2))
    for trace in figure.data:
        expected = {"a": 0, "b": 1, "c": 2, "no label": -1}[trace.name]
        assert set(labels[trace.customdata]) == {expected}
    point = _named(figure, "b")[0]
    place = list(panels[0].rows).index(point.customdata[0])
    assert point.x[0] == pytest.approx(panels[0].xy[place, 0], rel=1e-6)
    assert "low rank" in _annotations(figure)
    assert sum(bool(trace.showlegend) for trace in figure.data) == 4
    assert "<b>" not in str(point.text)


def test_many_points_use_webgl_but_never_where_all_coincide() -> None:
    many = [_panel("many", 10_000)]
    assert plots.embedding_figure(many).data[0].type == "scattergl"
    assert plots.embedding_figure([*many, _panel("flat", 10, flat=True)]).data[0].type == "scatter"


def test_colours_repeat_with_another_symbol() -> None:
    pairs = {(style.colour(i), style.symbol(i)) for i in range(90)}
    assert len(pairs) == 90
    assert len(set(style.COLOURS)) == 12
    assert style.colour(-1) == style.UNLABELLED


@pytest.mark.parametrize("theme", ["light", "dark", "both"])
def test_themes_change_the_text_and_nothing_is_opaque(theme: style.Theme) -> None:
    figure = plots.curves_figure({"a": [(0, 1.0)]}, theme=theme)
    assert figure.layout.font.color == style.text_colour(theme)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_importing_the_package_imports_no_figures() -> None:
    code = (
        "import sys, workbench.plots, workbench.plots.style, workbench.plots.checks; "
        "sys.exit(bool({'plotly', 'torch', 'sklearn', 'umap'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError):
        plots.no_such_figure  # noqa: B018
    assert set(plots.__all__) <= set(dir(plots)) | set(plots._MODULES)


def test_seeds_are_dots_beside_their_mean() -> None:
    groups = [
        {
            "name": "SimCLR",
            "seeds": [0, 1, 2],
            "gains": [0.1, 0.2, 0.3],
            "value": 0.2,
            "low": 0.05,
            "high": 0.4,
        },
        {"name": "BYOL", "seeds": [0], "gains": [0.1], "value": 0.1, "low": 0.0, "high": 0.2},
    ]
    figure = plots.seeds_figure(groups)
    (means,) = _named(figure, "mean, 95 %")
    assert list(means.x) == pytest.approx([20, 10])
    assert list(means.error_x.arrayminus) == pytest.approx([15, 10])
    assert list(means.error_x.array) == pytest.approx([20, 10])
    (dots,) = _named(figure, "one seed")
    assert list(dots.x) == pytest.approx([10, 20, 30, 10])
    assert list(dots.y) == pytest.approx([0.2, 0.2, 0.2, 1.2])
    assert list(figure.layout.yaxis.ticktext) == ["SimCLR", "BYOL"]


def test_a_legend_lies_below_the_plot() -> None:
    """At the chart's lower edge, below the axis and its title."""
    points = [(step, 1.0 / (step + 1)) for step in range(3)]
    titles = ["SimCLR", "SimSiam without stop-gradient"]
    figures = [
        plots.curves_figure(dict.fromkeys(titles, points), chance=1.0),
        plots.checks_figure({title: {"check.z.std_sqrt_d": points} for title in titles}),
        plots.spectrum_figure({title: {"z": {"trained": [2.0, 1.0]}} for title in titles}),
        plots.embedding_figure([_panel("SimCLR", 4)], np.zeros(8, int), ["one"]),
    ]
    for figure in figures:
        legend = figure.layout.legend
        assert (legend.yref, legend.y, legend.yanchor) == ("container", 0, "bottom")
