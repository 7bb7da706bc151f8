"""What every store of runs must do, whatever database stands behind it."""

import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.events import CandidateStarted, Event, Failed, Finished, Mirrored, Paused, RunStarted, StageStarted
from engine.messages import Message
from engine.progress import Command, Status
from engine.table.schema import Kind, Role
from engine.tasks.task import TaskKind
from storage import audit
from storage.database import transaction
from storage.run_turns import STARTING_SECONDS, Wish
from storage.runs import RunStore
from storage.schema import EVENTS, RUNS
from storage.workspace import Workspace

CONFIG = ExperimentConfig(
    target="price",
    task=TaskKind.REGRESSION,
    columns={"größe": ColumnChoice(kind=Kind.NUMBER), "id": ColumnChoice(role=Role.IGNORED)},
    families=("linear",),
)


@pytest.fixture
def store(place: Workspace) -> RunStore:
    return place.runs


def new_run(store: RunStore, *, owner: str = "ada", name: str = "prices", project: str = "default") -> str:
    return store.create(owner=owner, name=name, dataset_id="d1", config=CONFIG, project=project)


def test_a_run_comes_back_as_it_was_asked_for(store: RunStore) -> None:
    before = time.time()
    record = store.get(new_run(store, name="Preise 价格", project="houses"))
    assert (record.owner, record.project, record.name, record.dataset_id) == ("ada", "houses", "Preise 价格", "d1")
    assert record.config == CONFIG
    assert record.id.isalnum()
    assert before <= record.created_at.timestamp() <= time.time()
    assert record.created_at.tzinfo is not None


def test_a_run_is_found_by_the_beginning_of_its_id(store: RunStore) -> None:
    ids = [new_run(store) for _ in range(17)]  # 16 first letters: two runs begin alike
    assert store.get(ids[0][:11]).id == ids[0]
    shared = next(letter for letter in "0123456789abcdef" if sum(i.startswith(letter) for i in ids) > 1)
    with pytest.raises(InputError, match=f"Several runs begin with {shared}"):
        store.get(shared)


@pytest.mark.parametrize("wrong", ["", "%", "_", "nothing", "../x"])
def test_a_run_that_is_not_there_is_named(store: RunStore, wrong: str) -> None:
    new_run(store)
    with pytest.raises(InputError, match=f"There is no run called {wrong}"):
        store.get(wrong)


def test_nobody_reads_the_runs_of_others(store: RunStore) -> None:
    run_id = new_run(store, owner="ada")
    new_run(store, owner="bob")
    assert store.get(run_id, owner="ada").id == run_id
    with pytest.raises(InputError, match="There is no run"):
        store.get(run_id, owner="bob")
    assert [record.id for record in store.records(owner="ada")] == [run_id]


def test_runs_are_listed_newest_first_by_project_and_up_to_a_limit(store: RunStore) -> None:
    ids = [new_run(store, project=project) for project in ("a", "b", "a")]
    assert [record.id for record in store.records(owner="ada")] == ids[::-1]
    assert [record.id for record in store.records(owner="ada", project="a")] == [ids[2], ids[0]]
    assert [record.id for record in store.records(owner="ada", limit=1)] == [ids[2]]


def test_all_runs_are_listed_unless_a_limit_is_given(store: RunStore) -> None:
    ids = {new_run(store) for _ in range(101)}
    assert {record.id for record in store.records(owner="ada")} == ids


def test_renaming_and_deleting_and_bringing_back(store: RunStore) -> None:
    run_id = new_run(store)
    store.rename(run_id, "better")
    assert store.get(run_id).name == "better"
    store.delete(run_id)
    assert store.records(owner="ada") == []
    assert store.command(run_id) is Command.STOP
    with pytest.raises(InputError):
        store.get(run_id)
    store.restore(run_id)
    assert store.get(run_id).name == "better"


def test_a_run_without_a_name_is_refused(store: RunStore) -> None:
    run_id = new_run(store, name="prices")
    with pytest.raises(InputError, match="needs a name"):
        store.rename(run_id, " \n")
    assert store.get(run_id).name == "prices"


def test_notes_and_tags_stand_beside_a_run(store: RunStore) -> None:
    run_id = new_run(store)
    assert (store.get(run_id).notes, store.get(run_id).tags) == ("", ())
    store.note(run_id, " first try, 价格\nwithout the outliers ")
    store.tag(run_id, ["best", " for  Ada ", "best", ""])
    record = store.get(run_id)
    assert record.notes == "first try, 价格\nwithout the outliers"
    assert record.tags == ("best", "for Ada")
    store.note(run_id, "")
    store.tag(run_id, [])
    assert (store.get(run_id).notes, store.get(run_id).tags) == ("", ())
    with pytest.raises(InputError, match="no run called nobody"):
        store.note("nobody", "x")


def test_time_that_is_added_adds_up_and_stays(store: RunStore) -> None:
    run_id = new_run(store)
    store.add_time(run_id, 60.0)
    store.add_time(run_id, 300.0)
    store.note_launch(run_id)
    assert store.wish(run_id) == Wish(command=Command.CONTINUE, added_seconds=360.0)
    assert store.get(run_id).budget_seconds == CONFIG.seconds + 360.0


