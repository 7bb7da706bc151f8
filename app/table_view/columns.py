"""The columns of a table: what each is and why, what it is used for, and when it is known; all of it can be changed."""

from typing import Any

import pandas as pd
import streamlit as st

from app.charts import bars
from app.findings import review
from app.language import _, say
from app.pieces import ROW_HEIGHT
from app.tables import Table, with_columns
from app.wording import joined, listed, plain, short
from engine.column_choice import ColumnChoice
from engine.table.profile import ColumnProfile
from engine.table.schema import ColumnSchema, Kind, Known, Role

SURE = 0.8
N_EXAMPLES = 3
MANY = 60  # from here on a box to search by name helps
ROLES = (Role.FEATURE, Role.TARGET, Role.IGNORED, Role.WEIGHT, Role.GROUP, Role.TIME, Role.STRATIFY)


def show_columns(seen: Table) -> None:
    """Draw the table of columns, and take over what the person changes in it."""
    st.header(_("What each column is"), anchor=False)
    unsure = [column for column in seen.schema.columns if is_unsure(seen, column)]
    _confirmation(seen, unsure)
    columns = _wanted(seen)
    before = _grid(seen, columns)
    n_taken = st.session_state.setdefault(f"taken_{seen.id}", 0)
    editable = (_("Kind"), _("Role"), _("Known"))
    after = st.data_editor(
        before,
        hide_index=True,
        key=f"columns_{seen.id}_{n_taken}",  # an editor keeps its edits; taken or refused, they must not come again
        height=min(ROW_HEIGHT * (len(before) + 1) + 3, 470),
        disabled=[name for name in before.columns if name not in editable],
        column_config=_config(),
        placeholder="",
        alt=_("The columns of the table with kind, role, reason and examples"),
    )
    changes = _changes(before, after)
    if changes:
        st.session_state[f"taken_{seen.id}"] += 1
        review(seen, with_columns(seen.config, changes))


def is_unsure(seen: Table, column: ColumnSchema) -> bool:
    """Whether the person is asked to confirm what a column is."""
    confirmed = (seen.config.columns or {}).get(column.name)
    return column.probability < SURE and not (confirmed and confirmed.kind)


def _confirmation(seen: Table, unsure: list[ColumnSchema]) -> None:
    if not unsure:
        st.caption(_("Change the kind, the role, or when a value is known, where it is wrong."))
        return
    names = listed([f"**{plain(column.name)}**" for column in unsure])
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("Please confirm: {names}. Change the kind where it is wrong.").format(names=names)
        st.markdown(f":material/help: {words}", width="stretch")
        if st.button(_("All of them are right"), icon=":material/check:", key=f"confirm_{seen.id}"):
            choices = {column.name: ColumnChoice(kind=column.kind) for column in unsure}
            review(seen, with_columns(seen.config, choices))


def _wanted(seen: Table) -> list[ColumnSchema]:
    columns = list(seen.schema.columns)
    if len(columns) < MANY:
        return columns
    words = st.text_input(
        _("Search among {n} columns").format(n=len(columns)), key=f"search_{seen.id}", icon=":material/search:"
    )
    return [column for column in columns if words.lower() in column.name.lower()] if words else columns


def _grid(seen: Table, columns: list[ColumnSchema]) -> pd.DataFrame:
    profiles = [seen.profile(column.name) for column in columns]
    powers = seen.inspection.powers
    grid = pd.DataFrame(
        {
            _("Column"): [column.name for column in columns],
            _("Kind"): [str(column.kind) for column in columns],
            _("Role"): [str(column.role) for column in columns],
            _("Known"): [str(column.known) if column.known else None for column in columns],
            _("Values"): [bars(profile) for profile in profiles],
            _("Missing"): [_in_hundredths(profile.missing_share) for profile in profiles],
            _("Says about the target"): [powers.get(column.name) for column in columns],
            _("Why this kind"): [_reason(seen, column) for column in columns],
            _("Examples"): [_examples(profile) for profile in profiles],
        }
    )
    return grid if powers else grid.drop(columns=_("Says about the target"))


def _in_hundredths(share: float) -> float:
    """Return a share as it is shown in percent; what is not nothing is at least one.

    >>> _in_hundredths(0.0), _in_hundredths(0.002), _in_hundredths(0.126)
    (0.0, 0.01, 0.13)
    """
    return max(round(share, 2), 0.01) if share else 0.0


def _examples(profile: ColumnProfile) -> str:
    """Return the most frequent values, or the first different ones where nothing repeats much."""
    texts = [level for level, _n in profile.top] or list(profile.examples)
    return joined([short(text, 18) for text in texts[:N_EXAMPLES]])


def _reason(seen: Table, column: ColumnSchema) -> str:
    why = say(column.reason)
    if column.subkind:
        why = _("{kind}. {reason}").format(kind=_(str(column.subkind)).capitalize(), reason=why)
    return f"{_('Please confirm.')} {why}" if is_unsure(seen, column) else why


def _config() -> dict[str, Any]:
    kinds, roles, moments = ([str(each) for each in group] for group in (Kind, ROLES, Known))
    select = st.column_config.SelectboxColumn
    return {
        _("Column"): st.column_config.TextColumn(width=150, pinned=True),
        _("Kind"): select(options=kinds, required=True, format_func=_in_words, width=135),
        _("Role"): select(options=roles, required=True, format_func=_in_words, width=90),
        _("Known"): select(
            options=moments,
            format_func=_in_words,
            width=95,
            help=_(
                "When is this value known: before, at the same time as, or after what is predicted? After: left out."
            ),
        ),
        _("Values"): st.column_config.BarChartColumn(width=100, y_min=0),
        _("Missing"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width=90),
        _("Says about the target"): st.column_config.ProgressColumn(
            format="%.2f",
            min_value=0,
            max_value=1,
            width=150,
            help=_("How well this column alone predicts the target: 0 is guessing, 1 is perfect."),
        ),
        _("Why this kind"): st.column_config.TextColumn(width=340),
        _("Examples"): st.column_config.TextColumn(width=190),
    }


def _in_words(choice: object) -> str:
    return _(str(choice))


def _changes(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, ColumnChoice]:
    kind, role, known = _("Kind"), _("Role"), _("Known")
    changed: dict[str, ColumnChoice] = {}
    for was, now in zip(before.to_dict("records"), after.to_dict("records"), strict=True):
        differs = {name: was[name] != now[name] for name in (kind, role)}
        earlier, moment = (row[known] if isinstance(row[known], str) else None for row in (was, now))  # empty is NaN
        differs[known] = earlier != moment
        if any(differs.values()):
            changed[str(was[_("Column")])] = ColumnChoice(
                kind=Kind(now[kind]) if differs[kind] else None,
                role=Role(now[role]) if differs[role] else None,
                known=Known(moment) if differs[known] and moment else None,
            )
    return changed
