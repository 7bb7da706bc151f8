"""What several screens share: empty states, the head of a run, status words, the leaderboard."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.language import _, say
from app.phrasebook import titles
from app.screen import go
from app.wording import count, duration, plain
from engine.events import CandidateFinished
from engine.messages import Message
from engine.progress import Progress, Status

FAMILIES = "engine.families"
MANY = 1000  # scores from here on are shown without decimals
ROW_HEIGHT = 33  # of a table on the screen, in pixels
STATUS_COLOURS = {
    Status.QUEUED: "blue",
    Status.TRAINING: "blue",
    Status.PAUSED: "orange",
    Status.FINISHED: "green",
    Status.STOPPED: "gray",
    Status.INTERRUPTED: "orange",
    Status.FAILED: "red",
}


def status_words(status: Status) -> str:
    """Return the word for a status."""
    words = {
        Status.QUEUED: _("Queued"),
        Status.TRAINING: _("Training"),
        Status.PAUSED: _("Paused"),
        Status.FINISHED: _("Finished"),
        Status.STOPPED: _("Stopped, best kept"),
        Status.INTERRUPTED: _("Interrupted"),
        Status.FAILED: _("Failed"),
    }
    return words[status]


def status_badge(status: Status) -> None:
    """Draw the status as a small coloured label."""
    st.badge(status_words(status), color=STATUS_COLOURS[status])  # type: ignore[arg-type]


def empty_state(title: str, what: str, key: str, label: str, icon: str) -> None:
    """Draw what to do where there is nothing to see yet."""
    with st.container(border=True):
        st.header(title, anchor=False)
        st.write(what)
        leads_on(label, icon, key)


def leads_on(label: str, icon: str, key: str, **query: str) -> None:
    """Draw the one thing to do on a page that has nothing to show: it leads to another screen."""
    if st.button(label, type="primary", icon=icon, key=f"leads_to_{key}"):
        go(key, **query)


def metric_title(progress: Progress) -> str:
    """Return the name of the metric that a run is judged by."""
    from engine.tasks.metric import metric_named

    return _(metric_named(progress.prepared.metric).title) if progress.prepared else ""


def score_words(progress: Progress) -> str:
    """Say what the scores of a run are, and in which direction they get better; empty before that is settled."""
    if progress.prepared is None:
        return ""
    if progress.prepared.greater_is_better:
        return _("Score: {metric}, higher is better").format(metric=metric_title(progress))
    return _("Score: {metric}, lower is better").format(metric=metric_title(progress))


def facts(progress: Progress) -> str:
    """Return the size of the table and the effort of a run in one line."""
    prepared = progress.prepared
    sizes = (
        [
            _("{n} rows").format(n=count(prepared.n_rows)),
            _("{n} columns").format(n=count(prepared.n_columns)),
        ]
        if prepared
        else []
    )
    effort = [duration(progress.seconds), _("candidates tried: {n}").format(n=count(progress.n_tried))]
    return " · ".join([*sizes, *effort])


def leaderboard(progress: Progress, *, most_height: int = 420) -> None:
    """Draw the candidates with a score, best first, by the numbers that sentences and commands call them."""
    st.caption(score_words(progress))
    score, spread = _("Score"), _("± over folds")
    weights = {member.number: member.weight for member in progress.blend.members} if progress.blend else {}
    rows = _rows(progress.leaderboard, weights)
    st.dataframe(
        rows,
        hide_index=True,
        height=min(most_height, ROW_HEIGHT * (len(rows) + 1) + 3),
        placeholder="–",
        alt=_("Candidates by score, best first"),
        column_config={
            score: st.column_config.NumberColumn(format=_layout(rows[score])),
            spread: st.column_config.NumberColumn(format=_layout(rows[score])),
            _("Share in the model"): st.column_config.NumberColumn(format="percent"),
            _("Number"): st.column_config.NumberColumn(width=80),
            _("Seconds"): st.column_config.NumberColumn(format="%.1f"),
        },
    )


def _layout(scores: pd.Series) -> str:
    """Return a number format that gives the scores four digits or so."""
    places = 4 - math.ceil(math.log10(max(1.0, float(scores.abs().max()))))
    return f"%.{places}f" if places > 0 else "localized"


def _readable(score: float) -> float:
    return round(score) if abs(score) >= MANY else score


def _rows(results: Sequence[CandidateFinished], weights: Mapping[int, float]) -> pd.DataFrame:
    """Return a row for each result; column by column, because live pages draw hundreds of them every second."""
    families = {key: family_title(key) for key in {result.family for result in results}}
    rows = pd.DataFrame(
        {
            _("Number"): [result.number for result in results],
            _("Model family"): [families[result.family] for result in results],
            _("Score"): [_readable(result.score) for result in results],
            _("± over folds"): [_readable(result.spread) for result in results],
            _("Seconds"): [result.train_seconds for result in results],
        }
    )
    if weights:
        shares = (weights.get(result.number) for result in results)
        rows[_("Share in the model")] = [None if share is None else round(share, 2) for share in shares]
    return rows


def family_title(key: str) -> str:
    """Return the name of a family; the families themselves, and their libraries, are not loaded here."""
    return _(titles(FAMILIES).get(key, key))


def failures(progress: Progress) -> None:
    """Draw the candidates that failed and the families that do not apply, each with its cause."""
    if not progress.failed and not progress.skipped:
        return
    number = len(progress.failed)
    heading = _("Did not work: {n}").format(n=number) if number else _("Left out, and why")
    with st.expander(heading):
        st.caption(_("A candidate fails alone; the others go on."))
        causes = [(family_title(failed.family), say(failed.cause)) for failed in progress.failed]
        causes += [(family_title(skipped.family), say(skipped.reason)) for skipped in progress.skipped]
        table = pd.DataFrame(causes, columns=[_("Model family"), _("Cause")])
        st.dataframe(table, hide_index=True, alt=_("Candidates that failed and why"))


def refusal(message: Message, title: str | None = None) -> None:
    """Draw what is wrong and what to do; names from files and tables in it are shown letter by letter."""
    st.error(plain(say(message)), title=title, icon=":material/error:")


def question(name: str) -> None:
    """Draw the question of a run as the title of the page."""
    st.title(plain(name), anchor=False)
