"""What the forms of the goal page begin with: the usual values, or those of a run that is to be cloned."""

from dataclasses import dataclass, field

import streamlit as st

from app.language import _
from app.opened import workspace
from app.screen import show_here
from app.tables import Table
from app.wording import plain
from engine.config import ExperimentConfig
from engine.errors import InputError

ASKED = "clone"  # in the page's address: the run whose settings are to be filled in


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What stands in the forms at first.

    `key`: tells the widgets of one beginning from another's; `name`: of the run that is cloned, if any.
    """

    config: ExperimentConfig = field(default_factory=ExperimentConfig)
    key: str = ""
    name: str = ""


def beginning(seen: Table) -> Beginning:
    """Return what the page's address asks to begin with."""
    asked = st.query_params.get(ASKED)
    if not asked:
        return Beginning(key=seen.id)
    try:
        record = workspace().runs.get(asked)
    except InputError:  # it has been deleted meanwhile
        return Beginning(key=seen.id)
    if record.dataset_id != seen.id:
        return Beginning(key=seen.id)
    return Beginning(config=record.config, key=f"{seen.id}_{record.id}", name=record.name)


def say_beginning(begin: Beginning, seen: Table) -> None:
    """Say where the choices come from when they are another run's."""
    if begin.name:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = _("Filled in as in the run {name}. Change what you like; the run itself stays as it is.")
            st.caption(said.format(name=plain(begin.name)))
            show_here(_("Begin with the usual choices"), key="usual_choices", table=seen.id)
