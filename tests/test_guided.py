"""What a person asks of a search takes effect once, at a recorded candidate, and can be replayed."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from engine.events import (
    CandidateAsked,
    CandidateFinished,
    CandidatePinned,
    CandidateStarted,
    DataPrepared,
    Event,
    FamilyBanned,
    Request,
    RequestAnswered,
    SearchEnded,
    SearchOpened,
)
from engine.families.family import family_named
from engine.messages import Message, render
from engine.progress import fold
from engine.requests import TOO_LATE, request_problem
from engine.search.guided import Guided
from engine.search.near import near
from engine.search.option import Option
from engine.search.policy import ALL_TRIED, TIME_IS_UP, End, Situation, Start, Tried, decide
from engine.search.proposal import Past, Proposal
from engine.search.proposals import Proposer
from engine.search.settings import SearchSettings
from engine.shape import Shape
from engine.stored_events import event_from_json
from engine.tasks.task import Task, TaskKind

FAMILIES = tuple(family_named(key) for key in ("baseline", "linear", "lightgbm", "catboost"))
SHAPE = Shape(n_rows=1000, n_columns=8, n_classes=2, kind=TaskKind.BINARY)
LEVEL = {"baseline": 0.5, "linear": 0.3, "lightgbm": 0.2, "catboost": 0.22}
WISHED: Mapping[str, Any] = {"learning_rate": 0.05, "num_leaves": 21}

Asked = Mapping[int, Sequence[Request]]


def ask(request: str = "a", family: str = "lightgbm", **parameters: Any) -> CandidateAsked:
    return CandidateAsked(seconds=1, request=request, family=family, parameters=parameters or WISHED)


def pin(number: int, *, request: str = "p", lifted: bool = False) -> CandidatePinned:
    return CandidatePinned(seconds=1, request=request, number=number, lifted=lifted)


def ban(family: str, *, request: str = "b", lifted: bool = False) -> FamilyBanned:
    return FamilyBanned(seconds=1, request=request, family=family, lifted=lifted)


def replay(asked: Asked, n_candidates: int = 30, settings: SearchSettings | None = None) -> list[Proposal]:
    """Play a search over made-up losses; what is asked is heard before the candidate of its number is chosen."""
    proposer = Proposer(FAMILIES, SHAPE, seed=3, settings=settings)
    made: list[Proposal] = []
    heard: list[Request] = []
    guided = Guided(
        proposer=proposer,
        asked=lambda: heard,
        judge=lambda _request: None,
        answer=lambda _request, _before, _problem: None,
        point_of=lambda number: (made[number].family, made[number].parameters),
    )
    while len(made) < n_candidates:
        heard.extend(asked.get(proposer.next_number, ()))
        guided.take()
        proposal = proposer.propose()
        if proposal is None:
            break
        made.append(proposal)
        loss = LEVEL[proposal.family] + abs(float(proposal.parameters.get("learning_rate", 0.05)) - 0.03)
        proposer.tell(proposal.number, loss)
    return made


def test_without_requests_nothing_changes_and_with_them_a_replay_is_the_same_again() -> None:
    asked: Asked = {5: [ask()], 9: [ban("catboost"), pin(2)], 20: [ban("catboost", request="c", lifted=True)]}
    assert replay(asked) == replay(asked)
    assert replay(asked)[:5] == replay({})[:5]


def test_a_candidate_that_was_asked_for_is_tried_next_and_remembers_it() -> None:
    made = replay({6: [ask("x"), ask("y", num_leaves=9)]})
    assert [(each.request, each.parameters) for each in made[6:8]] == [("x", WISHED), ("y", {"num_leaves": 9})]
    assert not any(each.searched for each in made[6:8]), "it is tried to its end, and races against nobody"
    assert [each.number for each in made] == list(range(30))


def test_nothing_comes_before_the_baseline() -> None:
    assert [each.family for each in replay({0: [ask()]})[:2]] == ["baseline", "lightgbm"]


@pytest.mark.parametrize("way", ["joint", "conditioning", "alternating"])
def test_a_banned_family_gets_no_new_candidates_until_it_is_allowed_again(way: str) -> None:
    settings = SearchSettings(way=way)
    made = replay({4: [ban("lightgbm")]}, settings=settings)
    assert len(made) == 30
    assert "lightgbm" not in {each.family for each in made[4:]}
    again = replay({4: [ban("lightgbm")], 12: [ban("lightgbm", request="c", lifted=True)]}, settings=settings)
    assert "lightgbm" in {each.family for each in again[12:]}


def test_every_second_candidate_is_a_small_change_of_a_pinned_one() -> None:
    at = next(each.number for each in replay({}) if each.family == "catboost")
    made = replay({20: [pin(at)]}, n_candidates=28)
    beside = made[20::2]
    assert {each.family for each in beside} == {"catboost"}
    for each in beside:
        assert len(each.parameters.keys() - made[at].parameters.keys()) <= 1
        assert each.parameters != made[at].parameters
    lifted = replay({20: [pin(at)], 22: [pin(at, request="q", lifted=True)]}, n_candidates=28)
    assert [each.family for each in lifted[22:]] != [each.family for each in made[22:]]


def test_small_changes_stay_in_range_and_leave_what_they_do_not_know() -> None:
    options = [
        Option(name="rate", low=0.01, high=0.2, log=True),
        Option(name="leaves", low=4, high=64, whole=True),
        Option(name="kind", choices=("a", "b")),
    ]
    chance = random.Random(0)
    made = [near({"rate": 0.19, "leaves": 64, "kind": "a", "own": 7}, options, chance) for _ in range(200)]
    assert all(0.01 <= each["rate"] <= 0.2 and 4 <= each["leaves"] <= 64 and each["own"] == 7 for each in made)
    assert all(isinstance(each["leaves"], int) for each in made)
    assert {each["kind"] for each in made} == {"a", "b"}
    assert near({"own": 7}, options, chance) == {"own": 7}
    wider = [near({"own": 7}, options, chance, wider=True) for _ in range(50)]
    assert all(len(each) == 2 for each in wider)
    assert all(0.01 <= each.get("rate", 0.1) <= 0.2 for each in wider)


NOW = Situation(seconds_left=50.0, next_number=31, n_queued=0, n_slots=2, cap=30)


def test_what_a_person_asks_for_comes_on_top_of_what_the_search_tries_by_itself() -> None:
    assert isinstance(decide(NOW), End)
    assert isinstance(decide(Situation(**{**vars(NOW), "n_asked_for": 1})), Start)
    late = Situation(**{**vars(NOW), "n_asked_for": 1, "seconds_left": 0.1})
    assert isinstance(decide(late), End), "the time is up all the same"
    ended = tuple(Tried(number=n, family="linear", seconds=1.0, loss=0.2) for n in range(5))
    fixed = Situation(seconds_left=None, next_number=4, n_queued=0, n_slots=1, cap=None, candidates=3, tried=ended)
    assert decide(fixed) == End(ALL_TRIED(n_candidates=3))
    assert decide(Situation(**{**vars(fixed), "n_asked_for": 1})) == Start(None)
    more = Situation(**{**vars(fixed), "n_extra": 1})
    assert decide(more) == Start(None), "three by itself, one that was asked for"
    assert decide(Situation(**{**vars(more), "next_number": 5})) == End(ALL_TRIED(n_candidates=4))


def test_after_a_kill_what_was_granted_counts_and_what_was_begun_is_not_begun_twice() -> None:
    said: list[tuple[str, int]] = []
    proposer = Proposer(FAMILIES, SHAPE, seed=3)
    begun = Proposal(number=1, family="lightgbm", parameters=WISHED, request="x")
    proposer.remember(
        [
            Past(proposal=Proposal(number=0, family="baseline", parameters={}), ended=True, loss=0.5),
            Past(proposal=begun, ended=False, loss=None),
        ]
    )
    guided = Guided(
        proposer=proposer,
        asked=lambda: [ask("x"), ban("catboost"), ask("y", num_leaves=9), ask("new", num_leaves=5)],
        judge=lambda _request: None,
        answer=lambda request, before, _problem: said.append((request, before)),
        point_of=lambda _number: None,
        answers={each: RequestAnswered(seconds=1, request=each, before=1) for each in ("x", "b", "y")},
        begun=frozenset("x"),
    )
    guided.take()
    guided.take()
    assert said == [("new", 1)], "only what had not been answered is answered, and once"
    made = [proposer.propose() for _ in range(5)]
    assert [each.request for each in made if each is not None] == ["x", "y", "new", "", ""]
    assert "catboost" not in {each.family for each in made if each is not None}
    assert (guided.n_waiting, guided.n_extra) == (0, 3)


def test_what_can_no_longer_be_tried_is_told() -> None:
    said: list[tuple[str, Message | None]] = []
    proposer = Proposer(FAMILIES, SHAPE, seed=3)
    guided = Guided(
        proposer=proposer,
        asked=lambda: [ask("x"), ask("refused", num_leaves=9)],
        judge=lambda request: TOO_LATE() if request.request == "refused" else None,
        answer=lambda request, _before, problem: said.append((request, problem)),
        point_of=lambda _number: None,
    )
    guided.take()
    guided.close(TOO_LATE())
    guided.close(TOO_LATE())
    assert said == [("x", None), ("refused", TOO_LATE()), ("x", TOO_LATE())]


OPTIONS = {
    "lightgbm": (
        Option(name="num_leaves", low=4, high=64, whole=True),
        Option(name="learning_rate", low=0.01, high=0.2, log=True),
        Option(name="extra_trees", choices=(False, True)),
    ),
    "linear": (Option(name="strength", low=0.01, high=10.0),),
}


def finished(number: int, family: str, *, pruned: bool = False, **parameters: Any) -> CandidateFinished:
    return CandidateFinished(
        seconds=2,
        number=number,
        family=family,
        parameters=parameters,
        score=0.8,
        spread=0.1,
        fold_scores=(0.8,),
        train_seconds=1,
        pruned=pruned,
    )


PREPARED = DataPrepared(
    seconds=0,
    task=Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes")),
    metric="auc",
    greater_is_better=True,
    n_rows=10,
    n_columns=2,
    n_train=8,
    n_holdout=2,
    n_folds=5,
    baseline=0.5,
)
UNDER_WAY: tuple[Event, ...] = (
    PREPARED,
    SearchOpened(seconds=1, options=OPTIONS),
    finished(1, "lightgbm", num_leaves=99, learning_rate=0.1),
    finished(2, "lightgbm", pruned=True, num_leaves=8),
    CandidateStarted(seconds=2, number=3, family="linear", parameters={"strength": 1.0}),
)


@pytest.mark.parametrize(
    ("request_made", "said"),
    [
        (ask(num_leaves=300), "num_leaves is 300, which is outside of what is searched. Choose from 4 to 64."),
        (ask(num_leaves=4.5), "num_leaves has to be a whole number, and 4.5 is none."),
        (ask(num_leaves="many"), "num_leaves has to be a number, and many is none."),
        (ask(extra_trees=1), "extra_trees cannot be 1. Choose one of: False, True."),
        (ask(depth=3), "There is no setting called depth in the family lightgbm."),
        (ask(family="catboost"), "The family catboost takes no part in this run. Choose one of: lightgbm, linear."),
        (ask(family="linear", strength=1.0), "Candidate 3 is the same, and has been tried."),
        (pin(2), "Candidate 2 has no score over all rows, so it cannot be pinned."),
        (pin(8), "This run has no candidate 8."),
        (ban("catboost"), "The family catboost takes no part in this run."),
    ],
)
def test_what_cannot_be_is_said_in_words(request_made: Request, said: str) -> None:
    problem = request_problem(request_made, fold(UNDER_WAY))
    assert problem is not None
    assert render(problem).startswith(said)


@pytest.mark.parametrize(
    "request_made",
    [ask(num_leaves=30), ask(num_leaves=8), ask(extra_trees=True), pin(1), ban("linear"), pin(8, lifted=True)],
)
def test_what_can_be_is_not_refused(request_made: Request) -> None:
    assert request_problem(request_made, fold(UNDER_WAY)) is None


def test_a_value_of_the_candidate_that_it_is_made_from_is_never_wrong() -> None:
    now = fold(UNDER_WAY)
    wished: dict[str, Any] = {"num_leaves": 99, "learning_rate": 0.05}
    assert request_problem(ask(**wished), now) is not None
    like = CandidateAsked(seconds=1, request="a", family="lightgbm", parameters=wished, like=1)
    assert request_problem(like, now) is None


def test_requests_before_and_after_the_search_are_refused() -> None:
    before, after = fold(UNDER_WAY[:1]), fold([*UNDER_WAY, SearchEnded(seconds=3, reason=TIME_IS_UP())])
    assert "has not begun" in render(request_problem(pin(1), before) or TOO_LATE())
    assert request_problem(pin(1), after) == TOO_LATE()
    given = fold([PREPARED, SearchOpened(seconds=1, options={})])
    assert "searches nothing" in render(request_problem(pin(1), given) or TOO_LATE())


def test_banning_the_last_family_and_asking_for_a_banned_one_are_refused() -> None:
    now = fold([*UNDER_WAY, ban("linear")])
    assert "the last one" in render(request_problem(ban("lightgbm", request="c"), now) or TOO_LATE())
    assert "was banned" in render(request_problem(ask(family="linear", strength=3.0), now) or TOO_LATE())
    assert now.banned == ("linear",)
    assert fold([*UNDER_WAY, ban("linear"), ban("linear", request="c", lifted=True)]).banned == ()


def test_a_refused_request_does_not_count() -> None:
    refused = RequestAnswered(seconds=2, request="p", before=4, problem=TOO_LATE())
    assert fold([*UNDER_WAY, pin(1), refused]).pinned == ()
    assert fold([*UNDER_WAY, pin(1), pin(1)]).pinned == (1,)


def test_options_come_back_from_storage() -> None:
    opened = SearchOpened(seconds=1, options=OPTIONS)
    assert event_from_json(opened.to_json()) == opened


def test_every_family_offers_what_its_space_searches() -> None:
    options = Proposer(FAMILIES, SHAPE, seed=0).options
    assert set(options) == {"linear", "lightgbm", "catboost"}
    leaves = next(each for each in options["lightgbm"] if each.name == "num_leaves")
    assert leaves.whole
    assert leaves.low < leaves.high
    own = SearchSettings(space={"lightgbm": {"num_leaves": {"_type": "quniform", "_value": [10, 50, 10]}}})
    (only,) = Proposer(FAMILIES, SHAPE, seed=0, settings=own).options["lightgbm"]
    assert (only.name, only.whole, only.wrong(20), only.wrong(20.5) is None) == ("num_leaves", True, None, False)


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("7.5", 7.5), ("x", "x")])
def test_what_is_written_is_read_as_what_it_has_to_be(text: str, value: float | str) -> None:
    assert Option(name="n", low=1, high=9, whole=True).read(text) == value
    assert Option(name="n", choices=(False, True)).read("true") is True
