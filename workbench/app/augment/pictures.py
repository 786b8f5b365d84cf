"""The pictures of the Augment page: augmented views, each operation alone, the cost of a view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from workbench import registry
from workbench.app.augment.state import PolicyRow, edit
from workbench.app.plain import plain
from workbench.app.shared import illustration, messages, session
from workbench.augment.changes import changes
from workbench.config import AugmentStep
from workbench.data.dataset import DataInfo
from workbench.engine.replies import Cost, Pixels, Preview, Shown
from workbench.errors import WorkbenchError
from workbench.plots import views as drawing

MOST_VIEWS = 8
_VIEWS = {"image": 4, "text": 2}
_SHOWN = {"image": 6, "text": 3}
_TEXTS_APART = 2
# A prime, so that the samples shown lie far apart in the training split.
_STRIDE = 7919
_MOST = 10**6
# A difference between the whole and the sum of its parts that is shown, as a share of the whole.
_NOTICED = 0.02
_TURN, _SEED, _COUNT = "turn", "seed", "views"
_PLACES = ("alone, on the originals", "in its place, after the steps above it")


def show_views(info: DataInfo, steps: Sequence[AugmentStep]) -> Preview | None:
    """Draw originals and their views; returns them, None after an error, which is shown."""
    turn, seed, count = _number(_TURN, 0), _number(_SEED, 0), _views(info)
    _controls(turn, seed, count, info)
    shown = min(_SHOWN[info.modality], info.counts["train"])
    rows = [(turn * shown + i) * _STRIDE % info.counts["train"] for i in range(shown)]
    try:
        preview = session.engine().preview(info.fingerprint, steps, rows, views=count, seed=seed)
    except WorkbenchError as error:
        st.error(f"There are no pictures: {messages.error_words(error)}")
        return None
    with st.container(key="augment-views"):
        _whole(preview, info)
    for note in preview.notes:
        st.caption(plain(note))
    return preview


def show_each_step(
    preview: Preview, info: DataInfo, chosen: Sequence[PolicyRow], steps: Sequence[AugmentStep]
) -> None:
    """Draw the effect of each step. steps: those of ``chosen`` that are on."""
    st.subheader("Each operation apart")
    st.caption(f"On the same {_nouns(info)[1]}, with the draws of view 1.")
    if info.modality == "image":
        st.html(drawing.strip(_pixels(preview.originals), "originals"))
    titles = [registry.augmentation(step.name).title for step in steps]
    numbers = [number for number, row in enumerate(chosen, start=1) if row.on]
    for i, title in enumerate(titles):
        _step(preview, i, f"{numbers[i]}. {title}", info)


def show_cost(info: DataInfo, steps: Sequence[AugmentStep]) -> None:
    """Draw what a view costs, in all and by step."""
    titles = [registry.augmentation(step.name).title for step in steps]
    _cost(info, steps, titles)


def _controls(turn: int, seed: int, count: int, info: DataInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "Show other samples",
            icon=":material/shuffle:",
            on_click=_set,
            args=(_TURN, (turn + 1) % _MOST),
        )
        st.button(
            "Draw again",
            icon=":material/casino:",
            on_click=_set,
            args=(_SEED, (seed + 1) % _MOST),
            help=f"The same {_nouns(info)[1]}, changed by chance anew.",
        )
        key = f"augment-views-{info.modality}"
        st.session_state.setdefault(key, count)
        st.slider(
            "Augmented views of each",
            1,
            MOST_VIEWS,
            key=key,
            width=220,
            on_change=lambda: _set(_COUNT, st.session_state[key]),
        )


def _whole(preview: Preview, info: DataInfo) -> None:
    if info.modality == "image":
        st.html(drawing.grid(_pixels(preview.originals), [_pixels(v) for v in preview.views]))
        return
    _legend()
    blocks = [
        drawing.text_block(
            illustration.marked((word, "") for word in original),
            [illustration.marked(changes(original, view[i])) for view in preview.views],
        )
        for i, original in enumerate(preview.originals)
    ]
    st.html("".join(blocks))


def _legend() -> None:
    marks = ("masked", "replaced", "moved", "added", "left out")
    st.html(illustration.marked((mark, mark) for mark in marks))
    st.caption(
        "Words as the model gets them; ## goes on with a word. What became of each is found by "
        "comparing with the original. Words left out are shown, but are not in the view."
    )


def _step(preview: Preview, i: int, title: str, info: DataInfo) -> None:
    originals, alone, after = preview.originals, preview.alone[i], preview.after[i]
    count = len(originals)
    if info.modality == "image":
        changed = drawing.changed(_pixels(originals), _pixels(alone))
        page = drawing.pair(_pixels(alone), _pixels(after), _PLACES)
    else:
        changed = sum(a != b for a, b in zip(originals, alone, strict=True))
        page = drawing.text_pair(_marked(originals, alone), _marked(originals, after), _PLACES)
    noun = _nouns(info)[count != 1]
    st.markdown(f"**{title}** · alone it changed {changed} of {count} {noun} in this draw")
    st.html(page)


def _marked(originals: Shown, texts: Shown) -> list[str]:
    """The first of the texts as HTML, compared with their originals."""
    return [
        illustration.marked(changes(original, text))
        for original, text in zip(originals[:_TEXTS_APART], texts, strict=False)
    ]


def _pixels(shown: Shown) -> Pixels:
    """``shown``, where the data are images."""
    return cast(Pixels, shown)


def _cost(info: DataInfo, steps: Sequence[AugmentStep], titles: Sequence[str]) -> None:
    st.subheader("Cost a view")
    try:
        cost = session.engine().cost(info.fingerprint, steps)
    except WorkbenchError as error:
        st.error(f"There is no measurement: {messages.error_words(error)}")
        return
    st.markdown(f"**{_ms(cost.whole)}** in all · " + " · ".join(cost_parts(titles, cost)))
    st.caption(
        f"Measured once on one core of this machine, in a batch of {cost.batch}. Other work on the "
        "machine counts in."
    )


def cost_parts(titles: Sequence[str], cost: Cost) -> list[str]:
    """The cost of each step alone, and what is left of the whole, so that the parts add up."""
    parts = [f"{title} {_ms(each)}" for title, each in zip(titles, cost.each, strict=True)]
    left = cost.whole - sum(cost.each)
    if left > _NOTICED * cost.whole:
        parts.append(f"work together {_ms(left)}")
    elif left < -_NOTICED * cost.whole:
        parts.append(f"sharing a pass saves {_ms(-left)}")
    return parts


def _ms(milliseconds: float) -> str:
    """Two digits: more would claim more than a few tries can measure."""
    return f"{milliseconds:.2g} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def _nouns(info: DataInfo) -> tuple[str, str]:
    """One sample and several, in words."""
    return ("image", "images") if info.modality == "image" else ("text", "texts")


def _views(info: DataInfo) -> int:
    count = _number(_COUNT, _VIEWS[info.modality])
    return count if 1 <= count <= MOST_VIEWS else _VIEWS[info.modality]


def _number(name: str, default: int) -> int:
    """A whole number in the address; ``default`` if there is none or it is too large."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) < _MOST else default


@edit
def _set(name: str, value: int) -> None:
    st.query_params[name] = str(value)
