"""Finds out whether a number is computed from others: a sum, a difference, a product or a ratio of columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.checks.cells import Floats

EXACT = 0.9999  # share of the variance explained, on rows that were not used for fitting
_MOST_ROWS = 2_000
_LEAST_ROWS = 60
_ROWS_PER_COLUMN = 5
_MOST_TERMS = 24
_MOST_FACTORS, _MOST_WEIGHTED = 4, 6
_MOST_JUDGED = 60  # columns that all count: no account has so many items that are worth the time
_EVEN = 1.02  # coefficients of an account's items are the same but for rounding
_WHOLE = 0.03  # how far exponents may be from whole ones


@dataclass(frozen=True, kw_only=True)
class Equation:
    """A number computed from columns. `terms`: (column, coefficient), or (column, exponent) of a product.

    `factor`: what the whole is multiplied by.
    """

    terms: tuple[tuple[str, float], ...]
    product: bool
    explained: float
    factor: float = 1.0

    @property
    def account(self) -> bool:
        """Whether it is a plain sum, difference, product or ratio."""
        return self.product or all(abs(weight) == 1 for _, weight in self.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in the order of the table."""
        return tuple(name for name, _ in self.terms)

    @property
    def text(self) -> str:
        """The right-hand side, for people.

        >>> Equation(terms=(("a", 1.0), ("b", -1.0)), product=False, explained=1.0).text
        'a - b'
        >>> Equation(terms=(("kg", 1.0), ("m", -2.0)), product=True, explained=1.0).text
        'kg / m^2'
        >>> Equation(terms=(("a", 0.5), ("b", 0.25)), product=False, explained=1.0).text
        '0.5 a + 0.25 b'
        >>> Equation(terms=(("a", 1.0), ("b", 1.0)), product=False, explained=1.0, factor=0.5).text
        '0.5 x (a + b)'
        """
        plain = self._plain_text()
        if abs(self.factor - 1) < _EVEN - 1:
            return plain
        return f"{self.factor:.4g} x {plain}" if self.product else f"{self.factor:.4g} x ({plain})"

    def _plain_text(self) -> str:
        ordered = sorted(self.terms, key=lambda term: term[1] < 0)
        if not self.product:
            weights = ["" if abs(value) == 1 else f"{abs(value):.4g} " for _, value in ordered]
            signs = ["- " if value < 0 else "+ " for _, value in ordered]
            items = zip(signs, weights, ordered, strict=True)
            return " ".join(f"{sign}{weight}{name}" for sign, weight, (name, _) in items).removeprefix("+ ")
        powers = [name if abs(value) == 1 else f"{name}^{abs(value):g}" for name, value in ordered]
        signs = ["/ " if value < 0 else "x " for _, value in ordered]
        text = " ".join(sign + power for sign, power in zip(signs, powers, strict=True))
        return text.removeprefix("x ") if text.startswith("x ") else f"1 {text}"


def find_equation(names: Sequence[str], columns: Floats, answers: Floats) -> Equation | None:
    """Return how the answers [N] are computed from at least two columns [N, P], or None when they are not.

    Found are sums and differences, and products and ratios with small whole exponents.

    >>> a, b = np.random.default_rng(0).normal(5, 1, (2, 200))
    >>> find_equation(["a", "b", "c"], np.column_stack([a, b, a * b]), a - b).text
    'a - b'
    """
    added = _sum(names, columns, answers)
    if added is not None and added.account:
        return added
    return _product(names, columns, answers) or added


def _sum(names: Sequence[str], columns: Floats, answers: Floats) -> Equation | None:
    known = ~np.isnan(columns).any(axis=1)
    if known.mean() >= 0.5:
        columns, answers = columns[known], answers[known]
    else:  # who adds up a table counts what is missing as nothing
        columns = np.nan_to_num(columns)
    found = _fitted(columns, answers, _MOST_TERMS)
    if found is None:
        return None
    places, coefficients, explained = found
    sizes = np.abs(coefficients)
    even = sizes.max() <= _EVEN * sizes.min()
    if not even and len(places) > _MOST_WEIGHTED:
        return None
    weights = np.sign(coefficients) if even else coefficients
    terms = tuple((names[place], float(weight)) for place, weight in zip(places, weights, strict=True))
    return Equation(terms=terms, product=False, explained=explained, factor=float(sizes.mean()) if even else 1.0)


def _product(names: Sequence[str], columns: Floats, answers: Floats) -> Equation | None:
    positive = np.flatnonzero((np.nan_to_num(columns) > 0).mean(axis=0) > 0.9)
    columns = columns[:, positive]
    usable = (np.nan_to_num(columns) > 0).all(axis=1) & (answers > 0)
    if len(positive) < 2 or usable.mean() < 0.5:
        return None
    found = _fitted(np.log(columns[usable]), np.log(answers[usable]), _MOST_FACTORS)
    if found is None:
        return None
    places, exponents, explained = found
    whole = np.round(exponents)
    if (np.abs(exponents - whole) > _WHOLE).any() or (whole == 0).any() or (np.abs(whole) > 3).any():
        return None
    terms = tuple((names[positive[place]], float(value)) for place, value in zip(places, whole, strict=True))
    multiplied = np.prod(columns[usable][:, places] ** whole, axis=1)
    factor = float(np.median(answers[usable] / multiplied))
    return Equation(terms=terms, product=True, explained=explained, factor=factor)


def _fitted(columns: Floats, answers: Floats, most: int) -> tuple[NDArray[np.int64], Floats, float] | None:
    """Return the fewest columns that explain the answers exactly, their coefficients, and how well; None if none do."""
    rows = np.linspace(0, len(answers) - 1, min(len(answers), _MOST_ROWS)).astype(np.int64)
    columns, answers = columns[rows], answers[rows]
    spread = columns.std(axis=0) if len(rows) else np.zeros(columns.shape[1])
    places = np.flatnonzero(spread > 0)[: len(rows) // _ROWS_PER_COLUMN // 2]
    if len(rows) < _LEAST_ROWS or len(places) < 2 or not answers.std() > 0:
        return None
    x = (columns[:, places] - columns[:, places].mean(axis=0)) / spread[places]
    y = (answers - answers.mean()) / answers.std()
    kept = np.arange(len(places))
    coefficients, explained = _least_squares(x, y)
    if explained < EXACT:
        return None
    while len(kept) > 1:
        # The least useful columns go first: all that hardly count at once, then one by one.
        sizes = np.abs(coefficients)
        weak = sizes < 1e-3 * sizes.max()
        if len(kept) > _MOST_JUDGED and not weak.any():
            return None
        fewer = kept[~weak] if weak.any() else np.delete(kept, int(np.argmin(sizes)))
        changed, still = _least_squares(x[:, fewer], y)
        if still < EXACT:
            break
        kept, coefficients, explained = fewer, changed, still
    if not 2 <= len(kept) <= most:
        return None
    return places[kept], coefficients * answers.std() / spread[places[kept]], explained


def _least_squares(x: Floats, y: Floats) -> tuple[Floats, float]:
    """Fit every other row, and say how much of the variance of the rest is explained."""
    x = np.column_stack([x, np.ones(len(x))])
    solution: Floats = np.asarray(np.linalg.lstsq(x[::2], y[::2], rcond=1e-10)[0], np.float64)
    missed = y[1::2] - x[1::2] @ solution
    return solution[:-1], float(1 - missed.var() / y[1::2].var()) if y[1::2].var() > 0 else 0.0
