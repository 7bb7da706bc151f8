"""Ugly files through the app: seen at once, read in the background, shown as they are, read again in another way."""

import json
import sqlite3
import sys
import time
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from app import readings
from app.reading_room import ORDER, leave
from app.readings import Reading
from app.tables import table
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.table.options import ReadingOptions
from engine.table.schema import Kind, Known, Role
from storage.workspace import Workspace
from tests.app.looking import PATIENCE_SECONDS, Show, read_to_the_end, run, said

N_ROWS = 80
UGLY = (
    "Umsatz je Filiale 2024\n\nFiliale;Umsatz;Stadt;treu\n"
    + "".join(f"{i};{i},5;Köln {i % 4};{'ja' if i % 3 else 'nein'}\n" for i in range(N_ROWS))
    + "Summe;3200,0;;\n"
)


def put(place: Workspace, text: str, name: str = "umsatz.csv") -> Path:
    """Leave a file where uploads arrive."""
    path = place.folder / "quarantine" / ("0" * 32) / name
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("cp1252"))
    return path


@pytest.fixture
def ugly(place: Workspace) -> str:
    """An ugly table that has been read."""
    found = ended(readings.begin(put(place, UGLY), "umsatz.csv"))
    assert found.dataset_id is not None
    return found.dataset_id


def ended(reading: str) -> Reading:
    return readings.wait(reading, PATIENCE_SECONDS)


def test_a_file_is_seen_at_once_and_kept_beside_its_table(place: Workspace, ugly: str) -> None:
    source = place.datasets.source(ugly)
    assert source is not None
    assert source.read_bytes() == UGLY.encode("cp1252")
    assert not list((place.folder / "quarantine").iterdir()), "taken over, not copied"
    (room,) = (place.folder / "readings").iterdir()
    first = readings.reading(room.name).first
    assert first is not None
    assert first.names == ("Filiale", "Umsatz", "Stadt", "treu")
    assert first.rows[0][2] == "Köln 0"
    readings.forget(room.name)
    assert source.is_file(), "the table keeps its own"


def test_the_page_says_what_was_done_to_the_file_and_shows_the_lines(show: Show, ugly: str) -> None:
    page = show("data", table=ugly)
    words = said(page)
    assert "cp1252" in words
    assert "semicolon" in words
    lines = "\n".join(str(frame.value) for frame in page.dataframe)
    assert "Summe" in lines
    assert "Umsatz je Filiale 2024" in lines


def test_totals_that_are_none_can_be_kept(show: Show, ugly: str) -> None:
    assert table(ugly).n_rows == N_ROWS
    page = show("data", table=ugly)
    page = read_to_the_end(run(page.button(key=f"keep_totals_{ugly}").click()))
    again = page.query_params["table"]
    assert again != ugly
    assert table(again).n_rows == N_ROWS + 1
    assert table(again).asked.keep_totals
    assert table(ugly).n_rows == N_ROWS, "the table as it was stays"


def test_a_file_can_be_read_in_another_way(show: Show, ugly: str) -> None:
    page = show("data", table=ugly)
    chosen = next(box for box in page.selectbox if box.label == "Decimal sign")
    chosen.set_value(".")
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Read again").click()))
    again = table(page.query_params["table"])
    assert again.asked == ReadingOptions(decimal=".")
    assert again.schema["Umsatz"].kind is not Kind.NUMBER


def test_what_a_query_gave_can_be_read_in_another_way(show: Show, place: Workspace, tmp_path: Path) -> None:
    database = tmp_path / "shop.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, n % 3) for n in range(N_ROWS)])
    connection.close()
    options = ReadingOptions(query="SELECT a, b FROM t WHERE b > 0")
    found = ended(readings.begin(f"sqlite:///{database.as_posix()}", "", options=options))
    assert found.dataset_id is not None
    page = show("data", table=found.dataset_id)
    next(box for box in page.selectbox if box.label == "Decimal sign").set_value(",")
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Read again").click()))
    again = table(page.query_params["table"])
    assert again.asked == ReadingOptions(decimal=",")
    assert again.n_rows == table(found.dataset_id).n_rows


def test_what_was_chosen_outlives_another_reading(show: Show, ugly: str) -> None:
    page = edit(show("data", table=ugly), ugly, "Stadt", "Role", Role.IGNORED)
    next(box for box in page.selectbox if box.label == "Decimal sign").set_value(",")
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Read again").click()))
    again = table(page.query_params["table"])
    assert again.id != ugly
    assert again.schema["Stadt"].role is Role.IGNORED


def test_a_refusal_goes_when_a_table_comes(show: Show, ugly: str) -> None:
    page = show("data", table=ugly)
    next(box for box in page.selectbox if box.label == "Cells end at").set_value("|")
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Read again").click()))
    assert page.error
    next(box for box in page.selectbox if box.label == "Cells end at").set_value(";")
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Read again").click()))
    assert not page.error


