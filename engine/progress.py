"""Where a run stands: folded from its events, never stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from typing import TypeVar

from engine.events import (
    AllRowsTried,
    BlendChosen,
    CandidateAsked,
    CandidateFailed,
    CandidateFinished,
    CandidatePinned,
    CandidateStarted,
    Checked,
    Continued,
    DataPrepared,
    Event,
    Explained,
    ExplanationFailed,
    Failed,
    FamilyBanned,
    FamilySkipped,
    Finished,
    Mirrored,
    ModelReady,
    ModelRefused,
    Paused,
    Request,
    RequestAnswered,
    RunStarted,
    Sampled,
    SearchEnded,
    SearchOpened,
    SearchSummarised,
    SmallerReady,
    StageStarted,
    StopRequested,
    TableDescribed,
    TimeAdded,
)
from engine.families import BASELINE


class Status(StrEnum):
    """The state of a run, in the words that people see."""

    QUEUED = "queued"
    TRAINING = "training"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"  # the best was kept
    INTERRUPTED = "interrupted"  # its process is gone; it can be resumed
    FAILED = "failed"


ACTIVE = frozenset({Status.QUEUED, Status.TRAINING, Status.PAUSED})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What the events so far add up to. Events that happened once are None until they do."""

    status: Status = Status.QUEUED
    stage: str = ""
    seconds: float = 0.0
    added_seconds: float = 0.0
    sampled: Sampled | None = None
    prepared: DataPrepared | None = None
    described: TableDescribed | None = None
    checked: Checked | None = None
    under_way: tuple[CandidateStarted, ...] = ()
    finished: tuple[CandidateFinished, ...] = ()
    failed: tuple[CandidateFailed, ...] = ()
    skipped: tuple[FamilySkipped, ...] = ()
    opened: SearchOpened | None = None
    requests: tuple[Request, ...] = ()
    answers: Mapping[str, RequestAnswered] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()  # requests whose candidates were begun
    search_ended: SearchEnded | None = None
    blend: BlendChosen | None = None
    all_rows: AllRowsTried | None = None
    refused: ModelRefused | None = None  # the last choice that made no file
    ready: ModelReady | None = None
    explained: Explained | None = None
    unexplained: ExplanationFailed | None = None
    smaller: SmallerReady | None = None
    summarised: SearchSummarised | None = None
    failure: Failed | None = None
    mirrored: Mirrored | None = None

    @property
    def leaderboard(self) -> tuple[CandidateFinished, ...]:
        """Candidates with a score over all folds, best first; ties keep the order of their numbers."""
        if self.prepared is None:
            return ()
        sign = -1 if self.prepared.greater_is_better else 1
        whole = (result for result in self.finished if not result.pruned)
        return tuple(sorted(whole, key=lambda result: (sign * result.score, result.number)))

    @property
    def best(self) -> CandidateFinished | None:
        """The candidate on top of the leaderboard."""
        return self.leaderboard[0] if self.leaderboard else None

    @property
    def baseline(self) -> float | None:
        """The score of the same answer for every row, with which candidates are compared; None before it is known."""
        return None if self.prepared is None else baseline_of(self.prepared, self.finished)

    @property
    def says_the_same(self) -> bool:
        """Whether the model gives the same answer for every row, because nothing better came to a file."""
        return self.blend is not None and {member.family for member in self.blend.members} == {BASELINE}

    @property
    def n_tried(self) -> int:
        """The number of candidates that came to an end, without the baseline: it is what they are compared with."""
        ended = [*(each.number for each in self.finished), *(each.number for each in self.failed)]
        return sum(number > 0 for number in ended)

    @property
    def pinned(self) -> tuple[int, ...]:
        """The candidates that a person has pinned, and whom nobody has refused."""
        return tuple(
            _standing((each.number, each.lifted) for each in self._granted if isinstance(each, CandidatePinned))
        )

    @property
    def banned(self) -> tuple[str, ...]:
        """The families of which a person wants no new candidates."""
        return tuple(_standing((each.family, each.lifted) for each in self._granted if isinstance(each, FamilyBanned)))

    @property
    def _granted(self) -> Iterable[Request]:
        refused = {each.request for each in self.answers.values() if each.problem is not None}
        return (each for each in self.requests if each.request not in refused)


