"""Checks for values that stand for "no value": 999 among ages, 0 for a blood pressure, "unknown", 1900-01-01."""

import re

import numpy as np
import pandas as pd

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.quantities import possible_range
from engine.checks.remedies import count_as_missing
from engine.checks.sample import Floats, Rows, distinct_numbers, number_text, shown_number
from engine.config import Remedy
from engine.messages import Message, listed, phrase
from engine.table.dates import dates_of
from engine.table.schema import Cells, ColumnSchema, Kind

STAND_INS = phrase(
    "stand_ins",
    "Numbers that seem to stand for “no value”: {columns}.",
    "Count them as missing unless they are real amounts.",
    "They are taken for real amounts, which spoils averages and linear models.",
)
STAND_IN_SHOWN = phrase("stand_in_shown", "{column}: {value} in {n} rows; all other values lie from {low} to {high}.")
MAYBE_STAND_INS = phrase(
    "maybe_stand_ins",
    "Numbers that could stand for “no value” or for “that and more”: {columns}.",
    "Count them as missing if nothing was measured in those rows.",
    "They are used as the amounts that they are written as.",
)
ZEROS = phrase(
    "zeros_for_missing",
    "Zeros far from all other values, as if nothing had been measured: {columns}.",
    "Count 0 as missing where a zero cannot be.",
    "A zero is taken for a very small amount, although it may say nothing.",
)
MAYBE_ZEROS = phrase(
    "zeros_maybe_missing",
    "Zeros apart from all other values, which may mean “there is none” or “not measured”: {columns}.",
    "Count 0 as missing where a zero cannot be.",
    "A zero is used as the amount 0.",
)
WORDS = phrase(
    "words_for_missing",
    "Words that say that the value is not known: {columns}.",
    "Count them as missing if not knowing means nothing by itself.",
    "Each such word is used as a value of its own.",
)
WORD_SHOWN = phrase("word_for_missing_shown", "{column}: {values} in about {share} % of the rows.")
DATES = phrase(
    "dates_for_missing",
    "Dates that seem to stand for “no date”: {columns}.",
    "Count them as missing unless they are real dates.",
    "They are taken for real moments, many years away from all others.",
)
DATE_SHOWN = phrase("date_for_missing_shown", "{column}: {value} in about {share} % of the rows.")

_LIMITS_OF_MACHINES = {float(-(2**31)), float(2**31 - 1), float(-(2**15)), float(2**16 - 1), float(2**32 - 1)}
_LEAST_TIMES = LEAST_ZEROS = 3
_LEAST_OTHERS = 5
_DETACHED = 2.0
_SPIKE = 5
_NEIGHBOURS = 5
_RARE_ZEROS, _FAR_ZEROS, _APART_ZEROS = 0.05, 0.5, 0.1
_STEPS_FROM_ZERO = 5
_LEAST_LEVELS = 20
_SAME_ROWS = 0.9
_MOST_OTHERS = 20
_ALLOW_ZERO = re.compile(
    r"(?i)(^|[\s_.-])(n|num|number|count|nr|anzahl|flag|is|has|balance|change|diff|delta|profit|gain|loss|rain|snow)([\s_.-]|$)"
)
_UNKNOWN_WORDS = frozenset(
    word.strip()
    for line in """
        unknown | unknwon | unkown | unk | unkn | not known | not stated | not available | not specified
        unspecified | undefined | undisclosed | not reported | not recorded | not provided | not given
        not entered | not answered | no answer | no response | no data | no information | no info | no value
        not disclosed | none given | missing value | tbd | tba | to be determined | xx | xxx | xxxx | ??
        ??? | n.k. | n/k | (blank) | blank | (null) | <null> | (none) | <none> | (unknown) | <unknown>
        (missing) | <missing> | (empty) | empty | \\n | n.d. | n/d | unbekannt | nicht bekannt
        keine angabe | keine angaben | k.a. | k. a. | k.a | ka. | nicht verfügbar | nicht angegeben | o.a.
        o. a. | inconnu | inconnue | non renseigné | non renseignée | non précisé | non disponible
        indéterminé | desconocido | desconocida | no disponible | sin datos | sin dato | s/d
        no especificado | no informado | se desconoce | sconosciuto | non disponibile | non specificato
        desconhecido | não informado | nao informado | sem informação | ignorado | onbekend | okänd | ukendt
        ukjent | nieznany | brak danych | nieznane | neznámý | bilinmiyor | belirtilmemiş | неизвестно
        не указано | нет данных | не известно | 未知 | 不详 | 不明 | 未填写 | 未填 | 未提供
        暂无 | 无数据 | 缺失 | 空白 | 空值 | 不清楚 | 알 수 없음 | 미상 | 無回答 | 未回答 | غير معروف
    """.splitlines()
    for word in line.split("|")
    if word.strip()
)
_NO_DATES = frozenset(
    "0001-01-01 1111-11-11 1753-01-01 1800-01-01 1899-12-30 1899-12-31 1900-01-00 1900-01-01 1901-01-01 1970-01-01 "
    "2079-06-06 2099-12-31 2199-12-31 2200-01-01 2262-04-11 2999-12-31 3000-01-01 9998-12-31 9999-01-01 "
    "9999-12-31".split()
)
_FAR_YEARS = 15
_MANY_TIMES = 10


