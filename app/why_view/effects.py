"""Effects on the page: a sentence, a curve and a question for each of the leading columns."""

import streamlit as st

from app.directions import Sense, keep_direction
from app.language import _, say
from app.opened import workspace
from app.why_view.charts import effect_chart
from app.wording import plain
from engine.insight.effects import Effect
from engine.insight.why import Why
from engine.messages import Message

N_OPEN = 4


def effects(run_id: str, target: str, why: Why, said: dict[str, Sense]) -> None:
    """Draw how the outcome moves with each column. `said`: what a person said of them before; changed in place."""
    if not why.effects:
        return
    st.header(_("How the answer moves with each column"), anchor=False)
    pairs = list(zip(why.effects, why.effect_sentences(), strict=True))
    for effect, sentence in pairs[:N_OPEN]:
        _one(run_id, target, effect, sentence, said)
    if len(pairs) > N_OPEN:
        more = _("More columns: {n}").format(n=len(pairs) - N_OPEN)
        place = st.expander(more, key=f"more_effects_{run_id}", on_change="rerun")
        if place.open:  # a wide table has hundreds, and each is a picture
            with place:
                for effect, sentence in pairs[N_OPEN:]:
                    _one(run_id, target, effect, sentence, said)
    st.caption(
        _(
            "Thick line: the average answer, followed from each row's own value to the next (accumulated local "
            "effects). Dashed: all rows set to one value (partial dependence). Thin: single rows. Grey bars: how many "
            "rows there are; where there are few, the curve is a guess."
        )
    )


def _one(run_id: str, target: str, effect: Effect, sentence: Message, said: dict[str, Sense]) -> None:
    with st.container(border=True):
        st.subheader(plain(effect.column), anchor=False)
        st.markdown(plain(say(sentence)))
        title = _("Chance of {answer}").format(answer=effect.answer) if effect.answer else target
        st.altair_chart(effect_chart(effect, title), alt=say(sentence))
        _question(run_id, effect.column, said)


def _question(run_id: str, column: str, said: dict[str, Sense]) -> None:
    words = {Sense.YES: _("Yes"), Sense.NO: _("No"), Sense.UNSURE: _("Not sure")}
    key = f"sense_{run_id}_{column}"
    st.session_state.setdefault(key, said.get(column))
    answer = st.segmented_control(
        _("Does this make sense to you?"), list(Sense), format_func=lambda each: words[each], key=key
    )
    if answer is not None and answer is not said.get(column):
        keep_direction(workspace().runs, run_id, column, answer)
        said[column] = answer
