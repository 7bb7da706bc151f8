"""The question which mistake is worse: what the model answers follows what its mistakes cost."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.language import _
from app.wording import plain
from engine.blend.decisions import costs_of

Costs = Mapping[str, Mapping[str, float]]
USUAL_COST = 1.0
USUAL_TIMES = 5.0
ALIKE, OVERLOOKED, FALSE = "alike", "overlooked", "false"


def mistakes_form(key: str, classes: Sequence[str], before: Costs) -> Costs | None:
    """Draw the question and return what mistakes cost; None where they are alike.

    `key`: of the question; `classes`: of two, the second one is looked for; `before`: what stands in it at first.
    """
    return _of_two(key, classes[0], classes[1], before) if len(classes) == 2 else _of_several(key, classes, before)


def _of_two(key: str, other: str, wanted: str, before: Costs) -> Costs | None:
    overlooked, false = _cost(before, wanted, other), _cost(before, other, wanted)
    words = {
        ALIKE: _("Both are alike"),
        OVERLOOKED: _("Overlooking “{answer}”").format(answer=plain(wanted)),
        FALSE: _("Saying “{answer}” falsely").format(answer=plain(wanted)),
    }
    worse = st.segmented_control(
        _("Which mistake is worse?"),
        list(words),
        default=ALIKE if overlooked == false else OVERLOOKED if overlooked > false else FALSE,
        required=True,
        format_func=lambda each: words[each],
        key=f"worse_{key}_{wanted}",
        help=_("The answer of the model is then the one that costs least on average, not the most probable one."),
    )
    if worse not in {OVERLOOKED, FALSE}:
        return None
    usual = max(overlooked, false) / min(overlooked, false) if overlooked != false else USUAL_TIMES
    times = st.number_input(
        _("How many times as bad?"), min_value=1.0, value=usual, step=1.0, key=f"times_{key}_{wanted}", width=240
    )
    much, little = (wanted, other) if worse == OVERLOOKED else (other, wanted)
    return {much: {little: times}, little: {much: USUAL_COST}}


def _cost(costs: Costs, true: str, answered: str) -> float:
    return float(costs.get(true, {}).get(answered, USUAL_COST)) or USUAL_COST


def _of_several(key: str, classes: Sequence[str], before: Costs) -> Costs | None:
    if not st.toggle(
        _("Some mistakes are worse than others"),
        value=bool(before),
        key=f"own_costs_{key}",
        help=_("The answer of the model is then the one that costs least on average, not the most probable one."),
    ):
        return None
    right, answered, cost = _("When this is right"), _("and the model answers"), _("it costs")
    st.caption(_("One line for each mistake that is not as bad as the others, which cost 1."))
    known = [
        (true, other, float(price))
        for true, prices in before.items()
        for other, price in prices.items()
        if {true, other} <= set(classes)
    ]
    kinds = {right: "str", answered: "str", cost: "float"}
    lines = st.data_editor(
        pd.DataFrame(known, columns=list(kinds)).astype(kinds),
        num_rows="dynamic",
        hide_index=True,
        key=f"costs_{key}",
        column_config={
            right: st.column_config.SelectboxColumn(options=list(classes), required=True),
            answered: st.column_config.SelectboxColumn(options=list(classes), required=True),
            cost: st.column_config.NumberColumn(min_value=0.0, required=True, default=USUAL_COST),
        },
    )
    return costs_of(lines.dropna().itertuples(index=False, name=None))
