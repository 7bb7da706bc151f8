"""The one interpreter of reading rules: raw cells become canonical cells, in training and in prediction alike.

It needs nothing but numpy, pandas with Arrow and the schema, which travels in the model's file.
"""

import numbers
import re
from collections.abc import Callable, Iterable
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.table.files.cell_text import cell_text
from engine.table.moments import date_texts
from engine.table.schema import Cells, ColumnSchema, ReadingRules

Floats = NDArray[np.float64]

# Digits are bounded as in the graph's own pattern, so that both call the same cells numbers.
PLAIN_NUMBER = r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?"
_PLAIN = re.compile(PLAIN_NUMBER)
# For a few cells (one row to predict, the levels of a wide table) loops are many times faster than pandas' own calls,
# over lists: a series of texts gives its cells ten times more slowly.
_FEW = 300
# Longer columns are gone through in pieces, so that what is made on the way never takes as much memory as they do.
_LONG = 1 << 18
# Digits and signs of other scripts, and the many forms of minus, apostrophe and space, become those of ASCII.
_FORMS = (
    ("-", "\u2212\ufe63\uff0d\u2010\u2011"),
    ("'", "\u2018\u2019\u02bc\uff07\u00b4"),
    (" ", "\u00a0\u202f\u2009\u2007\u3000"),
)
_SIGNS = dict(zip("．，％￥＄（）＋～〜＜＞／٫٬", ".,%¥$()+~~<>/.,", strict=True))
_DIGITS = {chr(first + i): str(i) for first in (0xFF10, 0x0660, 0x06F0) for i in range(10)}
_ASCII = str.maketrans({**_SIGNS, **_DIGITS})
_FOREIGN = f"[{''.join((*_SIGNS, *_DIGITS))}]"
# Bounded, and no two free runs side by side: a long cell of digits must not take for ever.
RANGE = re.compile(r"(?s)^(?!.{61})(.*[0-9%][^0-9%]*?)\s*(?:-|–|—|~|to|bis|至|до)\s*([^-–—~0-9]*[0-9].*)")


_SPACES = "[ \\t\\r\\n]*"  # spelled out, because engines of patterns differ in what a space is


def canonical_cells(raw: pd.Series, column: ColumnSchema) -> pd.Series:
    """Return float64 (`Cells.NUMBER`) or `str` (`Cells.TEXT`) cells with NaN for missing; raw cells may be typed.

    What cannot be read is missing, never an error.
    """
    if len(raw) > _LONG and isinstance(raw.dtype, pd.StringDtype):
        starts = range(0, len(raw), _LONG)
        return pd.concat([canonical_cells(raw.iloc[start : start + _LONG], column) for start in starts])
    if column.cells is Cells.NUMBER:
        numbers = possible_numbers(_plain_cells(raw, column.rules), column.rules)
        return pd.Series(numbers, index=raw.index, name=raw.name, dtype="float64")
    if column.rules.number and pd.api.types.is_numeric_dtype(raw.dtype):
        typed = possible_numbers(_plain_cells(raw, column.rules), column.rules)
        return pd.Series(number_texts(typed).array, index=raw.index, name=raw.name, dtype="str")
    text = present(as_text(raw, column), column.rules.missing)
    if column.rules.same:
        same = dict(column.rules.same)
        text = _rewrite(text, lambda levels: levels.replace(same))
    if column.rules.number:
        return number_cells(text, column.rules)
    if column.date_formats:  # also where the person has called the dates another kind: training has them like this
        return _rewrite(text, lambda levels: date_texts(levels, column.date_formats, column.rules))
    if column.rules.separators:
        return _rewrite(text, lambda levels: item_texts(levels, column.rules.separators))
    return text


