"""The question which mistake is worse: what the model answers follows what its mistakes cost."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.language import _
from app.wording import plain
from engine.blend.decisions import costs_of

Costs = Mapping[str, Mapping[str, float]]
USUAL_COST = 1.0
USUAL_TIMES, MOST_TIMES = 5.0, 1000.0
ALIKE, OVERLOOKED, FALSE = "alike", "overlooked", "false"


def mistakes_form(key: str, classes: Sequence[str], before: Costs) -> Costs | None:
    """Draw the question and return what mistakes cost; None where they are alike.

    `key`: of the question; `classes`: of two, the second one is looked for; `before`: what stands in it at first.
    """
    return _of_two(key, classes[0], classes[1], before) if len(classes) == 2 else _of_several(key, classes, before)


def _of_two(key: str, other: str, wanted: str, before: Costs) -> Costs | None:
    before = before if set(before) <= {other, wanted} else {}  # they may be of another question
    overlooked, false = _cost(before, wanted, other), _cost(before, other, wanted)
    at_first = ALIKE if overlooked == false else OVERLOOKED if overlooked > false else FALSE
    words = {
        ALIKE: _("Both are alike"),
        OVERLOOKED: _("Overlooking “{answer}”").format(answer=plain(wanted)),
        FALSE: _("Saying “{answer}” falsely").format(answer=plain(wanted)),
    }
    worse = st.segmented_control(
        _("Which mistake is worse?"),
        list(words),
        default=at_first,
        required=True,
        format_func=lambda each: words[each],
        key=f"worse_{key}_{wanted}",
        persist_state="session",
        help=_("The answer of the model is then the one that costs least on average, not the most probable one."),
    )
    if worse not in {OVERLOOKED, FALSE}:
        return (before or None) if at_first == ALIKE else None
    usual = _times(max(overlooked, false), min(overlooked, false))
    times = st.number_input(
        _("How many times as bad?"),
        1.0,
        MOST_TIMES,
        usual,
        step=1.0,
        key=f"times_{key}_{wanted}",
        persist_state="session",
        width=240,
    )
    if (worse, times) == (at_first, usual):
        return before  # to the letter: their size counts where money is reckoned, and 0 has no number of times
    much, little = (wanted, other) if worse == OVERLOOKED else (other, wanted)
    return {much: {little: times}, little: {much: USUAL_COST}}


def _cost(costs: Costs, true: str, answered: str) -> float:
    return float(costs.get(true, {}).get(answered, USUAL_COST))


def _times(more: float, less: float) -> float:
    if more == less:
        return USUAL_TIMES
    return min(MOST_TIMES, more / less) if less else MOST_TIMES


def _of_several(key: str, classes: Sequence[str], before: Costs) -> Costs | None:
    if not st.toggle(
        _("Some mistakes are worse than others"),
        value=bool(before),
        key=f"own_costs_{key}",
        persist_state="session",
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
    editor, begun, kept = f"costs_{key}", f"costs_begun_{key}", f"costs_kept_{key}"
    if editor not in st.session_state:  # an editor is forgotten with its page; what it showed last is begun with then
        usual = pd.DataFrame(known, columns=list(kinds)).astype(kinds)
        st.session_state[begun] = st.session_state.get(kept, usual)
    lines = st.data_editor(
        st.session_state[begun],
        num_rows="dynamic",
        hide_index=True,
        key=editor,
        column_config={
            right: st.column_config.SelectboxColumn(options=list(classes), required=True),
            answered: st.column_config.SelectboxColumn(options=list(classes), required=True),
            cost: st.column_config.NumberColumn(min_value=0.0, required=True, default=USUAL_COST),
        },
    )
    st.session_state[kept] = lines.reset_index(drop=True)  # added lines have numbers of another type
    return costs_of(lines.dropna().itertuples(index=False, name=None))
