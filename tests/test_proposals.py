"""The policy that says what to try next: pure, replayable, without a clock."""

import pytest

from engine.families.family import families
from engine.search.proposals import Past, Proposal, Proposer, most_candidates, starting_order
from engine.shape import Shape
from engine.tasks.task import TaskKind

SHAPE = Shape(n_rows=1000, n_columns=8, n_classes=2, kind=TaskKind.BINARY)


def loss_of(proposal) -> float:
    """A made-up landscape: LightGBM is best, with many leaves and a small learning rate."""
    level = {"baseline": 0.5, "linear": 0.3, "lightgbm": 0.2, "catboost": 0.22}[proposal.family]
    return level + abs(float(proposal.parameters.get("learning_rate", 0.05)) - 0.03)


def replay(n_candidates: int, seed: int):
    proposer = Proposer(families(), SHAPE, seed=seed)
    made = []
    for _ in range(n_candidates):
        proposal = proposer.propose()
        made.append(proposal)
        proposer.tell(proposal.number, loss_of(proposal))
    return made


def test_the_baseline_comes_first_and_every_family_is_started():
    made = replay(len(families()), seed=0)
    assert made[0].family == "baseline"
    assert {proposal.family for proposal in made} == {family.key for family in families()}


def test_the_same_seed_and_results_give_the_same_proposals():
    assert replay(25, seed=1) == replay(25, seed=1)
    assert replay(25, seed=1) != replay(25, seed=2)


def test_numbers_count_up_without_gaps():
    assert [proposal.number for proposal in replay(25, seed=0)] == list(range(25))


def test_the_search_spends_most_on_the_leading_family():
    searched = [proposal.family for proposal in replay(45, seed=0) if proposal.searched]
    assert searched.count("lightgbm") > len(searched) / 2


def past(number: int, family: str, loss: float | None, *, ended: bool = True, **parameters: float) -> Past:
    return Past(proposal=Proposal(number=number, family=family, parameters=parameters), ended=ended, loss=loss)


def test_a_resumed_search_tries_what_is_left_and_what_was_under_way():
    n_starting = len(starting_order(families()))
    proposer = Proposer(families(), SHAPE, seed=0)
    proposer.remember(
        [
            past(0, "baseline", 0.5),
            past(2, "lightgbm", 0.2),
            past(3, "catboost", None),
            past(n_starting, "linear", None, ended=False, strength=7.5),
            past(n_starting + 1, "linear", 0.3, strength=2.5),
        ]
    )
    proposals = [proposer.propose() for _ in range(n_starting - 2)]
    assert not {0, 2, 3, n_starting + 1} & {proposal.number for proposal in proposals}
    assert proposals[-1].number == n_starting
    assert proposals[-1].parameters == {"strength": 7.5}
    assert proposer.next_number == n_starting + 2


def test_a_resumed_search_does_not_repeat_its_first_proposals():
    n_starting = len(starting_order(families()))
    first = [proposal for proposal in replay(n_starting + 3, seed=0) if proposal.searched]
    proposer = Proposer(families(), SHAPE, seed=0)
    earlier = [(p, loss_of(p)) for p in replay(n_starting + 3, seed=0)]
    proposer.remember([Past(proposal=proposal, ended=True, loss=loss) for proposal, loss in earlier])
    following = [proposer.propose().parameters for _ in range(3)]
    assert not [parameters for parameters in following if parameters in [p.parameters for p in first]]


def test_a_failed_candidate_teaches_nothing_but_does_not_stop_the_search():
    proposer = Proposer(families(), SHAPE, seed=0)
    for _ in range(len(starting_order(families()))):
        proposal = proposer.propose()
        proposer.tell(proposal.number, None if proposal.family == "catboost" else loss_of(proposal))
    families_searched = {proposer.propose().family for _ in range(5)}
    assert families_searched
    assert "catboost" not in families_searched


def test_nothing_to_search_is_an_end_not_an_error():
    only = [family for family in families() if family.key == "baseline"]
    proposer = Proposer(only, SHAPE, seed=0)
    first = proposer.propose()
    proposer.tell(first.number, 0.5)
    assert proposer.propose() is None


@pytest.mark.parametrize(("n_rows", "expected"), [(100, 8), (500, 9), (2_500, 20), (10_000, 40)])
def test_small_tables_are_not_searched_for_long(n_rows, expected):
    assert most_candidates(n_rows) == expected