def as_text(raw: pd.Series, column: ColumnSchema | None = None) -> pd.Series:
    """Write typed cells as a text file would hold them: whole numbers without a point, dates in the column's format."""
    if pd.api.types.is_bool_dtype(raw.dtype):
        return raw.map({True: "true", False: "false"}).astype("str")
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        form = column.date_formats[0] if column is not None and column.date_formats else "%Y-%m-%d %H:%M:%S"
        return (raw if raw.dt.tz is None else raw.dt.tz_convert("UTC")).dt.strftime(form).astype("str")
    if pd.api.types.is_float_dtype(raw.dtype):
        numbers = raw.astype("float64")
        whole = numbers.dropna().mod(1).eq(0).all() and numbers.abs().max() < 2**53
        return (numbers.astype("Int64") if whole else numbers).astype("str")
    if isinstance(raw.dtype, pd.StringDtype):
        return raw
    if pd.api.types.infer_dtype(raw, skipna=True) in {"string", "empty"}:
        return raw.where(raw.notna(), np.nan).astype("str")
    sign = column.rules.decimal if column is not None and column.rules.number else "."
    texts = [_typed_text(value, sign) for value in raw.astype(object)]
    return pd.Series(texts, index=raw.index, name=raw.name, dtype="str")


def _typed_text(value: object, decimal: str) -> str | None:
    """Write one cell as a file would hold it; a number with the decimal sign of its column."""
    if not isinstance(value, list | tuple | np.ndarray) and pd.isna(value):
        return None
    text = cell_text(value)
    is_number = isinstance(value, numbers.Real | Decimal) and not isinstance(value, bool | np.bool_)
    return text.replace(".", decimal) if text is not None and is_number else text


def present(text: pd.Series, missing: Iterable[str]) -> pd.Series:
    """Trim cells and make those that mean "no value" NaN."""
    if len(text) <= _FEW:
        trimmed = [cell.strip() if isinstance(cell, str) else "" for cell in text.tolist()]
        nothing = {"", *missing}
        kept = [None if cell.lower() in nothing else cell for cell in trimmed]
        return pd.Series(kept, index=text.index, name=text.name, dtype="str")
    text = text.str.strip()
    return text.mask(folded(text).isin({"", *missing}))


def folded(text: pd.Series) -> pd.Series:
    """Write cells in small letters, always in the same way: Arrow knows other small letters than Python does.

    >>> folded(pd.Series(["İzmir", "ΑΓΝΩΣΤΟΣ"], dtype="str")).tolist() == ["İzmir".lower(), "ΑΓΝΩΣΤΟΣ".lower()]
    True
    """
    plain = text.str.isascii().fillna(value=True).to_numpy(bool)
    lower = text.str.lower()
    if not plain.all():
        foreign = np.flatnonzero(~plain)
        rest = _rewrite(text.iloc[foreign], lambda levels: pd.Series([level.lower() for level in levels], dtype="str"))
        lower.iloc[foreign] = rest.array
    return lower


def plain_numbers(text: pd.Series) -> Floats:
    """Read plain numbers such as "-1.5e3"; everything else is NaN. Exact, as the graph's own conversion is."""
    if len(text) <= _FEW:
        cells = [float(cell) if isinstance(cell, str) and _PLAIN.fullmatch(cell) else np.nan for cell in text.tolist()]
        return np.array(cells, np.float64)
    readable = text.where(text.str.fullmatch(PLAIN_NUMBER).fillna(value=False).astype(bool))
    # Arrow reads the digits where they are; pandas would make an object of each.
    numbers = pc.cast(pa.array(readable, pa.large_string()), pa.float64())
    return np.array(numbers.to_numpy(zero_copy_only=False), np.float64)


def ascii_texts(text: pd.Series) -> pd.Series:
    """Write the digits and signs of other scripts in ASCII.

    >>> list(ascii_texts(pd.Series(["１，２３４．５", "−3"], dtype="str")))
    ['1,234.5', '-3']
    """
    if text.str.isascii().fillna(value=True).all():
        return text
    for plain, forms in _FORMS:
        text = _replaced(text, f"[{forms}]", plain)
    foreign = text.str.contains(_FOREIGN, regex=True).fillna(value=False).to_numpy(bool)
    if foreign.any():
        made = text.astype(object)
        made[foreign] = [cell.translate(_ASCII) for cell in text[foreign]]
        text = made.astype("str")
    return text.str.strip()


