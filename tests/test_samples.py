"""The sample tables are what their catalogue and their generator say."""

import numpy as np
import pytest

from engine.config import ExperimentConfig
from engine.table.inspection import inspect_table
from engine.table.reading import read_table
from engine.table.schema import Kind
from sample_data.catalogue import SAMPLES, Sample
from sample_data.generate import FOLDER, SEED, TABLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_a_sample_asks_its_question(sample: Sample) -> None:
    inspection = inspect_table(read_table(sample.path))
    assert inspection.task is not None
    assert inspection.task.target == sample.target
    assert sample.question.endswith("?")
    assert sample.path.stat().st_size < 600_000


def test_the_traps_are_found() -> None:
    machines = inspect_table(read_table(FOLDER / "machines.csv"), ExperimentConfig(target="fault"))
    assert [finding.columns for finding in machines.findings if finding.code == "leak"] == [("work_done",)]
    schema = read_table(FOLDER / "customers.csv").schema
    assert schema["customer_id"].kind is Kind.ID
    assert schema["joined"].kind is Kind.DATE
    assert schema["satisfaction"].n_missing > 0
    houses = read_table(FOLDER / "houses.csv").schema
    assert houses["living_area"].kind is Kind.NUMBER_WITH_UNIT
    bakery = read_table(FOLDER / "bakery.csv")
    assert bakery.schema["price_of_a_loaf"].kind.is_number
    assert bakery.schema["day"].date_formats == ("%d.%m.%Y",)


def test_every_file_is_made_by_the_generator() -> None:
    files = {path.name for path in FOLDER.glob("*.csv")}
    assert files == set(TABLES) == {sample.file for sample in SAMPLES}
    for number, (file, make) in enumerate(TABLES.items()):
        made = make(np.random.default_rng(SEED + number))
        header = (FOLDER / file).read_text(encoding="utf-8").split("\n", 1)[0]
        assert header.replace(";", ",") == ",".join(made.columns)
        assert len(made) == read_table(FOLDER / file).n_rows
