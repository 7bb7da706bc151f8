"""Which models it comes from, and which other candidates are as good."""

import pandas as pd
import streamlit as st

from app.language import _, say
from app.pieces import failures, family_title, leaderboard, metric_title
from app.quality_view.more_rows import named
from app.wording import percent, plain
from engine.insight.quality.ties import Ties
from engine.messages import Message
from engine.progress import Progress


def models(progress: Progress, ties: Ties | None) -> None:
    """Draw the members of the model, the leaderboard, and what did not work."""
    if progress.blend is not None:
        members = pd.DataFrame(progress.blend.members).groupby("family")["weight"].sum().sort_values(ascending=False)
        parts = ", ".join(f"{plain(family_title(str(key)))} {percent(share)}" for key, share in members.items())
        n = len(progress.blend.members)
        made = _("A blend of {n} candidates: {parts}.") if n > 1 else _("A single candidate: {parts}.")
        st.markdown(made.format(n=n, parts=parts))
    if ties is not None:
        st.markdown(plain(say(named(ties.said))))
    leaderboard(progress)
    st.caption(" ".join(plain(say(reason)) for reason in _reasons(progress)))
    st.caption(
        _("Score: {metric}").format(metric=metric_title(progress))
        + ". "
        + _("Scores in this table come from the folds of the training rows; the final score above does not.")
    )
    failures(progress)


def _reasons(progress: Progress) -> list[Message]:
    """Return why candidates were judged and compared as they were, and why no more were tried."""
    prepared, ended, blend = progress.prepared, progress.search_ended, progress.blend
    reasons = [prepared.metric_reason, prepared.how_validated] if prepared else []
    reasons += [ended.reason if ended else None, *(blend.said if blend else ())]
    return [reason for reason in reasons if reason is not None]
