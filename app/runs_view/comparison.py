"""Runs side by side, each in a column of its own."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from app.charts import ACCENT, QUIET
from app.comparing import Compared, are_again, are_comparable, different_settings, gathered, remarks
from app.language import _, close_up, say
from app.opened import workspace
from app.pieces import empty_state, family_title, metric_title, status_words
from app.runs_view.challenger import challengers
from app.runs_view.setting_words import setting_title, setting_value
from app.screen import show_here
from app.wording import duration, listed, percent, plain, short, size
from engine.errors import InputError
from engine.figures import figure

LONGEST_NAME = 40


def comparison(run_ids: Sequence[str]) -> None:
    """Draw the page of these runs."""
    st.title(_("How do these runs differ?"), anchor=False)
    show_here(_("All runs"), icon=":material/arrow_back:", key="all_runs")
    try:
        runs = gathered(workspace(), run_ids)
    except InputError:
        what = _("One of them may have been deleted. Pick runs on the page Runs.")
        empty_state(_("Nothing to compare"), what, "runs", _("See all runs"), ":material/arrow_forward:")
        return
    challengers(runs)
    said = close_up(" ".join(plain(say(message)) for message in remarks(runs)))
    if not are_comparable(runs) and not are_again(runs):
        st.warning(said, title=_("These runs cannot be compared by their scores"), icon=":material/rule:")
    elif said:
        st.info(said, icon=":material/info:")
    names = [f"{place} · {short(run.record.name, LONGEST_NAME)}" for place, run in enumerate(runs, 1)]
    _scores(runs, names)
    st.header(_("What came of them"), anchor=False)
    _table(names, _results(runs))
    st.header(_("What was asked differently"), anchor=False)
    settings = different_settings(runs)
    if settings:
        rows = [(setting_title(name), [setting_value(name, value) for value in row]) for name, row in settings.items()]
        _table(names, rows)
    else:
        st.caption(_("Nothing: the settings are the same."))


def _table(names: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Draw rows of words; names from tables are shown letter by letter."""
    cells = pd.DataFrame(
        [[plain(title), *(plain(cell) or "–" for cell in row)] for title, row in rows],
        columns=[_("What is compared"), *(plain(name) for name in names)],
    )
    st.table(cells, hide_index=True)


def _results(runs: Sequence[Compared]) -> list[tuple[str, list[str]]]:
    metric = runs[0].metric or ""
    title = metric_title(runs[0].progress) or _("Score")
    used = [set(run.columns) for run in runs if run.columns is not None]
    common = set.intersection(*used) if used else set()
    return [
        (_("Status"), [status_words(run.progress.status) for run in runs]),
        (_("Table"), [run.table for run in runs]),
        (_("Predicts"), [run.target or "–" for run in runs]),
        (_("{metric} (95 % interval)").format(metric=title), [_score(run, metric) for run in runs]),
        (_("Same answer for every row"), [_baseline(run, metric) for run in runs]),
        (_("Families in the model"), [_families(run) for run in runs]),
        (_("Columns used"), [_n_columns(run) for run in runs]),
        (_("Columns that not all use"), [_own_columns(run, common) for run in runs]),
        (_("Time of training"), [duration(run.progress.seconds) for run in runs]),
        (_("Size of the file"), [_file(run) for run in runs]),
        (_("Time for one row"), [_row_time(run) for run in runs]),
    ]


def _score(run: Compared, metric: str) -> str:
    found = run.scores.get(metric)
    return f"{figure(found.value)} ({figure(found.low)} – {figure(found.high)})" if found is not None else "–"


def _baseline(run: Compared, metric: str) -> str:
    return figure(run.baseline[metric]) if metric in run.baseline else "–"


def _families(run: Compared) -> str:
    return ", ".join(f"{family_title(key)} {percent(share)}" for key, share in run.families.items())


def _n_columns(run: Compared) -> str:
    return "–" if run.columns is None else str(len(run.columns))


def _own_columns(run: Compared, common: set[str]) -> str:
    return listed([name for name in run.columns or () if name not in common])


def _file(run: Compared) -> str:
    return size(run.progress.ready.certificate.bytes) if run.progress.ready is not None else "–"


def _row_time(run: Compared) -> str:
    if run.progress.ready is None:
        return "–"
    return _("{n} µs").format(n=f"{run.progress.ready.certificate.row_microseconds:.0f}")


def _scores(runs: Sequence[Compared], names: Sequence[str]) -> None:
    """Draw the scores with their intervals beside each other, where they mean the same."""
    metric = runs[0].metric or ""
    found = [(name, run) for name, run in zip(names, runs, strict=True) if metric in run.scores]
    if len(found) < 2 or not are_comparable(runs):
        return
    rows = pd.DataFrame(
        [
            {
                "run": name,
                "value": run.scores[metric].value,
                "low": run.scores[metric].low,
                "high": run.scores[metric].high,
            }
            for name, run in found
        ]
    )
    up = runs[0].progress.prepared is not None and runs[0].progress.prepared.greater_is_better
    better = _("higher is better") if up else _("lower is better")
    scale = alt.Scale(zero=False, padding=12)
    score = alt.X(
        "value:Q", title=f"{metric_title(runs[0].progress)}, {better}", scale=scale, axis=alt.Axis(tickCount=6)
    )
    line = alt.Y("run:N", title=None, sort=None, axis=alt.Axis(labelLimit=260, labelFlush=False))
    ends = alt.Chart(rows).mark_rule(color=QUIET, strokeWidth=3).encode(alt.X("low:Q", scale=scale), line, x2="high:Q")
    points = alt.Chart(rows).mark_point(color=ACCENT, filled=True, size=90, opacity=1).encode(score, line)
    chart = alt.layer(ends, points).properties(height=44 * len(found) + 50)
    st.altair_chart(chart, alt=_("Score of each run with its 95 % interval"))
