"""What a run does with a table that is larger than memory: draws a sample, and at the end trains on all rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.blend.all_rows import DRAWN, AllRows, fit_on_all_rows, keep_drawing
from engine.blend.calibration import Calibration
from engine.blend.final import FinalModel
from engine.config import ExperimentConfig
from engine.errors import TrialError
from engine.events import AllRowsTried, Sampled, StopRequested
from engine.families.family import family_named
from engine.figures import figure
from engine.messages import Message, phrase
from engine.progress import Command, fold
from engine.run.finish import MemberPlan, members_of
from engine.run.process import RunProcess
from engine.run.question import Question
from engine.search.data import TrainingData
from engine.search.guard import GuardedCall
from engine.search.order import Order
from engine.search.surroundings import Result
from engine.table.dataset import Dataset
from engine.table.large.drawing import RARE, Drawing
from engine.table.large.drawn import Drawn
from engine.table.large.reading import CELL_BYTES, MEMORY_OF_TABLE, memory_for_table
from engine.tasks.metric import metric_named

DRAWN_FOLDER = "drawn"
SHARE_OF_TIME = 0.45  # that is left when the search begins, for training on all rows at its end
ROWS_PER_SECOND, MOST_CELLS, LEAST_ROWS = 1_000, 20_000_000, 20_000
USUAL_COLUMNS = 20
SAMPLE_OF_MEMORY = 0.25
BESIDE_BYTES = 5e8  # of memory, for the libraries
THREADS_GAIN = 0.8  # of each further thread

DRAWN_FOR_SEARCH = phrase(
    "sample_drawn",
    "Of {n_rows} rows, more than fit into memory, {n_sample} drawn at random serve the search; {n_held} others are set "
    "aside for the score.",
)
RARE_WHOLE = phrase(
    "sample_rare_whole",
    "All {n} rows with the rare answer {answer} that are not set aside are in the sample; each weighs less in return, "
    "so that probabilities stay those of the table.",
)
RARE_PART = phrase(
    "sample_rare_part",
    "Rows with the rare answer {answer} were drawn more often than others, {taken} of {n}; each weighs less in return, "
    "so that probabilities stay those of the table.",
)
GAINED = phrase(
    "all_rows_gained",
    "Trained again on {n_used} rows, the model is better than the one that has learnt from the sample of {n_sample} "
    "rows alone: {metric} {after} in place of {before}, on {n} further rows. The new one is kept.",
)
NOT_GAINED = phrase(
    "all_rows_not_gained",
    "Trained again on {n_used} rows, the model is no better than the one that has learnt from the sample of {n_sample} "
    "rows alone: {metric} {after} against {before}, on {n} further rows. The one of the sample is kept.",
)
NO_MEMBER = phrase(
    "all_rows_no_member",
    "The model has learnt from the sample alone: none of its families can be trained on rows that do not fit into "
    "memory.",
    "LightGBM and XGBoost can.",
)
NOT_COMPARED = phrase(
    "all_rows_not_compared",
    "The model has learnt from the sample alone: without rows set aside nothing says whether more rows make it better.",
    "Set some rows aside.",
)
NO_COPIES = phrase(
    "all_rows_copies",
    "The model has learnt from the sample alone: copies of rows can be left out of a sample, not of all rows.",
    "Take out the copies before the table is read, or keep them.",
)
STOPPED_BEFORE = phrase("all_rows_stopped", "The model has learnt from the sample alone, because you asked to stop.")
FAILED = phrase(
    "all_rows_failed", "The model has learnt from the sample alone; training it on all rows did not succeed."
)


def draw(
    folder: Path, dataset: Dataset, config: ExperimentConfig, target: str, of_classes: bool, n_rows: int
) -> Sampled:
    """Draw the rows of a run and leave them in its folder; runs in a guarded process."""
    place = folder / DRAWN_FOLDER
    place.mkdir(exist_ok=True)
    drawing = Drawing(dataset=dataset, config=config, target=target, of_classes=of_classes)
    drawing.whole.refuse_changes()
    plan = drawing.plan(n_rows)
    made = drawing.draw(plan)
    assert made.drawn is not None
    replace(made, whole=None).save(place)
    keep_drawing(folder, drawing, plan)
    made.drawn.save(folder / DRAWN)
    n_sample = len(made.drawn.rows) - made.drawn.n_held - made.drawn.n_compared
    of_sample = made.drawn.level[:n_sample]
    classes = {str(level): (plan.counts[i], int((of_sample == i).sum())) for i, level in enumerate(plan.levels)}
    return Sampled(
        seconds=0.0,
        n_rows=sum(plan.counts),
        n_sample=n_sample,
        n_held=made.drawn.n_held,
        classes=classes,
        said=sample_in_words(classes, sum(plan.counts), n_sample, made.drawn, plan.held_share),
    )


def sample_in_words(
    classes: Mapping[str, tuple[int, int]], n_rows: int, n_sample: int, drawn: Drawn, held_share: float
) -> tuple[Message, ...]:
    """Say how many rows were drawn for what, and how a rare answer was treated."""
    told = [DRAWN_FOR_SEARCH(n_rows=f"{n_rows:,}", n_sample=f"{n_sample:,}", n_held=f"{drawn.n_held:,}")]
    if drawn.weight is None or not classes:
        return tuple(told)
    answer, (n, taken) = min(classes.items(), key=lambda pair: pair[1][0])
    free = (1 - 2 * held_share) * n
    is_whole = taken >= 0.9 * free and n < RARE * n_rows
    told.append(
        RARE_WHOLE(n=f"{taken:,}", answer=answer)
        if is_whole
        else RARE_PART(n=f"{n:,}", taken=f"{taken:,}", answer=answer)
    )
    return tuple(told)


def drawn_rows(folder: Path, dataset: Dataset) -> Dataset:
    """Return the rows that `draw` left in a run's folder; of a table in memory, and before they are drawn, itself."""
    if dataset.whole is None or not (folder / DRAWN).exists():
        return dataset
    made = Dataset.load(folder / DRAWN_FOLDER)
    return replace(made, whole=dataset.whole, drawn=Drawn.load(folder / DRAWN), fingerprint=dataset.fingerprint)


