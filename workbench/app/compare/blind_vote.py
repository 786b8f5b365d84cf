"""The blind vote: a sample and two rows of neighbours. Which row is more alike?

The page does not say whose rows they are, and shows no result before ten votes unless asked.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from workbench.app.plain import plain
from workbench.app.shared import run_words, session
from workbench.errors import StoreError
from workbench.maps.blind_vote import Trial, trials
from workbench.plots import sheets as html
from workbench.stored_runs import feature_spaces, neighbour_sheets, votes
from workbench.stored_runs.feature_spaces import Stamps
from workbench.stored_runs.neighbour_sheets import NeighbourSheet
from workbench.stored_runs.stored_run import StoredRun
from workbench.stored_runs.votes import Vote

REVEAL_AFTER = 10
# The number of pairs grows with the square of the number of runs.
MOST_RUNS, FEW_RUNS = 3, 2
_QUERIES = 40
_VISITOR, _UNSTORED = "vote-visitor", "votes-unstored"


def show(runs: Sequence[StoredRun]) -> None:
    """Draw a question, and the result."""
    chosen = _choose_runs(runs)
    if not chosen:
        return
    sheet = _neighbours(feature_spaces.stamps(chosen), _runs=chosen)
    if sheet is None:
        st.caption("The samples of these runs are not on this machine.")
        return
    st.write("Which row is more similar to the sample? Names stay hidden while you vote.")
    st.fragment(_vote)(sheet)


def _choose_runs(runs: Sequence[StoredRun]) -> list[StoredRun]:
    """The runs to vote on; pixels or words and the untrained encoder take part, too."""
    if len(runs) <= FEW_RUNS:
        return list(runs)
    titles = list(run_words.unique_titles(runs).values())
    chosen = st.multiselect(
        "Runs that take part",
        range(len(runs)),
        list(range(FEW_RUNS)),
        format_func=titles.__getitem__,
        max_selections=MOST_RUNS,
        help="Pixels or words and the untrained encoder take part as well. More runs need more "
        "votes.",
    )
    return [runs[number] for number in sorted(chosen)]


def _vote(sheet: NeighbourSheet) -> None:
    fingerprint, voter = sheet.data.info.fingerprint, _voter()
    all_votes = _all_votes(fingerprint)
    answered = {(v.row, v.first, v.second) for v in all_votes if v.voter == voter}
    questions = _questions(sheet)
    question = next((trial for trial in questions if _key(trial) not in answered), None)
    count = sum(_key(trial) in answered for trial in questions)
    if question is not None:
        _show_question(sheet, question, voter)
    elif questions:
        st.write("You have answered every question there is for these runs.")
    else:
        st.write("All rows hold the same neighbours: there is nothing to choose.")
    st.caption(
        f"{count} of {len(questions)} questions answered; any number helps. Keys: A, B, and N for "
        "neither."
    )
    if st.session_state.get(_UNSTORED):
        st.caption("Votes cannot be stored in this home; yours count until you close this page.")
    revealed = count >= REVEAL_AFTER or st.toggle(
        "Show the result already",
        help=f"It appears after {REVEAL_AFTER} votes. Whoever knows it votes less freely.",
    )
    if revealed:
        _show_result(sheet, all_votes)


def _show_question(sheet: NeighbourSheet, trial: Trial, voter: str) -> None:
    query = int((sheet.queries == trial.row).argmax())
    above, below = (sheet.by[name][query] for name in (trial.above, trial.below))
    cells = neighbour_sheets.Cells(sheet.data, np.unique([trial.row, *above, *below]))
    rows = [cells.row(above, "Row A"), cells.row(below, "Row B")]
    st.html(html.block(cells.query(trial.row), rows))
    choices = (("Row A", "A", trial.above), ("Row B", "B", trial.below), ("Cannot tell", "N", ""))
    with st.container(horizontal=True):
        for label, letter, choice in choices:
            vote = (sheet.data.info.fingerprint, voter, trial, choice)
            st.button(label, key=f"vote-{letter}", shortcut=letter, on_click=_cast, args=vote)


def _cast(fingerprint: str, voter: str, trial: Trial, choice: str) -> None:
    vote = votes.vote(voter, trial.row, trial.above, trial.below, choice)
    try:
        votes.keep(session.store(), fingerprint, vote)
    except StoreError:
        st.session_state.setdefault(_UNSTORED, []).append(vote)


def _show_result(sheet: NeighbourSheet, all_votes: Sequence[Vote]) -> None:
    tallies = votes.tallies(all_votes, list(sheet.by))
    if not tallies:
        st.caption("There are no votes on these runs yet.")
        return
    st.markdown("\n".join(f"- {plain(votes.sentence(tally, sheet.titles))}" for tally in tallies))
    people = len({vote.voter for vote in all_votes})
    st.caption(
        f"Votes of {people} {'person' if people == 1 else 'people'} on these data. The 95 % Wilson "
        "interval takes votes as independent, so many votes of one person count too much. You "
        "vote only on samples for which the two rows differ. Looking alike is not the same as "
        "being of use for a task."
    )


def _all_votes(fingerprint: str) -> list[Vote]:
    return [
        *votes.votes_on(session.store(), fingerprint),
        *st.session_state.get(_UNSTORED, []),
    ]


def _voter() -> str:
    """The name of who votes, or a token that lasts as long as this page is open."""
    name = session.viewer().name
    if name:
        return name.casefold()
    # A name cannot contain "~", so no token equals a name.
    return str(st.session_state.setdefault(_VISITOR, f"~{secrets.token_hex(4)}"))


def _questions(sheet: NeighbourSheet) -> list[Trial]:
    return trials(sheet.by, sheet.queries, zlib.crc32(sheet.data.info.fingerprint.encode()))


def _key(trial: Trial) -> tuple[int, str, str]:
    """Equal for a question and a vote on it: row, first and second of ``Vote``."""
    first, second = sorted((trial.above, trial.below))
    return trial.row, first, second


@st.cache_data(max_entries=8, show_spinner="Looking for neighbours")
def _neighbours(stamps: Stamps, *, _runs: Sequence[StoredRun]) -> NeighbourSheet | None:
    return neighbour_sheets.neighbour_sheet(_runs, queries=_QUERIES, purpose="vote")
