"""How a trial divides its time among the folds and what comes after them."""

import time
from pathlib import Path

import pytest

from engine.search.order import Order
from engine.search.trial import _deadline, _is_late


def order(seconds: float | None) -> Order:
    return Order(
        folder=Path("run"),
        number=1,
        family="lightgbm",
        parameters={},
        metric="rmse",
        seed=0,
        threads=1,
        seconds=seconds,
    )


def test_what_comes_after_the_folds_is_taken_from_all_that_are_left() -> None:
    began = time.monotonic()
    whole = _deadline(order(10.0), began, n_left=2, end_seconds=0.0)
    part = _deadline(order(10.0), began, n_left=2, end_seconds=4.0)
    assert whole is not None
    assert part is not None
    assert whole - began == pytest.approx(5.0, abs=0.1)
    assert part - began == pytest.approx(3.0, abs=0.1)
    past = _deadline(order(1.0), began, n_left=2, end_seconds=4.0)
    assert past is not None
    assert past - began < 0.5, "a fold that should have ended already gets no time, not a negative one"
    assert _deadline(order(None), began, n_left=2, end_seconds=4.0) is None


def test_repetitions_that_leave_no_time_to_write_the_model_are_late() -> None:
    began = time.monotonic() - 4.0
    assert not _is_late(order(10.0), began, share=0.5, end_seconds=1.0)
    assert _is_late(order(10.0), began, share=0.5, end_seconds=3.0)
    assert not _is_late(order(10.0), began, share=1.0, end_seconds=30.0)
    assert not _is_late(order(None), began, share=0.5, end_seconds=30.0)
