"""Runs an experiment: the stages, in order, each one call."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine.artifacts import Artifacts, FolderArtifacts
from engine.checks.automatic import first_findings
from engine.checks.check import Case, Finding, Severity, findings
from engine.config import ExperimentConfig
from engine.errors import RunError, TrialError
from engine.events import (
    Checked,
    DataPrepared,
    Event,
    FamilySkipped,
    Finished,
    ModelReady,
    Request,
    RunStarted,
    StopRequested,
    TableDescribed,
    of_kind,
)
from engine.families import BASELINE
from engine.families.family import Family, families
from engine.insight.intervals import baseline_prediction
from engine.limits import refusal
from engine.messages import phrase
from engine.progress import Command, Progress, fold
from engine.registry import Skip
from engine.run.afterwards import Afterwards
from engine.run.dividing import divide_rows
from engine.run.ending import Ending
from engine.run.guiding import open_search
from engine.run.larger import draw_once, drawn_rows, seconds_for_all_rows
from engine.run.making import Making, ending_of
from engine.run.members import room_taken
from engine.run.process import RunProcess
from engine.run.question import Question, settle_question, without_leaks
from engine.run.resources import limits_for
from engine.search.clock import Clock
from engine.search.data import TrainingData, shape_of
from engine.search.describing import describe
from engine.search.executors.executor import Executor
from engine.search.executors.here import Here
from engine.search.experience import Experience
from engine.search.given import Given
from engine.search.guard import GuardedCall, reap_strays
from engine.search.loop import Search
from engine.search.past import past_candidates, past_results
from engine.search.portfolio import Beginning, beginning
from engine.search.preload import preload
from engine.search.proposals import Proposer
from engine.search.pruners.pruner import USUAL_PRUNER
from engine.search.sockets import note_sockets
from engine.search.surroundings import Surroundings
from engine.search.turning import target_choices
from engine.shape import Shape
from engine.table.dataset import Dataset
from engine.unseen import keep
from engine.whole_files import is_whole_pickle

NOTHING_TRAINED = phrase(
    "run_nothing_trained",
    "No candidate could be trained.",
    "Look at the reasons beside the candidates; more time or more memory may help.",
)
CHECKS_BROKE = phrase(
    "checks_broke",
    "The table could not be checked for all traps: {reason}",
    "Look at the columns yourself.",
    "A column that gives the answer away may have been used; the score would be too good.",
)


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A finished run. `model_path`: the ONNX file. `progress`: everything that happened, added up."""

    model_path: Path
    progress: Progress


