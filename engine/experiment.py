"""Runs an experiment: the stages, in order, each one call."""

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.artifacts import Artifacts, FolderArtifacts
from engine.blend.choice import Choice, choose_members
from engine.checks.check import Finding, Severity, findings
from engine.config import ExperimentConfig
from engine.errors import CertificateError, RunError, TrialError
from engine.events import (
    BlendChosen,
    CertificateRefused,
    Checked,
    Continued,
    DataPrepared,
    Event,
    Explained,
    ExplanationFailed,
    FamilySkipped,
    Finished,
    Member,
    ModelReady,
    Paused,
    RunStarted,
    StageStarted,
)
from engine.families.family import Family, Shape, families
from engine.finish import Exported, MemberPlan, export, refit
from engine.insight.explanation import Explanation, explain
from engine.insight.intervals import baseline_prediction
from engine.members import likely_refit_seconds, plan_members
from engine.messages import phrase
from engine.preparation import Question, divide_rows, settle_question
from engine.progress import Command, Progress, fold
from engine.registry import Skip
from engine.resources import limits_for
from engine.search.clock import Clock
from engine.search.data import TrainingData
from engine.search.guard import GuardedCall, reap_strays
from engine.search.loop import POLL_SECONDS, Result, Search, Surroundings
from engine.search.past import past_losses, past_results
from engine.search.preload import preload
from engine.search.proposals import Proposer
from engine.search.trial import Order
from engine.table.dataset import Dataset

