"""Does every browser test fail when the feature that it watches is broken? Breaks one at a time.

    python benchmarks/broken_features.py [--only WORD]

In a copy of the project one line of one feature is changed, the test that watches it is run, and
the copy is put right again. A test that still passes watches nothing, and the command ends with 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAP, PAGE = "tests/plots/test_plots_linked_browser.py", "tests/app/shared/test_linked_map.py"
APP = "tests/browser/test_browser_"
JS, SCREEN = "workbench/plots/linked/assets/", "workbench/app/"
_LONGEST = 900


@dataclass(frozen=True)
class Fault:
    """In ``file``, ``text`` becomes ``broken``; ``test`` must notice."""

    test: str
    file: str
    text: str
    broken: str = ""


FAULTS = (
    # The map alone.
    Fault(
        f"{MAP}::test_the_card_shows_the_hovered_sample_in_every_map",
        f"{JS}card.js",
        "pictureOf(sheet, sample, 112)",
        "pictureOf(sheet, sample + 1, 112)",
    ),
    Fault(
        f"{MAP}::test_the_card_is_right_after_filtering_and_faded_samples_have_none",
        f"{JS}looks.js",
        "map.isolated.has(panel.looks[i]) ? 1 : 0",
        "1",
    ),
    Fault(
        f"{MAP}::test_the_ring_is_drawn_in_all_maps_before_the_card",
        f"{JS}overlay.js",
        "if (map.hover >= 0) ring",
        "if (map.hover >= 0 && panel === map.hovered) ring",
    ),
    Fault(
        f"{MAP}::test_colours_are_switched_in_the_browser",
        f"{JS}legend.js",
        "    setColour(map, select.value);\n",
    ),
    Fault(
        f"{MAP}::test_frames_move_the_first_map_and_play_to_the_end",
        f"{JS}frames.js",
        "panel.x = between(frames.x[below], frames.x[above], at - below)",
        "panel.x = frames.x[0]",
    ),
    Fault(
        f"{MAP}::test_trails_are_of_the_samples_that_moved_most",
        f"{JS}frames.js",
        "if (!frames?.trails) return;",
        "return;",
    ),
    Fault(
        f"{MAP}::test_maps_move_together_when_asked_to",
        f"{JS}linked_map.js",
        "setTogether(map, !map.together)",
        "setTogether(map, false)",
    ),
    Fault(
        f"{MAP}::test_webgl_and_canvas_draw_the_same_picture",
        f"{JS}webgl.js",
        "(place - middle) * scale, 0.0",
        "(place - middle) * scale * vec2(1.0, -1.0), 0.0",
    ),
    Fault(
        f"{MAP}::test_webgl_is_used_only_where_a_graphics_card_computes_it",
        f"{JS}webgl.js",
        "gl && !anyhow && bySoftware(gl)",
        "false",
    ),
    Fault(
        f"{MAP}::test_a_lost_context_leaves_the_picture",
        f"{JS}panels.js",
        "    plainly();\n    draw(map, panel);\n",
        "    plainly();\n",
    ),
    Fault(
        f"{MAP}::test_degenerate_maps_are_drawn_and_met",
        f"{JS}geometry.js",
        "Math.max(wide, high) : 1;",
        "Math.max(wide, high) : 0;",
    ),
    Fault(
        f"{MAP}::test_augmented_views_stand_around_their_sample",
        f"{JS}satellites.js",
        "(k % sheet.columns) * sheet.width",
        "0",
    ),
    Fault(
        f"{MAP}::test_a_notebook_shows_it_in_a_frame_that_grows",
        f"{JS}standalone.js",
        "frame.style.height = ",
        "frame.title = ",
    ),
    Fault(
        f"{MAP}::test_names_and_texts_are_never_markup",
        f"{JS}card.js",
        "made.textContent = text",
        "made.innerHTML = text",
    ),
    # The map on a page.
    Fault(
        f"{PAGE}::test_a_lasso_on_one_map_selects_in_python",
        f"{JS}choice.js",
        "chosen[panel.points[i]] = 1",
        "chosen[i] = 1",
    ),
    Fault(
        f"{PAGE}::test_a_box_on_the_other_map_selects_what_it_holds",
        f"{JS}events.js",
        'map.mode === "box"',
        "false",
    ),
    Fault(
        f"{PAGE}::test_hovering_shows_the_sample_in_every_map",
        f"{JS}overlay.js",
        "if (map.hover >= 0) ring",
        "if (map.hover >= 0 && panel === map.hovered) ring",
    ),
    Fault(
        f"{PAGE}::test_keys_go_from_point_to_point_and_pick_one",
        f"{JS}events.js",
        "pick(map, panel.points[here])",
        "pick(map, here)",
    ),
    Fault(
        f"{PAGE}::test_a_click_in_the_legend_isolates_a_class",
        f"{JS}looks.js",
        "map.isolated.has(panel.looks[i]) ? 1 : 0",
        "1",
    ),
    Fault(
        f"{PAGE}::test_zoom_moves_points_and_reset_brings_them_back",
        f"{JS}events.js",
        'else if (event.key === "0") reset(map, panel);\n',
        'else if (event.key === "0") return;\n',
    ),
    Fault(
        f"{PAGE}::test_the_lasso_holds_what_python_finds_inside_it_and_shift_adds",
        f"{JS}choice.js",
        "if (inside(path, x, y))",
        "if (path)",
    ),
    Fault(
        f"{PAGE}::test_the_colour_in_use_comes_to_python_and_stays",
        f"{JS}legend.js",
        "    sendLook(map);\n",
    ),
    Fault(
        f"{PAGE}::test_a_selection_is_named_once",
        f"{JS}choice.js",
        'map.tell("named", { name })',
        "map.told",
    ),
    Fault(
        f"{PAGE}::test_what_is_taken_away_gives_its_contexts_back",
        f"{JS}panels.js",
        "panel.renderer.free()",
        "panel.renderer",
    ),
    Fault(
        f"{PAGE}::test_maps_stand_side_by_side_or_below_each_other",
        f"{JS}linked_map.css",
        "repeat(var(--across, 1), minmax(0, 1fr))",
        "minmax(0, 1fr)",
    ),
    Fault(
        f"{PAGE}::test_each_map_has_a_name_for_screen_readers",
        f"{JS}panels.js",
        '"aria-label"',
        '"data-label"',
    ),
    # Pages.
    Fault(
        f"{APP}app.py::test_pilot_from_start_to_compare_through_refresh_and_restart",
        f"{SCREEN}runs/pilot.py",
        "runs of this pilot have ended",
        "runs",
    ),
    Fault(
        f"{APP}app.py::test_the_server_never_loads_what_trains",
        "pages/compare.py",
        'st.title("Compare")',
        'import torch\nst.title("Compare")',
    ),
    Fault(
        f"{APP}pages.py::test_it_has_an_address_and_scrolls_sideways_nowhere[learn-1280]",
        "workbench/app/entry.py",
        '    st.Page(_PAGES / "learn.py", title="Learn"),\n',
    ),
    Fault(
        f"{APP}pages.py::test_it_has_an_address_and_scrolls_sideways_nowhere[learn-390]",
        "pages/learn.py",
        'st.title("Learn")',
        'st.html("<div style=width:900px>wide</div>"); st.title("Learn")',
    ),
    Fault(
        f"{APP}runs.py::test_stop_and_resume_from_the_page",
        f"{SCREEN}runs/actions.py",
        "launch.resume(session.home(), row.id)",
        "None",
    ),
    Fault(
        f"{APP}app.py::test_a_name_is_asked_once_and_kept_in_this_browser",
        f"{SCREEN}sidebar.py",
        'cookie.keep(session.COOKIE, st.session_state["cookie"])',
        "pass",
    ),
    Fault(
        f"{APP}augment.py",
        f"{SCREEN}augment/composer.py",
        "state.move, chosen, row, -1",
        "state.move, chosen, row, 0",
    ),
    Fault(
        f"{APP}pages.py::test_no_serious_fault_in_light_or_dark[start]",
        "pages/start.py",
        "st.title(",
        'st.html("<p style=color:#999;background:#aaa>faint</p>"); st.title(',
    ),
    Fault(
        f"{APP}compare.py::test_a_box_is_named_coloured_by_and_exported",
        "workbench/store/named_groups.py",
        "{int(row) for row in rows}",
        "{int(row) + 1 for row in rows}",
    ),
    Fault(
        f"{APP}compare.py::test_what_moved_is_selected_on_the_map",
        "workbench/maps/movers.py",
        "-distance, -changed",
        "distance, changed",
    ),
    Fault(
        f"{APP}data_try.py::test_a_zip_is_looked_at_its_folders_become_nothing_and_it_is_prepared",
        f"{SCREEN}data/reading.py",
        "    _inspection.clear()\n",
    ),
    Fault(
        f"{APP}data_try.py::test_a_training_image_finds_itself",
        f"{SCREEN}shared/sample_cells.py",
        "pictures = thumbnails(data, index, side=side)",
        "pictures = thumbnails(data, index + 1, side=side)",
    ),
    Fault(
        f"{APP}inspect.py",
        f"{SCREEN}inspect/scrubber.py",
        "MapPanel(title, maps.xy[-1], rows,",
        "MapPanel(title, maps.xy[-1], np.roll(rows, 1),",
    ),
    Fault(
        f"{APP}pages.py::test_every_control_is_reached_by_the_tabulator[inspect?run=RUN]",
        f"{JS}panels.js",
        "canvas.tabIndex = 0",
        "canvas.tabIndex = -1",
    ),
    Fault(
        f"{APP}learn.py",
        "workbench/lessons/predictions.py",
        '    store.set_setting(_key("prediction", lesson, voter), _value(choice, group))\n',
    ),
    Fault(
        f"{APP}runs.py::test_two_cards_are_chosen_by_keyboard_and_started",
        f"{SCREEN}pretrain/task_cards.py",
        'st.query_params["tasks"] = ",".join(now) or _NOTHING',
        "del now",
    ),
    Fault(
        f"{APP}runs.py::test_a_run_is_named_tagged_found_and_deleted_after_asking",
        f"{SCREEN}runs/actions.py",
        "launch.delete(session.home(), row.id)",
        "None",
    ),
    # Reports.
    Fault(
        "tests/export/test_export_report.py::test_it_opens_in_a_browser_and_draws_everything",
        "workbench/export/report/page.py",
        "<script>{get_plotlyjs()}</script>",
    ),
    Fault(
        "tests/export/test_export_report.py::test_the_card_of_a_point_shows_its_own_picture",
        "workbench/export/report/writer.py",
        "        pictures=pictures,\n",
    ),
)


def copied(folder: Path) -> Path:
    """What git knows of the project, in ``folder``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


@contextmanager
def broken(copy: Path, fault: Fault) -> Iterator[None]:
    """The fault in the copy, for as long as the test runs."""
    file = copy / fault.file
    whole = file.read_text("utf-8")
    if whole.count(fault.text) < 1:
        raise SystemExit(f"{fault.file} has no longer: {fault.text}")
    file.write_text(whole.replace(fault.text, fault.broken, 1), "utf-8")
    try:
        yield
    finally:
        file.write_text(whole, "utf-8")


def fails(copy: Path, test: str) -> bool:
    """Whether the test notices. Raises SystemExit if it could not be run at all."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", test],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{test} could not be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="tests whose name holds this word")
    given = parser.parse_args()
    silent = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for fault in FAULTS:
            if given.only not in fault.test:
                continue
            begun = time.monotonic()
            with broken(copy, fault):
                noticed = fails(copy, fault.test)
            name = fault.test.removeprefix("tests/")
            said = "noticed" if noticed else "NOT NOTICED"
            print(f"{said} ({time.monotonic() - begun:.0f} s): {name}", flush=True)
            silent += [] if noticed else [name]
    if silent:
        raise SystemExit(f"{len(silent)} tests watch nothing: {', '.join(silent)}")


if __name__ == "__main__":
    main()
