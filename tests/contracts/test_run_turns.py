"""Who trains what and when, as it looks from two computers that share a database of either kind."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import ExperimentConfig
from engine.errors import WorkspaceError
from engine.events import Paused, RunStarted
from engine.progress import Command, Status
from engine.search.sharing import QUEUE_PATIENCE_SECONDS
from storage.database import transaction
from storage.leases import MOST_TAKEOVERS
from storage.runs import RunStore
from storage.schema import RUNS
from storage.workspace import Workspace, open_workspace


def new_run(store: RunStore, *, owner: str = "ada") -> str:
    return store.create(owner=owner, name="prices", dataset_id="d1", config=ExperimentConfig(target="price"))


@pytest.fixture
def elsewhere(tmp_path: Path, place: Workspace) -> Iterator[Workspace]:
    """The same database as it looks from the folder of another computer."""
    with open_workspace(tmp_path / "another computer") as opened:
        yield opened


def held_until(place: Workspace, run_id: str, seconds_ahead: float) -> None:
    with transaction(place.engine) as connection:
        until = time.time() + seconds_ahead
        connection.execute(RUNS.update().where(RUNS.c.id == run_id).values(held_until=until))


def test_of_all_workers_that_want_a_run_one_gets_it(place: Workspace, elsewhere: Workspace) -> None:
    run_id = new_run(place.runs)
    assert not place.runs.claim(run_id), "it does not wait"
    place.runs.enqueue(run_id)
    got: list[str] = []

    def want(name: str, store: RunStore) -> None:
        if store.claim(run_id):
            got.append(name)

    wanting = [
        threading.Thread(target=want, args=(name, each.runs))
        for name, each in (("here", place), ("there", elsewhere))
        for _ in range(4)
    ]
    for each in wanting:
        each.start()
    for each in wanting:
        each.join()
    assert len(got) == 1
    assert place.runs.queue() == []
    winner, loser = (place, elsewhere) if got == ["here"] else (elsewhere, place)
    assert loser.runs.is_alive(run_id)
    with pytest.raises(WorkspaceError, match="already working"), loser.runs.hold_lock(run_id):
        pass
    with winner.runs.hold_lock(run_id):
        assert loser.runs.is_alive(run_id)
    assert not loser.runs.is_alive(run_id)
    assert loser.runs.orphans() == [], "it ended in order"


def test_a_run_whose_worker_dies_is_taken_by_another_one_and_the_dead_one_writes_no_more(
    place: Workspace, elsewhere: Workspace
) -> None:
    run_id = new_run(place.runs)
    with place.runs.hold_lock(run_id):
        place.runs.append(run_id, RunStarted(seconds=0.0, process_id=1))
        place.runs.request(run_id, Command.PAUSE)
        assert elsewhere.runs.orphans() == []
        assert elsewhere.runs.progress(run_id).status is Status.TRAINING
        assert place.runs.n_taking_room() == elsewhere.runs.n_taking_room() == 0, "nobody has launched it"
        held_until(place, run_id, -1.0)  # as after a long sleep of the computer
        assert elsewhere.runs.progress(run_id).status is Status.INTERRUPTED
        assert elsewhere.runs.orphans() == [run_id]
        assert elsewhere.runs.claim(run_id)
        assert elsewhere.runs.command(run_id) is Command.PAUSE, "what was asked stays asked"
        with pytest.raises(WorkspaceError, match="given to another worker"):
            place.runs.append(run_id, Paused(seconds=1.0))
        with pytest.raises(WorkspaceError, match="given to another worker"):
            place.runs.wish(run_id)
    with elsewhere.runs.hold_lock(run_id):
        elsewhere.runs.append(run_id, RunStarted(seconds=1.0, process_id=2, resumed=True))
    assert [number for number, _ in place.runs.events(run_id)] == [1, 2]


def test_a_run_that_ends_each_of_its_workers_is_left_at_last(place: Workspace, elsewhere: Workspace) -> None:
    run_id = new_run(place.runs)
    place.runs.enqueue(run_id)
    assert place.runs.claim(run_id)
    for _ in range(MOST_TAKEOVERS):
        held_until(place, run_id, -1.0)
        assert elsewhere.runs.claim(run_id)
        elsewhere.runs.give_up(run_id)
    assert place.runs.orphans() == []
    assert not place.runs.claim(run_id)
    place.runs.enqueue(run_id)
    assert place.runs.claim(run_id), "somebody has asked for it again"


def test_people_take_turns_in_the_queue_and_nobody_is_overtaken_for_ever(place: Workspace) -> None:
    store = place.runs
    many = [new_run(store, owner="ada") for _ in range(3)]
    for run_id in many:
        store.enqueue(run_id)
    one = new_run(store, owner="bob")
    store.enqueue(one)
    assert store.queue() == [many[0], one, *many[1:]]
    with store.hold_lock(new_run(store, owner="ada")):
        assert store.queue()[0] == one, "the others have something under way"
    with transaction(place.engine) as connection:
        long_ago = time.time() - QUEUE_PATIENCE_SECONDS
        connection.execute(RUNS.update().where(RUNS.c.id == many[2]).values(queued_at=long_ago))
    assert store.queue()[0] == many[2]
    store.enqueue(one, first=True)
    assert store.queue()[0] == one