def draw_once(process: RunProcess, dataset: Dataset, config: ExperimentConfig, question: Question) -> Dataset:
    """Return the rows drawn for a run, and say how; an earlier process of the run may have drawn them."""
    whole, folder = dataset.whole, process.around.folder
    assert whole is not None
    if not (folder / DRAWN).exists() or fold(process.events).sampled is None:
        left_seconds = max(process.around.clock.left_seconds, 0.0)
        n_rows = rows_for_search(config, left_seconds, len(dataset.schema.columns), whole.most_bytes)
        bare = replace(dataset, whole=replace(whole, keeper=None))
        found: Sampled = process.call(
            draw, folder, bare, config, question.task.target, bool(question.task.classes), n_rows
        )
        process.record(replace(found, seconds=process.around.clock.seconds))
    return drawn_rows(folder, dataset)


def seconds_for_all_rows(dataset: Dataset, left_seconds: float) -> float:
    """Return how much of the time left to keep for training on all rows of a large table; none for one in memory."""
    return 0.0 if dataset.whole is None else SHARE_OF_TIME * left_seconds


def rows_for_search(config: ExperimentConfig, left_seconds: float, n_columns: int, most_bytes: float | None) -> int:
    """Return how many rows a search on a large table sees: as many as the time and a part of the memory allow.

    >>> rows_for_search(ExperimentConfig(), 250, 20, None)
    250000
    """
    wide = max(n_columns, 1) / USUAL_COLUMNS
    held = SAMPLE_OF_MEMORY * memory_for_table(most_bytes) / (MEMORY_OF_TABLE * CELL_BYTES * max(n_columns, 1))
    by_time = max(LEAST_ROWS, ROWS_PER_SECOND * left_seconds) if config.candidates is None else LEAST_ROWS * 10
    return int(max(100, min(by_time / wide, MOST_CELLS / max(n_columns, 1), held)))


