"""How a run stands is added up from new events alone, and is the same as from all of them."""

from pathlib import Path

from sqlalchemy import event as database_event

from engine.events import CandidateStarted, Event
from engine.progress import Status, fold
from storage.folded import MOST_RUNS, FoldedRuns
from storage.workspace import open_workspace
from tests.app.made_runs import finished, keep


def test_it_is_the_same_after_each_event(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        run_id, told = keep(place, []), finished()
        for number, event in enumerate(told, 1):
            place.runs.append(run_id, event)
            after = place.runs.progress(run_id)
            whole = fold(told[:number])
            assert (after.finished, after.ready, after.stage) == (whole.finished, whole.ready, whole.stage)
        assert after == whole
        assert after.status is Status.FINISHED


def test_only_new_events_are_read(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        run_id = keep(place, finished())
        asked: list[tuple[object, ...]] = []
        place.runs.progress(run_id)

        def note(
            _connection: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object
        ) -> None:
            if "payload" in statement:
                asked.append(parameters)

        database_event.listen(place.engine, "before_cursor_execute", note)
        place.runs.progress(run_id)
        assert asked == [(run_id, len(finished()))]


def test_another_process_is_heard(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as here, open_workspace(tmp_path) as there:
        run_id = keep(here, finished()[:4])
        assert here.runs.progress(run_id).seconds < 9
        there.runs.append(run_id, CandidateStarted(seconds=9, number=99, family="linear"))
        assert here.runs.progress(run_id).seconds == 9
        assert here.runs.seen_by(there.actor).progress(run_id).seconds == 9


def test_what_is_remembered_has_an_end() -> None:
    known, read = FoldedRuns(), list[int]()

    def events_after(last: int) -> list[tuple[int, float, Event]]:
        read.append(last)
        return [(7, 1.0, CandidateStarted(seconds=1, number=1, family="linear"))] if last == 0 else []

    for number in range(MOST_RUNS + 1):
        known.up_to_now(f"run{number}", events_after)
    known.up_to_now(f"run{MOST_RUNS}", events_after)
    known.up_to_now("run0", events_after)
    assert read[-2:] == [7, 0]
