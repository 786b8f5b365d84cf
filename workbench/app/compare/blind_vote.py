"""The blind vote on the screen: a sample, two rows of neighbours, and which is more alike.

Whose rows they are is not said, and no result is shown before ten votes unless one asks for it.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from workbench.app.shared import session
from workbench.errors import StoreError
from workbench.maps.blind import Trial, trials
from workbench.plots import sheets as html
from workbench.store import votes
from workbench.store.votes import Vote
from workbench.stored_runs import feature_spaces, neighbour_sheets
from workbench.stored_runs.feature_spaces import Place, Stamps
from workbench.stored_runs.neighbour_sheets import Near

REVEAL_AFTER = 10
# Pairs grow with the square of the sources, and a person's patience does not.
MOST_RUNS, FEW_RUNS = 3, 2
_QUERIES = 40
_VISITOR, _UNSTORED = "vote-visitor", "votes-unstored"


def show(places: Sequence[Place]) -> None:
    """Ask, and count."""
    voted = _taking_part(places)
    if not voted:
        return
    near = _near(feature_spaces.stamps(voted), _places=voted)
    if near is None:
        st.caption("The samples of these runs are not on this machine.")
        return
    st.write(
        "Two ways of seeing the data name what is nearest to the sample. Whose row holds what is "
        "more like it? Names stay hidden while you vote."
    )
    st.fragment(_ask)(near)


def _taking_part(places: Sequence[Place]) -> list[Place]:
    """The runs to vote on, with pixels or words and the untrained encoder."""
    if len(places) <= FEW_RUNS:
        return list(places)
    titles = feature_spaces.unique_titles([row for _, row in places])
    chosen = st.multiselect(
        "Runs that take part",
        range(len(places)),
        list(range(FEW_RUNS)),
        format_func=lambda place: titles[place],
        max_selections=MOST_RUNS,
        help="Beside them stand pixels or words only and the untrained encoder. The more take "
        "part, the more votes it takes.",
    )
    return [places[place] for place in sorted(chosen)]


def _ask(near: Near) -> None:
    fingerprint, voter = near.data.info.fingerprint, _voter()
    given = _all_votes(fingerprint)
    mine = {(v.row, v.first, v.second) for v in given if v.voter == voter}
    asked = _trials(near)
    trial = next((one for one in asked if _place(one) not in mine), None)
    count = sum(_place(one) in mine for one in asked)
    if trial is not None:
        _question(near, trial, voter)
    elif asked:
        st.write("You have answered every question there is for these runs.")
    else:
        st.write("Every way of seeing names the same neighbours: there is nothing to choose.")
    st.caption(f"{count} of {len(asked)} questions answered; any number helps.")
    if st.session_state.get(_UNSTORED):
        st.caption("Votes cannot be stored in this home; yours count until you close this page.")
    revealed = count >= REVEAL_AFTER or st.toggle(
        "Show the result already",
        help=f"It is shown by itself after {REVEAL_AFTER} votes. Who knows it votes less freely.",
    )
    if revealed:
        _result(near, given)


def _question(near: Near, trial: Trial, voter: str) -> None:
    at = int((near.queries == trial.row).argmax())
    rows = {name: near.by[name][at] for name in (trial.above, trial.below)}
    cells = neighbour_sheets.Cells(
        near.data, np.unique([trial.row, *np.concatenate(list(rows.values()))])
    )
    made = [
        cells.row(rows[name], f"Row {letter}")
        for letter, name in (("A", trial.above), ("B", trial.below))
    ]
    st.html(html.block(cells.query(trial.row), made))
    choices = (("Row A", "A", trial.above), ("Row B", "B", trial.below), ("Cannot tell", "N", ""))
    with st.container(horizontal=True):
        for label, letter, choice in choices:
            vote = (near.data.info.fingerprint, voter, trial, choice)
            st.button(label, key=f"vote-{letter}", shortcut=letter, on_click=_cast, args=vote)
    st.caption("Keys: A, B, and N for neither.")


def _cast(fingerprint: str, voter: str, trial: Trial, choice: str) -> None:
    given = votes.vote(voter, trial.row, trial.above, trial.below, choice)
    try:
        votes.keep(session.store(), fingerprint, given)
    except StoreError:
        st.session_state.setdefault(_UNSTORED, []).append(given)


def _result(near: Near, given: Sequence[Vote]) -> None:
    found = votes.tallies(given, list(near.by))
    if not found:
        st.caption("There are no votes on these runs yet.")
        return
    st.markdown("\n".join(f"- {votes.words(tally, near.titles)}" for tally in found))
    people = len({one.voter for one in given})
    st.caption(
        f"Votes of {people} {'person' if people == 1 else 'people'} on these data, with the 95 % "
        "Wilson interval of the share, which takes votes as independent: many votes of one person "
        "say less than it looks. Only samples for which the two rows differ are asked about. "
        "Looking alike is not the same as being of use for a task."
    )


def _all_votes(fingerprint: str) -> list[Vote]:
    return [
        *votes.kept(session.store(), fingerprint),
        *st.session_state.get(_UNSTORED, []),
    ]


def _voter() -> str:
    """Who votes: by name, or as a visitor for as long as this page is open."""
    name = session.viewer().name
    if name:
        return name.casefold()
    # A name cannot hold "~", so that no visitor is taken for a person.
    return str(st.session_state.setdefault(_VISITOR, f"~{secrets.token_hex(4)}"))


def _trials(near: Near) -> list[Trial]:
    return trials(near.by, near.queries, zlib.crc32(near.data.info.fingerprint.encode()))


def _place(trial: Trial) -> tuple[int, str, str]:
    first, second = sorted((trial.above, trial.below))
    return trial.row, first, second


@st.cache_data(max_entries=8, show_spinner="Looking for neighbours")
def _near(stamps: Stamps, *, _places: Sequence[Place]) -> Near | None:
    return neighbour_sheets.near(_places, queries=_QUERIES, purpose="vote")
