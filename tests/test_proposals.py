"""The policy that says what to try next: pure, replayable, without a clock."""

from collections.abc import Callable

import pytest

from engine.families.family import family_named
from engine.search.proposal import Past, Proposal
from engine.search.proposals import Proposer, most_candidates, starting_order
from engine.shape import Shape
from engine.tasks.task import TaskKind
from tests.proposing import proposed

FAMILIES = tuple(family_named(key) for key in ("baseline", "linear", "lightgbm", "catboost"))
SHAPE = Shape(n_rows=1000, n_columns=8, n_classes=2, kind=TaskKind.BINARY)


def loss_of(proposal: Proposal) -> float:
    """A made-up landscape: LightGBM is best, with many leaves and a small learning rate."""
    level = {"baseline": 0.5, "linear": 0.3, "lightgbm": 0.2, "catboost": 0.22}[proposal.family]
    return level + abs(float(proposal.parameters.get("learning_rate", 0.05)) - 0.03)


def replay(n_candidates: int, seed: int) -> list[Proposal]:
    proposer = Proposer(FAMILIES, SHAPE, seed=seed)
    made = []
    for _ in range(n_candidates):
        proposal = proposed(proposer)
        made.append(proposal)
        proposer.tell(proposal.number, loss_of(proposal))
    return made


def test_the_baseline_comes_first_and_every_family_is_started() -> None:
    made = replay(len(FAMILIES), seed=0)
    assert made[0].family == "baseline"
    assert {proposal.family for proposal in made} == {family.key for family in FAMILIES}


def test_the_same_seed_and_results_give_the_same_proposals() -> None:
    assert replay(25, seed=1) == replay(25, seed=1)
    assert replay(25, seed=1) != replay(25, seed=2)


def test_numbers_count_up_without_gaps() -> None:
    assert [proposal.number for proposal in replay(25, seed=0)] == list(range(25))


def test_the_search_spends_most_on_the_leading_family() -> None:
    searched = [proposal.family for proposal in replay(45, seed=0) if proposal.searched]
    assert searched.count("lightgbm") > len(searched) / 2


def past(number: int, family: str, loss: float | None, *, ended: bool = True, **parameters: float) -> Past:
    return Past(proposal=Proposal(number=number, family=family, parameters=parameters), ended=ended, loss=loss)


def test_a_resumed_search_tries_what_is_left_and_what_was_under_way() -> None:
    points = starting_order(FAMILIES)
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    proposer.remember(
        [
            past(0, "baseline", 0.5),
            past(1, "lightgbm", 0.2, **dict(points[2][1])),
            past(2, "catboost", None, **dict(points[3][1])),
            past(3, "linear", None, ended=False, strength=7.5),
            past(4, "linear", 0.205, strength=2.5),
        ]
    )
    proposals = [proposed(proposer) for _ in range(len(points) - 2)]
    assert [proposal.number for proposal in proposals] == [3, *range(5, len(points) + 2)]
    assert proposals[0].parameters == {"strength": 7.5}
    tried = [(proposal.family, proposal.parameters) for proposal in proposals[1:]]
    left = [(family.key, point) for n, (family, point) in enumerate(points) if n not in (0, 2, 3)]
    assert tried == sorted(left, key=lambda point: point[0] == "catboost")  # the others lead
    assert proposer.n_queued == 0


def test_what_cannot_be_afforded_is_passed_over_for_good() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    cheap = {"baseline", "linear"}
    made = [proposed(proposer, lambda proposal: proposal.family in cheap) for _ in range(2)]
    assert [proposal.family for proposal in made] == ["baseline", "linear"]
    assert proposer.propose(lambda _proposal: False) is None
    assert proposer.n_queued == 0
    assert proposer.next_number == 2


def test_seconds_decide_between_families_that_promise_alike() -> None:
    def searched(seconds: dict[str, float]) -> list[str]:
        proposer = Proposer(FAMILIES, SHAPE, seed=0)
        made: list[Proposal] = []
        for _ in range(30):
            made.append(proposed(proposer))
            loss = 0.5 if made[-1].family == "baseline" else 0.2
            proposer.tell(made[-1].number, loss, seconds=seconds.get(made[-1].family))
        return [proposal.family for proposal in made if proposal.searched]

    slow_lightgbm = searched(dict.fromkeys((family.key for family in FAMILIES), 1.0) | {"lightgbm": 50.0})
    slow_catboost = searched(dict.fromkeys((family.key for family in FAMILIES), 1.0) | {"catboost": 50.0})
    assert slow_lightgbm.count("lightgbm") < slow_catboost.count("lightgbm")
    assert slow_catboost.count("catboost") < slow_lightgbm.count("catboost")


def test_a_resumed_search_does_not_repeat_its_first_proposals() -> None:
    n_starting = len(starting_order(FAMILIES))
    first = [proposal for proposal in replay(n_starting + 3, seed=0) if proposal.searched]
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    earlier = [(p, loss_of(p)) for p in replay(n_starting + 3, seed=0)]
    proposer.remember([Past(proposal=proposal, ended=True, loss=loss) for proposal, loss in earlier])
    following = [proposed(proposer).parameters for _ in range(3)]
    assert not [parameters for parameters in following if parameters in [p.parameters for p in first]]


def test_a_failed_candidate_teaches_nothing_but_does_not_stop_the_search() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    for _ in range(len(starting_order(FAMILIES))):
        proposal = proposed(proposer)
        proposer.tell(proposal.number, None if proposal.family == "catboost" else loss_of(proposal))
    families_searched = {proposed(proposer).family for _ in range(5)}
    assert families_searched
    assert "catboost" not in families_searched


