"""From what a search found to the certified file: the blend, the refits, the export, and what to fall back on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.blend.calibration import Calibration
from engine.blend.choice import Choice
from engine.config import ExperimentConfig
from engine.errors import CertificateError, RunError, TrialError
from engine.events import BlendChosen, ModelRefused
from engine.messages import phrase
from engine.outcomes import Member
from engine.run.electing import Election
from engine.run.ending import SPARE_REFITS, Ending
from engine.run.finish import METRIC, Exported, MemberPlan, export
from engine.run.larger import Larger
from engine.run.members import LONGER, Room, with_refits_done
from engine.run.process import RunProcess
from engine.run.question import Question
from engine.run.refitting import Refitting
from engine.search.clock import Clock
from engine.search.data import TrainingData
from engine.search.folds import LEFT_OUT as NO_PART
from engine.search.loop import Search
from engine.search.order import Order
from engine.search.surroundings import Result
from engine.unused import LEFT_OUT, unused_columns

NOT_CERTIFIED = phrase(
    "run_not_certified",
    "No model could be turned into a file that predicts the same and keeps its limits.",
    "Allow a larger file or a slower row; if none was set, please report this table's column kinds as a bug.",
)


@dataclass(frozen=True, kw_only=True)
class Making:
    """The end of a run, once its search is over."""

    process: RunProcess
    config: ExperimentConfig
    question: Question
    data: TrainingData
    search: Search
    ending: Ending

    def best_certified(self) -> tuple[Exported, Choice]:
        """Blend and export; when that fails, fall back to the best single candidates, and to the baseline at last."""
        whole = {n: result for n, result in self.search.results.items() if not result.report.pruned}
        election = Election(
            process=self.process,
            config=self.config,
            metric=self.question.metric.key,
            results=whole,
            baseline_loss=self.search.baseline_loss,
            n_rows=len(self.data.train.y),
            room=self.ending.room,
        )
        useful = election.standing
        attempts: list[Sequence[int]] = [useful, *([number] for number in useful[:3]), [min(whole)]]
        folder, seed, clock = self.process.around.folder, self.config.seed, self.process.around.clock
        tried: set[tuple[int, ...]] = set()
        while attempts:
            numbers = tuple(attempts.pop(0))
            if numbers in tried:
                continue
            tried.add(numbers)
            members: tuple[Member, ...] = ()
            try:
                elected = election.elect(numbers)
                choice, members = elected.choice, elected.members
                self.process.say(
                    BlendChosen,
                    members=members,
                    score=choice.score,
                    reason=elected.reason,
                    no_room=elected.no_room,
                )
                plans = self.on_all_rows(self.refit(members, whole), whole, choice.calibration)
                self.process.stage("export")
                facts, limits, decision = self.facts(choice), self.config.limits, choice.decision
                seconds = None if self.is_untimed else clock.left_seconds
                exported = self.process.call(
                    export, folder, plans, choice.calibration, facts, seed, limits, decision, seconds
                )
            except (CertificateError, TrialError) as refused:
                self.process.say(ModelRefused, cause=refused.message, members=members)
                if len(members) > 1:
                    # The heavier half, chosen anew, so that what is said of it is true.
                    attempts.insert(0, [member.number for member in members[: len(members) // 2]])
            else:
                return exported, choice
        raise RunError(NOT_CERTIFIED())

    def refit(self, members: tuple[Member, ...], results: Mapping[int, Result]) -> tuple[MemberPlan, ...]:
        """Fit the members again on all rows that gain by it, if there is time; what fails enters as its fold models."""
        around, limits = self.process.around, self.search.limits
        left_seconds = None if self.is_untimed else self.ending.file_by_seconds - around.clock.seconds
        plans = self.ending.paid_plans(members, results, left_seconds)
        if self.question.dataset.whole is not None:  # the time is for all rows
            plans = tuple(replace(plan, n_refits=min(plan.n_refits, 1)) for plan in plans)
        refitting = Refitting(
            process=self.process,
            order=Order(
                folder=around.folder,
                number=0,
                family="",
                parameters={},
                metric=self.question.metric.key,
                seed=self.config.seed,
                threads=limits.threads,
            ),
            results=results,
            slots=limits.slots_here,
            longer=self.ending.longer,
            end_seconds=self.end_seconds(plans, results),
            stopped=self.search.stopped,
        )
        done = refitting.run(plans)
        self.search.stopped = refitting.stopped
        return with_refits_done(plans, done, results, self.ending.room)

    def on_all_rows(
        self, plans: tuple[MemberPlan, ...], results: Mapping[int, Result], calibration: Calibration
    ) -> tuple[MemberPlan, ...]:
        """Fit members on all rows of a table larger than memory, of which the search has seen a sample."""
        whole = self.question.dataset.whole
        if whole is None:
            return plans
        limits = self.search.limits
        larger = Larger(
            process=self.process,
            config=self.config,
            data=self.data,
            metric=self.question.metric.key,
            results=results,
            threads=limits.threads if self.is_untimed else limits.slots_here * limits.threads,
            end_seconds=self.end_seconds(plans, results),
            calibration=calibration,
            most_bytes=whole.most_bytes,
            stopped=self.search.stopped,
        )
        with_all = larger.run(plans)
        self.search.stopped = larger.stopped
        return with_all

    def end_seconds(self, plans: Sequence[MemberPlan], results: Mapping[int, Result]) -> float | None:
        """Return when the clock of the run leaves just the time to write the file; None where it decides nothing."""
        return None if self.is_untimed else self.ending.refits_by_seconds(plans, results)

    @property
    def is_untimed(self) -> bool:
        """Whether the clock decides nothing."""
        return self.config.candidates is not None

    def facts(self, choice: Choice) -> dict[str, str]:
        """Return what the file says of itself besides the model."""
        question, inputs = self.question, {column.name for column in self.data.columns}
        unused = unused_columns(question.dataset.schema, self.config, inputs=inputs, leaks=question.leaks)
        return {
            LEFT_OUT: json.dumps([column.to_json() for column in unused], ensure_ascii=False),
            METRIC: question.metric.key,
            "tablewright.validation": json.dumps({key: vars(value) for key, value in choice.validation.items()}),
            "tablewright.fingerprint": question.dataset.fingerprint,
            "tablewright.table": question.dataset.name,
        }


def ending_of(config: ExperimentConfig, data: TrainingData, clock: Clock, slots: int, *, is_large: bool) -> Ending:
    """Return what is known of the end of a run before its search begins; forward in time folds stand for few rows.

    A retraining has promised to be quick; the time of a large table is for fits on all of its rows.
    """
    divisions, is_forward = data.fold_rows(), bool((data.folds == NO_PART).any())
    n_rows, n_learnt = len(data.train.y), sum(len(learnt) for learnt, _ in divisions) / len(divisions)
    return Ending(
        n_rows=n_rows,
        n_columns=len(data.columns),
        least_parts=len(divisions),
        slots=slots,
        clock=clock,
        room=Room.within(config.limits, len(data.columns), None if is_forward else n_rows),
        longer=n_rows / n_learnt if is_forward else LONGER,
        spare_refits=() if is_large or config.again is not None else SPARE_REFITS,
    )
