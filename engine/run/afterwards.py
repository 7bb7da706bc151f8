"""What follows when the file is ready: what matters most, smaller versions of it, which choices made the difference."""

from dataclasses import dataclass

from engine.artifacts import Artifacts
from engine.config import ExperimentConfig
from engine.errors import TablewrightError, TrialError
from engine.events import Explained, ExplanationFailed, SearchSummarised, SmallerReady
from engine.insight.explanation import Explanation, explain
from engine.messages import phrase
from engine.outcomes import Influence, SmallerModel
from engine.progress import fold
from engine.run.process import RunProcess
from engine.search.influence import influences, outcomes
from engine.smaller.measuring import smaller_models

EXPLAIN_SECONDS = 3.0
SMALLER_SECONDS = 3.0
LEAST_AT_END = 1.0
COMPARING_SECONDS = 1.0  # of a run trained again, for holding its model against the earlier one
NOT_KEPT = phrase("explanation_not_kept", "What matters most could not be kept: {reason}.", "The model is whole.")


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """What is done in the few seconds after the model is ready; nothing of it may end a run, or cost it the file."""

    process: RunProcess
    config: ExperimentConfig
    artifacts: Artifacts

    def explain(self) -> None:
        """Say what matters most, in the few seconds after the model is ready."""
        seconds = self.seconds_at_end(EXPLAIN_SECONDS + 0.05 * self.config.seconds, n_to_come=2)
        try:
            file, place = self.artifacts.fetch("model.onnx"), self.process.around.folder
            explanation: Explanation = self.process.call(explain, place, file, self.config.seed, seconds)
            self.artifacts.save("explanation.npz", explanation.path)
        except TablewrightError as failure:
            self.process.say(ExplanationFailed, cause=failure.message)
            return
        except OSError as failure:
            self.process.say(ExplanationFailed, cause=NOT_KEPT(reason=str(failure)))
            return
        self.process.say(
            Explained,
            importances=explanation.importances,
            path="explanation.npz",
            n_rows=explanation.n_rows,
            max_sum_diff=explanation.max_sum_diff,
        )

    def seconds_at_end(self, usual: float, *, n_to_come: int) -> float | None:
        """Return how long one of so many things may take that are done when the file is ready; None for no limit.

        A run trained again promises a quarter of the earlier one's time to its very end: it has what is left of that.
        """
        if self.config.candidates is not None:
            return None
        if self.config.again is None:
            return usual
        left_seconds = self.process.around.clock.left_seconds - COMPARING_SECONDS
        return min(usual, max(LEAST_AT_END, left_seconds / n_to_come))

    def make_smaller(self) -> None:
        """Make smaller versions of the file and measure what they cost; that none could be made must not end a run."""
        progress = fold(self.process.events)
        if progress.prepared is None or progress.smaller is not None:
            return
        seconds = self.seconds_at_end(SMALLER_SECONDS + 0.03 * self.config.seconds, n_to_come=1)
        try:
            file, place = self.artifacts.fetch("model.onnx"), self.process.around.folder
            made: list[SmallerModel] = self.process.call(
                smaller_models, place, file, progress.prepared.metric, self.config.seed, seconds
            )
            for each in made:
                self.artifacts.save(each.path, place / each.path)
        except (TablewrightError, OSError):
            return
        self.process.say(SmallerReady, smaller=tuple(made))

    def summarise(self) -> None:
        """Say which choices of the search made the difference, where enough was tried; it must never end a run."""
        progress = fold(self.process.events)
        nothing_chosen = self.config.again is not None  # without a search no choice has made a difference
        if progress.prepared is None or progress.summarised is not None or nothing_chosen:
            return
        tried = outcomes(progress.finished, greater_is_better=progress.prepared.greater_is_better)
        try:
            found: tuple[Influence, ...] = self.process.call(influences, tried)
        except TrialError:
            return
        if found:
            self.process.say(SearchSummarised, influences=found)
