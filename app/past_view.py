"""What earlier runs taught: to look at and to switch off on the page of the settings, and told during a training."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from app.language import _
from app.opened import workspace
from app.pieces import family_title
from app.preferences import preferences, save
from app.wording import count, joined, plain
from engine.progress import Progress
from engine.search.experience import Experience
from engine.search.portfolio_file import best_families
from storage.experience import workspace_experience

SWITCH = "settings_use_past"


def past_runs() -> None:
    """Draw the switch, and what is known of the tables of earlier runs."""
    st.header(_("What earlier runs taught"), anchor=False)
    st.write(
        _(
            "A new run begins with what worked on tables like the one at hand. Only names of settings, scores and "
            "coarse facts are looked at, such as the number of rows; no values of a table. A table never learns from "
            "runs on itself: their settings may have been chosen by the rows that are set aside now."
        )
    )
    st.toggle(
        _("Learn from the earlier runs of this workspace"),
        value=preferences().use_past,
        key=SWITCH,
        on_change=_switch,
        disabled=not workspace().actor.manages,
    )
    learnt = workspace_experience(workspace().runs)
    if learnt:
        st.dataframe(
            pd.DataFrame([_row(each) for each in learnt]),
            hide_index=True,
            alt=_("Tables of earlier runs and what worked best on them"),
            column_config={_("Error taken away"): st.column_config.NumberColumn(format="percent")},
        )
    else:
        st.caption(_("Nothing yet: the first run that ends is listed here."))
    _shipped()


def begun_with(progress: Progress) -> None:
    """Say which earlier runs a training begins with; nothing where there is none like it."""
    if progress.described is not None and progress.described.alike:
        names = joined([plain(name) for name in progress.described.alike])
        st.caption(
            _("Tried early, because it was best on a table like this one: what won in {runs}.").format(runs=names)
        )


def _switch() -> None:
    save(replace(preferences(), use_past=bool(st.session_state[SWITCH])))


def _row(each: Experience) -> dict[str, object]:
    return {
        _("Run"): each.name,
        _("Rows learnt from"): count(round(10**each.features.log_rows)),
        _("Columns"): round(10**each.features.log_columns),
        _("Best model family"): family_title(each.outcomes[0].family),
        _("Error taken away"): each.gain,
        _("Candidates"): len(each.outcomes),
    }


def _shipped() -> None:
    """Draw what comes with the application."""
    best = best_families()
    if not best:
        return
    with st.expander(_("What comes with the application: {n} public tables").format(n=len(best))):
        st.caption(_("Every run begins with what was learnt on these, unless it is told not to look at the past."))
        rows = [{_("Table"): name, _("Best model family"): family_title(family)} for name, family in best.items()]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("Public tables and what worked best on them"))
