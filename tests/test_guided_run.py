"""One real run that a person guides, is killed, and goes on: pinned, banned and enqueued, all of it is kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.config import ExperimentConfig
from engine.events import (
    REQUESTS,
    BlendChosen,
    CandidateAsked,
    CandidateFinished,
    CandidatePinned,
    CandidateStarted,
    Event,
    FamilyBanned,
    Request,
    RequestAnswered,
    SearchEnded,
    of_kind,
)
from engine.experiment import run_experiment
from engine.progress import fold
from engine.requests import TOO_LATE
from engine.table.reading import read_table

WISHED = {"strength": 0.37}


class KilledError(Exception):
    """Ends the first process of the run, as a power cut would."""


def write_houses(path: Path) -> Path:
    chance = np.random.default_rng(0)
    size = chance.uniform(20, 200, 90)
    pd.DataFrame({"size": size, "price": 1000 * size + chance.normal(0, 5000, 90)}).to_csv(path, index=False)
    return path


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_asked_while_the_search_ends_is_answered_and_moves_nothing(tmp_path: Path) -> None:
    config = ExperimentConfig(target="price", candidates=1, families=("linear",), holdout=0, jobs=1)
    kept: list[Event] = []
    asked: list[Request] = []

    def until_the_blend(event: Event) -> None:
        kept.append(event)
        if isinstance(event, SearchEnded):
            asked.append(CandidatePinned(seconds=1.0, request="late", number=0))
            kept.append(asked[0])
        if isinstance(event, BlendChosen):
            raise KilledError

    dataset = read_table(write_houses(tmp_path / "houses.csv"))
    with pytest.raises(KilledError):
        run_experiment(dataset, config, folder=tmp_path / "scratch", emit=until_the_blend, requests=lambda: asked)
    assert fold(kept).answers["late"].problem == TOO_LATE()
    assert fold(kept).pinned == ()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_run_that_is_guided_and_killed_keeps_what_was_asked_of_it(tmp_path: Path) -> None:
    config = ExperimentConfig(target="price", candidates=5, families=("linear", "lightgbm"), holdout=0, jobs=1)
    kept: list[Event] = []
    asked: list[Request] = []

    def ask(kind: type[Any], **what: Any) -> None:
        request = kind(seconds=1.0, request=kind.kind, **what)
        asked.append(request)
        kept.append(request)  # the doors write it down beside what the worker says

    def until_it_is_killed(event: Event) -> None:
        kept.append(event)
        if isinstance(event, CandidateFinished) and event.family == "linear" and not asked:
            ask(FamilyBanned, family="lightgbm")
            ask(CandidatePinned, number=event.number)
            ask(CandidateAsked, family="linear", parameters=WISHED, like=event.number)
        if isinstance(event, CandidateStarted) and event.request:
            raise KilledError

    dataset, folder = read_table(write_houses(tmp_path / "houses.csv")), tmp_path / "scratch"
    with pytest.raises(KilledError):
        run_experiment(dataset, config, folder=folder, emit=until_it_is_killed, requests=lambda: asked)

    def until_the_blend(event: Event) -> None:
        kept.append(event)
        if isinstance(event, BlendChosen):
            raise KilledError  # what comes now has nothing to do with it, and takes its time

    with pytest.raises(KilledError):
        run_experiment(dataset, config, folder=folder, emit=until_the_blend, requests=lambda: asked, past=tuple(kept))
    now = fold(kept)
    assert [each.problem for each in of_kind(kept, RequestAnswered)] == [None] * len(REQUESTS)
    wished = [each for each in now.finished if each.parameters == WISHED]
    assert len(wished) == 1, "it was begun, killed, and tried to its end, once"
    banned_at = of_kind(kept, RequestAnswered)[0].before
    later = [each for each in of_kind(kept, CandidateStarted) if each.number >= banned_at]
    assert {each.family for each in later} == {"linear"}
    assert max(each.number for each in now.finished) == 6, "five by itself, and the one that was asked for"
    pinned = next(each.number for each in asked if isinstance(each, CandidatePinned))
    assert now.blend is not None
    assert now.pinned == (pinned,)