def stand_ins(numbers: Floats) -> list[tuple[float, int, bool]]:
    """Return numbers that look like "no value", how often each comes, and whether it is far from all others.

    >>> stand_ins(np.array([float(age) for age in range(20, 60)] + [999.0] * 4))
    [(999.0, 4, True)]
    """
    numbers = numbers[np.isfinite(numbers)]
    # Sorting is slow, and rarely worth it.
    if not len(numbers) or not (_is_made_up(float(numbers.min())) or _is_made_up(float(numbers.max()))):
        return []
    values, counts = distinct_numbers(numbers)
    first, last = 0, len(values)
    while first < last and _is_made_up(values[first]):
        first += 1
    while last > first and _is_made_up(values[last - 1]):
        last -= 1
    if last - first < _LEAST_OTHERS:
        return []
    ends = [*range(first), *range(last, len(values))]
    found = []
    for end in ends:
        far = _is_far(float(values[end]), values[first:last], counts[first:last])
        spike = counts[end] >= _SPIKE * _most_beside(counts[first:last], above=end >= last)
        if counts[end] >= _LEAST_TIMES and (far or spike):
            found.append((float(values[end]), int(counts[end]), far))
    return found


def _is_made_up(value: float) -> bool:
    if value in _LIMITS_OF_MACHINES or 1e30 <= abs(value) < 1e99:
        return True
    digits = number_text(abs(value)).replace(".", "")
    if value < 0 and digits in {"1", "7", "8", "9"}:
        return True
    return len(digits) >= 2 and len(set(digits)) == 1 and (digits[0] == "9" or (len(digits) > 2 and digits[0] in "78"))


def _is_far(value: float, others: Floats, counts: Rows) -> bool:
    """Say whether a value lies beyond the others by more than they reach from their middle, or is alone below zero."""
    low, high = float(others[0]), float(others[-1])
    middle = float(others[np.searchsorted(np.cumsum(counts), counts.sum() / 2)])
    if value > high:
        return value - middle >= _DETACHED * (high - middle)
    if value < -1 and low >= 0:
        return True
    if value == -1 and low >= 0:
        return low >= 1 or bool(counts.sum() and len(others) >= _LEAST_LEVELS)
    return middle - value >= _DETACHED * (middle - low)


def _most_beside(counts: Rows, *, above: bool) -> int:
    return int((counts[-_NEIGHBOURS:] if above else counts[:_NEIGHBOURS]).max())


