"""The power goes: what had not reached the disk is cut short, and the run makes it again."""

import random
import sqlite3
from pathlib import Path

import pytest

from engine import ExperimentConfig, run_experiment
from engine.artifacts import FolderArtifacts
from engine.column_choice import ColumnChoice
from engine.events import CandidateFinished, Event, ModelReady, StageStarted, of_kind
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from engine.table.schema import Role
from storage.database import DATABASE_FILE
from storage.workspace import open_workspace
from tests.conftest import flats

CONFIG = ExperimentConfig(
    target="dear",
    columns={"worth": ColumnChoice(role=Role.IGNORED)},
    candidates=2,
    families=("linear",),
    jobs=1,
    validation=ValidationSettings(n_folds=3, n_repeats=1),
)
N_EVENTS = 60


class PowerCutError(Exception):
    """The run ends here, at once."""


def cut(path: Path, share: float) -> None:
    """Leave only the beginning of a file, as a file system does that had no time for the rest."""
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


@pytest.mark.parametrize("last", [CandidateFinished, pytest.param(ModelReady, marks=pytest.mark.long)])
def test_a_run_whose_files_were_cut_short_makes_them_again(tmp_path: Path, last: type[Event]) -> None:
    table = tmp_path / "flats.csv"
    flats()[["Fläche", "rooms", "town", "worth", "dear"]].head(160).to_csv(table, index=False)
    dataset, past = read_table(table), list[Event]()

    def until(event: Event) -> None:
        past.append(event)
        if len(of_kind(past, CandidateFinished)) == 3 and isinstance(event, last):
            raise PowerCutError

    scratch, artifacts = tmp_path / "scratch", FolderArtifacts(tmp_path / "artifacts")
    scratch.mkdir()
    with pytest.raises(PowerCutError):
        run_experiment(dataset, CONFIG, folder=scratch, artifacts=artifacts, emit=until)
    lost = [scratch / "trials" / "1" / "folds.pkl", scratch / "trials" / "2" / "oof.npy"]
    lost += [*scratch.rglob("features/**/*.pkl"), *scratch.rglob("refit-*.pkl"), *artifacts.folder.iterdir()]
    for place, each in enumerate(lost):
        cut(each, 0.0 if place % 2 else 0.5)
    before = {each.number: each for each in of_kind(past, CandidateFinished)}
    if last is ModelReady:
        assert len(list(artifacts.folder.iterdir())) == 1

    more: list[Event] = []
    outcome = run_experiment(dataset, CONFIG, folder=scratch, artifacts=artifacts, emit=more.append, past=tuple(past))
    ready = outcome.progress.ready
    assert ready is not None
    assert outcome.model_path.stat().st_size == ready.certificate.bytes
    trained_again = {each.number: each for each in of_kind(more, CandidateFinished)}
    assert sorted(trained_again) == [1, 2]
    assert {number: each.score for number, each in trained_again.items()} == {n: before[n].score for n in (1, 2)}
    assert sorted(each.number for each in outcome.progress.finished) == sorted(before)


def test_a_database_whose_log_was_cut_anywhere_opens_with_what_was_whole(tmp_path: Path) -> None:
    draw = random.Random(0)
    with open_workspace(tmp_path / "before") as place:
        run_id = place.runs.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())
        for number in range(N_EVENTS):
            place.runs.append(run_id, StageStarted(seconds=float(number), stage="search"))
        whole = [event for _, event in place.runs.events(run_id)]
        files = {name: (place.folder / name).read_bytes() for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal")}
    assert len(files[f"{DATABASE_FILE}-wal"]) > 100_000  # nothing is in the database's own file yet but the schema
    kept = []
    for _cut in range(8):
        folder = tmp_path / "after"
        folder.mkdir(exist_ok=True)
        for left in folder.glob(f"{DATABASE_FILE}*"):
            left.unlink()
        (folder / DATABASE_FILE).write_bytes(files[DATABASE_FILE])
        log = files[f"{DATABASE_FILE}-wal"]
        (folder / f"{DATABASE_FILE}-wal").write_bytes(log[: draw.randrange(len(log) // 2, len(log))])
        with open_workspace(folder) as place:
            events = [event for _, event in place.runs.events(run_id)]
            assert events == whole[: len(events)]
            place.runs.append(run_id, StageStarted(seconds=1.0, stage="search"))
            kept.append(len(events))
            with sqlite3.connect(folder / DATABASE_FILE) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.close()
    assert 0 < min(kept) < max(kept) < N_EVENTS