EXPLAIN_SECONDS = 3.0
NOTHING_TRAINED = phrase(
    "run_nothing_trained",
    "No candidate could be trained.",
    "Look at the reasons beside the candidates; more time or more memory may help.",
)
CHECKS_BROKE = phrase(
    "checks_broke",
    "The table could not be checked for traps: {reason}",
    "The model is not touched by that; look at the columns yourself.",
)
NOT_CERTIFIED = phrase(
    "run_not_certified",
    "No model could be turned into a file that predicts the same.",
    "Please report this table's column kinds as a bug.",
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
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
    clock_started: float | None = None,
    past: tuple[Event, ...] = (),
) -> Outcome:
    """Train, blend, export, certify and explain, inside the time budget.

    `folder`: scratch folder; the same one again, with the `past` events, resumes a run. None makes a temporary one.
    `artifacts`: where `model.onnx` and `explanation.npz` are kept; None keeps them in the scratch folder.
    `clock_started`: `time.time()` at which the budget began; None begins now.
    Raises InputError when the table or the settings are at fault, RunError when nothing could be trained.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="tablewright-"))
    store = artifacts or FolderArtifacts(place / "artifacts")
    clock = Clock(config.seconds, started=clock_started, spent_seconds=fold(past).seconds)
    run = _Run(config, Surroundings(folder=place, clock=clock, emit=emit, control=control), past)
    return run.all_stages(dataset, store)


class _Run:
    """One run under way: what its stages share."""

    def __init__(self, config: ExperimentConfig, around: Surroundings, past: tuple[Event, ...]) -> None:
        self.config = config
        self.around = around
        self.events = list(past)

    def all_stages(self, dataset: Dataset, artifacts: Artifacts) -> Outcome:
        """Go through the stages."""
        preload()
        reap_strays(self.around.folder)
        stopped = False
        ready = self.is_ready(artifacts)
        self.say(RunStarted, process_id=os.getpid(), resumed=bool(self.events))
        if not ready:
            stopped = self.make_model(dataset, artifacts)
        self.stage("explain")
        self.explain(artifacts)
        self.say(Finished, stopped=stopped)
        return Outcome(model_path=artifacts.fetch("model.onnx"), progress=fold(self.events))

    def is_ready(self, artifacts: Artifacts) -> bool:
        """Say whether an earlier process of this run has scored its file: the hold-out is not looked at twice."""
        kept = (self.around.folder / "final.pkl").exists() and "model.onnx" in artifacts.names()
        return kept and fold(self.events).ready is not None

    def make_model(self, dataset: Dataset, artifacts: Artifacts) -> bool:
        """Search, blend, export, certify and score; returns whether the person asked to stop."""
        self.stage("prepare")
        question = settle_question(dataset, self.config)
        data = self.prepare(question)
        read_seconds = self.around.clock.seconds
        checks = self.start(findings, question.dataset, question.task)
        self.stage("search")
        search = self.search(question, data)
        search_ended = self.around.clock.seconds
        self.say(Checked, findings=self.found(checks))
        self.stage("blend")
        exported, choice = self.best_certified(question, data, search)
        artifacts.save("model.onnx", exported.path)
        self.say(
            ModelReady,
            path="model.onnx",
            certificate=exported.certificate,
            holdout=exported.holdout,
            validation=choice.validation,
            baseline=exported.baseline,
            read_seconds=read_seconds,
            search_seconds=search_ended - read_seconds,
        )
        return search.stopped

    def found(self, checks: GuardedCall) -> tuple[Finding, ...]:
        """Return what the checks found. A check that breaks must not take the run with it: that is a finding too."""
        try:
            made: tuple[Finding, ...] = self.wait(checks)
        except TrialError as broken:
            return (Finding(severity=Severity.WARNS, message=CHECKS_BROKE(reason=str(broken))),)
        return made

    def prepare(self, question: Question) -> TrainingData:
        """Divide the rows and leave them on disk for the trials."""
        data = divide_rows(question, self.config)
        place = self.around.folder / "data"
        place.mkdir(parents=True, exist_ok=True)
        data.save(place)
        constant = baseline_prediction(data.train.y, data.task, len(data.train.y), data.train.weight)
        self.say(
            DataPrepared,
            task=data.task,
            metric=question.metric.key,
            greater_is_better=question.metric.greater_is_better,
            n_rows=question.dataset.n_rows,
            n_columns=len(question.dataset.schema.columns),
            n_train=len(data.train.y),
            n_holdout=len(data.holdout.y),
            n_folds=len(data.fold_rows()),
            baseline=question.metric.score(data.train.y, constant, data.train.weight),
        )
        return data

    def search(self, question: Question, data: TrainingData) -> Search:
        """Try candidates until the time is up, the table has no more to tell, or the person asks to stop."""
        shape = Shape(
            n_rows=len(data.train.y),
            n_columns=len(data.columns),
            n_classes=len(data.task.classes),
            kind=data.task.kind,
        )
        proposer = Proposer(self.families(shape), shape, seed=self.config.seed)
        n_folds = len(data.fold_rows())
        past = past_results(self.events, self.around.folder, question.metric)
        ended = past_losses(self.events, question.metric)
        proposer.remember(ended, {n: (result.proposal.family, result.loss) for n, result in past.items()})
        baseline = fold(self.events).prepared
        limits = limits_for(self.config, len(data.train.y))
        search = Search(
            around=self.around_saying(),
            limits=limits,
            proposer=proposer,
            metric=question.metric,
            baseline_loss=question.metric.loss(baseline.baseline if baseline else 0.0),
            seed=self.config.seed,
            reserve_seconds=lambda results: reserve_seconds(
                results, shape.n_rows, n_folds, limits.slots, self.config.seconds
            ),
            results=past,
            ended=ended,
        )
        search.run()
        if not search.results:
            raise RunError(NOTHING_TRAINED())
        return search

    def families(self, shape: Shape) -> list[Family]:
        """Return the families that apply, and say why the others do not."""
        applying = []
        for family in families():
            wanted = not self.config.families or family.key in (*self.config.families, "baseline")
            if not wanted or shape.kind not in family.tasks:
                continue
            skip = family.applies(shape)
            if isinstance(skip, Skip):
                self.say(FamilySkipped, family=family.key, reason=skip.reason)
            else:
                applying.append(family)
        return applying

    def best_certified(self, question: Question, data: TrainingData, search: Search) -> tuple[Exported, Choice]:
        """Blend and export; when a file is not the model, fall back to the best single candidate that is."""
        whole = {n: result for n, result in search.results.items() if not result.report.pruned}
        ranked = sorted(whole, key=lambda number: (whole[number].loss, number))
        useful = [n for n in ranked if whole[n].loss < search.baseline_loss] or ranked[:1]
        attempts: list[Sequence[int]] = [useful, *([number] for number in useful[:3]), ranked[-1:]]
        for numbers in attempts:
            choice: Choice = self.call(
                choose_members, self.around.folder, tuple(numbers), question.metric.key, self.config.seed
            )
            members = tuple(
                Member(number=n, family=whole[n].proposal.family, weight=weight) for n, weight in choice.members
            )
            self.say(BlendChosen, members=members, score=choice.score)
            plans = self.refit(question, data, search, members, whole)
            self.stage("export")
            try:
                facts = _facts(question, choice)
                exported = self.call(export, self.around.folder, plans, choice.temperature, facts, self.config.seed)
            except CertificateError as refused:
                difference = float(refused.message.parameters["difference"])
                self.say(CertificateRefused, max_abs_diff=difference, members=members)
            else:
                return exported, choice
        raise RunError(NOT_CERTIFIED())

    def refit(
        self,
        question: Question,
        data: TrainingData,
        search: Search,
        members: tuple[Member, ...],
        results: Mapping[int, Result],
    ) -> tuple[MemberPlan, ...]:
        """Refit the members that are too large to enter as bags, if there is time."""
        timed = self.config.candidates is None
        left = self.around.clock.left_seconds - export_seconds(len(data.train.y))
        plans = plan_members(
            members,
            results,
            len(data.fold_rows()),
            slots=search.limits.slots,
            refit_budget_seconds=left if timed else None,
        )
        refits = [plan.member.number for plan in plans if plan.refitted]
        if refits:
            self.stage("refit")
        calls: list[GuardedCall] = []
        for number in refits:
            result = results[number]
            order = Order(
                folder=self.around.folder,
                number=number,
                family=result.proposal.family,
                parameters=result.proposal.parameters,
                metric=question.metric.key,
                seed=self.config.seed,
                threads=search.limits.threads,
                seconds=max(1.0, left) if timed else None,
            )
            while len(calls) - sum(call.poll() is not None for call in calls) >= search.limits.slots:
                self.stand_by(calls)
            calls.append(self.start(refit, order, result.report.rounds))
        for call in calls:
            self.wait(call)
        return plans

    def explain(self, artifacts: Artifacts) -> None:
        """Say what matters most, in the few seconds after the model is ready."""
        seconds = None if self.config.candidates is not None else EXPLAIN_SECONDS + 0.05 * self.config.seconds
        try:
            file = artifacts.fetch("model.onnx")
            explanation: Explanation = self.call(explain, self.around.folder, file, self.config.seed, seconds)
        except TrialError as failure:
            self.say(ExplanationFailed, cause=failure.message)
            return
        artifacts.save("explanation.npz", explanation.path)
        self.say(
            Explained,
            importances=explanation.importances,
            path="explanation.npz",
            n_rows=explanation.n_rows,
            max_sum_diff=explanation.max_sum_diff,
        )

    def say(self, kind: type[Event], **facts: Any) -> None:
        """Make an event happen now."""
        self.record(kind(seconds=self.around.clock.seconds, **facts))

    def record(self, event: Event) -> None:
        """Remember an event and tell the world."""
        self.events.append(event)
        self.around.emit(event)

    def stage(self, name: str) -> None:
        """Enter a stage."""
        self.say(StageStarted, stage=name)

    def around_saying(self) -> Surroundings:
        """Return the surroundings for a part that emits events of its own."""
        around = self.around
        return Surroundings(folder=around.folder, clock=around.clock, emit=self.record, control=around.control)

    def start(self, function: Callable[..., Any], *arguments: Any) -> GuardedCall:
        """Start a call in a guarded process."""
        return GuardedCall.start(
            function, arguments, deadline_seconds=None, memory_bytes=None, record=self.around.folder
        )

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a guarded process and return its value; its errors come back as themselves."""
        return self.wait(self.start(function, *arguments))

    def wait(self, call: GuardedCall) -> Any:
        """Wait for a guarded call, obeying a pause meanwhile."""
        while (outcome := call.poll()) is None:
            self.stand_by([call])
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def stand_by(self, calls: Sequence[GuardedCall]) -> None:
        """Let a moment pass; stand still, with the calls, while the person asks for a pause."""
        if self.around.control() is Command.PAUSE:
            for call in calls:
                call.pause()
            self.around.clock.pause()
            self.say(Paused)
            while self.around.control() is Command.PAUSE:
                time.sleep(0.1)
            for call in calls:
                call.resume()
            self.around.clock.resume()
            self.say(Continued)
        time.sleep(POLL_SECONDS)


def export_seconds(n_rows: int) -> float:
    """Return what assembling, certifying and scoring the file will take, roughly."""
    return 1.5 + n_rows / 40_000


def reserve_seconds(
    results: Mapping[int, Result], n_rows: int, n_folds: int, slots: int, budget_seconds: float
) -> float:
    """Return the time to keep for the end of the run: choosing the blend, refits of the likely members, the file."""
    choosing = 0.5 + min(1.0, n_rows / 40_000)
    refits = likely_refit_seconds(results, n_folds, slots)
    return min(choosing + refits + export_seconds(n_rows), 0.4 * budget_seconds)


def _facts(question: Question, choice: Choice) -> dict[str, str]:
    return {
        "tablewright.metric": question.metric.key,
        "tablewright.validation": json.dumps({key: vars(value) for key, value in choice.validation.items()}),
        "tablewright.fingerprint": question.dataset.fingerprint,
        "tablewright.table": question.dataset.name,
    }
