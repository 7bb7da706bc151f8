"""What smaller versions of a model cost: a table, curves against size and time, each version to take along."""

from collections.abc import Sequence
from urllib.parse import quote

import pandas as pd
import streamlit as st

from app.charts import score_by
from app.language import _, say
from app.pieces import metric_title
from app.wording import brief, plain, size
from engine.figures import figure
from engine.outcomes import Certificate, Estimate, SmallerModel
from engine.progress import Progress


def show_smaller(run_id: str, progress: Progress) -> None:
    """Draw the versions of a model; nothing where none was made."""
    ready, prepared = progress.ready, progress.prepared
    if ready is None or prepared is None or progress.smaller is None or not progress.smaller.smaller:
        return
    versions = progress.smaller.smaller
    st.header(_("Smaller versions"), anchor=False)
    st.write(_("Where room or time is short: smaller models in its place, each checked and scored on the final test."))
    whole = (ready.holdout or {}).get(prepared.metric)
    rows = [_row(_("The whole model"), ready.certificate.bytes, ready.certificate.row_microseconds, whole)]
    rows += [_of(version) for version in versions]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=_("Versions of the model with their size, time and score"))
    _curves(ready.certificate, whole, versions, metric_title(progress))
    for version in versions:
        label = _("Download {size}: {version}").format(size=size(version.bytes), version=_name(version))
        st.link_button(plain(label), f"/api/download/{run_id}/{quote(version.path)}", icon=":material/download:")


def _curves(proof: Certificate, whole: Estimate | None, versions: Sequence[SmallerModel], metric: str) -> None:
    """Draw the score of each version against its size, and against the time for one row."""
    made: list[Certificate | SmallerModel] = [proof, *versions]
    scores = [None if whole is None else whole.value, *(version.score.value for version in versions)]
    prices = {
        "megabytes": [each.bytes / 1e6 for each in made],
        "milliseconds": [each.row_microseconds / 1e3 for each in made],
    }
    points = pd.DataFrame({**prices, "score": scores}).dropna()
    st.caption(metric)
    size_curve, time_curve = st.columns(2, gap="medium")
    with size_curve:
        drawn = score_by(points, "megabytes", _("Size in MB"))
        st.altair_chart(drawn, alt=_("Score of each version against its size"))
    with time_curve:
        drawn = score_by(points, "milliseconds", _("Time for one row in ms"))
        st.altair_chart(drawn, alt=_("Score of each version against its time for one row"))


def _name(version: SmallerModel) -> str:
    return say(version.how).rstrip(".。")


def _of(version: SmallerModel) -> dict[str, str]:
    return _row(_name(version), version.bytes, version.row_microseconds, version.score)


def _row(name: str, n_bytes: int, row_microseconds: float, score: Estimate | None) -> dict[str, str]:
    interval = "" if score is None else f"{figure(score.value)} ({figure(score.low)} – {figure(score.high)})"
    return {
        _("Version"): name,
        _("Size"): size(n_bytes),
        _("Time for one row"): brief(row_microseconds),
        _("Score (95 % interval)"): interval,
    }