def test_nothing_to_read_is_said(show: Show, place: Workspace) -> None:
    page = show("data")
    for label in ("Use these cells", "Read it"):
        page = run(next(b for b in page.button if b.label == label).click())
        assert len(page.warning) == 1


def test_a_way_that_makes_no_table_is_refused_in_words_and_the_table_stays(show: Show, ugly: str) -> None:
    page = show("data", table=ugly)
    next(box for box in page.selectbox if box.label == "Cells end at").set_value("|")
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Read again").click()))
    assert len(page.error) == 1
    assert not run(show("data", table=ugly)).error


def test_a_file_that_is_no_table_is_refused_once(place: Workspace, show: Show) -> None:
    reading = readings.begin(put(place, "only\n1\n2\n", "one.csv"), "one.csv")
    page = read_to_the_end(show("data", reading=reading))
    assert "one" in page.error[0].value
    assert len(page.error) == 1
    page.text_area[0].set_value("a\tb\n" + "".join(f"{i}\t{i % 2}\n" for i in range(60)))
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Use these cells").click()))
    assert not page.error, "an old refusal must not stand beside a new table"


def test_a_reading_that_broke_off_says_so(place: Workspace) -> None:
    reading = readings.begin(put(place, UGLY), "umsatz.csv")
    while not (place.folder / "readings" / reading / "process.json").is_file():
        time.sleep(0.01)
    pid = json.loads((place.folder / "readings" / reading / "process.json").read_text(encoding="utf-8"))["pid"]
    psutil.Process(pid).kill()
    found = ended(reading)
    assert found.problem is not None
    assert found.problem.code == "reading_broke_off"


@pytest.mark.parametrize(
    "address",
    ["postgresql://ada:s3cret@nowhere.invalid/sales?password=s3cret", "https://nowhere.invalid/a.csv?token=s3cret"],
)
def test_the_password_of_an_address_is_neither_shown_nor_kept(place: Workspace, address: str) -> None:
    reading = readings.begin(address, "")
    room = place.folder / "readings" / reading
    assert "s3cret" not in readings.reading(reading).name
    assert ended(reading).problem is not None
    assert room.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    kept = [path for path in room.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"s3cret" in path.read_bytes()]


def test_word_is_private_from_the_start(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    right = Path.replace

    def seen(path: Path, target: Path) -> Path:
        modes.append(path.stat().st_mode & 0o777)
        return right(path, target)

    monkeypatch.setattr(Path, "replace", seen)
    leave(place.folder, ORDER, {"given": "s3cret"})
    assert modes == [0o600] or sys.platform == "win32"


def test_a_reading_that_never_began_keeps_no_password(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "start_detached", lambda *_words, **_more: None)
    monkeypatch.setattr(readings, "STARTING_SECONDS", -1.0)
    reading = readings.begin("postgresql://ada:s3cret@server/sales", "")
    problem = readings.reading(reading).problem
    assert problem is not None
    assert problem == readings.BROKE_OFF(name="postgresql://ada:***@server/sales")
    assert "s3cret" not in (place.folder / "readings" / reading / ORDER).read_text(encoding="utf-8")


def test_a_reading_can_be_given_up(place: Workspace) -> None:
    reading = readings.begin(put(place, UGLY), "umsatz.csv")
    readings.cancel(reading)
    with pytest.raises(InputError):
        readings.reading(reading)
    assert not list((place.folder / "readings").iterdir())


def test_cells_can_be_pasted(show: Show, place: Workspace) -> None:
    page = show("data")
    page.text_area[0].set_value("a\tb\n" + "".join(f"{i}\t{i % 2}\n" for i in range(60)))
    page = read_to_the_end(run(next(b for b in page.button if b.label == "Use these cells").click()))
    assert table(page.query_params["table"]).n_rows == 60


def test_when_a_value_is_known_is_kept_and_can_be_undone(show: Show, ugly: str) -> None:
    page = edit(show("data", table=ugly), ugly, "Umsatz", "Known", Known.AFTER)
    column = table(ugly).schema["Umsatz"]
    assert (column.known, column.role) == (Known.AFTER, Role.IGNORED)
    page = run(page.button(key=f"undo_{ugly}_Umsatz").click())
    assert table(ugly).schema["Umsatz"].known is None
    assert table(ugly).config == ExperimentConfig(target=table(ugly).target)


def edit(page: AppTest, dataset_id: str, column: str, what: str, to: str) -> AppTest:
    """Choose something in the grid of columns, as the browser would send it."""
    row = list(page.data_editor[0].value["Column"]).index(column)
    edits = {"edited_rows": {row: {what: str(to)}}, "added_rows": [], "deleted_rows": []}
    page.session_state[f"columns_{dataset_id}_{page.session_state[f'taken_{dataset_id}']}"] = edits
    return run(page)