def test_runs_wait_in_the_order_in_which_they_came(place: Workspace) -> None:
    store = place.runs
    first, second, third = (new_run(store, owner=owner) for owner in ("ada", "bob", "ada"))
    for run_id in (second, first, third):
        store.enqueue(run_id)
    assert store.queue() == [second, first, third]
    assert [store.place_in_queue(run_id) for run_id in (first, second, third)] == [2, 1, 3]
    launched_ago(place, first, STARTING_SECONDS + 1)
    assert store.progress(first).status is Status.QUEUED, "waiting is no reason to be taken for interrupted"
    store.delete(second)
    store.note_launch(first)
    assert store.queue() == [third]
    store.restore(second)
    assert store.queue() == [second, third]
    store.leave_queue(second)
    assert store.place_in_queue(second) is None


def test_a_failed_run_that_waits_is_queued(store: RunStore) -> None:
    run_id = new_run(store)
    store.append(run_id, Failed(seconds=1.0, cause=Message("x")))
    store.enqueue(run_id)
    now = store.progress(run_id)
    assert (now.status, now.failure) == (Status.QUEUED, None)


def test_room_is_taken_by_runs_that_train_or_are_about_to(place: Workspace) -> None:
    store = place.runs
    starting, training, paused, gone, done, waiting = (new_run(store) for _ in range(6))
    for run_id in (starting, training, paused, gone, done):
        store.note_launch(run_id)
    store.enqueue(waiting)
    for run_id in (training, paused, gone, done):
        store.append(run_id, RunStarted(seconds=0.0, process_id=1))
    store.append(paused, Paused(seconds=1.0))
    store.append(done, Finished(seconds=1.0))
    with store.hold_lock(training), store.hold_lock(paused):
        assert store.n_taking_room() == 2
        launched_ago(place, starting, STARTING_SECONDS + 1)
        assert store.n_taking_room() == 1


def test_events_come_back_in_order_and_from_where_a_reader_was(store: RunStore) -> None:
    run_id, other = new_run(store), new_run(store)
    said: list[Event] = [
        RunStarted(seconds=0.0, process_id=7),
        CandidateStarted(seconds=1.5, number=0, family="linear", parameters={"alpha": 0.1, "deep": [1, None, "é"]}),
        Failed(seconds=float("inf"), cause=Message("x", {"n": 1})),
    ]
    for event in said:
        store.append(run_id, event)
    store.append(other, Paused(seconds=1.0))
    assert store.events(run_id) == list(enumerate(said, start=1))
    assert store.events(run_id, after=2) == [(3, said[2])]
    assert store.events(other) == [(1, Paused(seconds=1.0))]


def test_an_event_of_an_unknown_run_is_refused(store: RunStore) -> None:
    with pytest.raises(InputError, match="There is no run called nobody"):
        store.append("nobody", Paused(seconds=0.0))


def test_every_row_says_whose_it_is_and_which_version_wrote_it(place: Workspace) -> None:
    run_id = new_run(place.runs, project="houses")
    place.runs.append(run_id, Paused(seconds=0.0))
    with transaction(place.engine) as connection:
        row = connection.execute(EVENTS.select()).one()
    assert (row.owner, row.project, row.kind, row.version) == ("ada", "houses", "paused", 1)


def test_events_of_a_newer_version_are_left_out(place: Workspace) -> None:
    run_id = new_run(place.runs)
    place.runs.append(run_id, Paused(seconds=0.0))
    with transaction(place.engine) as connection:
        connection.execute(EVENTS.update().values(payload='{"kind": "teleported", "version": 9, "seconds": 1}'))
    place.runs.append(run_id, Finished(seconds=2.0))
    assert place.runs.events(run_id) == [(2, Finished(seconds=2.0))]


def test_writers_of_one_run_never_share_a_number(store: RunStore) -> None:
    run_id = new_run(store)

    def write(stage: str) -> None:
        for n in range(25):
            store.append(run_id, StageStarted(seconds=float(n), stage=stage))

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = store.events(run_id)
    assert [number for number, _ in kept] == list(range(1, 101))
    for name in "abcd":
        mine = [event.seconds for _, event in kept if isinstance(event, StageStarted) and event.stage == name]
        assert mine == [float(n) for n in range(25)]


def test_commands_are_heard_and_forgotten_at_the_next_launch(store: RunStore) -> None:
    run_id = new_run(store)
    assert store.command(run_id) is Command.CONTINUE
    store.request(run_id, Command.PAUSE)
    assert store.command(run_id) is Command.PAUSE
    store.note_launch(run_id)
    assert store.command(run_id) is Command.CONTINUE
    with pytest.raises(InputError):
        store.request("nobody", Command.STOP)


def launched_ago(place: Workspace, run_id: str, seconds: float) -> None:
    with transaction(place.engine) as connection:
        long_ago = time.time() - seconds
        connection.execute(RUNS.update().where(RUNS.c.id == run_id).values(created_at=long_ago, launched_at=long_ago))