@dataclass(kw_only=True)
class Larger:
    """The end of a run on a large table: its members fitted on all rows, kept where that made the model better.

    `threads`: of this computer. `most_bytes`: see `Whole`. `end_seconds`: of the run's clock; None lets the clock
    decide nothing. `stopped`: the person has asked to stop, or does so now.
    """

    process: RunProcess
    config: ExperimentConfig
    data: TrainingData
    metric: str
    results: Mapping[int, Result]
    threads: int
    end_seconds: float | None
    calibration: Calibration
    most_bytes: float | None
    stopped: bool

    def run(self, plans: tuple[MemberPlan, ...]) -> tuple[MemberPlan, ...]:
        """Return the plans with what is fitted on all rows in the place of what the sample taught, if it is better."""
        able = [each for each in plans if family_named(each.member.family).fit_blocks is not None]
        is_compared = self.data.compared is not None
        refused = refusal(self.config, is_able=bool(able), is_compared=is_compared, stopped=self.stopped)
        if refused is not None:
            return self._tell(plans, refused)
        self.process.stage("all rows")
        n_used, problem, done = 0, None, []
        for plan in sorted(able, key=lambda each: -each.member.weight):
            try:
                n_used = self._fitted(plan)
                done.append(plan)
            except TrialError as failure:
                problem = failure.message
                break
            if self.end_seconds is not None:
                break  # one of them has taken the time
        if not done and self.stopped:
            return self._tell(plans, STOPPED_BEFORE())
        if not done:
            assert problem is not None
            return self._tell(plans, FAILED(), problem=problem)
        return self._better(plans, done, n_used)

    def _asked(self, plan: MemberPlan) -> AllRows:
        result, around = self.results[plan.member.number], self.process.around
        left = None if self.end_seconds is None else max(self.end_seconds - around.clock.seconds, 0.0)
        gain = 1 + THREADS_GAIN * (self.threads - 1)
        return AllRows(
            order=Order(
                folder=around.folder,
                number=plan.member.number,
                family=plan.member.family,
                parameters=result.proposal.parameters,
                metric=self.metric,
                seed=self.config.seed,
                threads=self.threads,
                seconds=left,
            ),
            rounds=result.report.rounds,
            fit_seconds=1.5 * result.seconds / result.n_folds / gain,
        )

    def _fitted(self, plan: MemberPlan) -> int:
        call = self._begun(plan)
        while call.poll() is None and not self.stopped:
            command = self.process.around.control()
            if command is Command.STOP:
                self.stopped = True
                self.process.say(StopRequested)
                call.kill()
            elif command is Command.PAUSE and self.end_seconds is not None:
                call.kill()  # its own clock would go on meanwhile: it begins anew afterwards
                self.process.stand_by([])
                call = self._begun(plan)
            else:
                self.process.stand_by([call])
        n_used: int = self.process.wait(call)
        return n_used

    def _begun(self, plan: MemberPlan) -> GuardedCall:
        asked = self._asked(plan)
        memory = int(memory_for_table(self.most_bytes) + BESIDE_BYTES)
        return self.process.start(fit_on_all_rows, asked, seconds=asked.order.seconds, memory_bytes=memory)

    def _better(self, plans: tuple[MemberPlan, ...], done: Sequence[MemberPlan], n_used: int) -> tuple[MemberPlan, ...]:
        replaced = tuple(replace(each, on_all_rows=each in done) for each in plans)
        total = sum(each.member.weight for each in done)
        alone = tuple(
            replace(each, member=replace(each.member, weight=each.member.weight / total), on_all_rows=True)
            for each in done
        )
        choices = [plans, replaced] if len(done) == len(plans) else [plans, replaced, alone]
        folder = self.process.around.folder
        scores: list[float] = self.process.call(compared, folder, choices, self.calibration, self.metric)
        assert self.data.compared is not None
        best, new, reason = judged(
            scores, self.metric, n_used=n_used, n_sample=len(self.data.train.y), n=len(self.data.compared.y)
        )
        return self._tell(choices[best], reason, n_used=n_used, before=scores[0], after=scores[new], kept=bool(best))

    def _tell(
        self,
        plans: tuple[MemberPlan, ...],
        reason: Message,
        *,
        n_used: int = 0,
        before: float | None = None,
        after: float | None = None,
        kept: bool = False,
        problem: Message | None = None,
    ) -> tuple[MemberPlan, ...]:
        members = tuple(each.member for each in plans)
        self.process.say(
            AllRowsTried,
            n_used=n_used,
            before=before,
            after=after,
            kept=kept,
            members=members,
            reason=reason,
            problem=problem,
        )
        return plans


def refusal(config: ExperimentConfig, *, is_able: bool, is_compared: bool, stopped: bool) -> Message | None:
    """Return why the sample has the last word before anything was tried; None where all rows can be.

    `is_able`: a member is of a family that can be fitted on them. `is_compared`: there are rows for comparing.
    """
    if stopped:
        return STOPPED_BEFORE()
    if config.drop_copies or config.drop_alike:
        return NO_COPIES()
    if not is_compared:
        return NOT_COMPARED()
    return None if is_able else NO_MEMBER()


def judged(scores: Sequence[float], metric: str, *, n_used: int, n_sample: int, n: int) -> tuple[int, int, Message]:
    """Return which choice is best, which is the best of the new ones, and say so; the first is that of the sample."""
    losses = [metric_named(metric).loss(score) for score in scores]
    best = min(range(len(scores)), key=losses.__getitem__)
    new = best or min(range(1, len(scores)), key=losses.__getitem__)
    say = GAINED if best else NOT_GAINED
    reason = say(
        n_used=f"{n_used:,}",
        n_sample=f"{n_sample:,}",
        metric=metric,
        before=figure(scores[0], 5),
        after=figure(scores[new], 5),
        n=f"{n:,}",
    )
    return best, new, reason


def compared(
    folder: Path, choices: Sequence[tuple[MemberPlan, ...]], calibration: Calibration, metric: str
) -> list[float]:
    """Return the score of each choice of members on the rows for comparing; runs in a guarded process."""
    data = TrainingData.load(folder / "data")
    rows = data.compared
    assert rows is not None
    frame, scores = rows.frame, []
    for plans in choices:
        model = FinalModel(
            task=data.task,
            columns=data.columns,
            members=members_of(folder, plans),
            calibration=calibration,
            target_scale=data.target_scale,
        )
        scores.append(metric_named(metric).score(rows.y, model.predict(frame), rows.weight))
    return scores
