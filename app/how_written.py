"""Asks, for who wants to say it, how the cells of a new file are written."""

import streamlit as st

from app.language import _
from engine.table.options import DateOrder, ReadingOptions


def how_written(page: str) -> ReadingOptions:
    """Draw the questions; returns what was answered. `page`: tells them from those of other pages."""
    signs = {",": _("comma, as in 80,5"), ".": _("point, as in 80.5")}
    orders = {DateOrder.DAY_FIRST: _("day first"), DateOrder.MONTH_FIRST: _("month first")}
    found = _("Find out")
    with st.popover(_("How the file is written"), icon=":material/tune:"):
        decimal = st.selectbox(
            _("Decimal sign"), [None, *signs], format_func=lambda sign: signs.get(sign, found), key=f"{page}_decimal"
        )
        order = st.selectbox(
            _("Dates"), [None, *orders], format_func=lambda each: orders.get(each, found), key=f"{page}_dates"
        )
        st.caption(_("It applies to the next file that is added."))
    return ReadingOptions(decimal=decimal, date_order=order)
