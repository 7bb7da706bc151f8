"""Cells that are unlike those that a model has learnt from are marked, by the file as by the model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import spox
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blend.familiar import Familiar, familiar_with
from engine.graph.columns import ColumnReader
from engine.graph.contributions import CONTRIBUTIONS
from engine.graph.session import open_session, run
from engine.graph.unlike import unlike
from engine.messages import phrase
from engine.model import open_model
from engine.table.files.names import RESERVED, unique_names
from engine.table.schema import Cells, ColumnSchema, Kind, Role
from engine.tasks import task

TOLD = phrase("test_familiar_told", "Told by a test.")()


def column(name: str, position: int, kind: Kind, cells: Cells) -> ColumnSchema:
    return ColumnSchema(name=name, original_name=name, position=position, kind=kind, cells=cells, reason=TOLD)


COLUMNS = (
    column("size", 0, Kind.NUMBER, Cells.NUMBER),
    column("remark", 1, Kind.TEXT, Cells.TEXT),
    column("price", 2, Kind.NUMBER, Cells.TEXT),
    column("town", 3, Kind.CATEGORY, Cells.TEXT),
    column("code", 4, Kind.CATEGORY, Cells.NUMBER),
)
SEEN = pd.DataFrame(
    {
        "size": [1.0, 2.0, 11.0, np.nan] * 10,
        "remark": [f"a {row}" for row in range(40)],
        "price": ["10", "20.5", None, "30"] * 10,
        "town": ["Ulm", "Ulm", "Kiel", "Kiel"] * 10,
        "code": [1.0] * 38 + [2.0, 3.0],
    }
)


def in_a_file(familiar: Familiar, frame: pd.DataFrame) -> np.ndarray:
    reader = ColumnReader(COLUMNS, familiar.levels)
    file = spox.build(inputs=reader.inputs, outputs={"unlike": unlike(familiar, reader)})
    return np.asarray(run(open_session(file.SerializeToString()), frame, COLUMNS)[0])


def test_numbers_far_outside_and_levels_never_seen_twice_are_unlike() -> None:
    familiar = familiar_with(SEEN, COLUMNS)
    rows = pd.DataFrame(
        {
            "size": [1.0, 12.0, 12.1, np.nan, -np.inf],
            "remark": ["new", "a", None, "x", "y"],
            "price": ["8", "7.9", "abc", None, "1e9"],
            "town": ["Ulm", "Bonn", None, "Kiel", "Kiel "],
            "code": [1.0, 2.0, 3.0, np.nan, 9.0],
        }
    )
    expected = [
        [False, False, False, False, False],
        [False, False, True, True, True],
        [True, False, False, False, True],
        [False, False, False, False, False],
        [True, False, True, True, True],
    ]
    assert familiar.unlike(rows, COLUMNS).tolist() == expected
    assert in_a_file(familiar, rows).tolist() == expected


def test_a_later_time_is_not_unlike() -> None:
    ordering = tuple(replace(column, role=Role.TIME) if column.name == "size" else column for column in COLUMNS)
    assert "size" in familiar_with(SEEN, COLUMNS).ranges
    assert "size" not in familiar_with(SEEN, ordering).ranges


def test_where_new_levels_are_usual_none_is_unlike() -> None:
    tickets = [*(f"P {number}" for number in range(3)), *["S 1"] * 47]
    frame = pd.DataFrame({"ticket": pd.Series(tickets, dtype="str")})
    ticket = (column("ticket", 0, Kind.CATEGORY, Cells.TEXT),)
    assert not familiar_with(frame, ticket).levels, "6 % of the rows had one of their own: so will those to come"
    frame.iloc[0] = None
    assert familiar_with(frame, ticket).levels == {"ticket": ("", "S 1")}


def test_what_nothing_is_known_of_is_never_unlike() -> None:
    assert not Familiar().unlike(SEEN, COLUMNS).any()
    assert not in_a_file(Familiar(), SEEN).any()


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.floats(), min_size=1, max_size=5),
    prices=st.lists(st.sampled_from(["", "1", "8.0", "-3e2", "999", "x", "1e99", "１２"]), min_size=1, max_size=5),
    towns=st.lists(st.text(max_size=3) | st.sampled_from(["Ulm", "Kiel"]), min_size=1, max_size=5),
    codes=st.lists(st.floats(allow_infinity=False) | st.sampled_from([1.0, 2.0]), min_size=1, max_size=5),
)
def test_the_file_marks_what_the_model_marks(
    sizes: list[float], prices: list[str], towns: list[str], codes: list[float]
) -> None:
    n = max(len(sizes), len(prices), len(towns), len(codes))
    texts = {
        name: [(cells * n)[i].replace("\0", "") or None for i in range(n)]
        for name, cells in {"price": prices, "town": towns}.items()
    }
    rows = pd.DataFrame(
        {
            "size": (sizes * n)[:n],
            "remark": pd.Series(["a"] * n, dtype="str"),
            "price": pd.Series(texts["price"], dtype="str"),
            "town": pd.Series(texts["town"], dtype="str"),
            "code": (codes * n)[:n],
        }
    )
    familiar = familiar_with(SEEN, COLUMNS)
    assert np.array_equal(in_a_file(familiar, rows), familiar.unlike(rows, COLUMNS))


def test_predictions_name_the_columns_that_are_unlike(trained) -> None:  # type: ignore[no-untyped-def]
    model = open_model(Path(trained.bundle) / "model.onnx")
    rows = pd.read_csv(trained.table, dtype=str).head(3)
    rows.loc[1, "rooms"] = "900"
    rows.loc[2, "town"] = "Atlantis"
    predicted, _ = model.predict_and_tell(rows, doubt=True)
    assert predicted["unlike"].tolist() == ["", "rooms", "town"]


def test_columns_called_like_an_output_are_renamed() -> None:
    outputs = {task.PREDICTION, task.PROBABILITIES, task.INTERVAL, task.POSSIBLE, task.UNLIKE, CONTRIBUTIONS}
    assert outputs == RESERVED
    assert unique_names(["unlike", "interval"]) == ("unlike_in", "interval_in")
