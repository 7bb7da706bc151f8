"""What a curve does, in a word and the places where it does it: rises, falls, steps, has a low or a high point."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

HARDLY_SHARE = 0.05  # of the usual spread of the outcomes: less than that is no difference
ONE_WAY = 0.85  # of all movement in one direction
MOST_OF_IT = 0.7  # of the way in one step
STEP_WIDTH, LEAST_WIDTH = 2.0, 0.1  # a jump takes no more of the axis than so many even steps, or than this share
TURN = 0.3  # of the way: so far must it come back on both sides of a turn
FLAT_PART = 0.1  # of the way: so far may it go while it is called flat
LONG_ENOUGH = 0.25  # of the rows: so many must lie in a flat part that is spoken of
WIDE_ENOUGH, SOME = 0.5, 0.05  # of the axis and of the rows: or it must be so wide, with rows in it


class Shape(StrEnum):
    """What a curve does."""

    HARDLY = "hardly"
    RISES = "rises"
    FALLS = "falls"
    RISES_FROM = "rises from"
    FALLS_FROM = "falls from"
    RISES_UNTIL = "rises until"
    FALLS_UNTIL = "falls until"
    STEPS_UP = "steps up"
    STEPS_DOWN = "steps down"
    LOWEST_WITHIN = "lowest within"
    HIGHEST_WITHIN = "highest within"
    UP_AND_DOWN = "up and down"


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a curve does. `turn`: the step at which it does it: where it leaves a flat part, jumps to, or turns."""

    shape: Shape
    turn: int = 0


def course(
    values: Sequence[float], n_rows: Sequence[int], spread: float, places: Sequence[float] | None = None
) -> Course:
    """Say what a curve does. `n_rows`: rows at each step; `spread`: what a movement is judged by.

    `places`: where the steps lie; None for those that are all as wide.

    >>> course([0.1, 0.1, 0.1, 0.3, 0.5], [10] * 5, 0.5)
    Course(shape=<Shape.RISES_FROM: 'rises from'>, turn=2)
    >>> course([0.5, 0.2, 0.5], [10] * 3, 0.5).shape
    <Shape.LOWEST_WITHIN: 'lowest within'>
    """
    curve = np.asarray(values, dtype=np.float64)
    way = float(np.ptp(curve))
    if len(curve) < 2 or way <= HARDLY_SHARE * spread:
        return Course(shape=Shape.HARDLY)
    moves = np.diff(curve)
    up, down = float(moves[moves > 0].sum()), float(-moves[moves < 0].sum())
    if max(up, down) >= ONE_WAY * (up + down):
        at = np.arange(len(curve), dtype=np.float64) if places is None else np.asarray(places, dtype=np.float64)
        return _one_way(curve, np.asarray(n_rows, dtype=np.float64), at, rising=up > down)
    for shape, bend in ((Shape.LOWEST_WITHIN, curve), (Shape.HIGHEST_WITHIN, -curve)):
        turn = int(bend.argmin())
        if min(bend[0], bend[-1]) - bend[turn] >= TURN * way and _falls_then_rises(bend, turn):
            return Course(shape=shape, turn=turn)
    return Course(shape=Shape.UP_AND_DOWN)


def _falls_then_rises(curve: np.ndarray, turn: int) -> bool:
    moves = np.diff(curve)
    along = -moves[:turn][moves[:turn] < 0].sum() + moves[turn:][moves[turn:] > 0].sum()
    return bool(along >= ONE_WAY * np.abs(moves).sum())


def _one_way(curve: np.ndarray, n_rows: np.ndarray, at: np.ndarray, *, rising: bool) -> Course:
    climb = curve if rising else -curve
    way = climb[-1] - climb[0]
    moves = np.diff(climb)
    jump = int(moves.argmax())
    width = (at - at[0]) / (at[-1] - at[0]) if at[-1] > at[0] else np.zeros(len(at))
    is_narrow = width[jump + 1] - width[jump] <= max(STEP_WIDTH / (len(at) - 1), LEAST_WIDTH)
    if len(climb) > 2 and moves[jump] >= MOST_OF_IT * way and is_narrow:
        return Course(shape=Shape.STEPS_UP if rising else Shape.STEPS_DOWN, turn=jump + 1)
    begins = int(np.flatnonzero(climb - climb[0] <= FLAT_PART * way)[-1])
    ends = int(np.flatnonzero(climb[-1] - climb <= FLAT_PART * way)[0])
    share = np.cumsum(n_rows) / max(1.0, n_rows.sum())
    if begins and _is_spoken_of(share[begins], width[begins]):
        return Course(shape=Shape.RISES_FROM if rising else Shape.FALLS_FROM, turn=begins)
    if ends < len(climb) - 1 and _is_spoken_of(1 - share[ends - 1], 1 - width[ends]):
        return Course(shape=Shape.RISES_UNTIL if rising else Shape.FALLS_UNTIL, turn=ends)
    return Course(shape=Shape.RISES if rising else Shape.FALLS)


def _is_spoken_of(rows: float, width: float) -> bool:
    """Whether a flat part is worth a word: many rows lie in it, or it is most of the picture."""
    return rows >= LONG_ENOUGH or (width >= WIDE_ENOUGH and rows >= SOME)