def baseline_of(prepared: DataPrepared, finished: Iterable[CandidateFinished]) -> float:
    """Return the score of the same answer for every row: on the folds, as candidates have theirs, once it has one.

    The one on all training rows knows their answers: where folds differ, as forward in time, nothing might reach it.
    """
    on_folds = (each.score for each in finished if each.family == BASELINE and not each.pruned)
    return next(on_folds, prepared.baseline)


N = TypeVar("N", int, str)


def _standing(asked: Iterable[tuple[N, bool]]) -> Iterable[N]:
    """Return what was asked for and not taken back afterwards, in order."""
    found: dict[N, None] = {}
    for what, lifted in asked:
        found.pop(what, None)
        if not lifted:
            found[what] = None
    return found


def fold(events: Iterable[Event], before: Progress | None = None) -> Progress:
    """Add up events, in order. `before`: what the events until then add up to."""
    return reduce(_step, events, before or Progress())


def _step(now: Progress, event: Event) -> Progress:  # noqa: C901 - one line per kind of event
    now = replace(now, seconds=max(now.seconds, event.seconds))
    match event:
        case RunStarted():
            return replace(now, status=Status.TRAINING, under_way=(), failure=None, unexplained=None, mirrored=None)
        case Sampled():
            return replace(now, sampled=event)
        case DataPrepared():
            return replace(now, prepared=event)
        case TableDescribed():
            return replace(now, described=event)
        case Checked():
            return replace(now, checked=event)
        case StageStarted():
            return replace(now, stage=event.stage)
        case CandidateStarted():
            begun = now.begun | {event.request} if event.request else now.begun
            return replace(now, under_way=(*_ended(now, event.number).under_way, event), begun=begun)
        case CandidateFinished():
            # One whose files were lost is trained once more.
            kept = tuple(each for each in now.finished if each.number != event.number)
            return replace(_ended(now, event.number), finished=(*kept, event))
        case CandidateFailed():
            return replace(_ended(now, event.number), failed=(*now.failed, event))
        case FamilySkipped():
            others = (skip for skip in now.skipped if skip.family != event.family)  # a resumed run says it again
            return replace(now, skipped=(*others, event))
        case SearchOpened():
            return replace(now, opened=event, search_ended=None)
        case CandidateAsked() | FamilyBanned() | CandidatePinned():
            known = any(each.request == event.request for each in now.requests)
            return now if known else replace(now, requests=(*now.requests, event))
        case RequestAnswered():
            return replace(now, answers={**now.answers, event.request: event})
        case SearchEnded():
            return replace(now, search_ended=event)
        case Paused():
            return replace(now, status=Status.PAUSED)
        case Continued() | StopRequested():
            return replace(now, status=Status.TRAINING)
        case TimeAdded():
            return replace(now, added_seconds=event.added_seconds)
        case BlendChosen():
            return replace(now, blend=event, all_rows=None, under_way=())
        case AllRowsTried():
            blend = replace(now.blend, members=event.members) if now.blend and event.kept else now.blend
            return replace(now, all_rows=event, blend=blend)
        case ModelRefused():
            return replace(now, refused=event)
        case ModelReady():
            return replace(now, ready=event)
        case Explained():
            return replace(now, explained=event)
        case ExplanationFailed():
            return replace(now, unexplained=event)
        case SmallerReady():
            return replace(now, smaller=event)
        case SearchSummarised():
            return replace(now, summarised=event)
        case Finished():
            return replace(now, status=Status.STOPPED if event.stopped else Status.FINISHED, under_way=())
        case Failed():
            return replace(now, status=Status.FAILED, failure=event, under_way=())
        case Mirrored() if now.status not in ACTIVE:  # else it speaks of the attempt before the one under way
            return replace(now, mirrored=event)
        case _:
            return now


def _ended(now: Progress, number: int) -> Progress:
    return replace(now, under_way=tuple(c for c in now.under_way if c.number != number))


class Command(StrEnum):
    """What a person asks of a run under way."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"
