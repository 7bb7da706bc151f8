"""What would change it: a planted change is found, the nearest comes first, and limits are never broken."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.insight.allowed import Allowed, Limits, position_of
from engine.insight.counterfactuals import Goal, counterfactuals
from engine.table.schema import Cells, Kind
from tests.asking import column, deciding, drawn, numbers, predicting

ROWS = drawn(300, "a", "b").assign(town=["Ulm", "Bonn", "Kiel"] * 100, n=[float(i % 9) for i in range(300)])
COLUMNS = (*numbers("a", "b", "n"), column("town", Kind.CATEGORY))
ROW = {"a": 0.2, "b": 0.3, "town": "Bonn", "n": 2.0}
ANY = Limits(columns={name: Allowed() for name in ROW})
YES = Goal(answer="yes")


def test_the_one_column_that_flips_it_is_found_and_changed_no_more_than_needed() -> None:
    asked = deciding(COLUMNS, lambda rows: 0.2 + 0.6 * (rows["a"] >= 0.7))
    found = counterfactuals(asked, ROW, ROWS, YES, ANY)
    (change,) = found.nearest
    assert set(change.cells) == {"a"}
    assert change.cells["a"] == pytest.approx(0.7, abs=0.01)
    assert change.prediction == "yes"


def test_one_column_comes_before_two_and_a_needless_second_one_is_not_named() -> None:
    asked = deciding(
        COLUMNS, lambda rows: 0.1 + 0.3 * (rows["a"] > 0.5) + 0.3 * (rows["b"] > 0.5) + 0.6 * (rows["town"] == "Kiel")
    )
    found = counterfactuals(asked, ROW, ROWS, YES, ANY)
    assert [set(change.cells) for change in found.nearest] == [{"town"}, {"a", "b"}]


def test_two_columns_are_found_where_one_is_not_enough() -> None:
    asked = deciding(COLUMNS, lambda rows: 0.1 + 0.3 * (rows["a"] > 0.5) + 0.3 * (rows["town"] == "Ulm"))
    (change,) = counterfactuals(asked, ROW, ROWS, YES, ANY).nearest
    assert set(change.cells) == {"a", "town"}
    alone = Limits(columns=ANY.columns, most_changed=1)
    assert counterfactuals(asked, ROW, ROWS, YES, alone).nearest == ()


def test_a_number_is_brought_over_a_limit_and_the_best_is_told_where_it_cannot_be() -> None:
    asked = predicting(COLUMNS, lambda rows: 10 * rows["a"] + rows["n"])
    found = counterfactuals(asked, ROW, ROWS, Goal(number=9.0), ANY)
    assert all(change.outcome >= 9.0 for change in found.nearest)
    assert found.nearest[0].outcome < 9.1, "no more than needed"
    beyond = counterfactuals(asked, ROW, ROWS, Goal(number=30.0), ANY)
    assert beyond.nearest == ()
    assert beyond.best is not None
    assert beyond.best.outcome == pytest.approx(10 * ROWS["a"].max() + 8)
    lower = counterfactuals(asked, ROW, ROWS, Goal(number=1.0, upwards=False), ANY)
    assert lower.nearest[0].outcome <= 1.0


def test_what_is_already_so_needs_no_change_and_what_may_not_change_is_left() -> None:
    asked = deciding(COLUMNS, lambda rows: 0.6 + 0.3 * rows["a"])
    assert counterfactuals(asked, ROW, ROWS, YES, ANY).nearest == ()
    no = counterfactuals(asked, ROW, ROWS, Goal(answer="no"), Limits(columns={}))
    assert (no.nearest, no.best) == ((), None)


def test_only_the_allowed_values_are_tried() -> None:
    asked = deciding(COLUMNS, lambda rows: 0.2 + 0.6 * (rows["town"] == "Kiel"))
    only = Limits(columns={"town": Allowed(values=("Ulm",))})
    assert counterfactuals(asked, ROW, ROWS, YES, only).nearest == ()
    both = Limits(columns={"town": Allowed(values=("Ulm", "Kiel"))})
    assert counterfactuals(asked, ROW, ROWS, YES, both).nearest[0].cells == {"town": "Kiel"}


def test_dates_may_only_move_later() -> None:
    days = pd.date_range("2024-01-01", periods=100).strftime("%Y-%m-%d").astype("str")
    on = column("on", Kind.DATE, date_formats=("%Y-%m-%d",))
    asked = deciding((on,), lambda rows: 0.2 + 0.6 * (rows["on"] < "2024-02-01"))
    rows, row = pd.DataFrame({"on": days}), {"on": "2024-02-10"}
    assert counterfactuals(asked, row, rows, YES, Limits(columns={"on": Allowed(direction=1)})).nearest == ()
    earlier = counterfactuals(asked, row, rows, YES, Limits(columns={"on": Allowed(direction=-1)}))
    assert str(earlier.nearest[0].cells["on"]) < "2024-02-01"


DIRECTIONS = st.sampled_from([-1, 0, 1])


@settings(max_examples=60, deadline=None)
@example(  # the row itself is beyond the limit: so is what lies halfway back to it
    direction={"a": -1, "n": 0, "t": 0},
    lowest=None,
    highest=0.0,
    towns=set(),
    changed={"a"},
    most=1,
    weights=(-1.0, 0.0, 0.0),
    start=(1.0, 0),
)
@given(
    direction=st.fixed_dictionaries({"a": DIRECTIONS, "n": DIRECTIONS, "t": DIRECTIONS}),
    lowest=st.one_of(st.none(), st.floats(-1, 1)),
    highest=st.one_of(st.none(), st.floats(0, 2)),
    towns=st.sets(st.sampled_from(["Ulm", "Bonn", "Kiel"])),
    changed=st.sets(st.sampled_from(["a", "n", "t", "town"])),
    most=st.integers(0, 3),
    weights=st.tuples(*[st.floats(-3, 3)] * 3),
    start=st.tuples(st.one_of(st.none(), st.floats(0, 1)), st.integers(0, 8)),
)
def test_limits_are_never_broken(
    direction: dict[str, int],
    lowest: float | None,
    highest: float | None,
    towns: set[str],
    changed: set[str],
    most: int,
    weights: tuple[float, float, float],
    start: tuple[float | None, int],
) -> None:
    columns = (*numbers("a", "n"), column("t", Kind.NUMBER, Cells.TEXT), column("town", Kind.CATEGORY))
    rows = ROWS.iloc[:60].assign(t=[repr(float(i % 7)) for i in range(60)])
    tried: list[pd.DataFrame] = []

    def formula(table: pd.DataFrame) -> np.ndarray:
        tried.append(table)
        score = weights[0] * table["a"].fillna(0) + weights[1] * table["n"] / 8 + weights[2] * (table["town"] == "Kiel")
        return np.asarray(1 / (1 + np.exp(-score - table["t"].astype(float) / 7)))

    own = {
        "a": Allowed(direction=direction["a"], lowest=lowest, highest=highest),
        "n": Allowed(direction=direction["n"], whole=True),
        "t": Allowed(direction=direction["t"], whole=True, highest=6.0),
        "town": Allowed(values=tuple(sorted(towns))),
    }
    limits = Limits(columns={name: own[name] for name in sorted(changed)}, most_changed=most)
    row = {"a": start[0], "n": float(start[1]), "t": "3.0", "town": "Bonn"}
    found = counterfactuals(deciding(columns, formula), row, rows, YES, limits)
    for change in [*found.nearest, *([found.best] if found.best else [])]:
        assert set(change.cells) <= changed
        assert 0 < len(change.cells) <= most
    for table in tried:
        for name in ("a", "n", "t"):
            before = position_of(row[name], next(each for each in columns if each.name == name))
            for after in pd.to_numeric(table[name]):
                same = after == before or (np.isnan(after) and np.isnan(before))
                assert same or (name in changed and own[name].admits(before, float(after)))
        assert set(table["town"]) <= {
            "Bonn",
            *(towns if "town" in changed and towns else ROWS["town"] if "town" in changed else ()),
        }
