"""Tables larger than memory: read, drawn from and profiled block by block, with what reading them whole gives."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.checks.check import Case
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import TableError
from engine.messages import render
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.table.dataset import Dataset
from engine.table.files import regular
from engine.table.inspection import inspect_table
from engine.table.large.blocks import blocks
from engine.table.large.drawing import Drawing
from engine.table.large.figures import profile_all
from engine.table.profile import profile
from engine.table.reading import read_table
from engine.table.schema import Role

N_ROWS = 6_000
SMALL = 700_000.0  # bytes: 6,000 rows of 6 columns count as too large


def made_up(n_rows: int = N_ROWS, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size = random.normal(50, 10, n_rows).round(2)
    colour = random.choice(["red", "green", "blue"], n_rows, p=[0.6, 0.3, 0.1])
    size[random.random(n_rows) < 0.1] = np.nan
    rare = random.random(n_rows) < 0.004 + 0.03 * (np.nan_to_num(size) > 62)
    return pd.DataFrame(
        {
            "size": size,
            "step": random.integers(0, 40, n_rows),
            "colour": colour,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, n_rows), "D"),
            "weight": random.gamma(2, 3, n_rows).round(3),
            "answer": np.where(rare, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("parts")
    frame = made_up()
    for number, first in enumerate((0, 2_500, 4_000)):
        last = (2_500, 4_000, N_ROWS)[number]
        table = pa.Table.from_pandas(frame.iloc[first:last], preserve_index=False)
        parquet.write_table(table, place / f"part-{number}.parquet", row_group_size=900)
    (place / "_SUCCESS").write_text("", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def large(folder: Path) -> Dataset:
    return read_table(folder, most_bytes=SMALL)


@pytest.fixture(scope="module")
def small(folder: Path) -> Dataset:
    return read_table(folder)


def drawing_of(dataset: Dataset, **settings: object) -> Drawing:
    config = ExperimentConfig(target="answer", **settings)  # type: ignore[arg-type]
    return Drawing(dataset=dataset, config=config, target="answer", of_classes=True)


def test_a_folder_that_fits_is_one_table_and_a_larger_one_stays_on_disk(small: Dataset, large: Dataset) -> None:
    assert (small.n_rows, small.whole) == (N_ROWS, None)
    assert large.n_rows < N_ROWS / 2
    assert large.n_rows_in_all == N_ROWS
    assert "6,000 rows" in render(large.done_to_the_file[0])
    assert not any("rows drawn at random" in render(each) for each in small.done_to_the_file)
    assert [(c.name, c.kind, c.cells) for c in large.schema.columns] == [
        (c.name, c.kind, c.cells) for c in small.schema.columns
    ]


def test_blocks_hold_the_cells_that_reading_everything_gives(small: Dataset, large: Dataset) -> None:
    assert large.whole is not None
    together = pd.concat([block.cells() for block in blocks(large.whole, large.schema)], ignore_index=True)
    pd.testing.assert_frame_equal(together, small.frame)


def test_figures_are_those_of_all_rows(small: Dataset, large: Dataset) -> None:
    found = inspect_table(large, ExperimentConfig(target="answer"))
    assert found.n_rows == N_ROWS
    for ours, theirs in zip(found.profile, profile(small), strict=True):
        assert (ours.name, ours.n_missing, ours.n_distinct) == (theirs.name, theirs.n_missing, theirs.n_distinct)
        assert (ours.minimum, ours.maximum) == (theirs.minimum, theirs.maximum)
        assert dict(ours.top) == dict(theirs.top)
        assert np.abs(np.array(ours.histogram) - np.array(theirs.histogram)).sum() <= 0.04 * N_ROWS
    by_name = {each.name: each for each in found.profile}
    assert by_name["size"].median == pytest.approx(made_up()["size"].median(), abs=0.2)
    assert by_name["step"].median == pytest.approx(made_up()["step"].median(), abs=1)
    assert by_name["day"].median == str(made_up()["day"].median().date()) or str(by_name["day"].median)[:7]


def test_what_a_person_changes_reaches_all_rows(large: Dataset) -> None:
    known = replace(large, figures=profile_all(large, ExperimentConfig()))
    choice = {"colour": ColumnChoice(missing=("blue",))}
    changed = {each.name: each for each in profile_all(known, ExperimentConfig(columns=choice))}
    assert changed["colour"].n_missing == int((made_up()["colour"] == "blue").sum())
    assert changed["step"] is next(each for each in known.figures if each.name == "step")


def test_a_large_text_file_stays_on_disk_too_and_survives_being_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular, "_LEAST_BYTES", 50_000)  # shorter files are held in memory in any case
    frame = made_up(12_000).drop(columns="day")
    path = tmp_path / "large.csv"
    frame.to_csv(path, index=False)
    found = read_table(path, most_bytes=400_000.0)
    whole = read_table(path)
    assert found.n_rows_in_all == whole.n_rows == 12_000 > found.n_rows
    (tmp_path / "kept").mkdir()
    found.save(tmp_path / "kept")
    del found
    kept = Dataset.load(tmp_path / "kept")
    assert kept.whole is not None
    together = pd.concat([block.cells() for block in blocks(kept.whole, kept.schema)], ignore_index=True)
    pd.testing.assert_frame_equal(together, whole.frame)


def test_an_empty_column_does_not_move_the_others_of_a_large_text_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular, "_LEAST_BYTES", 50_000)
    frame = made_up(12_000)[["size", "step", "answer"]]
    frame.insert(1, "", np.nan)
    path = tmp_path / "large.csv"
    frame.to_csv(path, index=False)
    found = read_table(path, most_bytes=400_000.0)
    assert [column.position for column in found.schema.columns] == [0, 2, 3]
    assert found.whole is not None
    together = pd.concat([block.cells() for block in blocks(found.whole, found.schema)], ignore_index=True)
    pd.testing.assert_frame_equal(together, read_table(path).frame)


def test_files_that_change_or_do_not_belong_together_are_told(tmp_path: Path, large: Dataset) -> None:
    with pytest.raises(TableError, match="without Parquet files"):
        read_table(tmp_path)
    frame = made_up(2_000)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.drop(columns="day").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(TableError, match="other columns"):
        read_table(tmp_path)
    (tmp_path / "b.parquet").unlink()
    found = read_table(tmp_path, most_bytes=50_000.0)
    made_up(1_500).to_parquet(tmp_path / "a.parquet")
    assert found.whole is not None
    with pytest.raises(TableError, match="was changed or taken away"):
        found.whole.refuse_changes()
    assert large.whole is not None
    large.whole.refuse_changes()


def test_the_rare_answer_is_drawn_whole_and_weighs_less(large: Dataset) -> None:
    drawing = drawing_of(large)
    made = drawing.draw(drawing.plan(1_000))
    truth = made_up()["answer"]
    drawn = made.drawn
    assert drawn is not None
    assert drawn.weight is not None
    assert (made.frame["answer"].to_numpy() == truth.to_numpy()[drawn.rows]).all()
    assert int((made.frame["answer"] == "yes").sum()) == int((truth == "yes").sum())
    n_search = len(drawn.rows) - drawn.n_held - drawn.n_compared
    assert 800 < n_search < 1_200
    assert len(set(drawn.rows.tolist())) == len(drawn.rows)
    of_search = made.frame["answer"].to_numpy()[:n_search] == "yes"
    left = np.ones(N_ROWS, bool)
    left[drawn.rows[n_search:]] = False
    share = np.average(of_search, weights=drawn.weight[:n_search])
    assert share == pytest.approx((truth[left] == "yes").mean(), rel=0.15)
    assert of_search.mean() > 3 * share
    again = drawing_of(large).draw(drawing.plan(1_000))
    assert again.drawn is not None
    assert (again.drawn.rows == drawn.rows).all()


def test_answers_that_are_not_rare_are_drawn_evenly(large: Dataset) -> None:
    config = ExperimentConfig(target="colour")
    drawing = Drawing(dataset=large, config=config, target="step", of_classes=False)
    made = drawing.draw(drawing.plan(1_000))
    assert made.drawn is not None
    assert made.drawn.weight is None


def test_the_last_rows_in_time_are_held_out_and_groups_stay_together(large: Dataset) -> None:
    in_time = drawing_of(large, columns={"day": ColumnChoice(role=Role.TIME)}, holdout=0.1)
    made = in_time.draw(in_time.plan(1_000))
    assert made.drawn is not None
    days = pd.to_datetime(made.frame["day"])
    assert days.iloc[-made.drawn.n_held :].min() > days.iloc[: -made.drawn.n_held].max()
    by_group = drawing_of(large, columns={"step": ColumnChoice(role=Role.GROUP)}, holdout=0.2)
    made = by_group.draw(by_group.plan(1_000))
    assert made.drawn is not None
    held = set(made.frame["step"].iloc[-made.drawn.n_held :])
    assert held
    assert not held & set(made.frame["step"].iloc[: -made.drawn.n_held - made.drawn.n_compared])


def test_rows_are_divided_as_they_were_drawn(large: Dataset) -> None:
    drawing = drawing_of(large)
    made = drawing.draw(drawing.plan(1_000))
    assert made.drawn is not None
    question = settle_question(made, drawing.config)
    data, _plan = divide_rows(question, drawing.config)
    assert data.compared is not None
    assert (len(data.holdout.y), len(data.compared.y)) == (made.drawn.n_held, made.drawn.n_compared)
    assert data.train.weight is not None
    assert len(data.train.y) + len(data.holdout.y) + len(data.compared.y) == made.n_rows
    assert Case(dataset=question.dataset, task=question.task, config=drawing.config).dataset.n_rows == made.n_rows
