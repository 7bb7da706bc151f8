"""How a file was read, in one line, and the form that reads it differently."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import pandas as pd
import streamlit as st

from app import readings
from app.language import _, say
from app.opened import workspace
from app.screen import go
from app.tables import Table
from app.wording import plain
from engine.messages import Message
from engine.table.files.sqlite_file import is_sqlite
from engine.table.options import DateOrder, LeftOut, ReadingOptions

ENCODINGS = (
    *("utf-8", "cp1252", "latin-1", "cp1250", "cp1251", "iso8859-2", "iso8859-15", "mac-roman"),
    *("utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"),
)
SEPARATORS = (",", ";", "\t", "|", " ", "^", "~", ":")
# What is left out because it looks like a sum of other rows.
TOTALS = ("read_totals", "read_inner_totals")
MOST_LINES = 200
T = TypeVar("T")


def show_read_as(seen: Table) -> None:
    """Draw how the file was read, what was done to it, and the form to read it differently."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _done(seen)
    with right:
        found = seen.inspection.read_as
        st.caption(_("How it was read"))
        st.markdown("  \n".join(_facts(found)) or _("Nothing had to be decided."))
        if workspace().datasets.source(seen.id) is not None:
            with st.popover(_("Read it differently"), icon=":material/tune:"):
                _form(seen)


def _facts(found: ReadingOptions) -> list[str]:
    """Return what was settled about a file, one short line each."""
    said = []
    if found.sheet:
        said.append(_("Sheet: {sheet}").format(sheet=plain(found.sheet)))
    if found.encoding:
        said.append(_("Letters: {encoding}").format(encoding=plain(found.encoding)))
    if found.separator:
        said.append(_("Cells end at: {separator}").format(separator=plain(separator_words(found.separator))))
    if found.n_skipped_rows:
        said.append(_("Lines above the table: {n}").format(n=found.n_skipped_rows))
    if found.n_header_rows is not None:
        said.append(_("Rows of column names: {n}").format(n=found.n_header_rows))
    if found.decimal:
        said.append(_("Decimal sign: {sign}").format(sign=plain(found.decimal)))
    if found.date_order:
        said.append(_("Dates: {order}").format(order=_(str(found.date_order))))
    return said


def separator_words(separator: str) -> str:
    """Return what people call a separator."""
    words = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar"), " ": _("space"), ":": _("colon")}
    return words.get(separator, separator)


def _form(seen: Table) -> None:
    asked, found, choices = seen.asked, seen.inspection.read_as, seen.inspection.choices
    with st.form(f"read_{seen.id}", border=False):
        options = asked
        if len(choices.sheets) > 1:
            options = replace(options, sheet=_select(_("Sheet or table"), choices.sheets, asked.sheet, found.sheet))
        if choices.n_tables > 1:
            numbers = range(1, choices.n_tables + 1)
            options = replace(options, table=_select(_("Which table"), numbers, asked.table, found.table))
        if found.separator is not None:
            options = replace(
                options,
                separator=_select(_("Cells end at"), SEPARATORS, asked.separator, found.separator, separator_words),
                encoding=_select(_("Letters (encoding)"), ENCODINGS, asked.encoding, found.encoding),
            )
        options = replace(
            options,
            n_header_rows=_select(_("Rows of column names"), (0, 1, 2, 3), asked.n_header_rows, found.n_header_rows),
            n_skipped_rows=st.number_input(
                _("Lines above the table"),
                0,
                10_000,
                asked.n_skipped_rows,
                placeholder=_found(found.n_skipped_rows, str),
            ),
            decimal=_select(_("Decimal sign"), (".", ","), asked.decimal, found.decimal),
            date_order=_select(
                _("In dates such as 03/04/2024"), tuple(DateOrder), asked.date_order, found.date_order, _
            ),
            keep_totals=st.toggle(_("Keep rows that look like totals"), asked.keep_totals),
            numbers_stay=st.toggle(_("Numbers are never dates"), asked.numbers_stay),
        )
        if st.form_submit_button(_("Read again"), icon=":material/refresh:"):
            read_again(seen, options)


def read_again(seen: Table, options: ReadingOptions) -> None:
    """Read the file of a table once more, in another way; the table as it is stays."""
    source = workspace().datasets.source(seen.id)
    if source is not None:
        # A query was asked of its database once: what is kept is what it gave, or a database of which to read a table.
        if options.query and (options.sheet is not None or not is_sqlite(source)):
            options = replace(options, query=None)
        project = workspace().datasets.record(seen.id).project
        reading = readings.begin(
            source, seen.name, options=options, question=seen.question, config=seen.config, project=project
        )
        go("data", reading=reading)


def _select(
    label: str, values: Sequence[T], chosen: T | None, found: T | None, words: Callable[[T], str] = str
) -> T | None:
    return st.selectbox(
        label,
        values,
        index=values.index(chosen) if chosen in values else None,
        format_func=words,
        placeholder=_found(found, words),
    )


def _found(found: T | None, words: Callable[[T], str]) -> str:
    return _("found out") if found is None else _("found: {value}").format(value=words(found))


def _done(seen: Table) -> None:
    st.caption(_("What was done to the file"))
    if not seen.inspection.done_to_the_file:
        st.markdown(
            _(
                "Nothing: no line was left out or changed. How cells are read, and how many are missing, is said "
                "column by column."
            )
        )
    for number, message in enumerate(seen.inspection.done_to_the_file):
        lines = [line for line in seen.inspection.left_out if line.why.code == message.code]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"– {plain(say(message))}", width="stretch")
            if lines:
                _lines(seen, message, lines, number)


def _lines(seen: Table, message: Message, lines: Sequence[LeftOut], number: int) -> None:
    with st.popover(_("Show them"), key=f"lines_{seen.id}_{number}"):
        rows = pd.DataFrame(
            {_("Line"): [line.line for line in lines], _("What stands there"): [line.text for line in lines]}
        )
        if len(rows) > MOST_LINES:
            st.caption(_("The first {n} of {all}.").format(n=MOST_LINES, all=len(rows)))
        st.dataframe(rows.head(MOST_LINES), hide_index=True, alt=_("Lines that are not in the table"))
        key = f"keep_{message.code.removeprefix('read_')}_{seen.id}"
        if message.code in TOTALS and st.button(_("Keep them in the table"), key=key):
            read_again(seen, replace(seen.asked, keep_totals=True))
