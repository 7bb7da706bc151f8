"""How far the cells of one column have moved away from those of the training table, in figures and in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.checks.cells import ordered_values
from engine.figures import about
from engine.figures import chance as percent
from engine.insight.in_use.distance import Apart, clearest, levels_apart, newcomers_apart, numbers_apart
from engine.insight.positions import text_of
from engine.insight.quality.groups import written
from engine.insight.terms import WORD
from engine.messages import Message, listed, phrase
from engine.table.schema import ColumnSchema, Kind, Role

Floats = NDArray[np.float64]

MOVED = phrase(
    "drift_moved",
    "{column}: the middle half of its values lay between {low} and {high} when the model was trained, and lies between "
    "{low_now} and {high_now} now.",
)
AVERAGE_MOVED = phrase(
    "drift_average",
    "{column}: its average was {before} when the model was trained, and is {now} now.",
)
LATER = phrase(
    "drift_later",
    "{column}: its dates lay between {low} and {high} when the model was trained, and lie between {low_now} and "
    "{high_now} now. Dates move on by themselves, so this counts half.",
)
SHARES_MOVED = phrase(
    "drift_shares", "{column}: {level} stood in {before} of the rows of the training table, and in {now} now."
)
EMPTIER = phrase("drift_emptier", "{column}: {now} of its cells are empty now, {before} were in the training table.")
FULLER = phrase("drift_fuller", "{column}: only {now} of its cells are empty now, {before} were in the training table.")
NEW_LEVELS = phrase(
    "drift_new_levels",
    "{column}: {n} rows hold values that the training table did not have, such as {examples}.",
)
WORDS_MOVED = phrase(
    "drift_words",
    'The texts of {column} are others: the word "{word}" stood in {before} of them in the training table, and in {now} '
    "now.",
)
LENGTHS_MOVED = phrase(
    "drift_lengths",
    "The texts of {column} are others: half of them had at most {before} words in the training table, {now} now.",
)
NEW_WORDS = phrase(
    "drift_new_words",
    "The texts of {column} are others: {now} of their words were not among those that the training table knows, where "
    "{before} is usual.",
)
ANY_MORE_MISSING = 0.05
N_EXAMPLES = 3
MOST_TEXTS = 5_000
N_WORDS = 30
_SEED = 0


class Size(StrEnum):
    """How much a column has changed."""

    NONE = "no"
    SOME = "somewhat"
    MUCH = "much"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One column in the training table and in a file.

    `share`: of all movement of the prediction; None where it is no column of the model. `apart`, `psi`: see `Apart`.
    `chance`: how likely such a difference is by accident, corrected for the number of columns looked at. `n_new`: rows
    with a level that the training table did not have. `moves_on`: dates and times, which are bound to be later ones.
    """

    column: str
    share: float | None
    apart: float
    psi: float
    chance: float
    missing_before: float
    missing_now: float
    n_new: int = 0
    moves_on: bool = False
    size: Size = Size.NONE
    said: tuple[Message, ...] = ()

    @property
    def weight(self) -> float:
        """How heavily it counts: its share of the movement where it changed much, half of it where somewhat."""
        whole = {Size.NONE: 0.0, Size.SOME: 0.5, Size.MUCH: 1.0}[self.size]
        return (self.share or 0.0) * (min(whole, 0.5) if self.moves_on else whole)

    def judged(self, corrected: float, most: float) -> "Shift":
        """Return it with its corrected chance, and how much it changed; what did not change is not spoken of."""
        found = Apart(apart=self.apart, psi=self.psi, chance=corrected)
        size = Size.MUCH if found.is_much else Size.SOME if found.is_some else Size.NONE
        size = size if corrected < most else Size.NONE
        return replace(self, chance=corrected, size=size, said=self.said if size is not Size.NONE else ())

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Shift":
        """Rebuild what was stored."""
        said = tuple(map(Message.from_json, data["said"]))
        return Shift(**{**data, "size": Size(data["size"]), "said": said})