def test_the_search_is_led_away_from_what_no_file_has_room_for() -> None:
    def searched(load_of: Callable[[Proposal], float]) -> list[Proposal]:
        proposer, made = Proposer(FAMILIES, SHAPE, seed=0), []
        for _ in range(60):
            made.append(proposed(proposer))
            proposer.tell(made[-1].number, loss_of(made[-1]), load=load_of(made[-1]))
        return [proposal for proposal in made if proposal.searched]

    def is_deep(proposal: Proposal) -> bool:
        return proposal.family == "lightgbm" and proposal.parameters.get("num_leaves", 31) > 31

    free = searched(lambda _proposal: 0.1)
    tight = searched(lambda proposal: 3.0 if is_deep(proposal) else 0.1)
    heavy = searched(lambda proposal: 3.0 if proposal.family == "lightgbm" else 0.1)
    assert sum(map(is_deep, tight)) < sum(map(is_deep, free)) / 2
    assert not [proposal for proposal in heavy[10:] if proposal.family == "lightgbm"]


def test_nothing_to_search_is_an_end_not_an_error() -> None:
    only = [family for family in FAMILIES if family.key == "baseline"]
    proposer = Proposer(only, SHAPE, seed=0)
    first = proposed(proposer)
    proposer.tell(first.number, 0.5)
    assert proposer.propose() is None


@pytest.mark.parametrize(("n_rows", "expected"), [(100, 8), (500, 9), (2_500, 20), (10_000, 40)])
def test_small_tables_are_not_searched_for_long(n_rows: int, expected: int) -> None:
    assert most_candidates(n_rows) == expected


def test_second_tries_go_to_the_families_that_lead() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    losses = {"catboost": 0.10, "lightgbm": 0.101}
    made = []
    for _ in range(12):
        proposal = proposed(proposer)
        made.append(proposal.family)
        proposer.tell(proposal.number, losses.get(proposal.family, 0.3))
    n_families = len(FAMILIES)
    assert set(made[:n_families]) == {family.key for family in FAMILIES}
    assert set(made[n_families:]) == {"catboost", "lightgbm"}


@pytest.mark.parametrize(("behind", "keeps_its_turn"), [(0.1, True), (0.3, False)])
def test_a_family_keeps_its_turns_unless_its_first_try_is_far_behind(behind: float, keeps_its_turn: bool) -> None:
    lightgbm, catboost = family_named("lightgbm"), family_named("catboost")
    wanted = [(family_named("baseline"), {}), (lightgbm, {"num_leaves": 8}), (catboost, {"depth": 4})]
    wanted += [(catboost, {"depth": 8}), (lightgbm, {"num_leaves": 31})]
    proposer = Proposer(FAMILIES, SHAPE, seed=0, points=wanted)
    made = []
    for _ in wanted:
        proposal = proposed(proposer)
        made.append(proposal.family)
        loss = {"baseline": 2.0, "lightgbm": 1.0, "catboost": 1.0 + behind}[proposal.family]
        proposer.tell(proposal.number, loss)
    in_order = [family.key for family, _ in wanted]
    assert made == (in_order if keeps_its_turn else [*in_order[:3], "lightgbm", "catboost"])


def test_a_family_that_only_fails_is_not_started_again_and_again() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    made: list[str] = []
    while (proposal := proposer.propose()) is not None and len(made) < 14:
        made.append(proposal.family)
        proposer.tell(proposal.number, None if proposal.family == "catboost" else 0.3)
    assert made.count("catboost") == 2


def test_a_family_whose_first_try_is_far_behind_has_a_second_one_but_no_third() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    made = []
    while (proposal := proposer.propose()) is not None and not proposal.searched:
        made.append(proposal.family)
        proposer.tell(proposal.number, {"baseline": 0.5, "lightgbm": 0.2}.get(proposal.family, 0.25))
    starts = {family.key: len(family.starting_points) for family in FAMILIES}
    assert starts["catboost"] > 2
    assert made.count("catboost") == 2
    assert made.count("lightgbm") == starts["lightgbm"]


def test_a_family_that_can_come_nowhere_near_is_not_searched_because_it_is_cheap() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    losses = {"baseline": 0.9, "linear": 0.31, "lightgbm": 0.2, "catboost": 0.21}
    searched: list[str] = []
    for _ in range(60):
        # Late in a run nothing but linear models can be afforded.
        proposal = proposer.propose(lambda each: len(searched) <= 10 or each.family == "linear")
        if proposal is None:
            break
        if proposal.searched:
            searched.append(proposal.family)
        proposer.tell(proposal.number, losses[proposal.family])
    assert searched.count("lightgbm") >= 10
    assert searched.count("linear") <= 1
    assert proposer.at_end.code == "search_nothing_affordable"


def test_a_ban_of_the_best_family_leaves_the_others_to_be_searched() -> None:
    proposer = Proposer(FAMILIES, SHAPE, seed=0)
    losses = {"baseline": 0.9, "linear": 0.4, "lightgbm": 0.2, "catboost": 0.5}
    for _ in range(30):
        proposal = proposed(proposer)
        proposer.tell(proposal.number, losses[proposal.family])
    proposer.ban("lightgbm")
    after = [proposed(proposer) for _ in range(6)]
    assert all(each.family in {"linear", "catboost"} for each in after)
