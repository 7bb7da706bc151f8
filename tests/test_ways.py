"""The whole space, searched in each way and by each sampler: repeatable, within bounds, and better than chance."""

from typing import Any

import pytest
from optuna.search_space import intersection_search_space

from engine.families.family import family_named
from engine.search.proposal import Past, Proposal
from engine.search.proposals import Proposer
from engine.search.samplers.sampler import sampler_named, samplers
from engine.search.settings import SearchSettings, WayKey
from engine.search.space import SearchSpace, is_around
from engine.search.ways import TURN, Conditioning
from engine.shape import Shape
from engine.tasks.task import TaskKind
from tests.proposing import proposed

FAMILIES = tuple(family_named(key) for key in ("baseline", "linear", "lightgbm"))
SHAPE = Shape(n_rows=4000, n_columns=8, n_classes=0, kind=TaskKind.REGRESSION, n_numbers=6, n_categories=2, n_levels=80)
TARGETS = {"target.transform": ("plain", "log")}
INSTALLED = [each.key for each in samplers() if each.available() is None]


def loss_of(proposal: Proposal) -> float:
    """A made-up landscape: LightGBM on the logarithm is best, with a learning rate near 0.03 and strong lambda_l2."""
    if proposal.family != "lightgbm":
        return {"baseline": 1.0, "linear": 0.8}[proposal.family]
    point = proposal.parameters
    away: float = abs(point["learning_rate"] - 0.03) + 0.2 * (point.get("lambda_l2", 0.0) < 1.0)
    return 0.3 + away + 0.1 * (point.get("target.transform") != "log")


def replay(n_candidates: int, seed: int = 0, **settings: Any) -> list[Proposal]:
    proposer = Proposer(FAMILIES, SHAPE, seed=seed, settings=SearchSettings(**settings), targets=TARGETS)
    return tried(proposer, n_candidates)


def tried(proposer: Proposer, n_candidates: int) -> list[Proposal]:
    made = []
    for _ in range(n_candidates):
        proposal = proposed(proposer)
        made.append(proposal)
        proposer.tell(proposal.number, loss_of(proposal))
    return made


@pytest.mark.parametrize("way", WayKey)
def test_each_way_is_repeatable_and_searches_families_features_and_target(way: WayKey) -> None:
    made = replay(30, way=way)
    assert made == replay(30, way=way)
    searched = [proposal for proposal in made if proposal.searched]
    names = {name for proposal in searched for name in proposal.parameters}
    assert {"target.transform", "features.target_statistics", "learning_rate"} <= names
    assert "lightgbm" in {proposal.family for proposal in searched}


@pytest.mark.parametrize("way", WayKey)
def test_each_way_learns(way: WayKey) -> None:
    made = [proposal for proposal in replay(45, way=way) if proposal.searched]
    late = [proposal for proposal in made[-10:] if proposal.family == "lightgbm"]
    assert len(late) > 5
    assert min(loss_of(proposal) for proposal in made[-15:]) < 0.45


def test_features_and_parameters_take_turns_around_an_earlier_point() -> None:
    made = [each for each in replay(70, way="alternating") if each.family == "lightgbm"]
    searched = [each for each in made if each.searched]
    space = SearchSpace(families=FAMILIES[1:], shape=SHAPE, targets=TARGETS)
    names = space.dimensions("lightgbm")
    stayed = set()
    for proposal in searched:
        earlier = [space.known("lightgbm", each.parameters)[0] for each in made if each.number < proposal.number]
        for around in (False, True):
            block = [name for name in names if is_around(name) is around]
            whole = [point for point in earlier if set(block) <= set(point)]
            if any(all(proposal.parameters[name] == point[name] for name in block) for point in whole):
                stayed.add((proposal.number, around))
    numbers = {proposal.number for proposal in searched[2 * TURN :]}
    assert numbers == {number for number, _ in stayed if number in numbers}
    assert {around for _, around in stayed} == {False, True}


@pytest.mark.parametrize("sampler", INSTALLED)
def test_each_sampler_stays_within_the_space_and_repeats_nothing(sampler: str) -> None:
    made = replay(24, way="conditioning", sampler=sampler)
    assert made == replay(24, way="conditioning", sampler=sampler)
    space = SearchSpace(families=FAMILIES[1:], shape=SHAPE, targets=TARGETS)
    searched = [proposal for proposal in made if proposal.searched]
    assert len(searched) > 10
    for proposal in searched:
        chosen, dimensions = space.known(proposal.family, proposal.parameters)
        assert set(chosen) == set(space.dimensions(proposal.family)) == set(dimensions)
    told = [(proposal.family, str(sorted(proposal.parameters.items()))) for proposal in made]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("sampler", [each for each in INSTALLED if not sampler_named(each).conditional])
def test_points_that_name_few_parameters_do_not_keep_a_sampler_from_the_others(sampler: str) -> None:
    space = SearchSpace(families=FAMILIES[1:], shape=SHAPE, targets=TARGETS)
    way, other = (Conditioning(space, sampler_named(sampler), seed=seed) for seed in (0, 1))
    for point in family_named("lightgbm").starting_points:
        way.teach("lightgbm", point, 0.5)
    way.teach("lightgbm", other.ask("lightgbm").parameters, 0.4)
    for turn in range(5):
        way.tell(way.ask("lightgbm"), 0.3 - turn / 100)
    known = way.study("lightgbm").get_trials()
    assert len(known) == 6
    assert set(intersection_search_space(known)) == set(space.dimensions("lightgbm"))


def test_a_grid_that_is_used_up_is_an_end() -> None:
    space = {"linear": {"strength": {"_type": "choice", "_value": [0.5, 2.0, 8.0]}}}
    proposer = Proposer(FAMILIES, SHAPE, seed=0, settings=SearchSettings(sampler="grid", space=space))
    made = []
    while (proposal := proposer.propose()) is not None:
        made.append(proposal)
        proposer.tell(proposal.number, loss_of(proposal))
    assert sorted(each.parameters["strength"] for each in made[1:]) == [0.5, 2.0, 8.0]


def test_a_resumed_search_knows_what_it_has_learnt() -> None:
    made = replay(40)
    proposer = Proposer(FAMILIES, SHAPE, seed=0, targets=TARGETS)
    proposer.remember([Past(proposal=each, ended=True, loss=loss_of(each)) for each in made])
    late = tried(proposer, 12)
    assert all(each.searched for each in late)
    assert min(map(loss_of, late)) < 0.4
    assert not {str(each.parameters) for each in late} & {str(each.parameters) for each in made}


def test_what_is_missing_or_does_not_fit_is_told() -> None:
    def codes(**settings: Any) -> list[str]:
        return [problem.code for problem in SearchSettings(**settings).problems()]

    assert codes() == []
    assert codes(way="joint", sampler="tpe", pruner="wilcoxon") == []
    assert codes(way="sideways", sampler="magic", pruner="luck") == [
        "search_way_unknown",
        "part_unknown",
        "part_unknown",
    ]
    assert codes(way="joint", sampler="cmaes") == ["search_way_needs_other_sampler"]
    for each in samplers():
        missing = each.available()
        if missing is not None:
            assert codes(sampler=each.key) == [missing.reason.code]
    assert {"tpe", "random", "quasi_random", "cmaes", "grid"} <= set(INSTALLED)