def _look_at_numbers(case: Case) -> tuple[Finding, ...]:
    sure: dict[str, list[str]] = {}
    maybe: dict[str, list[str]] = {}
    shown: dict[str, list[Message]] = {}
    for column in case.features:
        if not column.kind.is_number:
            continue
        numbers = case.sample.all_numbers(column)
        for value, n, far in stand_ins(numbers):
            (sure if far else maybe).setdefault(column.name, []).append(number_text(value))
            others = numbers[np.isfinite(numbers) & (numbers != value)]
            shown.setdefault(column.name, []).append(_shown(column.name, value, n, others))
    found = []
    for values, say, severity in (
        (sure, STAND_INS, Severity.PLEASE_LOOK),
        (maybe, MAYBE_STAND_INS, Severity.HANDLED),
    ):
        if values:
            found.append(
                Finding(
                    severity=severity,
                    message=say(columns=_with_values(values)),
                    columns=tuple(values),
                    evidence=tuple(message for name in values for message in shown[name]),
                    remedies=count_as_missing(values),
                )
            )
    return tuple(found)


def _with_values(values: dict[str, list[str]]) -> str:
    return listed([f"{name} ({', '.join(texts[:3])})" for name, texts in values.items()])


def _shown(name: str, value: float, n: int, others: Floats) -> Message:
    low, high = shown_number(float(others.min())), shown_number(float(others.max()))
    return STAND_IN_SHOWN(column=name, value=number_text(value), n=n, low=low, high=high)


def _look_at_zeros(case: Case) -> tuple[Finding, ...]:
    piles: dict[bool, dict[str, Message]] = {True: {}, False: {}}
    for column in case.features:
        if not column.kind.is_number or _ALLOW_ZERO.search(column.name):
            continue
        numbers = case.sample.all_numbers(column)
        n_zeros = int((numbers == 0).sum())
        if n_zeros < LEAST_ZEROS:
            continue
        others = numbers[np.isfinite(numbers) & (numbers != 0)]
        possible = possible_range(column.original_name)
        if possible is not None and possible.low > 0 and len(others) and others.min() > 0:
            sure: bool | None = True
        else:
            sure = _zeros_are_odd(others, n_zeros)
        if sure and _means_none(case, column, n_zeros):
            sure = False
        if sure is not None:
            piles[sure][column.name] = _shown(column.name, 0.0, n_zeros, others)
    found = []
    for shown, say, severity in (
        (piles[True], ZEROS, Severity.PLEASE_LOOK),
        (piles[False], MAYBE_ZEROS, Severity.HANDLED),
    ):
        if shown:
            found.append(
                Finding(
                    severity=severity,
                    message=say(columns=listed(list(shown))),
                    columns=tuple(shown),
                    evidence=tuple(shown.values()),
                    remedies=count_as_missing({name: ["0"] for name in shown}),
                )
            )
    return tuple(found)


def _means_none(case: Case, column: ColumnSchema, n_zeros: int) -> bool:
    """Say whether another column is empty where this one is 0: then there is probably nothing to measure."""
    zeros = case.sample.numbers(column) == 0
    least, most = _SAME_ROWS * n_zeros, n_zeros / _SAME_ROWS
    likely = [other for other in case.features if least <= other.n_missing <= most][:_MOST_OTHERS]
    return any(
        np.sum(zeros & empty) >= _SAME_ROWS * np.sum(zeros | empty) > 0
        for empty in (case.sample.frame[other.name].isna().to_numpy() for other in likely)
    )


def _zeros_are_odd(others: Floats, n_zeros: int) -> bool | None:
    """Say whether zeros beside these numbers are surely odd, or could be; None where they are at home."""
    if not len(others) or others.min() <= 0:
        return None
    smallest = np.unique(others if len(others) <= 100_000 else np.partition(others, 100_000)[:100_000])
    if len(smallest) < _LEAST_LEVELS:
        return None
    low, steps = float(smallest[0]), np.diff(smallest[:_LEAST_LEVELS])
    nearness = low / float(np.median(others))
    if nearness < _APART_ZEROS or low < _STEPS_FROM_ZERO * float(np.median(steps)):
        return None
    return nearness >= _FAR_ZEROS or n_zeros / (n_zeros + len(others)) < _RARE_ZEROS


