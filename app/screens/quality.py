"""How good: the verdict and what the score means in words, how sure it is, where it is weak, and what it is made of."""

import streamlit as st

from app.current import chosen_run, no_run_yet, not_ready_yet
from app.language import _, close_up, say
from app.opened import workspace
from app.pieces import facts, question, status_badge
from app.quality_view import answers, errors, head
from app.quality_view.fairness import fairness
from app.quality_view.models import models
from app.quality_view.money import threshold
from app.quality_view.more_rows import more_rows
from app.quality_view.reading import NOT_KEPT, kept_rows, n_looks, usual_prices
from app.quality_view.weak_spots import weak_spots
from app.runs_view.challenger import what_came_of_it
from app.screen import Screen, go
from app.wording import plain
from engine.insight.quality.judged import Judged
from engine.insight.quality.quality import Quality, how_good
from engine.messages import phrase
from engine.progress import ACTIVE, Progress
from engine.unseen import TABLE
from storage.runs import RunRecord

REFRESH_SECONDS = 2.0


def render() -> None:
    """Draw the page."""
    title = _("How good is it?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, this page says in plain words how often the model is right."))
        return
    runs = workspace().runs
    progress = runs.progress(record.id)
    if progress.ready is None or progress.prepared is None:
        not_ready_yet(record, title, _("The score is measured once, at the end, on rows the model has never seen."))
        return
    question(record.name)
    _head(record, progress)
    if use := " ".join(map(say, record.config.use.said)):
        st.caption(plain(close_up(use)))
    is_kept = TABLE in runs.artifacts(record.id).names()
    key = (str(workspace().folder), record.id, progress.ready.seconds, is_kept)
    judged, found = _worked_out(key, progress, record)
    what_came_of_it(record, progress)
    head.verdict(found, n_looks(runs, record))
    head.open_questions(progress, found)
    head.scores(found)
    if judged is None:
        _missing(record, progress)
        more_rows(record, progress)
        st.header(_("What the model is made of"), anchor=False)
        models(progress, found.ties)
    else:
        _sections(record, progress, judged, found)


@st.cache_resource(max_entries=6, show_spinner=False)
def _worked_out(
    key: tuple[str, str, float, bool], _progress: Progress, _record: RunRecord
) -> tuple[Judged | None, Quality]:
    """Read the rows and work out the figures, once for a model: its rows never change, and the key tells it."""
    _place, run_id, _seconds, is_kept = key
    judged = kept_rows(workspace().runs, run_id, _progress) if is_kept else None
    found = how_good(_progress, judged, usual_prices(_record, _progress), seed=_record.config.seed)
    assert found is not None
    return judged, found


def _head(record: RunRecord, progress: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(progress.status)
        st.caption(facts(progress))
        st.space("stretch")
        if st.button(_("See what matters most"), type="primary", icon=":material/arrow_forward:"):
            go("why", run=record.id)


def _missing(record: RunRecord, progress: Progress) -> None:
    if progress.status in ACTIVE:
        st.fragment(_wait, run_every=REFRESH_SECONDS)(record.id)
    else:
        st.info(plain(say(NOT_KEPT())))


def _wait(run_id: str) -> None:
    runs = workspace().runs
    if TABLE in runs.artifacts(run_id).names() or runs.progress(run_id).status not in ACTIVE:
        st.rerun()
    st.caption(_("Figures about thresholds, groups and single rows follow in a few seconds."))


def _sections(record: RunRecord, progress: Progress, judged: Judged, found: Quality) -> None:
    """Draw the figures in tabs: those of the task first, then what all tasks have."""
    labels = [str(label) for label in judged.task.classes]
    titles = [_("Where it is weak"), _("Fairness"), _("More rows"), _("The models")]
    if len(labels) == 2:
        own = [_("Threshold and money"), _("Mistakes"), _("Putting rows in order"), _("Probabilities")]
    else:
        own = [_("Mistakes")] if labels else [_("Errors")]
    *places, weak, fair, more, made_of = st.tabs([*own, *titles])
    if found.numbers is not None:
        with places[0]:
            errors.distances(found.numbers, judged.task.target)
            if found.leaning is not None:
                errors.leaning(found.leaning, record.id)
    if found.classes is not None:
        with places[1 if len(labels) == 2 else 0]:
            answers.mistakes(found.classes)
    if len(labels) == 2:
        with places[0]:
            threshold(record.id, judged, usual_prices(record, progress), record.config.seed)
        with places[2]:
            answers.ranking(found)
        with places[3]:
            answers.meaning(found, labels[1], labels[0])
    with weak:
        if found.weak is not None:
            weak_spots(found.weak, judged, progress)
    with fair:
        seconds = progress.ready.seconds if progress.ready is not None else 0.0
        fairness((str(workspace().folder), record.id, seconds), judged, record.config.seed)
    with more:
        more_rows(record, progress)
    with made_of:
        models(progress, found.ties)


SCREEN = Screen(
    key="quality",
    title=phrase("screen_quality", "How good"),
    icon=":material/verified:",
    order=40,
    render=render,
)
