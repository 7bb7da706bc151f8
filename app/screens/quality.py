"""How good: what the score means in words, how sure it is, and which models it comes from."""

import pandas as pd
import streamlit as st

from app.charts import against_baseline
from app.current import chosen_run, no_run_yet, not_ready_yet
from app.language import _, say
from app.opened import workspace
from app.pieces import facts, failures, family_title, leaderboard, metric_title, question, status_badge
from app.screen import Screen, go
from app.verdict import Verdict, verdict
from app.wording import figure, percent, plain
from engine.events import ModelReady
from engine.messages import Message, phrase
from engine.progress import Progress
from storage.runs import RunRecord

N_CARDS = 4


def render() -> None:
    """Draw the page."""
    title = _("How good is it?")
    record = chosen_run()
    if record is None:
        no_run_yet(title, _("After a training, this page says in plain words how often the model is right."))
        return
    progress = workspace().runs.progress(record.id)
    if progress.ready is None or progress.prepared is None:
        not_ready_yet(record, title, _("The score is measured once, at the end, on rows the model has never seen."))
        return
    question(record.name)
    _head(record, progress)
    said = verdict(progress, progress.ready)
    _words(said)
    _cards(progress, progress.ready)
    _chart(said)
    _models(progress)
    failures(progress)


def _head(record: RunRecord, progress: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge(progress.status)
        st.caption(facts(progress))
        st.space("stretch")
        if st.button(_("See what matters most"), type="primary", icon=":material/arrow_forward:"):
            go("why", run=record.id)


def _words(said: Verdict) -> None:
    st.header(said.title, anchor=False)
    for text in said.sentences:
        st.markdown(text)
    for doubt in said.doubts:
        st.warning(doubt, icon=":material/visibility:")
    st.caption(said.how)


def _cards(progress: Progress, ready: ModelReady) -> None:
    from engine.tasks.metric import metric_named

    scores = ready.holdout or ready.validation
    main = progress.prepared.metric if progress.prepared else ""
    keys = sorted(scores, key=lambda key: key != main)[:N_CARDS]
    with st.grid(N_CARDS):
        for key in keys:
            score = scores[key]
            with st.container(border=True, height="stretch", gap="xxsmall"):
                st.caption(_(metric_named(key).title))
                st.metric(key, figure(score.value), label_visibility="collapsed")
                st.caption(_("{low} to {high}").format(low=figure(score.low), high=figure(score.high)))


def _chart(said: Verdict) -> None:
    st.subheader(_("{metric} against giving the same answer for every row").format(metric=said.metric), anchor=False)
    chart = against_baseline(said.score, said.baseline)
    st.altair_chart(chart, alt=_("The score with its interval beside the baseline"))
    st.caption(_("The band is the 95 % interval: where the score would fall for other rows of the same kind."))


def _models(progress: Progress) -> None:
    st.header(_("What the model is made of"), anchor=False)
    if progress.blend is not None:
        members = pd.DataFrame(progress.blend.members).groupby("family")["weight"].sum().sort_values(ascending=False)
        parts = ", ".join(f"{plain(family_title(str(key)))} {percent(share)}" for key, share in members.items())
        st.markdown(_("A blend of {n} candidates: {parts}.").format(n=len(progress.blend.members), parts=parts))
    leaderboard(progress)
    st.caption(" ".join(plain(say(reason)) for reason in _reasons(progress)))
    st.caption(
        _("Score: {metric}").format(metric=metric_title(progress))
        + ". "
        + _("Scores in this table come from the folds of the training rows; the final score above does not.")
    )


def _reasons(progress: Progress) -> list[Message]:
    """Return why candidates were judged and compared as they were, and why no more were tried."""
    prepared, ended = progress.prepared, progress.search_ended
    reasons = [prepared.metric_reason, prepared.how_validated] if prepared else []
    return [reason for reason in [*reasons, ended.reason if ended else None] if reason is not None]


SCREEN = Screen(
    key="quality",
    title=phrase("screen_quality", "How good"),
    icon=":material/verified:",
    order=40,
    render=render,
)