def _look_at_words(case: Case) -> tuple[Finding, ...]:
    values: dict[str, list[str]] = {}
    evidence = []
    for column in case.features:
        if column.kind not in {Kind.CATEGORY, Kind.TEXT} or column.cells is not Cells.TEXT:
            continue
        if _UNKNOWN_WORDS.isdisjoint(case.sample.texts(column.name).lower().split("\n")):
            continue
        levels = case.sample.levels(column.name)
        means_nothing = levels.index.str.lower().isin(_UNKNOWN_WORDS)
        if means_nothing.any() and not means_nothing.all():
            values[column.name] = [str(level) for level in levels.index[means_nothing]]
            share = 100 * int(levels[means_nothing].sum()) / len(case.sample.rows)
            shown = listed([f"“{value}”" for value in values[column.name]])
            evidence.append(WORD_SHOWN(column=column.name, values=shown, share=_share(share)))
    if not values:
        return ()
    message = WORDS(columns=_with_values(values))
    remedies = count_as_missing(values)
    return (
        Finding(
            severity=Severity.HANDLED,
            message=message,
            columns=tuple(values),
            evidence=tuple(evidence),
            remedies=remedies,
        ),
    )


def _share(percent: float) -> float:
    return round(percent, 1) if percent >= 0.1 else 0.1


def _look_at_dates(case: Case) -> tuple[Finding, ...]:
    values: dict[str, list[str]] = {}
    evidence = []
    for column in case.features:
        if column.kind is not Kind.DATE or not column.date_formats:
            continue
        levels = case.sample.levels(column.name)
        odd = odd_dates(levels, column)
        if odd:
            values[column.name] = odd
            for text in odd:
                share = _share(100 * int(levels[text]) / len(case.sample.rows))
                evidence.append(DATE_SHOWN(column=column.name, value=text, share=share))
    if not values:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=DATES(columns=_with_values(values)),
            columns=tuple(values),
            evidence=tuple(evidence),
            remedies=count_dates_as_missing(case, values),
        ),
    )


def count_dates_as_missing(case: Case, values: dict[str, list[str]]) -> tuple[Remedy, ...]:
    """Return remedies for dates as they stand in the table: only where new files hold them in the same writing."""
    schema = case.dataset.schema
    plain = {
        name: texts for name, texts in values.items() if not (schema[name].rules.moments or schema[name].rules.words)
    }
    return count_as_missing(plain) if plain else ()


def odd_dates(levels: pd.Series, column: ColumnSchema) -> list[str]:
    """Return cells whose date means "none": a customary one, and far from the others or much too frequent."""
    texts = pd.Series(levels.index, dtype="str")
    dates = dates_of(texts, column.date_formats)
    customary = dates.dt.strftime("%Y-%m-%d").isin(_NO_DATES).to_numpy(bool)
    others = dates[~customary & dates.notna().to_numpy()]
    if not customary.any() or len(others) < _LEAST_OTHERS:
        return []
    usual = float(np.median(levels.to_numpy()[~customary]))
    first, last = others.min().year, others.max().year
    odd = []
    for text, date, n in zip(texts[customary], dates[customary], levels.to_numpy()[customary], strict=True):
        far = date.year < first - _FAR_YEARS or date.year > last + _FAR_YEARS
        if far or (n >= _LEAST_TIMES and n >= _MANY_TIMES * usual):
            odd.append(str(text))
    return odd


NUMBERS = Check(key="stand_in_numbers", title="Numbers that stand for no value", look=_look_at_numbers)
ZERO_VALUES = Check(key="zeros", title="Zeros that stand for no value", look=_look_at_zeros)
UNKNOWN_WORDS = Check(key="unknown_words", title="Words that stand for no value", look=_look_at_words)
ODD_DATES = Check(key="odd_dates", title="Dates that stand for no date", look=_look_at_dates)
