"""What the model says of one row, and how sure it is."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.language import _
from app.wording import percent, plain
from engine.figures import figure
from engine.tasks.task import Task

LOW, HIGH, UNLIKE = "low", "high", "unlike"


def answer_of(task: Task, said: Mapping[str, Any]) -> str:
    """Return the class whose chance is spoken of: of two the second, else the one that is predicted; else nothing."""
    if not task.classes:
        return ""
    return str(task.classes[1]) if len(task.classes) == 2 else str(said["prediction"])


def outcome_title(task: Task, answer: str) -> str:
    """Return what the outcome is called."""
    return _("Chance of {answer}").format(answer=answer) if answer else task.target


def outcome_of(said: Mapping[str, Any], answer: str) -> float:
    """Return the chance of an answer, or the number."""
    return float(said[f"probability_{answer}"] if answer else said["prediction"])


def show_answer(task: Task, said: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    """Draw the answer. `before`: what was said of the row before it was changed."""
    answer = answer_of(task, said)
    value = outcome_of(said, answer)
    change = 0.0 if before is None else value - outcome_of(before, answer)
    with st.container(border=True):
        if answer:
            points = _("{n} points").format(n=f"{100 * change:+z.1f}") if abs(change) >= 0.0005 else None
            title = plain(outcome_title(task, answer))
            st.metric(title, percent(value, 1), delta=points, delta_color="off")
            st.write(_("The answer is **{answer}**.").format(answer=plain(str(said["prediction"]))))
            if said.get("unsure"):
                st.caption(_("The model cannot rule out: {answers}.").format(answers=plain(str(said["possible"]))))
        else:
            delta = figure(change) if change else None
            st.metric(plain(task.target), figure(value), delta=delta, delta_color="off")
            if LOW in said:
                likely = _("It is likely to lie between {low} and {high}.")
                st.write(likely.format(low=figure(said[LOW]), high=figure(said[HIGH])))
    if said.get(UNLIKE):
        st.warning(
            _("No training row was like this one, or only one, in: {names}. Do not rely on this answer.").format(
                names=plain(said[UNLIKE])
            ),
            icon=":material/visibility:",
        )
