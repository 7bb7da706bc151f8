"""The form for what the model must keep to."""

from collections.abc import Sequence

import streamlit as st

from app.language import _
from engine.limits import ModelLimits


def limits_form(key: str, numbers: Sequence[str], before: ModelLimits) -> ModelLimits:
    """Draw the form and return what was chosen.

    `key`: of the table; `numbers`: columns that can have a direction; `before`: what stands in the form at first,
    which may be beyond what the form suggests: a terminal sets any limit.
    """
    interpretable = st.checkbox(
        _("Only models that a person can follow"),
        value=before.interpretable,
        key=f"interpretable_{key}",
        persist_state="session",
        help=_("Linear models alone. They are often less accurate."),
    )
    file, row = st.columns(2)
    largest = file.number_input(
        _("Largest model file in MB"),
        min_value=min(0.1, float(before.largest_file_mb)),
        value=float(before.largest_file_mb),
        step=5.0,
        key=f"largest_file_{key}",
        persist_state="session",
    )
    slowest = row.number_input(
        _("Most milliseconds for one row"),
        min_value=min(0.05, before.slowest_row_ms or 0.05),
        value=before.slowest_row_ms,
        step=0.5,
        placeholder=_("1, more for many columns"),
        key=f"slowest_row_{key}",
        persist_state="session",
    )
    rising = st.multiselect(
        _("When these rise, the prediction must never fall"),
        numbers,
        default=[name for name in numbers if before.monotone.get(name) == 1],
        placeholder=_("no column"),
        key=f"rising_{key}",
        persist_state="session",
    )
    others = [name for name in numbers if name not in rising]
    falling = st.multiselect(
        _("When these rise, the prediction must never rise"),
        others,
        default=[name for name in others if before.monotone.get(name) == -1],
        placeholder=_("no column"),
        key=f"falling_{key}",
        persist_state="session",
    )
    return ModelLimits(
        largest_file_mb=float(largest),
        slowest_row_ms=slowest,
        interpretable=interpretable,
        monotone={**dict.fromkeys(rising, 1), **dict.fromkeys(falling, -1)},
    )
