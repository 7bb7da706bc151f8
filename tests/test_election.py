"""Who stands for election into the blend."""

import pytest

from engine.blend.election import MOST_CANDIDATES, standing_candidates


def test_all_stand_while_there_is_room() -> None:
    families = dict.fromkeys(range(MOST_CANDIDATES), "lightgbm")
    assert standing_candidates(list(families), families) == list(families)


def test_many_copies_of_the_best_do_not_keep_other_families_out() -> None:
    families = dict.fromkeys(range(60), "lightgbm") | {50: "network", 55: "linear", 57: "network", 58: "network"}
    standing = standing_candidates(list(families), families)
    assert standing == [*range(MOST_CANDIDATES - 3), 50, 55, 57]


@pytest.mark.parametrize("n_pinned", [1, MOST_CANDIDATES + 2])
def test_pinned_ones_always_stand(n_pinned: int) -> None:
    families = dict.fromkeys(range(100), "lightgbm")
    pinned = set(range(100 - n_pinned, 100))
    standing = standing_candidates(list(families), families, pinned)
    assert pinned <= set(standing)
    assert {0, 1} <= set(standing)
    assert len(standing) == max(MOST_CANDIDATES, n_pinned + 2)
    assert standing == sorted(standing)
