"""What mistakes cost: asked as one question, and never changed by looking at it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

Costs = Mapping[str, Mapping[str, float]]


def form(before: dict[str, dict[str, float]]) -> None:
    import json

    import streamlit as st

    from app.goal_view.mistakes import mistakes_form

    st.text(json.dumps(mistakes_form("k", ["no", "yes"], before)))


def opened(before: Costs) -> AppTest:
    return AppTest.from_function(form, kwargs={"before": before}).run()


def answered(page: AppTest) -> Any:
    return json.loads(page.text[0].value)


def of_three() -> None:
    import json

    import streamlit as st

    from app.goal_view.mistakes import mistakes_form

    if not st.session_state.get("elsewhere"):
        st.text(json.dumps(mistakes_form("k", ["a", "b", "c"], {"a": {"b": 3.0}})))


def test_costs_of_several_answers_stay_while_another_page_is_looked_at() -> None:
    page = AppTest.from_function(of_three).run()
    assert answered(page) == {"a": {"b": 3.0}}
    new = ["c", "a", 9.0]
    names = list(page.data_editor[0].value.columns)
    page.session_state["costs_k"] = {
        "edited_rows": {0: {names[2]: 4.0}},
        "added_rows": [dict(zip(names, new, strict=True))],
        "deleted_rows": [],
    }
    assert answered(page.run()) == {"a": {"b": 4.0}, "c": {"a": 9.0}}
    page.session_state["elsewhere"] = True
    assert not page.run().text
    page.session_state["elsewhere"] = False
    assert answered(page.run()) == {"a": {"b": 4.0}, "c": {"a": 9.0}}
    assert answered(page.run()) == {"a": {"b": 4.0}, "c": {"a": 9.0}}, "nothing is added a second time"


@pytest.mark.parametrize(
    ("before", "worse"),
    [
        ({"yes": {"no": 5.0}, "no": {"yes": 1.0}}, "overlooked"),
        ({"yes": {"no": 300.0}, "no": {"yes": 100.0}}, "overlooked"),
        ({"no": {"yes": 3.0}}, "false"),
        ({"yes": {"no": 0.0}}, "false"),
        ({"yes": {"no": 1.0}, "no": {"yes": 1.0}}, "alike"),
    ],
)
def test_costs_that_nobody_touches_stay_to_the_letter(before: Costs, worse: str) -> None:
    page = opened(before)
    assert page.button_group[0].value == worse
    assert answered(page) == before


def test_without_a_choice_mistakes_have_no_costs_nor_those_of_another_question() -> None:
    assert answered(opened({})) is None
    assert answered(opened({"red": {"blue": 4.0}})) is None


def test_a_choice_says_which_mistake_costs_how_many_times_as_much() -> None:
    page = opened({"yes": {"no": 5.0}})
    page = page.number_input[0].set_value(8.0).run()
    assert answered(page) == {"yes": {"no": 8.0}, "no": {"yes": 1.0}}
    page = page.button_group[0].set_value("false").run()
    assert answered(page) == {"no": {"yes": 8.0}, "yes": {"no": 1.0}}
    assert answered(page.button_group[0].set_value("alike").run()) is None
