"""Days of the Gregorian calendar inside the graph, looked up in tables: a node takes a microsecond, whatever it does.

The calendar repeats after 400 years, which are 146,097 days (https://en.wikipedia.org/wiki/Gregorian_calendar).
"""

from calendar import isleap
from functools import cache
from itertools import accumulate

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.graph.constants import whole

YEARS, DAYS = 400, 146_097
DAYS_FROM_YEAR_0_TO_1970 = 719_528
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LENGTHS_IN_LEAP_YEARS = (31, 29, *_LENGTHS[2:])
_NO_MONTH = -1  # the length of months 0 and 13: no day is in them, and none is their last
_PLACES = 14


def days_before_year(year: Var) -> Var:
    """Return the day count of a 1st of January, 0 for that of 1970: int64 from int64, years from 0 on."""
    first = op.gather(_before_years(), op.mod(year, whole(YEARS)))
    return op.add(op.mul(op.div(year, whole(YEARS)), whole(DAYS)), first)


def place_of_month(year: Var, month: Var) -> Var:
    """Return where a month stands in the tables of `length_of_month` and `days_before_month`, also one that is none."""
    leap = op.gather(_leap_years(), op.mod(year, whole(YEARS)))
    return op.add(op.clip(month, whole(0), whole(_PLACES - 1)), leap)


def length_of_month(place: Var) -> Var:
    """Return the number of days in a month; -1 where there is no such month."""
    return op.gather(_lengths(), place)


def days_before_month(place: Var) -> Var:
    """Return how many days of its year lie before a month."""
    return op.gather(_before_months(), place)


@cache
def _before_years() -> Var:
    lengths = [365 + isleap(year) for year in range(YEARS - 1)]
    return op.const(np.array(list(accumulate(lengths, initial=-DAYS_FROM_YEAR_0_TO_1970))))


@cache
def _leap_years() -> Var:
    return op.const(np.array([_PLACES * isleap(year) for year in range(YEARS)]))


@cache
def _lengths() -> Var:
    both = [(_NO_MONTH, *lengths, _NO_MONTH) for lengths in (_LENGTHS, _LENGTHS_IN_LEAP_YEARS)]
    return op.const(np.array(both).reshape(-1))


@cache
def _before_months() -> Var:
    both = [(0, *accumulate(lengths, initial=0)) for lengths in (_LENGTHS, _LENGTHS_IN_LEAP_YEARS)]
    return op.const(np.array(both).reshape(-1))
