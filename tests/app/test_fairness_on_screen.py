"""Fairness: the page, the terminal and the report say the same of the same groups."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.wording import plain
from storage.workspace import Workspace
from tests import judged_rows
from tests.app import made_runs
from tests.app.looking import Show, run, said


@pytest.fixture
def run_id(place: Workspace, tmp_path: Path) -> str:
    """A made-up run whose model says too little of one sex."""
    random = np.random.default_rng(3)
    n = 900
    sex, town = random.choice(["f", "m"], n), random.choice(["Ulm", "Bonn"], n)
    chance = random.beta(1.5, 1.5, n)
    y = (random.random(n) < chance).astype(int)
    low = np.clip(chance - 0.25 * (sex == "f"), 0.01, 0.99)
    answers = judged_rows.answers_of(made_runs.TASK, y, np.column_stack([1 - low, low]))
    made = made_runs.keep(place, made_runs.finished())
    judged_rows.keep(place.runs.artifacts(made), tmp_path / "kept", answers, {"town": town, "sex": sex})
    return made


def test_page_and_terminal_name_the_same_group(
    run_id: str, show: Show, place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["quality", run_id, "--workspace", str(place.folder), "--by", "sex"]
    assert main([*words, "--json"]) == DONE
    document = json.loads(capsys.readouterr().out)
    assert document["fairness_suggested"][0] == "sex"
    (found,) = document["fairness"]
    page = show("quality", run=run_id)
    chosen = page.selectbox(key=f"quality_fairness_{run_id}")
    assert chosen.value == "sex"
    assert "Where sex is f" in said(page)
    for sentence in (*found["said"], *(one for each in found["equalised"] for one in each["said"])):
        assert plain(sentence) in said(page), sentence
    shown = next(each.value for each in page.dataframe if "Measure" in each.value)
    assert list(shown["Name, as in Fairlearn"]) == [each["name"] for each in found["measures"]]
    assert "Difference of selection rates" in list(shown["Measure"])
    assert not any("_" in title for title in shown["Measure"]), "a person reads words, not names of functions"
    assert main(words) == DONE
    text = capsys.readouterr().out
    assert all(sentence in text for sentence in found["said"])
    assert "demographic_parity_difference" in text
    assert "more than chance" in text
    assert set(shown["More than chance"]) == {"yes", "no"}, "equal_opportunity is apart and accuracy is not"


def test_another_column_can_be_chosen_and_an_unknown_one_is_refused(
    run_id: str, show: Show, place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    page = show("quality", run=run_id)
    page = run(page.selectbox(key=f"quality_fairness_{run_id}").set_value("town"))
    assert "Between the 2 groups of town no difference was found" in said(page).replace("\\", "")
    assert main(["quality", run_id, "--workspace", str(place.folder), "--by", "height"]) == INPUT_AT_FAULT
    assert "height" in capsys.readouterr().err
