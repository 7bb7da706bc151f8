"""Candidates come into Optuna's pages with their real settings, values and scores, and once each."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.optuna_server import for_this_computer
from engine.events import CandidateFailed, CandidateFinished, DataPrepared, Event, Finished, RunStarted, SearchOpened
from engine.messages import phrase
from engine.progress import fold
from engine.search.option import Option
from engine.search.studies import Studies, trial_of
from engine.tasks.task import Task, TaskKind

BROKE = phrase("test_studies_broke", "It broke.")
OPTIONS = {
    "lightgbm": (
        Option(name="num_leaves", low=4, high=64, whole=True),
        Option(name="learning_rate", low=0.01, high=0.2, log=True),
        Option(name="extra_trees", choices=(False, True)),
    ),
    "linear": (Option(name="strength", low=0.01, high=10.0),),
}
BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
PREPARED = DataPrepared(
    seconds=0,
    task=Task(kind=TaskKind.REGRESSION, targets=("y",)),
    metric="rmse",
    greater_is_better=False,
    n_rows=10,
    n_columns=2,
    n_train=8,
    n_holdout=2,
    n_folds=2,
    baseline=0.5,
)


def finished(number: int, family: str, score: float, *, pruned: bool = False, **parameters: Any) -> CandidateFinished:
    return CandidateFinished(
        seconds=10.0 + number,
        number=number,
        family=family,
        parameters=parameters,
        score=score,
        spread=0.1,
        fold_scores=(score - 0.1, score + 0.1),
        train_seconds=2.0,
        pruned=pruned,
    )


EVENTS: tuple[Event, ...] = (
    RunStarted(seconds=0, process_id=1),
    PREPARED,
    SearchOpened(seconds=1, options=OPTIONS),
    finished(0, "baseline", 2.0),
    finished(1, "lightgbm", 1.0, num_leaves=31, learning_rate=0.1, bagging_freq=1),
    finished(2, "linear", 1.5, strength=3.0),
    finished(3, "lightgbm", 0.9, num_leaves=99, learning_rate=0.005, extra_trees=True),
    finished(4, "lightgbm", 1.9, pruned=True, num_leaves=5),
    CandidateFailed(
        seconds=20, number=5, family="linear", parameters={"strength": 1.0}, cause=BROKE(), train_seconds=1
    ),
)


def test_a_run_is_one_study_of_all_and_one_of_each_family() -> None:
    import optuna

    studies = Studies()
    studies.show("abcdef99", "Which?", BEGAN, fold(EVENTS))
    names = optuna.get_all_study_names(studies.storage)
    assert names == ["Which? (abcdef)", "Which? (abcdef) lightgbm", "Which? (abcdef) linear"]
    whole = optuna.load_study(study_name=names[0], storage=studies.storage)
    assert [trial.state.name for trial in whole.trials] == ["COMPLETE"] * 4 + ["PRUNED", "FAIL"]
    assert [trial.user_attrs["candidate"] for trial in whole.trials] == list(range(6))
    assert whole.best_trial.params == {
        "family": "lightgbm",
        "lightgbm: num_leaves": 99,
        "lightgbm: learning_rate": 0.005,
        "lightgbm: extra_trees": True,
    }
    assert whole.best_trial.intermediate_values == {0: pytest.approx(0.8), 1: pytest.approx(1.0)}
    assert whole.best_trial.duration is not None
    assert whole.best_trial.duration.total_seconds() == 2.0
    assert whole.trials[1].user_attrs["bagging_freq"] == 1, "what nothing is known of stands beside it"
    assert whole.trials[5].user_attrs["cause"] == "It broke."
    own = optuna.load_study(study_name=names[1], storage=studies.storage)
    assert [trial.params.get("num_leaves") for trial in own.trials] == [31, 99, 5]
    leaves, wider = (trial.distributions["num_leaves"] for trial in own.trials[:2])
    assert isinstance(leaves, optuna.distributions.IntDistribution)
    assert isinstance(wider, optuna.distributions.IntDistribution)
    assert (leaves.low, leaves.high, wider.high) == (4, 64, 99)


def test_what_is_new_is_added_and_a_run_that_ended_is_left_alone() -> None:
    import optuna

    studies = Studies()
    for upto in range(1, len(EVENTS) + 1):
        studies.show("abcdef99", "Which?", BEGAN, fold(EVENTS[:upto]))
        assert not studies.is_whole("abcdef99")
    studies.show("abcdef99", "Which?", BEGAN, fold([*EVENTS, Finished(seconds=30)]))
    assert studies.is_whole("abcdef99")
    (whole, *_others) = optuna.get_all_study_names(studies.storage)
    assert len(optuna.load_study(study_name=whole, storage=studies.storage).trials) == 6


def test_a_run_from_before_settings_were_kept_still_shows_its_scores() -> None:
    import optuna

    studies = Studies()
    studies.show("abcdef99", "Which?", BEGAN, fold([each for each in EVENTS if not isinstance(each, SearchOpened)]))
    (name,) = optuna.get_all_study_names(studies.storage)
    trials = optuna.load_study(study_name=name, storage=studies.storage).trials
    assert [trial.value for trial in trials[:4]] == [2.0, 1.0, 1.5, 0.9]
    assert trials[1].user_attrs["num_leaves"] == 31


def test_a_score_that_is_no_number_counts_as_failed() -> None:
    assert trial_of(finished(1, "linear", float("nan")), {}, BEGAN).state.name == "FAIL"
    assert trial_of(finished(1, "linear", 0.5), {}, BEGAN).state.name == "COMPLETE"


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:81", 200), ("localhost:81", 200), ("evil.example:81", 403)])
def test_another_site_cannot_read_the_pages(host: str, status: int) -> None:
    said: list[str] = []

    def application(_environment: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b"pages"]

    guarded = for_this_computer(application, 81)
    guarded({"HTTP_HOST": host}, lambda answer, _headers: said.append(answer))
    assert int(said[0][:3]) == status
