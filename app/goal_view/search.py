"""The form for how candidates are searched, for experts."""

from typing import Any

import streamlit as st

from app.language import _
from app.phrasebook import titles
from app.pieces import refusal
from app.search_options import space_of
from engine.errors import ConfigError
from engine.search.settings import SearchSettings, WayKey

SAMPLERS, PRUNERS = "engine.search.samplers", "engine.search.pruners"


def search_form(key: str, before: SearchSettings) -> SearchSettings:
    """Draw the form and return what was chosen. `key`: of the table; `before`: what stands in it at first."""
    best = _("what measured best")
    left, right = st.columns(2, gap="large")
    with left:
        ways = {
            WayKey.JOINT: _("one search over all families at once"),
            WayKey.CONDITIONING: _("one search for each family"),
            WayKey.ALTERNATING: _("features and parameters of a family in turn"),
        }
        way = st.selectbox(
            _("The search is divided into"),
            list(WayKey),
            index=None if before.way is None else list(WayKey).index(WayKey(before.way)),
            format_func=lambda each: ways[each],
            placeholder=best,
            key=f"way_{key}",
            persist_state="session",
        )
        sampler = _part(_("Next points are drawn by"), SAMPLERS, best, f"sampler_{key}", before.sampler)
        pruner = _part(_("A candidate gives up by"), PRUNERS, best, f"pruner_{key}", before.pruner)
    with right:
        use_past = st.toggle(
            _("Begin with what worked on tables like this one"),
            value=before.use_past,
            key=f"use_past_{key}",
            persist_state="session",
        )
        use_all_time = st.toggle(
            _("Use all the time"),
            value=before.use_all_time,
            key=f"use_all_time_{key}",
            persist_state="session",
            help=_("The search goes on where it would end early because nothing seems left to gain."),
        )
        space = _own_space(key, before.space)
    return SearchSettings(
        way=way, sampler=sampler, pruner=pruner, space=space, use_past=use_past, use_all_time=use_all_time
    )


def _part(label: str, package: str, placeholder: str, key: str, before: str | None) -> str | None:
    known = titles(package)
    return st.selectbox(
        label,
        sorted(known),
        index=None if before is None else sorted(known).index(before),
        format_func=lambda each: _(known[each]),
        placeholder=placeholder,
        key=key,
        persist_state="session",
    )


def _own_space(key: str, before: Any) -> Any:
    """Return the space that is written, else that of the run which is cloned, if the person keeps it.

    An empty one, with which nothing can start, when what is written cannot be read.
    """
    title = _("Your own search space (JSON)")
    written = st.text_area(
        title,
        height=96,
        key=f"space_{key}",
        persist_state="session",
        help=_("Families and parameters with _type and _value, as NNI writes them; only what is named is searched."),
    )
    if not written.strip():
        if before is None:
            return None
        kept = _("Search the same space as before")
        return before if st.toggle(kept, value=True, key=f"same_space_{key}", persist_state="session") else None
    try:
        return space_of(written, _("written here"))
    except ConfigError as unreadable:
        refusal(unreadable.message)
        return {}
