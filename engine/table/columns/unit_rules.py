"""Decides which of the units behind the numbers of a column belong together, and what each multiplies by."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.table.columns.units import currency, dimensions, multiplier, plain_unit, size, unit_in_name

_MORE = "+"  # "10+": the number is taken
_SHARES = ("share",)


@dataclass(frozen=True, kw_only=True)
class UnitRules:
    """Units that are cut off numbers.

    `unit`: the column's main unit; `brought`: units that are brought to it. `multipliers`: words such as "k" as they
    are written.
    """

    suffixes: tuple[str, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    unit: str = ""
    brought: tuple[str, ...] = ()
    multipliers: frozenset[str] = frozenset()


def find_unit_rules(cells: Iterable[tuple[str, int]], *, name: str, is_money: bool) -> UnitRules:
    """Judge from the unit of each number ("" for none) and in how many rows it stands.

    >>> find_unit_rules([("kg", 5), ("g", 2)], name="weight", is_money=False).factors
    (('g', 0.001),)
    """
    counts: Counter[str] = Counter()
    for unit, count in cells:
        counts[unit] += count
    more = (_MORE,) if _MORE in counts else ()
    n_bare = counts.pop("", 0) + counts.pop(_MORE, 0)
    money = {unit for unit in counts if currency(unit) and is_money}
    others = Counter({unit: count for unit, count in counts.items() if unit not in money})
    words = _multipliers(others, is_money=is_money, n_bare=n_bare)
    if words:
        rules = _multiplied(words)
    else:
        rules = _measured(others, n_bare, name) or _named(others, n_bare + sum(counts[unit] for unit in money))
    suffixes = sorted({*rules.suffixes, *(unit.lower() for unit in money), *more})
    return UnitRules(
        suffixes=tuple(suffixes),
        factors=rules.factors,
        unit=rules.unit or next(iter(sorted(money)), ""),
        brought=rules.brought,
        multipliers=rules.multipliers,
    )


def _multipliers(units: Counter[str], *, is_money: bool, n_bare: int) -> list[str]:
    """Return the words for large numbers, if the units are such words: "5 m" alone are metres, "5 M" are millions."""
    words = [unit for unit in units if multiplier(unit) is not None]
    if not words or sum(units[word] for word in words) < 0.9 * sum(units.values()):
        return []
    sure = [word for word in words if is_money or not dimensions(word) or word in {"M", "B"}]
    if not sure:
        return []
    if not is_money and n_bare > 50 * sum(units.values()) and all(len(plain_unit(word)) == 1 for word in words):
        return []  # a stray letter behind a few of many numbers
    return words


def _multiplied(words: Iterable[str]) -> UnitRules:
    factors = {word.lower(): multiplier(word) or 1.0 for word in words}
    return UnitRules(factors=tuple(sorted(factors.items())), multipliers=frozenset(words))


def _measured(units: Counter[str], n_bare: int, name: str) -> UnitRules | None:
    """Bring units of one dimension to the main one; None when the units are of none."""
    rows: Counter[str] = Counter()
    for unit, count in units.items():
        for dimension in dimensions(unit):
            rows[dimension] += count
    if not rows:
        return None
    dimension, n_rows = rows.most_common(1)[0]
    if n_rows < 0.5 * sum(units.values()):
        return None
    same = {unit: size(unit, dimension) for unit in units if dimension in dimensions(unit)}
    told = unit_in_name(name, [dimension])
    if n_bare > n_rows and dimension not in _SHARES:
        # Beside many bare numbers a rare unit is another quantity, unless the name tells what the bare ones are.
        if told is None:
            return UnitRules()
        main, main_size = told, size(told, dimension)
    else:
        sizes: Counter[float] = Counter()
        for unit, each in same.items():
            sizes[each] += units[unit]
        main_size = sizes.most_common(1)[0][0]
        main = max((unit for unit in same if same[unit] == main_size), key=lambda unit: units[unit])
    factors = {unit.lower(): each / main_size for unit, each in same.items() if each != main_size}
    return UnitRules(
        suffixes=tuple(sorted({unit.lower() for unit, each in same.items() if each == main_size})),
        factors=tuple(sorted(factors.items())),
        unit=main,
        brought=tuple(sorted(factors)),
    )


def _named(units: Counter[str], n_bare: int) -> UnitRules:
    """Return the spellings of the most common of units that nobody has measured, such as "2 BHK"."""
    if not units:
        return UnitRules()
    stems: Counter[str] = Counter()
    for unit, count in units.items():
        stems[_stem(unit)] += count
    common, n_rows = stems.most_common(1)[0]
    if n_rows < n_bare:
        return UnitRules()
    spellings = sorted({unit.lower() for unit in units if _stem(unit) == common})
    return UnitRules(suffixes=tuple(spellings), unit=max(units, key=lambda unit: units[unit]))


def _stem(unit: str) -> str:
    plain = unit.lower().rstrip(". ")
    return plain.removesuffix("s") or plain
