"""Would more rows help? Asked on demand: the answer takes about as long as the candidate took to train."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from app import jobs
from app.language import _, say
from app.more_rows import kept_more_rows
from app.opened import workspace
from app.pieces import family_title, refusal, score_words
from app.quality_view.charts import learning
from app.wording import plain
from engine.errors import InputError
from engine.insight.quality.more_rows import MoreRows
from engine.messages import Message
from engine.progress import ACTIVE, Progress
from storage.runs import RunRecord


def more_rows(record: RunRecord, progress: Progress) -> None:
    """Draw the curve where it is known, else offer to work it out."""
    st.subheader(_("Would more rows help?"), anchor=False)
    found = kept_more_rows(workspace().runs, record.id)
    if found is None and progress.status in ACTIVE:
        st.caption(_("This can be asked when the training has ended."))
        return
    if found is None:
        _ask(record)
        return
    for message in found.said[:1]:
        st.markdown(plain(say(message)))
    if len(found.points) > 1:
        st.caption(score_words(progress))
        st.altair_chart(learning(_points(found)), alt=_("Score by number of rows learnt from"))
    st.caption(" ".join(plain(say(named(message))) for message in found.said[1:]))


def _ask(record: RunRecord) -> None:
    st.markdown(
        _(
            "The best candidate is trained again on an eighth, a quarter, a half and all of its rows. It takes about "
            "twice as long as its own training did."
        )
    )
    if not st.button(_("Work it out"), icon=":material/show_chart:", key=f"more_rows_{record.id}"):
        return
    bar = st.progress(0.0, _("Getting the rows ready …"))

    def told(done: int, of: int) -> None:
        bar.progress(done / of, _("Part {n} of {of} …").format(n=min(done + 1, of), of=of))

    try:
        jobs.more_rows(record.id, told)
    except InputError as refused:
        bar.empty()
        refusal(refused.message)
        return
    st.rerun()


def named(message: Message) -> Message:
    """Put the name of a family where its key stands."""
    if "family" not in message.parameters:
        return message
    title = family_title(str(message.parameters["family"]))
    return replace(message, parameters={**message.parameters, "family": title})


def _points(found: MoreRows) -> pd.DataFrame:
    return pd.DataFrame([{"rows": each.n_rows, **vars(each.score)} for each in found.points])