def run_experiment(
    dataset: Dataset,
    config: ExperimentConfig,
    *,
    folder: Path | None = None,
    artifacts: Artifacts | None = None,
    emit: Callable[[Event], None] = lambda _event: None,
    control: Callable[[], Command] = lambda: Command.CONTINUE,
    added_seconds: Callable[[], float] = lambda: 0.0,
    requests: Callable[[], Sequence[Request]] = tuple,
    clock_started: float | None = None,
    past: tuple[Event, ...] = (),
    experience: Sequence[Experience] = (),
    executor: Executor | None = None,
) -> FinishedRun:
    """Train, blend, export, certify and explain, inside the time budget.

    `folder`: scratch folder; the same one again, with the `past` events, resumes a run. None makes a temporary one.
    `artifacts`: where `model.onnx` and `explanation.npz` are kept; None keeps them in the scratch folder.
    `added_seconds`: what a person has added to the budget so far, in all; looked at while the search goes on.
    `requests`: what a person has asked of the search so far, in order; looked at while it goes on.
    `clock_started`: `time.time()` at which the budget began; None begins now.
    `experience`: what earlier runs found out on other tables; not looked at where the number of candidates is fixed,
    which promises the same leaderboard whatever was done before.
    `executor`: where trials run; None: on this computer. The caller closes it.
    Raises InputError when the table or the settings are at fault, RunError when nothing could be trained.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="tablewright-"))
    place.mkdir(parents=True, exist_ok=True)
    store = artifacts or FolderArtifacts(place / "artifacts")
    before = fold(past)
    clock = Clock(
        config.seconds, started=clock_started, spent_seconds=before.seconds, added_seconds=before.added_seconds
    )
    around = Surroundings(
        folder=place,
        clock=clock,
        emit=emit,
        control=control,
        added_seconds=added_seconds,
        requests=requests,
        executor=executor or Here(),
    )
    return _Run(config, RunProcess(around, past), experience).all_stages(dataset, store)


class _Run:
    """One run under way: what its stages share."""

    def __init__(self, config: ExperimentConfig, process: RunProcess, experience: Sequence[Experience]) -> None:
        self.config = config
        self.experience = experience
        self.process = process
        self.around = process.around

    def all_stages(self, dataset: Dataset, artifacts: Artifacts) -> FinishedRun:
        """Go through the stages."""
        preload()
        reap_strays(self.around.folder)
        note_sockets(self.around.folder)
        ready = self.is_ready(artifacts)
        stopped = ready and bool(of_kind(self.process.events, StopRequested))
        self.process.say(RunStarted, process_id=os.getpid(), resumed=bool(self.process.events))
        if not ready:
            stopped = self.make_model(dataset, artifacts)
        after = Afterwards(process=self.process, config=self.config, artifacts=artifacts)
        self.process.stage("explain")
        after.explain()
        keep(self.process, artifacts, drawn_rows(self.around.folder, dataset), self.config)
        after.make_smaller()
        after.summarise()
        self.process.say(Finished, stopped=stopped)
        return FinishedRun(model_path=artifacts.fetch("model.onnx"), progress=fold(self.process.events))

    def is_ready(self, artifacts: Artifacts) -> bool:
        """Say whether an earlier process of this run has scored its file: the hold-out is not looked at twice."""
        ready = fold(self.process.events).ready
        kept = is_whole_pickle(self.around.folder / "final.pkl") and "model.onnx" in artifacts.names()
        return kept and ready is not None and artifacts.fetch("model.onnx").stat().st_size == ready.certificate.bytes

    def make_model(self, dataset: Dataset, artifacts: Artifacts) -> bool:
        """Search, blend, export, certify and score; returns whether the person asked to stop."""
        self.process.stage("prepare")
        question = settle_question(dataset, self.config)
        case = Case(dataset=question.dataset, task=question.task, config=self.config)
        leaks = leaks_found(case)
        question = without_leaks(question, leaks)
        if dataset.whole is not None:
            sample = draw_once(self.process, dataset, self.config, question)
            question = without_leaks(settle_question(sample, self.config), leaks)
        data = self.prepare(question)
        read_seconds = self.around.clock.seconds
        checks = self.process.start(findings, case, leaks, seconds=self.config.seconds / 2)
        self.process.stage("search")
        slots = limits_for(self.config, len(data.train.y), self.around.executor).slots_here
        ending = ending_of(self.config, data, self.around.clock, slots, is_large=dataset.whole is not None)
        search = self.search(question, data, ending)
        search_ended = self.around.clock.seconds
        self.process.say(Checked, findings=self.found(checks, leaks))
        self.process.stage("blend")
        exported, choice = Making(
            process=self.process, config=self.config, question=question, data=data, search=search, ending=ending
        ).best_certified()
        artifacts.save("model.onnx", exported.path)
        self.process.say(
            ModelReady,
            path="model.onnx",
            certificate=exported.certificate,
            holdout=exported.holdout,
            validation=choice.validation,
            baseline=exported.baseline,
            gain=exported.gain,
            decided=exported.decided,
            read_seconds=read_seconds,
            search_seconds=search_ended - read_seconds,
        )
        return search.stopped

    def found(self, checks: GuardedCall, leaks: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return what the checks found. A check that breaks must not take the run with it: that is a finding too.

        `leaks`: what was found before, and has been acted on.
        """
        try:
            made: tuple[Finding, ...] = self.process.wait(checks)
        except TrialError as broken:
            told = any(finding.code == CHECKS_BROKE.code for finding in leaks)
            return leaks if told else (_broken(broken), *leaks)
        return made

    def prepare(self, question: Question) -> TrainingData:
        """Divide the rows and leave them on disk for the trials."""
        data, plan = divide_rows(question, self.config, draw=self.process.call_where_imported)
        place = self.around.folder / "data"
        place.mkdir(parents=True, exist_ok=True)
        data.save(place)
        constant = baseline_prediction(data.train.y, data.task, len(data.train.y), data.train.weight)
        self.process.say(
            DataPrepared,
            task=data.task,
            metric=question.metric.key,
            greater_is_better=question.metric.greater_is_better,
            n_rows=question.dataset.n_rows_in_all,
            n_columns=len(question.dataset.schema.columns),
            n_train=len(data.train.y),
            n_holdout=len(data.holdout.y),
            n_folds=len(data.fold_rows()),
            baseline=question.metric.score(data.train.y, constant, data.train.weight),
            metric_reason=question.metric_reason,
            how_validated=plan.reason,
        )
        return data

    def search(self, question: Question, data: TrainingData, ending: Ending) -> Search:
        """Try candidates until the time is up, the table has no more to tell, or the person asks to stop."""
        shape = shape_of(data)
        applying = self.families(shape)
        targets = target_choices(data)
        begin = self.begin(applying, data, shape, targets)
        again = self.config.again
        proposer = (
            Proposer(
                applying,
                shape,
                seed=self.config.seed,
                points=None if begin is None else begin.points,
                settings=self.config.search,
                targets=targets,
            )
            if again is None
            else Given([(each.family, each.parameters) for each in again.candidates], [each.key for each in applying])
        )
        n_folds, clock = len(data.fold_rows()), self.around.clock
        taken = partial(room_taken, room=ending.room)
        past = past_results(self.process.events, self.around.folder, question.metric)
        earlier = past_candidates(
            self.process.events,
            question.metric,
            past,
            n_folds=n_folds,
            timed=self.config.candidates is None,
            room_taken=taken,
        )
        proposer.remember(earlier)
        baseline = fold(self.process.events).prepared
        for_all_rows = seconds_for_all_rows(question.dataset, clock.left_seconds)
        limits = limits_for(self.config, len(data.train.y), self.around.executor)
        limits = limits if again is None else replace(limits, cap=None)  # all of it is trained, whatever comes of it
        search = Search(
            around=self.process.around_saying(),
            limits=limits,
            proposer=proposer,
            metric=question.metric,
            baseline_before=question.metric.loss(baseline.baseline if baseline else 0.0),
            seed=self.config.seed,
            n_folds=n_folds,
            relative_costs={family.key: family.relative_cost for family in applying},
            room_taken=taken,
            pruner=self.config.search.pruner or USUAL_PRUNER,
            guided=open_search(self.process, proposer if isinstance(proposer, Proposer) else None),
            reserve_seconds=lambda results: ending.reserve_seconds(results) + for_all_rows,
            results=past,
            ended={each.proposal.number: each.tried for each in earlier if each.ended},
        )
        search.run()
        if not search.results:
            raise RunError(NOTHING_TRAINED())
        return search

    def begin(
        self, applying: Sequence[Family], data: TrainingData, shape: Shape, targets: Mapping[str, tuple[str, ...]]
    ) -> Beginning | None:
        """Return what is tried first, judged by other tables, and say what this one is like.

        None leaves it to the families: where nobody wants the past, where a person's own space is to be searched, and
        where nothing is searched.
        """
        features = describe(data)
        begin = None
        if self.config.search.use_past and self.config.search.space is None and self.config.again is None:
            own = () if self.config.candidates is not None else self.experience
            begin = beginning(applying, shape, features, targets=targets, experience=own)
        self.process.say(TableDescribed, features=features, alike=() if begin is None else begin.alike)
        return begin

    def families(self, shape: Shape) -> list[Family]:
        """Return the families that apply, and say why the others do not."""
        applying = []
        for family in families():
            wanted = not self.config.families or family.key in (*self.config.families, BASELINE)
            if not wanted or shape.kind not in family.tasks:
                continue
            skip = refusal(family, self.config.limits) or family.applies(shape)
            if isinstance(skip, Skip):
                self.process.say(FamilySkipped, family=family.key, reason=skip.reason)
            else:
                applying.append(family)
        return applying


def leaks_found(case: Case) -> tuple[Finding, ...]:
    """Return what the checks find that may leave columns out until the person says that they are known in time.

    Done here, once, while the processes for training still start: what the run does and what it says come from the same
    findings. Should a check break, nothing is left out, and that is told.
    """
    try:
        return first_findings(case)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as broken:
        return (_broken(broken),)


def _broken(reason: Exception) -> Finding:
    return Finding(severity=Severity.PLEASE_LOOK, message=CHECKS_BROKE(reason=str(reason)))
