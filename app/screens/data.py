"""Data: the table as it was read, and what each column is."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app import jobs
from app.charts import bars
from app.current import choose_dataset, chosen_dataset, forget_dataset
from app.findings import review
from app.language import _, say
from app.opened import workspace
from app.pieces import ROW_HEIGHT, refusal
from app.screen import Screen, go, link
from app.tables import Table, table, with_columns
from app.upload_box import upload_box
from app.uploads import Upload, discard, uploaded
from app.wording import count, plain, short
from engine.config import ColumnChoice
from engine.errors import InputError
from engine.messages import phrase
from engine.table.profile import ColumnProfile
from engine.table.schema import ColumnSchema, Kind, Role

SURE = 0.8
N_EXAMPLES = 3
ROLES = (Role.FEATURE, Role.TARGET, Role.IGNORED, Role.WEIGHT, Role.GROUP, Role.TIME)


def render() -> None:
    """Draw the page."""
    chosen = chosen_dataset()
    if chosen is None:
        _without_table()
        return
    try:
        seen = table(chosen)
    except InputError:
        forget_dataset()
        st.rerun()
    _with_table(seen)


def _without_table() -> None:
    st.title(_("What is your table?"), anchor=False)
    st.caption(_("One row for each case, one column for each thing known about it, and one column with the answer."))
    arrived = upload_box("data_upload", _("Add your table"))
    if arrived is not None:
        read_upload(arrived)
    link("home", _("Or try one of the sample tables"), icon=":material/table_chart:")


def read_upload(arrived: Upload) -> None:
    """Read a file that has arrived and go to its page; say what is wrong with it otherwise."""
    folder = workspace().folder
    try:
        read(uploaded(folder, arrived.id), arrived.name)
    finally:  # reading ends by leaving for the table's page
        discard(folder, arrived.id)


def read(path: Path, name: str, *, question: str = "", target: str | None = None) -> None:
    """Read a file and go to its page, or say in one sentence what is wrong with it."""
    with st.spinner(_("Reading {name} and looking at every column …").format(name=plain(name)), show_time=True):
        try:
            dataset_id = jobs.inspect(path, name, question=question, target=target)
        except InputError as wrong:
            refusal(wrong.message, _("This table cannot be used yet"))
            return
    choose_dataset(dataset_id)
    go("data", table=dataset_id)


def _with_table(seen: Table) -> None:
    st.title(_("Is this how your table looks?"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        sizes = _("{rows} rows · {columns} columns").format(rows=count(seen.n_rows), columns=len(seen.schema.columns))
        st.caption(f"{plain(seen.name)} · {sizes}")
        st.space("stretch")
        st.button(_("Use another table"), icon=":material/upload_file:", on_click=forget_dataset)
        if st.button(_("Yes, choose what to predict"), type="primary", icon=":material/arrow_forward:"):
            go("goal", table=seen.id)
    _columns(seen)
    _rows(seen)
    _done(seen)


def _columns(seen: Table) -> None:
    st.header(_("What each column is"), anchor=False)
    unsure = [column.name for column in seen.schema.columns if _unsure(seen, column)]
    if unsure:
        names = ", ".join(f"**{plain(name)}**" for name in unsure[:4])
        more = "" if len(unsure) <= 4 else " " + _("and {n} more").format(n=len(unsure) - 4)
        st.markdown(
            ":material/help: "
            + _("Please confirm: {names}. Change the kind where it is wrong.").format(names=names + more)
        )
    else:
        st.caption(_("Change the kind or the role of a column where it is wrong."))
    before = _grid(seen)
    n_taken = st.session_state.setdefault(f"taken_{seen.id}", 0)
    after = st.data_editor(
        before,
        hide_index=True,
        key=f"columns_{seen.id}_{n_taken}",  # an editor keeps its edits; taken or refused, they must not come again
        height=min(ROW_HEIGHT * (len(before) + 1) + 3, 470),
        disabled=[name for name in before.columns if name not in (_("Kind"), _("Role"))],
        column_config=_config(),
        alt=_("The columns of the table with kind, role, reason and examples"),
    )
    changes = _changes(before, after)
    if changes:
        st.session_state[f"taken_{seen.id}"] += 1
        review(seen, with_columns(seen.config, changes))


def _grid(seen: Table) -> pd.DataFrame:
    columns = seen.schema.columns
    profiles = [seen.profile(column.name) for column in columns]
    return pd.DataFrame(
        {
            _("Column"): [column.name for column in columns],
            _("Kind"): [str(column.kind) for column in columns],
            _("Role"): [str(column.role) for column in columns],
            _("Values"): [bars(profile) for profile in profiles],
            _("Missing"): [round(profile.missing_share, 2) for profile in profiles],
            _("Examples"): [_examples(profile) for profile in profiles],
            _("Why this kind"): [_reason(seen, column) for column in columns],
        }
    )


def _examples(profile: ColumnProfile) -> str:
    """Return the most frequent values, or the first different ones where nothing repeats much."""
    texts = [level for level, _n in profile.top] or list(profile.examples)
    return ", ".join(short(text, 18) for text in texts[:N_EXAMPLES])


def _reason(seen: Table, column: ColumnSchema) -> str:
    why = say(column.reason)
    return f"{_('Please confirm.')} {why}" if _unsure(seen, column) else why


def _unsure(seen: Table, column: ColumnSchema) -> bool:
    confirmed = (seen.config.columns or {}).get(column.name)
    return column.probability < SURE and not (confirmed and confirmed.kind)


def _config() -> dict[str, Any]:
    return {
        _("Column"): st.column_config.TextColumn(width=150),
        _("Kind"): st.column_config.SelectboxColumn(options=[str(kind) for kind in Kind], required=True, width=95),
        _("Role"): st.column_config.SelectboxColumn(options=[str(role) for role in ROLES], required=True, width=95),
        _("Values"): st.column_config.BarChartColumn(width=110, y_min=0),
        _("Missing"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width=110),
        _("Examples"): st.column_config.TextColumn(width=200),
        _("Why this kind"): st.column_config.TextColumn(width=340),
    }


def _changes(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, ColumnChoice]:
    changed: dict[str, ColumnChoice] = {}
    for was, now in zip(before.itertuples(index=False), after.itertuples(index=False), strict=True):
        if was[1] != now[1] or was[2] != now[2]:
            kind = Kind(now[1]) if was[1] != now[1] else None
            role = Role(now[2]) if was[2] != now[2] else None
            changed[str(was[0])] = ColumnChoice(kind=kind, role=role)
    return changed


def _rows(seen: Table) -> None:
    st.header(_("The first rows"), anchor=False)
    first = pd.DataFrame(seen.preview, columns=list(seen.schema.names))
    st.dataframe(first, hide_index=True, height=300, placeholder="", alt=_("The first rows of the table"))


def _done(seen: Table) -> None:
    if seen.inspection.done_to_the_file:
        with st.expander(
            _("What was done to the file ({n})").format(n=len(seen.inspection.done_to_the_file)), expanded=False
        ):
            for message in seen.inspection.done_to_the_file:
                st.text(f"– {say(message)}")


SCREEN = Screen(
    key="data",
    title=phrase("screen_data", "Data"),
    icon=":material/table:",
    order=10,
    render=render,
)
