"""The one interpreter of reading rules: raw cells become canonical cells, in training and in prediction alike.

It needs nothing but numpy and pandas and the schema, which travels in the model's file.
"""

import re
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.messages import phrase
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules

MISSING_COLUMN = phrase(
    "table_lacks_column",
    "The table has no column {column}, which the model needs.",
    "Add the column, or rename the one that holds these values. The table has: {choices}.",
)

Floats = NDArray[np.float64]

# Digits are bounded as in the graph's own pattern, so that both call the same cells numbers.
PLAIN_NUMBER = r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?"
_PLAIN = re.compile(PLAIN_NUMBER)
# For a few cells (one row to predict, the levels of a wide table) loops are many times faster than pandas' own calls.
_FEW = 300
# Strict, so that any language can follow: pandas itself takes "0" for a year.
ISO_DATE = (
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_SPACES = " \u00a0\u202f\u2009"
_RANGE = re.compile(r"(.*[0-9%].*?)\s*(?:-|–|to)\s*([^-–]*[0-9].*)")


def canonical_frame(
    frame: pd.DataFrame, columns: Iterable[ColumnSchema], *, mapping: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the canonical cells of these columns; other columns of `frame` are left out.

    `mapping`: which column of `frame` holds which column of the schema, by the schema's name; without an entry a
    column is found by one of its `accepted_names`.
    Raises ModelError when one is absent.
    """
    made = {}
    for column in columns:
        names = ((mapping or {}).get(column.name, column.name), *accepted_names(column))
        source = next((name for name in names if name in frame.columns), None)
        if source is None:
            raise ModelError(MISSING_COLUMN(column=column.name, choices=", ".join(map(str, frame.columns[:20]))))
        raw = frame[source]
        made[column.name] = canonical_cells(raw if isinstance(raw, pd.Series) else raw.iloc[:, 0], column)
    return pd.DataFrame(made, index=frame.index)


def accepted_names(column: ColumnSchema) -> tuple[str, ...]:
    """Return the names that a column may have in a file to predict, best first.

    Spreadsheet programs take "-x" for a formula, so tables made for them have an apostrophe before such names.
    """
    return (column.name, column.original_name, f"'{column.name}", f"'{column.original_name}")


def canonical_cells(raw: pd.Series, column: ColumnSchema) -> pd.Series:
    """Return float64 (`Cells.NUMBER`) or `str` (`Cells.TEXT`) cells with NaN for missing; raw cells may be typed.

    What cannot be read is missing, never an error.
    """
    if column.cells is Cells.NUMBER:
        numbers = possible_numbers(_plain_cells(raw, column.rules), column.rules)
        return pd.Series(numbers, index=raw.index, name=raw.name, dtype="float64")
    text = present(as_text(raw, column), column.rules.missing)
    if column.rules.same:
        same = dict(column.rules.same)
        text = _rewrite(text, lambda levels: levels.replace(same))
    if column.rules.number:
        rules = column.rules
        return _rewrite(text, lambda levels: number_texts(possible_numbers(read_numbers(levels, rules), rules)))
    if column.kind is Kind.DATE and column.date_formats:
        return _rewrite(text, lambda levels: _date_texts(levels, column.date_formats))
    return text


def as_text(raw: pd.Series, column: ColumnSchema | None = None) -> pd.Series:
    """Write typed cells as a text file would hold them: whole numbers without a point, dates in the column's format."""
    if pd.api.types.is_bool_dtype(raw.dtype):
        return raw.map({True: "true", False: "false"}).astype("str")
    if pd.api.types.is_datetime64_any_dtype(raw.dtype):
        form = column.date_formats[0] if column is not None and column.date_formats else "%Y-%m-%d %H:%M:%S"
        return raw.dt.strftime(form).astype("str")
    if pd.api.types.is_float_dtype(raw.dtype):
        numbers = raw.astype("float64")
        whole = numbers.dropna().mod(1).eq(0).all() and numbers.abs().max() < 2**53
        return (numbers.astype("Int64") if whole else numbers).astype("str")
    if isinstance(raw.dtype, pd.StringDtype):
        return raw
    return raw.where(raw.notna(), np.nan).astype("str")


def present(text: pd.Series, missing: Iterable[str]) -> pd.Series:
    """Trim cells and make those that mean "no value" NaN."""
    if len(text) <= _FEW:
        trimmed = [cell.strip() if isinstance(cell, str) else "" for cell in text]
        nothing = {"", *missing}
        kept = [None if cell.lower() in nothing else cell for cell in trimmed]
        return pd.Series(kept, index=text.index, name=text.name, dtype="str")
    text = text.str.strip()
    return text.mask(text.str.lower().isin({"", *missing}))


def plain_numbers(text: pd.Series) -> Floats:
    """Read plain numbers such as "-1.5e3"; everything else is NaN. Exact, as the graph's own conversion is."""
    if len(text) <= _FEW:
        cells = [float(cell) if isinstance(cell, str) and _PLAIN.fullmatch(cell) else np.nan for cell in text]
        return np.array(cells, np.float64)
    readable = text.str.fullmatch(PLAIN_NUMBER).fillna(value=False).astype(bool)
    numbers: Floats = text.where(readable).astype("float64").to_numpy(np.float64)
    return numbers


def read_numbers(text: pd.Series, rules: ReadingRules) -> Floats:
    """Read numbers with units, currencies, thousands signs and other decimal signs; what is none is NaN."""
    numbers = _with_signs(text, rules)
    if rules.ranges:
        ends = text.str.extract(_RANGE)
        middle = (_with_signs(ends[0], rules) + _with_signs(ends[1], rules)) / 2
        numbers = np.where(np.isnan(numbers), middle, numbers)
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
    return pd.Series([repr(float(number)) if np.isfinite(number) else None for number in numbers], dtype="str")


def are_dates(text: pd.Series, formats: Iterable[str]) -> NDArray[np.bool_]:
    """Say which cells are possible dates in one of these strptime formats."""
    found = np.zeros(len(text), bool)
    text = text.mask(text.str.startswith(("-", "+")).fillna(value=False).astype(bool))  # pandas takes -2020 for a year
    for form in formats:
        found |= pd.to_datetime(text, format=form, errors="coerce", utc=False).notna().to_numpy()
    return found


def _date_texts(text: pd.Series, formats: tuple[str, ...]) -> pd.Series:
    """Keep dates in one of the formats; rewrite ISO dates, which typed files hold, in the first; drop the rest."""
    readable = are_dates(text, formats)
    others = text.where(~readable & text.str.fullmatch(ISO_DATE).fillna(value=False).to_numpy(bool))
    iso = pd.to_datetime(others, format="ISO8601", errors="coerce", utc=True)
    return text.where(readable, iso.dt.strftime(formats[0]).astype("str"))


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


def _with_signs(text: pd.Series, rules: ReadingRules) -> Floats:
    bare = text.str.strip()
    negative = np.zeros(len(bare), bool)
    if rules.parentheses_negative:
        negative = bare.str.fullmatch(r"\(.*\)").fillna(value=False).to_numpy(bool)
        bare = bare.str.replace(r"^\((.*)\)$", r"\1", regex=True)
    if rules.prefixes:
        pattern = "|".join(re.escape(prefix) for prefix in sorted(rules.prefixes, key=len, reverse=True))
        bare = bare.str.replace(f"^([+-]?)\\s*(?:{pattern})\\s*", r"\1", regex=True, case=False)
    if rules.suffixes:
        pattern = "|".join(re.escape(suffix) for suffix in sorted(rules.suffixes, key=len, reverse=True))
        bare = bare.str.replace(f"\\s*(?:{pattern})$", "", regex=True, case=False)
    if rules.thousands:
        signs = f"[{_SPACES}]" if rules.thousands == " " else re.escape(rules.thousands)
        # Only between groups of three: "1,5" is no number where the comma marks thousands.
        grouped = bare.str.fullmatch(f"[+-]?[0-9]{{1,3}}({signs}[0-9]{{3}})+({re.escape(rules.decimal)}[0-9]*)?")
        joined = bare.str.replace(signs, "", regex=True)
        bare = bare.where(~grouped.fillna(value=False).astype(bool), joined)
    if rules.decimal != ".":
        bare = bare.mask(bare.str.contains(".", regex=False).fillna(value=False).astype(bool))
        bare = bare.str.replace(rules.decimal, ".", regex=False)
    numbers = plain_numbers(bare)
    return np.where(negative, -numbers, numbers)
