"""The details of a training, for who wants them: what it was asked, and how to guide its search while it goes on."""

import streamlit as st

from app.guiding import can_be_guided
from app.language import _, close_up, say
from app.opened import workspace
from app.pieces import metric_title
from app.runs_view.setting_words import setting_title, setting_value
from app.training_view.asked import asked_in_words
from app.training_view.guide import guide
from app.wording import plain
from engine.progress import Progress
from storage.runs import RunRecord

SETTINGS = (
    "families",
    "candidates",
    "seed",
    "holdout",
    "jobs",
    "memory_gb",
    "search.way",
    "search.sampler",
    "search.pruner",
    "search.use_past",
    "search.use_all_time",
    "limits.largest_file_mb",
    "limits.slowest_row_ms",
    "limits.interpretable",
)


def details_key(run_id: str) -> str:
    """Return under which key it is known whether the details of a run are open."""
    return f"details_{run_id}"


def details(record: RunRecord) -> None:
    """Draw what can be opened below a training."""
    now = workspace().runs.progress(record.id)
    if now.prepared is None:
        return
    guided = can_be_guided(now)
    label = _("Show the details: guide the search, and what was asked") if guided else _("Show what was asked")
    place = st.expander(label, key=details_key(record.id), on_change="rerun")
    if not place.open:
        return  # what nobody looks at is not worked out, again and again, on every page that is open
    with place:
        if guided:
            guide(record, now)
        if now.requests:
            st.subheader(_("What you asked while it went on"), anchor=False)
            st.markdown("\n".join(f"- {asked_in_words(request, now)}" for request in now.requests))
        _settings(record, now)


def _settings(record: RunRecord, now: Progress) -> None:
    st.subheader(_("How it searches"), anchor=False)
    assert now.prepared is not None
    said = [
        *([] if now.prepared.metric_reason else [metric_title(now)]),
        *(say(each) for each in (now.prepared.metric_reason, now.prepared.how_validated) if each),
        *(say(each) for each in (now.sampled.said if now.sampled else ())),
        *(say(each.reason) for each in (now.all_rows,) if each),
    ]
    st.write(plain(close_up(" ".join(said))))
    rows = [f"{setting_title(name)}: {setting_value(name, _value(record, name))}" for name in SETTINGS]
    if record.config.search.space is not None:
        rows.append(_("Your own search space (JSON)"))
    st.markdown("\n".join(f"- {plain(row)}" for row in rows))


def _value(record: RunRecord, name: str) -> object:
    found: object = record.config
    for part in name.split("."):
        found = getattr(found, part)
    return found or None if isinstance(found, tuple) else found