def item_texts(text: pd.Series, separators: str) -> pd.Series:
    """Put spaces between the items of lists.

    >>> list(item_texts(pd.Series(["['a', 'b']", "[]"], dtype="str"), "[,']"))
    ['a b', nan]
    """
    spaced = text.str.replace(f"[{re.escape(separators)}\\s]+", " ", regex=True).str.strip()
    return spaced.mask(spaced == "")


def number_cells(text: pd.Series, rules: ReadingRules) -> pd.Series:
    """Return the canonical cells of a column of numbers that are written as people write them."""
    return _rewrite(text, lambda levels: number_texts(possible_numbers(read_numbers(levels, rules), rules)))


def read_numbers(text: pd.Series, rules: ReadingRules) -> Floats:
    """Read numbers with units, currencies, thousands signs and other decimal signs; what is none is NaN."""
    if rules.decimal != ".":
        return _written_numbers(text, rules)
    # Nothing is cut off a plain number, and in most columns most cells are plain.
    numbers = plain_numbers(text.str.strip())
    others = np.isnan(numbers) & text.notna().to_numpy(bool)
    if others.any():
        numbers[others] = _written_numbers(text[others], rules)
    return numbers


def _written_numbers(text: pd.Series, rules: ReadingRules) -> Floats:
    text = ascii_texts(text)
    numbers, factors, _ = _with_signs(text, rules)
    numbers = numbers * factors
    unread = np.isnan(numbers)
    if rules.ranges and unread.any():
        ends = text[unread].str.extract(RANGE)
        low, low_factors, has_unit = _with_signs(ends[0], rules)
        high, high_factors, _ = _with_signs(ends[1], rules)
        low, high = low * np.where(has_unit, low_factors, high_factors), high * high_factors
        numbers[unread] = np.where(low <= high, (low + high) / 2, np.nan)
    return numbers


def possible_numbers(numbers: Floats, rules: ReadingRules) -> Floats:
    """Make NaN what the rules say means "no value" or cannot be."""
    if rules.missing_numbers:
        numbers = np.where(np.isin(numbers, rules.missing_numbers), np.nan, numbers)
    if rules.lowest is not None:
        numbers = np.where(numbers < rules.lowest, np.nan, numbers)
    if rules.highest is not None:
        numbers = np.where(numbers > rules.highest, np.nan, numbers)
    return numbers


def number_texts(numbers: Floats) -> pd.Series:
    """Write numbers in the one way that canonical text cells have them; NaN stays missing."""
    texts = pa.array(map(repr, numbers.tolist()), pa.large_string(), size=len(numbers))
    written = pc.if_else(pa.array(np.isfinite(numbers)), texts, pa.scalar(None, pa.large_string()))
    return pd.Series(pd.array(written, dtype="str"))


def _plain_cells(raw: pd.Series, rules: ReadingRules) -> Floats:
    if pd.api.types.is_bool_dtype(raw.dtype):
        return np.asarray(raw.astype("float64"), np.float64)
    if pd.api.types.is_numeric_dtype(raw.dtype):
        numbers = raw.astype("float64").to_numpy(np.float64, na_value=np.nan)
        return np.where(np.isfinite(numbers), numbers, np.nan)
    text = as_text(raw).str.strip()
    if rules.same:
        text = text.replace(dict(rules.same))
    return plain_numbers(text)


