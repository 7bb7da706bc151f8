"""Dates inside the graph: text in recorded formats becomes calendar numbers; all else is missing, never an error."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import onnx
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Tensor, Var, argument, build, inline

from engine.graph.constants import double, places, whole
from engine.graph.days import days_before_month, days_before_year, length_of_month, place_of_month

FIELDS = ("days", "year", "month", "day", "weekday", "day_of_year", "hour")
"""What `calendar` returns, in order. `days` counts from 1970-01-01 and has a fraction for the time of day."""

_MONTHS = tuple("January February March April May June July August September October November December".split())
_PATTERNS: Mapping[str, str] = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "[0-9]{1,2}",
    "d": "[0-9]{1,2}",
    "H": "[0-9]{1,2}",
    "I": "[0-9]{1,2}",
    "M": "[0-9]{2}",
    "S": "[0-9]{2}",
    "f": "[0-9]{1,6}",
    "p": "([AaPp][Mm])",
    "b": "(" + "|".join(form for m in _MONTHS for form in (m[:3], m[:3].upper(), m[:3].lower())) + ")",
    "B": "(" + "|".join(form for m in _MONTHS for form in (m, m.upper(), m.lower())) + ")",
}
_FIXED_WIDTHS: Mapping[str, int] = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
# What digits alone do not say: they are never negative, and the length of its month bounds a day from above.
_BOUNDS = (("Y", 1, None), ("d", 1, None), ("H", None, 23), ("I", 1, 12), ("M", None, 59), ("S", None, 59))
_EXAMPLES: Mapping[str, str] = {
    "Y": "1970",
    "y": "70",
    "m": "01",
    "d": "01",
    "H": "00",
    "I": "12",
    "M": "00",
    "S": "00",
    "f": "0",
    "p": "AM",
    "b": "Jan",
    "B": "January",
}


@dataclass(frozen=True)
class _Piece:
    """Directives that stand side by side, and the literal text behind them."""

    directives: str
    literal: str


def supports(date_format: str) -> bool:
    """Say whether the graph can read dates of this strptime format.

    >>> supports("%d/%m/%Y %H:%M"), supports("%Y%m%d"), supports("%j"), supports("%d%b%Y")
    (True, True, False, False)
    """
    if "%Y" not in date_format and "%y" not in date_format:
        return False
    directives = re.findall(r"%(.)", date_format)
    if any(d not in _PATTERNS for d in directives) or len(set(directives)) < len(directives):
        return False
    pieces = _pieces(date_format)
    return bool(pieces) and all(len(p.directives) == 1 or set(p.directives) <= set(_FIXED_WIDTHS) for p in pieces)


def calendar(text: Var, date_formats: tuple[str, ...]) -> Var:
    """Read dates: strings [N, 1] become doubles [N, len(FIELDS)], all NaN where no format fits or no such day exists.

    When several formats fit a cell, the first one counts.
    """
    if not date_formats:
        raise ValueError("a date column needs at least one format")
    fields: Var = inline(_calendar(date_formats))(text=text)["fields"]
    return fields


@cache
def _calendar(date_formats: tuple[str, ...]) -> onnx.ModelProto:
    """Return the graph that reads these formats: hundreds of small nodes take far longer to make than to copy."""
    text, result = argument(Tensor(np.str_, ("N", 1))), double(np.nan)
    for date_format in reversed(date_formats):
        fields, valid = _read(text, date_format)
        result = op.where(valid, fields, result)
    return build({"text": text}, {"fields": result})


def field_of(fields: Var, field: str) -> Var:
    """Return one of the `FIELDS` of what `calendar` has read: doubles [N, 1]."""
    return _column(fields, FIELDS.index(field))


def _read(text: Var, date_format: str) -> tuple[Var, Var]:
    """Return the fields [N, len(FIELDS)] and which rows hold a possible date in this format [N, 1]."""
    prefix, pieces = date_format.split("%", 1)[0], _pieces(date_format)
    fits = op.regex_full_match(text, pattern=_pattern(date_format))
    example = prefix + "".join("".join(_EXAMPLES[d] for d in p.directives) + p.literal for p in pieces)
    rest = op.where(fits, text, op.const(np.array(example)))
    if prefix:
        rest = _split(rest, prefix)[1]
    values: dict[str, Var] = {}
    for piece in pieces:
        cell = rest
        if piece.literal:
            cell, rest = _split(rest, piece.literal)
        values.update(_values(cell, piece.directives))
    return _fields(values, fits)


def _fields(values: Mapping[str, Var], fits: Var) -> tuple[Var, Var]:
    year = values["Y"] if "Y" in values else _century(values["y"])
    zero = op.sub(year, year)  # of the shape of a column
    month = values.get("m", values.get("b", values.get("B", op.add(zero, whole(1)))))
    day, hour = values.get("d", op.add(zero, whole(1))), values.get("H", zero)
    if "I" in values:
        afternoon = op.mul(values["p"], whole(12)) if "p" in values else zero
        hour = op.add(op.mod(values["I"], whole(12)), afternoon)
    place, new_year = place_of_month(year, month), days_before_year(year)
    day_of_year = op.add(days_before_month(place), day)
    days = op.add(new_year, op.sub(day_of_year, whole(1)))
    weekday = op.mod(op.add(days, whole(3)), whole(7))  # 1970-01-01 was a Thursday; Monday is 0
    whole_numbers = op.concat([year, month, day, weekday, day_of_year, hour], axis=1)
    columns = [op.add(_double(days), _part_of_day(values, hour)), _double(whole_numbers)]
    valid = op.and_(fits, op.less_or_equal(day, length_of_month(place)))
    for directive, low, high in _BOUNDS:
        if directive in values:
            valid = op.and_(valid, _within(values[directive], low, high))
    return op.concat(columns, axis=1), valid


def _part_of_day(values: Mapping[str, Var], hour: Var) -> Var:
    """Return how much of the day has passed: doubles, of no shape where the format has no time of day."""
    if not {"H", "I", "M", "S"} & set(values):
        return double(0.0)
    minutes = op.add(op.mul(hour, whole(60)), values["M"]) if "M" in values else op.mul(hour, whole(60))
    seconds = op.mul(minutes, whole(60))
    return op.div(_double(op.add(seconds, values["S"]) if "S" in values else seconds), double(86400.0))


def _pieces(date_format: str) -> list[_Piece]:
    body = date_format[date_format.find("%") :] if "%" in date_format else ""
    found = re.findall(r"((?:%.)+)([^%]*)", body)
    return [_Piece(run.replace("%", ""), literal) for run, literal in found]


def _pattern(date_format: str) -> str:
    pieces = _pieces(date_format)
    body = ""
    for piece in pieces:
        fixed = len(piece.directives) > 1
        body += "".join(f"[0-9]{{{_FIXED_WIDTHS[d]}}}" if fixed else _PATTERNS[d] for d in piece.directives)
        body += _escape(piece.literal)
    return _escape(date_format.split("%", 1)[0]) + body


def _escape(literal: str) -> str:
    return re.sub(r"([.\\+*?\[\](){}|^$/-])", r"\\\1", literal)


def _split(text: Var, literal: str) -> tuple[Var, Var]:
    """Cut each cell at the first occurrence of a literal that every cell contains."""
    cells, _ = op.string_split(op.squeeze(text, places(1)), delimiter=literal, maxsplit=1)
    return _column(cells, 0), _column(cells, 1)


def _values(cell: Var, directives: str) -> dict[str, Var]:
    if len(directives) == 1:
        return {directives: _value(cell, directives)}
    number = op.cast(cell, to=np.int64)
    values = {}
    for directive in reversed(directives):
        width = whole(10 ** _FIXED_WIDTHS[directive])
        values[directive] = op.mod(number, width)
        number = op.div(number, width)
    return values


def _value(cell: Var, directive: str) -> Var:
    if directive in "bB":
        names = [m[:3] if directive == "b" else m for m in _MONTHS]
        forms = [form for name in names for form in (name, name.upper(), name.lower())]
        months = [number for number in range(1, 13) for _ in range(3)]
        unique = dict(zip(forms, months, strict=True))
        return _look_up(cell, unique)
    if directive == "p":
        return _look_up(cell, {a + m: int(a in "Pp") for a in "AaPp" for m in "Mm"})
    return op.cast(cell, to=np.int64)


def _look_up(cell: Var, table: Mapping[str, int]) -> Var:
    return ml.label_encoder(
        cell,
        keys_tensor=np.array(list(table), dtype=np.str_),
        values_tensor=np.array(list(table.values())),
        default_tensor=np.array([0]),
    )


def _century(two_digits: Var) -> Var:
    """Read two-digit years as POSIX and Python do: 69-99 are 19xx, 00-68 are 20xx."""
    return op.add(two_digits, op.where(op.less(two_digits, whole(69)), whole(2000), whole(1900)))


def _within(value: Var, low: int | None, high: int | None) -> Var:
    checks = [] if low is None else [op.greater_or_equal(value, whole(low))]
    checks += [] if high is None else [op.less_or_equal(value, whole(high))]
    return op.and_(*checks) if len(checks) > 1 else checks[0]


def _column(table: Var, position: int) -> Var:
    return op.gather(table, places(position), axis=1)


def _double(value: Var) -> Var:
    return op.cast(value, to=np.float64)
