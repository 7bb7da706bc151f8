"""Orders, lists, addresses, codes and answers among texts."""

import pandas as pd
import pytest

from engine.messages import render
from engine.table.columns.kinds import find_column
from engine.table.columns.ordered import find_order
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, Role, Subkind

N = 60


def read(cells: list[str], name: str = "c") -> tuple[ColumnSchema, pd.Series]:
    raw = pd.Series((cells * N)[: max(N, len(cells))], name=name, dtype="str")
    found = find_column(raw)
    return found, canonical_cells(raw, found)


@pytest.mark.parametrize(
    "order",
    [
        ["low", "Medium", "HIGH"],
        ["low", "med", "high", "vhigh"],
        ["S", "M", "L", "XL"],
        ["small", "med", "big"],
        ["never", "rarely", "sometimes", "often", "always"],
        ["First", "Second", "Third"],
        ["cold", "warm", "hot"],
        ["bad", "fair", "good", "very good", "excellent"],
        ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"],
        ["None", "Mild", "Moderate", "Severe"],
        ["1 star", "2 stars", "5 stars"],
        ["Level 1", "Level 2", "Level 10"],
        ["★", "★★", "★★★"],
        ["under 18", "18 to 24", "25 to 64", "65 and over"],
        ["0-9", "10-19", "20-64", "65+"],
        ["$0 - $50,000", "$50,000 - $100,000", "$100,000+"],
        ["< 0 DM", "1 - 200 DM", "> 200 DM"],
        ["(0.5, 2.2]", "(2.2, 4.4]", "(4.4, 11.0]"],
        ["F", "B-", "A", "A+"],
        ["B", "BBB", "AA", "AAA"],
        ["Jan", "Feb", "Dec"],
        ["Monday", "Tuesday", "Sunday"],
        ["2023Q4", "2024Q1", "2024Q2"],
        ["High School", "Bachelor's Degree", "Master's Degree", "PhD"],
        ["niedrig", "mittel", "hoch"],
        ["低", "中", "高"],
        ["小", "中", "大"],
        ["差", "中", "良", "优"],
    ],
)
def test_orders_are_known_whatever_comes_first(order: list[str]) -> None:
    for cells in (order, order[::-1], [*order[1:], order[0]]):
        found, canonical = read(cells)
        assert (found.kind, found.subkind) == (Kind.CATEGORY, Subkind.ORDERED)
        assert list(found.order) == order
        assert set(canonical) == set(order)
        assert order[0] in render(found.reason)


@pytest.mark.parametrize(
    "levels",
    [
        ["red", "green", "blue"],
        ["A", "B", "C"],
        ["north", "south", "east"],
        ["S", "C", "Q"],
        ["single", "married", "divorced"],
        ["low", "green", "high"],
        ["yes", "no", "maybe"],
        ["0-9", "x", "y"],
        ["01069-1507", "02127-4415", "03852-7348"],
        ["489-675", "500-3269", "660-2969"],
        ["1-2 hours", "30-45 minutes", "50-59 minutes"],
    ],
)
def test_other_levels_have_no_order(levels: list[str]) -> None:
    assert find_order(pd.Series(levels, dtype="str")) == ()


def test_plain_letters_are_grades_only_by_name_and_unknown_is_no_step() -> None:
    assert read(["A", "B", "C"], "loan_grade")[0].order == ("C", "B", "A")
    found, canonical = read(["low", "high", "medium", "unknown"])
    assert found.order == ("low", "medium", "high")
    assert "unknown" in set(canonical)


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["a;b;c", "a", "b;c", "c;a", "b"], "a b c"),
        (["Action|Sci Fi", "Drama", "Sci Fi|Drama", "Action|Drama|Comedy", "Comedy"], "Action Sci Fi"),
        (["[1, 2]", "[2]", "[3, 1]", "[1, 3]", "[2, 1]"], "1 2"),
        (["['a', 'b']", "['b']", "['c', 'a']", "['a']", "['c', 'b', 'a']"], "a b"),
        (["red, blue, green", "red", "blue, green", "green, red", "red, green", "blue, red"], "red blue green"),
    ],
)
def test_lists_are_known_and_their_items_stand_apart(cells: list[str], first: str) -> None:
    found, canonical = read(cells)
    assert (found.kind, canonical.iloc[0]) == (Kind.LIST, first)
    assert canonical_cells(canonical, found).equals(canonical)