def shift_of(before: pd.Series, now: pd.Series, column: ColumnSchema, share: float | None) -> Shift:
    """Compare the cells of a column in both tables; nothing is judged yet."""
    if column.kind.is_words:
        found, told = _texts(before, now, column.name)
        n_new = 0
    else:
        values = ordered_values(before, column), ordered_values(now, column)
        if values[0] is not None and values[1] is not None:
            found, n_new = numbers_apart(values[0], values[1]), 0
            told = _numbers_told(values[0], values[1], column)
        else:
            found, n_new, told = _levels(before, now, column.name)
    gaps = float(before.isna().mean()), float(now.isna().mean())
    return Shift(
        column=column.name,
        share=share,
        apart=found.apart,
        psi=found.psi,
        chance=found.chance,
        missing_before=gaps[0],
        missing_now=gaps[1],
        n_new=n_new,
        moves_on=(column.tells_days or column.role is Role.TIME) and _is_later(before, now, column),
        said=(*told, *_missing_told(column.name, *gaps)),
    )


def _is_later(before: pd.Series, now: pd.Series, column: ColumnSchema) -> bool:
    """Whether the dates have moved on: half of the new ones are later than nine tenths of those before."""
    ends = ordered_values(before, column), ordered_values(now, column)
    known = [values[~np.isnan(values)] for values in ends if values is not None]
    if len(known) < 2 or not len(known[0]) or not len(known[1]):
        return False
    return bool(np.median(known[1]) >= np.quantile(known[0], 0.9))


def _missing_told(name: str, before: float, now: float) -> tuple[Message, ...]:
    if abs(now - before) < ANY_MORE_MISSING:
        return ()
    return ((EMPTIER if now > before else FULLER)(column=name, before=percent(before), now=percent(now)),)


def _numbers_told(before: Floats, now: Floats, column: ColumnSchema) -> tuple[Message, ...]:
    known = [values[~np.isnan(values)] for values in (before, now)]
    if not all(map(len, known)):
        return ()
    width = float(np.ptp(np.concatenate(known)))
    middles = [np.quantile(values, (0.25, 0.75)) for values in known]
    ends = [_ends(middle, width, column) for middle in middles]
    facts = {"low": ends[0][0], "high": ends[0][1], "low_now": ends[1][0], "high_now": ends[1][1]}
    if column.tells_days and np.median(known[1]) >= np.quantile(known[0], 0.9):
        days = [[written(float(end), column) for end in (values.min(), values.max())] for values in known]
        facts = {"low": days[0][0], "high": days[0][1], "low_now": days[1][0], "high_now": days[1][1]}
        return (LATER(column=column.name, **facts),)
    means = [_told(values.mean(), width, column) for values in known]
    from_afar = [[_told(end, width, column) for end in middle] for middle in middles]
    if from_afar[0] == from_afar[1] and means[0] != means[1]:
        return (AVERAGE_MOVED(column=column.name, before=means[0], now=means[1]),)
    return (MOVED(column=column.name, **facts),)


def _ends(middle: Floats, width: float, column: ColumnSchema) -> list[str]:
    """Write the ends of a middle half with the digits that matter in it: all values may lie a thousand times wider."""
    return [_told(end, float(np.ptp(middle)) or width, column) for end in middle]


def _told(value: float, width: float, column: ColumnSchema) -> str:
    return written(float(value), column) if column.kind is Kind.DATE else about(float(value), width)


