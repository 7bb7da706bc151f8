"""What has to be written down of a run so that somebody else can train it again and compare."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.config import ExperimentConfig
from engine.families import BASELINE
from engine.outcomes import Estimate
from engine.progress import Progress
from engine.run.again import Again, GivenCandidate
from engine.run.earlier import all_of
from engine.table.options import AUTOMATIC, ReadingOptions


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A candidate of the run with its score over the folds. `share`: its weight in the model, 0 for none."""

    number: int
    family: str
    parameters: Mapping[str, Any]
    score: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Record:
    """A run as it is written down.

    `table`, `fingerprint`: of what it learnt from. `clock_decided`: the time ended its search, and maybe the learning
    of single candidates. `score`: of the model in the run's metric, on rows set aside, or without any over the folds.
    """

    run_id: str
    name: str
    table: str
    fingerprint: str
    read_as: ReadingOptions
    config: ExperimentConfig
    clock_decided: bool
    metric: str
    score: Estimate | None
    candidates: tuple[Tried, ...]
    versions: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this record."""
        return {
            **vars(self),
            "read_as": self.read_as.to_json(),
            "config": self.config.to_json(),
            "score": None if self.score is None else asdict(self.score),
            "candidates": [asdict(each) for each in self.candidates],
            "versions": dict(self.versions),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Record":
        """Rebuild what was written; raises KeyError, TypeError or ValueError for what is no record."""
        return Record(
            **{
                **{name: data[name] for name in Record.__dataclass_fields__},
                "read_as": ReadingOptions.from_json(data["read_as"]),
                "config": ExperimentConfig.from_json(data["config"]),
                "score": None if data["score"] is None else Estimate(**data["score"]),
                "candidates": tuple(Tried(**each) for each in data["candidates"]),
            }
        )

    @property
    def config_again(self) -> ExperimentConfig:
        """The settings that lead to the same: where the clock decided, its candidates are given and no clock runs."""
        if not self.clock_decided:
            return self.config
        before = self.config.again
        given = tuple(
            GivenCandidate(family=each.family, parameters=each.parameters, share=each.share) for each in self.candidates
        )
        again = Again(of=self.run_id, candidates=given, split_seed=self.config.seed)
        if before is not None:
            again = replace(before, candidates=given)
        n_given = sum(each.family != BASELINE for each in given)
        return replace(self.config, candidates=max(1, n_given), again=again)


def record_of(
    progress: Progress, config: ExperimentConfig, *, run_id: str, name: str, table: Mapping[str, Any], fingerprint: str
) -> Record:
    """Write down a finished run. `table`: what was kept of how its table was read."""
    prepared, ready = progress.prepared, progress.ready
    assert prepared is not None
    assert ready is not None
    scores = ready.validation if ready.holdout is None else ready.holdout
    whole = sorted((result for result in progress.finished if not result.pruned), key=lambda result: result.number)
    return Record(
        run_id=run_id,
        name=name,
        table=str(table.get("name", "")),
        fingerprint=fingerprint,
        read_as=ReadingOptions.from_json(table["read_as"]) if "read_as" in table else AUTOMATIC,
        config=config,
        clock_decided=config.candidates is None,
        metric=prepared.metric,
        score=scores.get(prepared.metric),
        candidates=tuple(
            Tried(
                number=result.number,
                family=given.family,
                parameters=given.parameters,
                score=result.score,
                share=given.share,
            )
            for result, given in zip(whole, all_of(progress), strict=True)
        ),
        versions=dict(ready.certificate.versions),
    )
