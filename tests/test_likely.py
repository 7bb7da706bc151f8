"""A candidate that gave up is judged by what it would have come to, not by its easiest folds."""

import pytest

from engine.search.likely import likely_loss


def test_easy_folds_do_not_make_a_loser_the_best() -> None:
    whole = [[1.0, 2.0, 6.0], [1.2, 2.2, 6.5]]
    assert likely_loss([1.5], whole) == pytest.approx(3.5)
    assert likely_loss([1.5, 2.1], whole) == pytest.approx(3.0 + 0.3)


def test_who_gave_up_is_never_better_than_the_best() -> None:
    assert likely_loss([0.5], [[1.0, 3.0]]) == 2.0


def test_alone_its_own_folds_count() -> None:
    assert likely_loss([0.5, 0.7], []) == pytest.approx(0.6)