def _levels(before: pd.Series, now: pd.Series, name: str) -> tuple[Apart, int, tuple[Message, ...]]:
    both = pd.concat([before, now], ignore_index=True).astype(object)
    codes, levels = pd.factorize(both)
    n_levels = len(levels) + 1
    codes = np.where(codes < 0, len(levels), codes).astype(np.int64)  # missing is a level
    first, last = codes[: len(before)], codes[len(before) :]
    shares = np.array([np.bincount(part, minlength=n_levels) / max(len(part), 1) for part in (first, last)])
    known = np.flatnonzero(shares[0, :-1] > 0)
    told: list[Message] = []
    if len(known):
        most = int(known[np.argmax(np.abs(shares[1, known] - shares[0, known]))])
        facts = {"before": percent(float(shares[0, most])), "now": percent(float(shares[1, most]))}
        told.append(SHARES_MOVED(column=name, level=listed([text_of(levels[most])]), **facts))
    new = np.flatnonzero((shares[0, :-1] == 0) & (shares[1, :-1] > 0))
    n_new = int(np.isin(last, new).sum())
    if n_new:
        frequent = new[np.argsort(-shares[1, new], kind="stable")][:N_EXAMPLES]
        told.append(NEW_LEVELS(column=name, n=n_new, examples=listed([text_of(levels[each]) for each in frequent])))
    apart = levels_apart(first, last, n_levels)
    if n_new:
        n_once = int(np.sum(np.bincount(first, minlength=n_levels)[:-1] == 1))
        newcomers = newcomers_apart(n_new, len(last), n_once=n_once, n_before=len(first))
        _, apart = clearest([apart, newcomers])
    return apart, n_new, tuple(told)


def _texts(before: pd.Series, now: pd.Series, name: str) -> tuple[Apart, tuple[Message, ...]]:
    """Compare how long texts are, how many have each of the most frequent words, and how many of their words are new.

    The clearest difference counts.
    """
    words = [_words(cells) for cells in (before, now)]
    lengths = [np.array([float(len(each)) if each else np.nan for each in part]) for part in words]
    found = [numbers_apart(lengths[0], lengths[1])]
    middles = [_middle(values) for values in lengths]
    told = [LENGTHS_MOVED(column=name, before=middles[0], now=middles[1])]
    new = _new_words(*words)
    found.append(numbers_apart(*new))
    usual, seen = (percent(float(np.nanmean(part))) if np.isfinite(part).any() else percent(0.0) for part in new)
    told.append(NEW_WORDS(column=name, before=usual, now=seen))
    counts: Counter[str] = Counter()
    for part in words:  # each table has an equal say in what is frequent
        own = Counter(word for each in part for word in set(each))
        counts.update({word: n / max(len(part), 1) for word, n in own.items()})
    for word, _share in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:N_WORDS]:
        having = [np.array([word in set(each) for each in part], dtype=np.int64) for part in words]
        found.append(levels_apart(having[0], having[1], 2))
        shares = [percent(float(part.mean())) if len(part) else percent(0.0) for part in having]
        told.append(WORDS_MOVED(column=name, word=word, before=shares[0], now=shares[1]))
    place, apart = clearest(found)
    return apart, (told[place],)


def _new_words(before: list[list[str]], now: list[list[str]]) -> tuple[Floats, Floats]:
    """Return for texts of both tables the share of their words that half of the training table does not have.

    Its other half says how many that usually are: no table has all the words that are to come.
    """
    is_known = np.random.default_rng(_SEED).permutation(len(before)) % 2 == 0
    known = {word for each, kept in zip(before, is_known, strict=True) if kept for word in each}
    others = [each for each, kept in zip(before, is_known, strict=True) if not kept]
    made = [
        np.array([sum(word not in known for word in each) / len(each) if each else np.nan for each in part])
        for part in (others, now)
    ]
    return made[0], made[1]


def _words(cells: pd.Series) -> list[list[str]]:
    chosen = np.sort(np.random.default_rng(_SEED).permutation(len(cells))[:MOST_TEXTS])
    return [WORD.findall(text_of(cell).lower()) for cell in cells.iloc[chosen]]


def _middle(values: Floats) -> int:
    known = values[~np.isnan(values)]
    return round(float(np.median(known))) if len(known) else 0
