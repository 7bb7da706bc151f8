"""Champion beside challenger: a run that was trained again, held against the one that it was made from.

What came of it is said on the page of the run, too.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.challenging import challenge_of, pairs
from app.comparing import Compared
from app.language import _, say
from app.opened import workspace
from app.pieces import metric_title
from app.retraining import lost_members
from app.runs_view.lineage import lineage
from app.wording import count, plain
from engine.errors import InputError
from engine.figures import figure
from engine.insight.again.challenge import Challenge, Verdict
from engine.progress import ACTIVE, Progress
from storage.runs import RunRecord

_BOXES = {
    Verdict.BETTER: (st.success, ":material/trending_up:"),
    Verdict.WORSE: (st.error, ":material/trending_down:"),
    Verdict.OPEN: (st.info, ":material/balance:"),
}


def challengers(runs: Sequence[Compared]) -> None:
    """Draw a block for each of the runs that was trained again from another of them."""
    for champion, challenger in pairs(runs):
        found = _found(champion.record.id, challenger.record.id)
        if found is not None:
            _block(champion, challenger, found)


def what_came_of_it(record: RunRecord, progress: Progress) -> None:
    """Draw where a run comes from, what of the recipe was lost, and which model is better; nothing for other runs."""
    if record.config.again is None:
        return
    lost = lost_members(record.config, progress)
    if lost is not None:
        st.warning(plain(say(lost)), icon=":material/visibility:")
    try:
        found = _found(record.config.again.of, record.id)
    except InputError:
        found = None  # of a run that is gone; its lineage says so
    if found is not None:
        _verdict(found)
    lineage(record, is_ready=progress.ready is not None)


@st.cache_data(show_spinner=False, max_entries=50)
def _worked_out(champion_id: str, challenger_id: str) -> Challenge | None:
    """Work it out once: neither model changes any more."""
    runs = workspace().runs
    return challenge_of(runs, runs.get(champion_id), runs.get(challenger_id))


def _found(champion_id: str, challenger_id: str) -> Challenge | None:
    runs = workspace().runs
    if runs.progress(champion_id).ready is None or runs.progress(challenger_id).status in ACTIVE:
        return None  # what is compared is kept at the end
    with st.spinner(_("Holding the two models against each other …")):
        return _worked_out(champion_id, challenger_id)


def _verdict(found: Challenge) -> None:
    box, icon = _BOXES[found.verdict]
    box(plain(say(found.said[0])), icon=icon)


def _block(champion: Compared, challenger: Compared, found: Challenge) -> None:
    st.header(_("Old model beside new model"), anchor=False)
    _verdict(found)
    for message in found.said[1:]:
        st.caption(plain(say(message)))
    if found.champion is None or found.challenger is None:
        return
    title = metric_title(challenger.progress)
    rows = [(_("All of these rows ({n})").format(n=count(found.n_rows)), found.champion, found.challenger)]
    if len(found.parts) > 1:
        names = {"earlier": _("Earlier rows"), "new": _("New rows")}
        rows += [(names[part], old, new) for part, (old, new) in found.parts.items()]
    cells = pd.DataFrame(
        [[plain(name), figure(old), figure(new)] for name, old, new in rows],
        columns=[
            _("What is compared"),
            plain(_("Old: {name}").format(name=champion.record.name)),
            plain(_("New: {name}").format(name=challenger.record.name)),
        ],
    )
    st.caption(title)
    st.table(cells, hide_index=True)
