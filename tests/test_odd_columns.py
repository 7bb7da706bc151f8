"""Tables with odd names and odd cells: what goes into a graph must be the same whoever made the table."""

import io
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from engine import ExperimentConfig, run_experiment
from engine.errors import ConfigError
from engine.events import CandidateFailed, Event, of_kind
from engine.features.levels import fit_levels, levels_of
from engine.features.text_terms import term_table
from engine.graph.contributions import CONTRIBUTIONS, with_contributions
from engine.graph.session import open_session
from engine.graph.text import fit_terms
from engine.messages import Message
from engine.model import open_model
from engine.run.question import settle_question
from engine.search.validation import ValidationSettings
from engine.table.columns.kinds import find_column
from engine.table.reading import read_table
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind
from exporters.bundle import golden
from exporters.mlflow_code.tablewright_loader import Predictor
from exporters.predictor import reading
from exporters.predictor.predict import Model
from exporters.service.serve_app import Service
from tests.tables import write

N = 160
QUICK = ValidationSettings(n_folds=3, n_repeats=1)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A table whose columns are called as parts of graphs are, with texts of several lines."""
    generator = np.random.default_rng(0)
    size = generator.normal(size=N)
    words = np.array(["calm", "loud", "near", "far", "old", "new"])
    said = [" ".join(generator.choice(words, 4)) + f"\nlift {n}" for n in range(N)]
    frame = pd.DataFrame(
        {
            "features": size,
            "contributions": generator.normal(size=N),
            "terms": said,
            "unsure": generator.normal(size=N),
            "y": np.where(size + generator.normal(scale=0.3, size=N) > 0, "yes", "no"),
        }
    )
    frame.to_csv(tmp_path / "odd.csv", index=False)
    return tmp_path / "odd.csv"


def test_no_name_of_a_column_clashes_with_what_a_graph_calls_its_own(odd: Path, tmp_path: Path) -> None:
    dataset = read_table(odd)
    assert [column.name for column in dataset.schema.columns] == [
        "features",
        "contributions_in",
        "terms",
        "unsure",
        "y",
    ]
    assert dataset.schema["terms"].kind is Kind.TEXT
    events: list[Event] = []
    asked = ExperimentConfig(target="y", candidates=2, families=("linear", "lightgbm"), validation=QUICK)
    outcome = run_experiment(dataset, asked, folder=tmp_path / "run", emit=events.append)
    assert not of_kind(events, CandidateFailed)
    assert outcome.progress.prepared is not None
    inputs = open_model(outcome.model_path).columns
    file = with_contributions(outcome.model_path, inputs, outcome.progress.prepared.task, {})
    names = [each.name for each in open_session(file).get_outputs()]
    assert CONTRIBUTIONS in names
    assert "contributions_in" in [each.name for each in open_session(file).get_inputs()]
    # Who predicts with the file finds the columns of the table as they are called there.
    rows, path = pd.read_csv(odd), outcome.model_path
    answers = open_model(path).predict(rows)["prediction"].tolist()
    mlflow = Predictor(path, lambda cell, column: reading.canonical(reading.as_text(cell, column), column))
    assert mlflow.predict(rows)["prediction"].tolist() == answers
    service = Service(Model(path), path, most_rows=N, log=None, examples=[])
    form = {"separator": None, "header": True, "doubt": True}
    body = service.answer_csv(odd.read_bytes(), form).body
    made = pd.read_csv(io.BytesIO(bytes(body)))
    assert made["prediction"].tolist() == answers
    assert made["unsure_in"].tolist() == rows["unsure"].tolist()


def test_line_breaks_tabs_and_several_spaces_divide_words() -> None:
    texts = ["near the\nstation, quiet", "near\tthe  lake, loud", "far from\u00a0the station"]
    raw = pd.Series([f"{text} {n}" for n in range(30) for text in texts], name="remark", dtype="str")
    found = find_column(raw)
    assert found.kind is Kind.TEXT
    assert canonical_cells(raw, found).head(3).tolist() == [
        "near the station, quiet 0",
        "near the lake, loud 0",
        "far from the station 0",
    ]
    plain = find_column(raw.str.replace(r"\s+", " ", regex=True))
    assert plain.rules.separators == ""


def test_the_graph_sees_the_same_pairs_of_words_however_many_spaces_stand_between() -> None:
    terms = fit_terms(["good  day", "good day", "bad day", "bad night"], max_terms=50)
    assert terms is not None
    assert "good day" in terms.names
    column = ColumnSchema(
        name="terms", original_name="terms", position=0, kind=Kind.TEXT, cells=Cells.TEXT, reason=Message("none")
    )
    table = term_table(pd.DataFrame({"terms": ["good  day", " good day "]}, dtype="str"), column, terms)
    assert (table[0] == table[1]).all()
    assert table[0, terms.names.index("good day")] > 0


def test_minus_zero_and_zero_are_one_level() -> None:
    column = ColumnSchema(
        name="code", original_name="code", position=0, kind=Kind.CATEGORY, cells=Cells.NUMBER, reason=Message("none")
    )
    cells = pd.Series([-0.0, 0.0, 1.0, -0.0, 1.0, 0.0], name="code")
    assert set(levels_of(cells, Cells.NUMBER)) == {"0.0", "1.0"}
    assert list(levels_of(cells.tail(1), Cells.NUMBER)) == list(levels_of(cells.head(1), Cells.NUMBER))
    found = fit_levels(cells.to_frame(), (column,), min_count=1)
    assert found is not None
    assert found.vocabularies["code"] == ("0.0", "1.0")


@pytest.mark.parametrize(
    ("largest", "centre", "words"),
    [
        (1e39, 0.0, "larger than a file can tell"),
        (1.0, 3e8, "Subtract a fixed number from the column, such as 3000000"),
    ],
)
def test_a_target_beyond_single_precision_is_refused_in_words(
    largest: float, centre: float, words: str, tmp_path: Path
) -> None:
    y = centre + 10 * np.random.default_rng(0).normal(size=N)
    y[3] *= largest
    pd.DataFrame({"x": np.arange(N) % 7, "y": y}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ConfigError, match=words):
        settle_question(read_table(tmp_path / "t.csv"), ExperimentConfig(target="y"))


def test_typed_cells_of_a_table_say_what_its_file_says(tmp_path: Path) -> None:
    """Lists, decimals and lengths of time: in the file, in a table of pandas, and one by one in a bundle."""
    generator = np.random.default_rng(3)
    tags = [sorted(generator.choice(["red", "blue", "green"], 2, replace=False).tolist()) for _ in range(N)]
    table = pa.table(
        {
            "tags": pa.array(tags),
            "price": pa.array([Decimal(int(cents)) / 1000 for cents in generator.integers(1, 99_999, N)]).cast(
                pa.decimal128(10, 3)
            ),
            "lasted": pa.array([timedelta(minutes=int(each)) for each in generator.integers(1, 999, N)]),
            "y": pa.array(generator.normal(size=N)),
        }
    )
    parquet.write_table(table, tmp_path / "typed.parquet")
    dataset, rows = read_table(tmp_path / "typed.parquet"), pd.read_parquet(tmp_path / "typed.parquet")
    german = read_table(write(tmp_path, "preis;ort\n" + "1.234,50;a\n80,25;b\n" * 20)).schema["preis"]
    columns = [dataset.schema[name] for name in ("tags", "price", "lasted")]
    for column, kept in [*((each, dataset.frame[each.name]) for each in columns), (german, None)]:
        raw = rows["price" if kept is None else column.name]
        made = canonical_cells(raw.astype(object), column).tolist()
        plain = json.loads(json.dumps(column.to_json()))
        one_by_one = [reading.canonical(reading.as_text(cell, plain), plain) for cell in raw]
        assert made == one_by_one
        assert made == ([repr(float(cell)) for cell in raw] if kept is None else kept.tolist())


def test_answers_that_only_look_alike_have_columns_of_their_own_in_a_bundle(tmp_path: Path) -> None:
    """µ (micro) and μ (Greek) are two answers in a file, and one name for Python."""
    size = np.random.default_rng(1).normal(size=N)
    frame = pd.DataFrame({"size": size, "unit": np.select([size < -0.5, size < 0.5], ["\u00b5g", "\u03bcg"], "mg")})
    frame.to_csv(tmp_path / "units.csv", index=False)
    asked = ExperimentConfig(target="unit", candidates=1, families=("linear",), validation=QUICK)
    outcome = run_experiment(read_table(tmp_path / "units.csv"), asked, folder=tmp_path / "run")
    recorded = golden(open_model(outcome.model_path), seed=0)
    assert len(recorded["expected"][0]) == len(recorded["outputs"])
    assert {"probability_\u00b5g", "probability_\u03bcg"} <= set(recorded["outputs"])
