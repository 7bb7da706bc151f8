"""What a run's events add up to when it was resumed, and what a follower of it hears."""

from pathlib import Path

from app.following import follow
from engine.config import ExperimentConfig
from engine.events import Event, ExplanationFailed, Failed, FamilySkipped, Finished, Mirrored, RunStarted
from engine.messages import Message
from engine.progress import Status, fold
from storage.runs import RunStore
from storage.workspace import open_workspace

CAUSE = Message("x")
BEGUN = RunStarted(seconds=0.0, process_id=1)
SKIPPED = FamilySkipped(seconds=1.0, family="nearest", reason=CAUSE)
AGAIN = RunStarted(seconds=2.0, process_id=2, resumed=True)


def test_what_a_resumed_run_says_again_is_counted_once() -> None:
    assert fold([BEGUN, SKIPPED, AGAIN]).skipped == (SKIPPED,)
    assert fold([BEGUN, SKIPPED, AGAIN, SKIPPED]).skipped == (SKIPPED,)


def test_a_resumed_run_may_be_explained_and_mirrored_after_all() -> None:
    before = [
        BEGUN,
        ExplanationFailed(seconds=1.0, cause=CAUSE),
        Failed(seconds=1.0, cause=CAUSE),
        Mirrored(seconds=1.0, problem=CAUSE),
    ]
    assert fold(before).unexplained is not None
    assert fold(before).mirrored is not None
    now = fold([*before, AGAIN])
    assert (now.unexplained, now.mirrored, now.failure) == (None, None, None)


class Speaking(RunStore):
    """A store in which, once somebody follows the run, first the old mirror speaks and then the new worker."""

    to_come: list[Event]

    def events(self, run_id: str, after: int = 0) -> list[tuple[int, Event]]:
        if after and self.to_come:
            self.append(run_id, self.to_come.pop(0))
        return super().events(run_id, after)


def test_a_late_mirror_does_not_end_following(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        store = Speaking(engine=place.engine, folder=tmp_path / "runs")
        run_id = store.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())
        store.append(run_id, Failed(seconds=1.0, cause=CAUSE))
        store.note_launch(run_id)
        store.to_come = [Mirrored(seconds=1.0, mlflow_run_id="abc"), AGAIN, Finished(seconds=3.0)]
        said: list[str] = []
        with store.hold_lock(run_id):
            assert follow(store, run_id, said.append).status is Status.FINISHED
    assert [line.split("s  ")[1] for line in said] == ["Resumed.", "Finished."]