def test_a_new_run_is_queued_until_its_worker_is_overdue(place: Workspace) -> None:
    run_id = new_run(place.runs)
    assert place.runs.progress(run_id).status is Status.QUEUED
    launched_ago(place, run_id, STARTING_SECONDS + 1)
    assert place.runs.progress(run_id).status is Status.INTERRUPTED
    with place.runs.hold_lock(run_id):  # slow, but there
        assert place.runs.progress(run_id).status is Status.QUEUED


def test_a_run_under_way_without_a_worker_is_interrupted(store: RunStore) -> None:
    run_id = new_run(store)
    with store.hold_lock(run_id):
        store.append(run_id, RunStarted(seconds=0.0, process_id=1))
        assert store.progress(run_id).status is Status.TRAINING
        store.append(run_id, Paused(seconds=1.0))
        assert store.progress(run_id).status is Status.PAUSED
    assert store.progress(run_id).status is Status.INTERRUPTED
    store.note_launch(run_id)
    assert store.progress(run_id).status is Status.QUEUED
    with store.hold_lock(run_id):
        store.append(run_id, RunStarted(seconds=1.0, process_id=2, resumed=True))
        assert store.progress(run_id).status is Status.TRAINING


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (Finished(seconds=1.0), Status.FINISHED),
        (Finished(seconds=1.0, stopped=True), Status.STOPPED),
        (Failed(seconds=1.0, cause=Message("x")), Status.FAILED),
    ],
)
def test_a_run_that_ended_needs_no_worker(place: Workspace, last: Event, status: Status) -> None:
    run_id = new_run(place.runs)
    place.runs.append(run_id, RunStarted(seconds=0.0, process_id=1))
    place.runs.append(run_id, last)
    assert place.runs.progress(run_id).status is status
    launched_ago(place, run_id, 100)
    assert place.runs.progress(run_id).status is status


def test_a_failed_run_that_is_launched_again_is_queued(store: RunStore) -> None:
    run_id = new_run(store)
    store.append(run_id, Failed(seconds=1.0, cause=Message("x")))
    store.note_launch(run_id)
    now = store.progress(run_id)
    assert (now.status, now.failure) == (Status.QUEUED, None)


def test_the_mirror_of_a_failed_attempt_speaks_for_no_other(store: RunStore) -> None:
    run_id = new_run(store)
    mirrored = Mirrored(seconds=1.0, mlflow_run_id="abc")
    store.append(run_id, Failed(seconds=1.0, cause=Message("x")))
    store.note_launch(run_id)
    store.append(run_id, mirrored)  # it was still at work
    assert store.progress(run_id).status is Status.QUEUED
    with store.hold_lock(run_id):
        store.append(run_id, RunStarted(seconds=1.0, process_id=2, resumed=True))
        assert store.progress(run_id).mirrored is None
        store.append(run_id, mirrored)
        assert store.progress(run_id).mirrored is None  # so the resumed run is mirrored at its own end
        assert store.progress(run_id).status is Status.TRAINING
        store.append(run_id, Finished(seconds=2.0))
        store.append(run_id, mirrored)
        assert store.progress(run_id).mirrored == mirrored


def test_one_run_has_one_worker(store: RunStore) -> None:
    run_id = new_run(store)
    assert not store.is_alive(run_id)
    with store.hold_lock(run_id):
        assert store.is_alive(run_id)
        with pytest.raises(WorkspaceError, match="already working"), store.hold_lock(run_id):
            pass
        assert store.is_alive(run_id)
    assert not store.is_alive(run_id)


def test_asking_what_is_commanded_is_cheap_enough_to_ask_often(store: RunStore) -> None:
    run_id = new_run(store)
    store.command(run_id)
    begun = time.process_time()
    for _ in range(200):
        store.command(run_id)
    assert (time.process_time() - begun) / 200 < 0.005


CHANGES = {
    "UPDATE audit SET person = 'nobody'": "both",
    "UPDATE audit SET at = 0 WHERE id = 1": "both",
    "DELETE FROM audit": "both",
    "DELETE FROM audit WHERE id > 1": "both",
    "INSERT INTO audit VALUES (1, 0, 'x', 'x', 'x') ON CONFLICT (id) DO UPDATE SET person = 'nobody'": "both",
    "INSERT OR REPLACE INTO audit VALUES (1, 0, 'nobody', 'x', 'x')": "sqlite",
    "TRUNCATE audit": "postgresql",
}


def test_the_database_refuses_to_change_a_line_of_the_log(place: Workspace) -> None:
    for action in ("rename", "delete"):
        audit.write(place.engine, person="ada", action=action, subject="1f")
    before = audit.entries(place.engine)
    for change, where in CHANGES.items():
        if where in {"both", place.engine.dialect.name}:
            with pytest.raises(DBAPIError, match="only grow"), place.engine.begin() as connection:
                connection.execute(text(change))
            assert audit.entries(place.engine) == before, change
    audit.write(place.engine, person="ada", action="restore", subject="1f")
    assert audit.entries(place.engine)[1:] == before
