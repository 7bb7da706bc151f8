"""What smaller versions of a model cost: a table and a curve of accuracy against size, each version to take along."""

from urllib.parse import quote

import pandas as pd
import streamlit as st

from app.charts import score_by_size
from app.language import _, say
from app.pieces import metric_title
from app.wording import brief, plain, size
from engine.figures import figure
from engine.outcomes import Estimate, SmallerModel
from engine.progress import Progress


def show_smaller(run_id: str, progress: Progress) -> None:
    """Draw the versions of a model; nothing where none was made."""
    ready, prepared = progress.ready, progress.prepared
    if ready is None or prepared is None or progress.smaller is None or not progress.smaller.smaller:
        return
    versions = progress.smaller.smaller
    st.header(_("Smaller versions"), anchor=False)
    st.write(_("Where room or time is short: less of the model, each version checked and scored on the final test."))
    whole = (ready.holdout or {}).get(prepared.metric)
    rows = [_row(_("The whole model"), ready.certificate.bytes, ready.certificate.row_microseconds, whole)]
    rows += [_of(version) for version in versions]
    table, curve = st.columns([3, 2], gap="medium")
    with table:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, alt=_("Versions of the model with their size, time and score")
        )
    with curve:
        points = pd.DataFrame(
            {
                "megabytes": [ready.certificate.bytes / 1e6, *(version.bytes / 1e6 for version in versions)],
                "score": [None if whole is None else whole.value, *(version.score.value for version in versions)],
            }
        ).dropna()
        st.caption(metric_title(progress))
        st.altair_chart(score_by_size(points), alt=_("Score of each version against its size"))
    with st.container(horizontal=True):
        for version in versions:
            st.link_button(
                _("Download {size}").format(size=size(version.bytes)),
                f"/api/download/{run_id}/{quote(version.path)}",
                icon=":material/download:",
                help=plain(say(version.how)),
            )


def _of(version: SmallerModel) -> dict[str, str]:
    return _row(say(version.how).rstrip(".。"), version.bytes, version.row_microseconds, version.score)


def _row(name: str, n_bytes: int, row_microseconds: float, score: Estimate | None) -> dict[str, str]:
    interval = "" if score is None else f"{figure(score.value)} ({figure(score.low)} – {figure(score.high)})"
    return {
        _("Version"): name,
        _("Size"): size(n_bytes),
        _("Time for one row"): brief(row_microseconds),
        _("Score (95 % interval)"): interval,
    }