def _rewrite(text: pd.Series, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Apply a change to the distinct cells only."""
    positions, levels = pd.factorize(text)
    changed = change(pd.Series(levels, dtype="str"))
    cells = pd.concat([changed, pd.Series([None], dtype="str")], ignore_index=True).take(positions)
    return pd.Series(cells.array, index=text.index, name=text.name, dtype="str")


def _with_signs(text: pd.Series, rules: ReadingRules) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return numbers, what their units multiply them by, and whether there is a unit."""
    bare, negative = _without_parentheses(text.str.strip(), rules)
    bare = _replaced(bare, r"^[–—](\S)", r"-\1")
    if rules.prefixes:
        bare = _replaced(bare, f"(?i)^([+-]?){_SPACES}(?:(?:{either(rules.prefixes)}){_SPACES}){{1,2}}", r"\1")
    bare = _replaced(bare, f"^([+-]){_SPACES}", r"\1")
    bare, factors, has_unit = _without_units(bare, rules)
    bare, inside = _without_parentheses(bare, rules)
    negative = negative | inside
    if rules.dash_zero:
        bare = _replaced(bare, "^[-–—]$", "0")
    if rules.trailing_minus:
        behind = bare.str.endswith("-").fillna(value=False).to_numpy(bool)
        negative = negative | behind
        bare = bare.where(~behind, _replaced(bare, f"{_SPACES}-$", ""))
    if rules.thousands:
        joined = bare.str.replace(rules.thousands, "", regex=False)
        bare = bare.where(~bare.str.fullmatch(grouped(rules)).fillna(value=False).astype(bool), joined)
    if rules.decimal != ".":
        # A point that cannot mark thousands is a decimal point, as programs write numbers.
        pointed = bare.str.contains(".", regex=False).fillna(value=False).astype(bool)
        thousands = bare.str.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+").fillna(value=False).astype(bool)
        comma = bare.str.contains(rules.decimal, regex=False).fillna(value=False).astype(bool)
        bare = bare.mask(pointed & (thousands | comma)).str.replace(rules.decimal, ".", regex=False)
    numbers = plain_numbers(bare)
    return np.where(negative, -numbers, numbers), factors, has_unit


def _without_parentheses(bare: pd.Series, rules: ReadingRules) -> tuple[pd.Series, NDArray[np.bool_]]:
    if not rules.parentheses_negative:
        return bare, np.zeros(len(bare), bool)
    inside = bare.str.fullmatch(r"\(.*\)").fillna(value=False).to_numpy(bool)
    return bare.where(~inside, bare.str.slice(1, -1).str.strip()), inside


def _without_units(bare: pd.Series, rules: ReadingRules) -> tuple[pd.Series, Floats, NDArray[np.bool_]]:
    """Cut the units off; return also what they multiply by, and whether there is one."""
    known = dict(rules.factors)
    units = either((*rules.suffixes, *known))
    if not units:
        return bare, np.ones(len(bare)), np.zeros(len(bare), bool)
    cut = _replaced(bare, f"(?i){_SPACES}(?:{units})$", "")
    if not known:
        return cut, np.ones(len(bare)), np.zeros(len(bare), bool)
    unit = pc.struct_field(
        pc.extract_regex(_arrow(bare), f"(?i){_SPACES}(?P<unit>{units})$"), "unit"
    ).dictionary_encode()
    sizes = np.array([*(known.get(text.lower(), 1.0) for text in unit.dictionary.to_pylist() if text is not None), 1.0])
    has_unit = np.asarray(unit.is_valid())
    return cut, sizes[unit.indices.fill_null(len(sizes) - 1).to_numpy(zero_copy_only=False)], has_unit


def _arrow(text: pd.Series) -> pa.Array:
    made = pa.array(text, pa.large_string())
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _replaced(text: pd.Series, pattern: str, by: str) -> pd.Series:
    """Replace what a pattern finds, where Arrow keeps the text: pandas would make an object of each."""
    made = pc.replace_substring_regex(_arrow(text), pattern, by)
    return pd.Series(pd.array(made, dtype="str"), index=text.index)


def grouped(rules: ReadingRules) -> str:
    """Return a pattern for numbers whose digits stand in groups; "1,5" is none where the comma marks thousands."""
    sign, decimal = re.escape(rules.thousands), re.escape(rules.decimal)
    groups = f"({sign}[0-9]{{2,3}})*{sign}[0-9]{{3}}" if rules.thousands == "," else f"({sign}[0-9]{{3}})+"  # lakh
    return f"[+-]?[0-9]{{1,3}}{groups}({decimal}[0-9]*)?"


def either(words: Iterable[str]) -> str:
    """Return a pattern for one of some words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
