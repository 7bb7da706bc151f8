"""The form for how the model decides: what mistakes cost, and how often its ranges hold the truth."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.language import _
from app.wording import plain
from engine.blend.decisions import DecisionSettings, costs_of

Costs = Mapping[str, Mapping[str, float]]
USUAL_COST = 1.0


def decisions_form(key: str, classes: Sequence[str], before: DecisionSettings) -> DecisionSettings:
    """Draw the form and return what was chosen.

    `key`: of the question; `classes`: none where a number is predicted; `before`: what stands in the form at first.
    """
    costs = _costs(key, classes, before.costs or {}) if classes else None
    coverage = st.slider(
        _("How often the range of a prediction shall hold the truth"),
        50,
        99,
        round(100 * before.coverage),
        format="%d %%",
        key=f"coverage_{key}",
        help=_("Of a number: the range around it. Of classes: those that are not ruled out."),
    )
    return DecisionSettings(costs=costs, coverage=coverage / 100)


def _costs(key: str, classes: Sequence[str], before: Costs) -> Costs | None:
    if not st.toggle(
        _("Some mistakes are worse than others"),
        value=bool(before),
        key=f"own_costs_{key}",
        help=_("The answer of the model is then the one that costs least on average, not the most probable one."),
    ):
        return None
    return _of_two(key, classes[0], classes[1], before) if len(classes) == 2 else _of_several(key, classes, before)


def _of_two(key: str, first: str, second: str, before: Costs) -> Costs:
    places = zip(st.columns(2), ((first, second), (second, first)), strict=True)
    return {
        true: {
            answered: place.number_input(
                _("Cost of answering {answered} when {true} is right").format(
                    answered=plain(answered), true=plain(true)
                ),
                min_value=0.0,
                value=float(before.get(true, {}).get(answered, USUAL_COST)),
                step=1.0,
                key=f"cost_{key}_{true}",
            )
        }
        for place, (true, answered) in places
    }


def _of_several(key: str, classes: Sequence[str], before: Costs) -> Costs | None:
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