def test_an_empty_list_is_missing() -> None:
    found, canonical = read(["[1, 2]", "[]", "[2]", "[3, 1]", "[1, 3]"])
    assert found.n_missing == int(canonical.isna().sum()) == 12


@pytest.mark.parametrize(
    "cells",
    [
        ["Paris, France", "Berlin, Germany", "Rome, Italy", "Lyon, France", "Bonn, Germany"],
        [f"Name{i}, Mr. X{i}" for i in range(N)],
    ],
)
def test_commas_alone_make_no_list(cells: list[str]) -> None:
    assert read(cells)[0].kind is not Kind.LIST


@pytest.mark.parametrize(
    ("cells", "subkind"),
    [
        ([f"https://example.org/{i}?q=a" for i in range(N)], Subkind.URL),
        (["https://a.org/c", "http://b.org/d"], Subkind.URL),
        ([f"www.site{i}.org/page" for i in range(N)], Subkind.URL),
        ([f"shop{i}.co.uk" for i in range(N)], Subkind.URL),
        ([f"first.last{i}@mail.example.com" for i in range(N)], Subkind.EMAIL),
    ],
)
def test_addresses_are_known(cells: list[str], subkind: Subkind) -> None:
    found, _ = read(cells)
    assert (found.kind, found.subkind, found.role) == (Kind.LINK, subkind, Role.FEATURE)


def test_few_domains_that_repeat_are_classes() -> None:
    assert read(["gmail.com", "yahoo.com", "gmx.de"])[0].kind is Kind.CATEGORY


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("patient_id", [str(i // 5) for i in range(300)]),
        ("patient_id", [f"P{i // 5:04d}" for i in range(300)]),
        ("session", [f"{i // 3:08x}-1111-2222-3333-{i // 3:012x}" for i in range(300)]),
        ("mobile", [str(13_500_000_000 + i * 7919 % 10_007) for i in range(N)]),
        ("c", [str(13_500_000_000 + i * 7919 % 10_007) for i in range(N)]),
        ("phone", [f"+49 {i} 1234{i}" for i in range(N)]),
        ("id_client", [str(i * i) for i in range(N)]),
        ("学号", [str(2024_0000 + i * 7) for i in range(N)]),
    ],
)
def test_ids_are_left_out_also_where_they_repeat(name: str, cells: list[str]) -> None:
    found, _ = read(cells, name)
    assert (found.kind, found.role) == (Kind.ID, Role.IGNORED)


def test_ids_of_a_few_things_and_places_are_classes() -> None:
    assert read([str(i % 10) for i in range(300)], "store_id")[0].kind is Kind.CATEGORY
    assert read([str(10_000 + i % 40) for i in range(300)], "postal_code")[0].kind is Kind.CATEGORY


@pytest.mark.parametrize(
    ("cells", "levels"),
    [
        (["yes", "Y", "1", "true", "no", "0", "N"], 2),
        (["有", "无"], 2),
        (["ja", "nein", "keine Angabe"], 2),
        (["TRUE", "False", "false", "T"], 2),
    ],
)
def test_mixed_answers_become_two(cells: list[str], levels: int) -> None:
    found, canonical = read(cells)
    assert (found.kind, found.n_distinct, canonical.nunique()) == (Kind.YES_NO, levels, levels)


def test_small_counts_are_numbers_and_codes_are_asked_about() -> None:
    counts = [str(n) for n, times in enumerate((40, 12, 4, 2, 1)) for _ in range(times)]
    found, _ = read(counts)
    assert (found.kind, found.cells) == (Kind.NUMBER, Cells.NUMBER)
    assert found.probability >= 0.8
    assert read(["3", "4", "5"])[0].probability < 0.8
    assert read(["3", "4", "5"], "rating")[0].probability >= 0.8


def test_one_value_or_nothing() -> None:
    found, _ = read(["x", ""])
    assert found.kind is Kind.CATEGORY
    assert "or nothing" in render(found.reason)
