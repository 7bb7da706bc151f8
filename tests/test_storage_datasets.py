"""Tables in a workspace."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from engine.errors import InputError
from engine.messages import Message
from engine.table.dataset import Dataset
from engine.table.fingerprint import fingerprint
from engine.table.reading import read_raw
from engine.table.schema import Cells, ColumnSchema, Kind, TableSchema
from storage.datasets import DatasetStore
from storage.workspace import open_workspace


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatasetStore]:
    with open_workspace(tmp_path) as place:
        yield place.datasets


def table() -> Dataset:
    frame = pd.DataFrame({"größe": [1.5, None, -0.0], "Stadt": pd.Series(["Köln", None, "东京"], dtype="str")})
    reason = Message("test_reason", {"n": 1})
    columns = (
        ColumnSchema(
            name="größe", original_name="größe", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=reason
        ),
        ColumnSchema(
            name="Stadt", original_name="Stadt", position=1, kind=Kind.CATEGORY, cells=Cells.TEXT, reason=reason
        ),
    )
    done = (Message("test_done", {"rows": 2}),)
    schema = TableSchema(columns)
    return Dataset(frame=frame, schema=schema, name="t.csv", fingerprint=fingerprint(frame), done_to_the_file=done)


def test_a_table_comes_back_as_it_was(store: DatasetStore) -> None:
    kept = table()
    again = store.load(store.save(kept, owner="ada"))
    pd.testing.assert_frame_equal(again.frame, kept.frame)
    assert fingerprint(again.frame) == kept.fingerprint
    assert (again.schema, again.name, again.done_to_the_file) == (kept.schema, kept.name, kept.done_to_the_file)


def test_the_changes_in_the_log_of_a_database_are_kept_with_it(store: DatasetStore, tmp_path: Path) -> None:
    database = tmp_path / "shop.db"
    writer = sqlite3.connect(database)
    try:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (a, b)")
        writer.executemany("INSERT INTO t VALUES (?, ?)", [(n, n) for n in range(50)])
        writer.commit()
        kept = store.source(store.save(table(), owner="ada", source=database))
    finally:
        writer.close()
    assert kept is not None
    assert kept.name == "shop.db"
    assert read_raw(kept).n_rows == 50


def test_records_say_what_is_kept_and_whose_it_is(store: DatasetStore) -> None:
    first, second = (store.save(table(), owner="ada", project="p") for _ in range(2))
    store.save(table(), owner="bob")
    assert [record.id for record in store.records("ada")] == [second, first]
    record = store.record(first, owner="ada")
    assert (record.name, record.project, record.n_rows, record.n_columns) == ("t.csv", "p", 3, 2)
    with pytest.raises(InputError, match="There is no table called"):
        store.record(first, owner="bob")


def test_what_was_found_out_is_kept_beside_the_table(store: DatasetStore) -> None:
    dataset_id = store.save(table(), owner="ada")
    assert store.inspection(dataset_id) is None
    store.save_inspection(dataset_id, {"columns": [{"name": "größe", "share": 0.5}]})
    store.save_inspection(dataset_id, {"columns": []})
    assert store.inspection(dataset_id) == {"columns": []}
    assert sorted(path.name for path in store.folder(dataset_id).iterdir()) == [
        "inspection.json",
        "table.json",
        "table.parquet",
    ]


@pytest.mark.parametrize("wrong", ["nothing", "", "../runs", "."])
def test_a_table_that_is_not_there_is_named(store: DatasetStore, wrong: str) -> None:
    for ask in (store.load, store.inspection, store.folder, store.record):
        with pytest.raises(InputError, match="There is no table called"):
            ask(wrong)
