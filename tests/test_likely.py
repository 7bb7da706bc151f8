"""A candidate that gave up is judged by what it would have come to, not by its easiest folds."""

import pytest

from engine.search.likely import likely_loss, surely_known


def test_easy_folds_do_not_make_a_loser_the_best() -> None:
    whole = [[1.0, 2.0, 6.0], [1.2, 2.2, 6.5]]
    assert likely_loss([1.5], whole) == pytest.approx(3.5)
    assert likely_loss([1.5, 2.1], whole) == pytest.approx(3.0 + 0.3)


def test_who_gave_up_is_never_better_than_the_best() -> None:
    assert likely_loss([0.5], [[1.0, 3.0]]) == 2.0


def test_alone_its_own_folds_count() -> None:
    assert likely_loss([0.5, 0.7], []) == pytest.approx(0.6)


def test_what_has_ended_by_luck_of_the_clock_does_not_count() -> None:
    known = {0: [9.0], 6: [2.0], 7: [1.0]}
    assert surely_known(8, known) == surely_known(8, {**known, 9: [0.5]}) == [[9.0], [2.0]]
