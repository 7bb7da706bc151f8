"""The bundle's script reads cells as the engine does, whatever rules a column has and whatever stands in a cell."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages import Message
from engine.table.rules import RANGE, canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules
from exporters.golden import reading_cases
from exporters.predictor import reading as script

COLUMN = ColumnSchema(
    name="x", original_name="x", position=0, kind=Kind.NUMBER, cells=Cells.TEXT, reason=Message("none")
)
UNITS = ("€", "kg", "g", "k", "%", "sq. ft", "m²", "万", "+")
NUMBER_RULES = st.builds(
    ReadingRules,
    number=st.just(value=True),
    missing=st.sampled_from([(), ("na", "-", "k.a.")]),
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from(["", ",", ".", " ", "'"]),
    prefixes=st.lists(st.sampled_from(["$", "€", "rs.", "<", ">=", "~", "ca."]), max_size=3, unique=True).map(tuple),
    suffixes=st.lists(st.sampled_from(UNITS), max_size=2, unique=True).map(tuple),
    factors=st.dictionaries(st.sampled_from(UNITS), st.sampled_from([0.001, 1000.0, 1e4, 10.7639]), max_size=2).map(
        lambda factors: tuple(factors.items())
    ),
    parentheses_negative=st.booleans(),
    trailing_minus=st.booleans(),
    ranges=st.booleans(),
    dash_zero=st.booleans(),
    missing_numbers=st.sampled_from([(), (999.0,)]),
    lowest=st.sampled_from([None, -5.0]),
)
NUMBER_PIECES = [
    *"0 1 12 345 999 1.5 1,5 1.234 1,234 1,23,456 1.234,5 1'234 1’234 1 234 １２３．５ −7 –7 5- 2e3 31.02.2020".split(
        " "
    ),
    *UNITS,
    *"- + $ € ( ) . , to – — ~ ～ < >= ca. Rs. KG Sq. ¼ na x".split(),
    " ",
    "\u00a0",
    "\u3000",
]
NUMBER_CELLS = st.lists(st.sampled_from(NUMBER_PIECES), max_size=5).map("".join)

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y", "%d. %b %Y", "%Y年%m月%d日")
MOMENTS = (
    "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "excel", "%H:%M", "%I:%M:%S %p", "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f %z", "%d%b%Y", "%a, %d %b %Y %H:%M:%S %z",
)  # fmt: skip
DATE_RULES = st.builds(
    ReadingRules,
    moments=st.lists(st.sampled_from(MOMENTS), max_size=3, unique=True).map(tuple),
    words=st.sampled_from([(), (("märz", "Mar"), ("de", ""), ("utc", "Z"), ("a.m", "AM"), ("sept", "Sep"))]),
)
DATE_CELLS = st.one_of(
    st.sampled_from(
        "13:45 1:05:00 PM|1:05:00 a.m.|24:00|2024-01-31T08:30:00Z|2024-01-31T08:30:00+02:00|2024-01-31T08:30:00+0530"
        "|2024-01-31T08:30:00-03|2024-02-30T08:30:00Z|2024-01-31 08:30:00.1234567 +0000|2024-01-31 08:30:00.5 UTC"
        "|2024-01-31 08:30:00.1234567|Wed, 31 Jan 2024 08:30:00 +0200|01JAN2024"
        "|3. März 2024|5 de Sept. de 2024|Sept. 5, 2024|29.02.2023|29.02.2024"
        "|2024年2月29日|2024-01-31T08:30:00+99:00|-2024-01-01|31.13.2024|yesterday|44561|44561.75|2024-01-31".split("|")
    ),
    st.integers(-5, 2 * 10**18).map(str),
    st.integers(0, 4 * 10**9).map(str),
    st.floats(0, 4e9).map(lambda seconds: f"{seconds:.3f}"),
    st.datetimes().map(str),
    st.sampled_from(
        "3.  Jan 2024| 3. Jan  2024|3.\u00a0Jan 2024|3. 4.2024|03. 4.2024|2024-01-31  8:05:3|0999-1-1  1:1:1".split("|")
    ),
    st.text("0123456789:-+TZ. ", max_size=26),
)


def agree(column: ColumnSchema, cells: list[str]) -> None:
    told = json.loads(json.dumps(column.to_json()))
    theirs = [script.canonical(cell, told) for cell in cells]
    ours = canonical_cells(pd.Series(cells, dtype="str"), column)
    assert theirs == ["" if cell is None or cell != cell else cell for cell in ours]
    assert ColumnSchema.from_json(told) == column


@settings(deadline=None, derandomize=True, max_examples=300)
@given(rules=NUMBER_RULES, cells=st.lists(NUMBER_CELLS, min_size=1, max_size=30))
def test_numbers_are_read_alike(rules: ReadingRules, cells: list[str]) -> None:
    agree(replace(COLUMN, rules=rules), cells)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    rules=DATE_RULES,
    formats=st.lists(st.sampled_from(FORMATS), min_size=1, max_size=3, unique=True).map(tuple),
    cells=st.lists(DATE_CELLS, min_size=1, max_size=20),
)
def test_dates_are_read_alike(rules: ReadingRules, formats: tuple[str, ...], cells: list[str]) -> None:
    agree(replace(COLUMN, kind=Kind.DATE, rules=rules, date_formats=formats), cells)


@settings(deadline=None, derandomize=True)
@given(st.sampled_from([",", ";", "|", "[,']", "#^-\\"]), st.lists(st.text(" a'[]b,;|#^\\-x", max_size=12), min_size=1))
def test_lists_are_read_alike(separators: str, cells: list[str]) -> None:
    agree(replace(COLUMN, kind=Kind.LIST, rules=ReadingRules(separators=separators)), cells)


DATES = ("%Y-%m-%d %H:%M:%S", "%d. %b %Y")
CASES = {
    "units": ReadingRules(number=True, suffixes=("kg",), factors=(("g", 0.001),), ranges=True, prefixes=("<",)),
    "crores": ReadingRules(number=True, thousands=",", factors=(("crore", 1e7),), trailing_minus=True),
    "accounts": ReadingRules(number=True, decimal=",", thousands=".", suffixes=("€",), dash_zero=True),
    "moments": ReadingRules(moments=("epoch_ms", "%H:%M", "%Y-%m-%dT%H:%M:%S%z"), words=(("mai", "May"),)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_cases_in_the_bundle_try_every_rule(name: str) -> None:
    """A twin that lacks one of the rules fails on at least one case."""
    rules = CASES[name]
    kind = Kind.DATE if rules.moments else Kind.NUMBER
    column = replace(COLUMN, kind=kind, rules=rules, date_formats=DATES if rules.moments else ())
    cases = reading_cases([column])
    told = json.loads(json.dumps(column.to_json()))
    assert all(script.canonical(case["raw"], told) == case["canonical"] for case in cases)
    without = ReadingRules()
    fields = "suffixes factors ranges prefixes thousands trailing_minus dash_zero moments words"
    for field in fields.split():
        if getattr(rules, field) == getattr(without, field):
            continue
        lacking = {**told, "rules": {**told["rules"], field: getattr(without, field)}}
        assert any(script.canonical(case["raw"], lacking) != case["canonical"] for case in cases), field


def test_typed_numbers_are_not_mistaken_for_thousands() -> None:
    rules = ReadingRules(number=True, decimal=",", thousands=".")
    found = canonical_cells(pd.Series([1.234, 7.25, np.nan]), replace(COLUMN, rules=rules))
    assert found.tolist()[:2] == ["1.234", "7.25"]
    assert found.isna().tolist() == [False, False, True]


def test_ranges_are_looked_for_in_short_cells_only_so_that_none_takes_for_ever() -> None:
    assert script.RANGE.pattern == RANGE.pattern
    assert RANGE.findall("-5 - 10 kg to 20 kg") == [("-5 - 10 kg", "20 kg")]
    assert RANGE.search("1" * 250_000 + "x") is None
    assert RANGE.search("5-" * 50_000 + "6") is None
