"""From the chosen candidates to the file: put together, exported, certified, scored. Runs in guarded processes."""

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.all_rows import load_fitted
from engine.blend.calibration import Calibration
from engine.blend.decision import Decision, measured
from engine.blend.familiar import familiar_with
from engine.blend.final import FinalMember, FinalModel, FittedModel
from engine.errors import TrialTimeoutError
from engine.features.pipeline import FittedPipeline
from engine.limits import ModelLimits
from engine.messages import phrase
from engine.outcomes import Certificate, Estimate, Member
from engine.run.trimming import within_limits
from engine.search.data import RowSet, TrainingData
from engine.search.fitting import run_refit
from engine.search.kept import load_folds, place_of
from engine.search.order import Order
from engine.table.schema import ColumnSchema
from engine.tasks.metric import Metric, metric_named, metrics_for
from engine.tasks.task import PREDICTION, PROBABILITIES, TaskKind
from engine.whole_files import is_whole_pickle, write_whole

CHECKED_ROWS = 1_000  # real rows in the certificate, at most
REFIT = "refit-{}.pkl"
MEMBERS, METRIC = "tablewright.members", "tablewright.metric"
KIND_OF_MODEL = phrase("kind_of_model", "The model was trained on this column as one of this kind.")
SEEDS_APART = 1_000
LEAST_OF_ROUNDS = 0.8  # a refit with fewer of its rounds is another model than the one that was scored

CUT_OFF = phrase(
    "refit_cut_off",
    "There was time for {rounds} of {wanted} rounds on all rows.",
    "The models of the folds are used instead.",
)
BROKEN_OFF = phrase(
    "refit_broken_off",
    "There was no time to fit the model to the end on all rows.",
    "The models of the folds are used instead.",
)


@dataclass(frozen=True, kw_only=True)
class MemberPlan:
    """How a member enters the file: as models fitted on all rows, or without any as its last `n_folds` fold models.

    Forward in time the last ones have learnt from the most rows. `on_all_rows`: of a large table it is the one model
    that was fitted on all rows, not only on the sample.
    """

    member: Member
    n_refits: int
    n_folds: int
    on_all_rows: bool = False


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A certified file at `path`, and how well it predicts the hold-out (None without one).

    `decided`, `gain`: see `ModelReady`.
    """

    path: Path
    certificate: Certificate
    holdout: Mapping[str, Estimate] | None
    baseline: Mapping[str, float]
    decided: Mapping[str, float]
    gain: Estimate | None


def refit(order: Order, rounds: int, copy: int) -> None:
    """Fit a candidate on all training rows, with a seed for each copy, and keep it beside its folds.

    Raises TrialTimeoutError when time ran out long before the rounds that its folds found best, or before the end.
    """
    model = run_refit(order, rounds, order.seed + SEEDS_APART * copy)
    if model.rounds < LEAST_OF_ROUNDS * rounds:
        raise TrialTimeoutError(CUT_OFF(rounds=model.rounds, wanted=rounds))
    if not model.part.is_whole(model.state):
        raise TrialTimeoutError(BROKEN_OFF())
    place = order.place / REFIT.format(copy)
    write_whole(place, pickle.dumps(model))


def refits_kept(place: Path) -> int:
    """Return how many models of all rows a candidate of this run has."""
    return len(_refits(place))


def is_refitted(place: Path, copy: int) -> bool:
    """Say whether this copy of a candidate has been fitted on all rows."""
    return is_whole_pickle(place / REFIT.format(copy))


def _refits(place: Path) -> list[Path]:
    return [path for path in sorted(place.glob(REFIT.format("*"))) if is_whole_pickle(path)]


def export(
    folder: Path,
    plans: tuple[MemberPlan, ...],
    calibration: Calibration,
    facts: Mapping[str, str],
    seed: int,
    limits: ModelLimits,
    decision: Decision,
    seconds: float | None,
) -> Exported:
    """Assemble, certify and score the file; keep the model beside it for explanation.

    `facts`: further metadata of the file, `METRIC` among them. `seconds`: see `within_limits`. Raises CertificateError
    when the file is not the model, or above the limits.
    """
    from engine.graph.assemble import assemble
    from engine.graph.certificate import certify

    data = TrainingData.load(folder / "data")
    model = FinalModel(
        task=data.task,
        columns=data.columns,
        members=members_of(folder, plans),
        calibration=calibration,
        target_scale=data.target_scale,
        decision=decision,
        familiar=familiar_with(data.train.frame, data.columns),
    )
    checked = (data.holdout if len(data.holdout.y) else data.train).frame.head(CHECKED_ROWS)
    kept = within_limits(model, checked, limits, assemble, seconds=seconds)
    model, bare = kept.model, kept.file
    certificate = certify(model, bare, checked, seed=seed, times=kept.times)
    baseline = _baseline(data)
    holdout, decided, gained = _scores(bare, data, decision, metric_named(facts[METRIC]), seed)
    scores = {name: {"value": e.value, "low": e.low, "high": e.high} for name, e in (holdout or {}).items()}
    path = folder / "model.onnx"
    told = {"tablewright.score": json.dumps(scores), "tablewright.decision": json.dumps(decision.to_json())}
    certificate = _write(path, bare, model, certificate, {**facts, **told})
    write_whole(folder / "final.pkl", pickle.dumps(model))
    return Exported(
        path=path, certificate=certificate, holdout=holdout, baseline=baseline, decided=decided, gain=gained
    )


def load_refits(place: Path, n: int) -> tuple[FittedModel, ...]:
    """Read the first `n` models that a candidate of this run was fitted to on all rows; equal ones once."""
    kept: dict[bytes, FittedModel] = {}
    for path in _refits(place)[:n]:
        whole = path.read_bytes()
        kept.setdefault(whole, pickle.loads(whole))  # noqa: S301 - written by this run itself
    return tuple(kept.values())


def members_of(folder: Path, plans: Sequence[MemberPlan]) -> tuple[FinalMember, ...]:
    """Read the members; models fitted on the same rows with the same recipe share one pipeline."""
    pipelines: dict[bytes, FittedPipeline] = {}
    members = []
    for plan in plans:
        place = place_of(folder, plan.member.number)
        if plan.on_all_rows:
            models: tuple[FittedModel, ...] = (load_fitted(place),)
        else:
            models = load_refits(place, plan.n_refits) if plan.n_refits else load_folds(place)[-plan.n_folds :]
        bag = tuple(
            replace(model, pipeline=pipelines.setdefault(pickle.dumps(model.pipeline), model.pipeline))
            for model in models
        )
        member, of_folds = plan.member, not (plan.on_all_rows or plan.n_refits)
        members.append(
            FinalMember(number=member.number, family=member.family, weight=member.weight, bag=bag, of_folds=of_folds)
        )
    return tuple(members)


def _baseline(data: TrainingData) -> Mapping[str, float]:
    """Score the same answer for every row on the hold-out, or without one on the training rows."""
    rows = data.holdout if len(data.holdout.y) else data.train
    constant = _constant(data, rows)
    scores = {metric.key: metric.score(rows.y, constant, rows.weight) for metric in metrics_for(data.task.kind)}
    return {key: score for key, score in scores.items() if np.isfinite(score)}


def _constant(data: TrainingData, rows: RowSet) -> NDArray[np.float64]:
    from engine.insight.intervals import baseline_prediction

    return baseline_prediction(data.train.y, data.task, len(rows.y), data.train.weight)


def _scores(
    file: bytes, data: TrainingData, decision: Decision, metric: Metric, seed: int
) -> tuple[Mapping[str, Estimate] | None, Mapping[str, float], Estimate | None]:
    """Score the hold-out with the file, once: in all metrics, its decisions, and what it gains over the baseline."""
    from engine.blend.views import Views
    from engine.insight.intervals import gain

    rows = data.holdout
    if not len(rows.y):
        found = {} if decision.found is None else {"coverage": decision.found}
        return None, {"wanted": decision.coverage, **found}, None
    predicted = file_predictions(file, data, rows)
    views = Views(predicted=predicted, named=decision.judged(predicted))
    scored = views.estimates(data.task, rows.y, rows.weight, groups=rows.groups, seed=seed)
    decided = {"wanted": decision.coverage, **measured(decision, rows.y, predicted, rows.weight)}
    before, now = _constant(data, rows), views.of(metric)
    gained = gain(metric, rows.y, before, now, rows.weight, groups=rows.groups, seed=seed)
    return scored, decided, gained if np.isfinite(gained.value) else None


def file_predictions(file: bytes | Path, data: TrainingData, rows: RowSet) -> NDArray[np.float64]:
    """Return what the file predicts: probabilities [N, K], or values [N]."""
    from engine.graph.session import open_session, run

    regression = data.task.kind is TaskKind.REGRESSION
    output = run(open_session(file), rows.frame, data.columns, [PREDICTION if regression else PROBABILITIES])[0]
    values = np.asarray(output, dtype=np.float64)
    return values[:, 0] if regression else values


def _write(
    path: Path, bare: bytes, model: FinalModel, certificate: Certificate, facts: Mapping[str, str]
) -> Certificate:
    """Add the metadata, write the file and make sure that what was written still is what was certified."""
    import hashlib

    import onnx

    proto = onnx.load_from_string(bare)
    onnx.helper.set_model_props(proto, {**facts, **_metadata(model, certificate)})
    whole = proto.SerializeToString()
    write_whole(path, whole)
    return Certificate(**{**vars(certificate), "sha256": hashlib.sha256(whole).hexdigest(), "bytes": len(whole)})


def _metadata(model: FinalModel, certificate: Certificate) -> dict[str, str]:
    return {
        "tablewright.schema": json.dumps([as_told(column).to_json() for column in model.columns], ensure_ascii=False),
        "tablewright.task": json.dumps(model.task.to_json(), ensure_ascii=False),
        "tablewright.classes": json.dumps(list(model.task.classes), ensure_ascii=False),
        "tablewright.versions": json.dumps(dict(certificate.versions)),
        "tablewright.max_abs_diff": repr(certificate.max_abs_diff),
        "tablewright.rows_checked": str(certificate.rows_checked),
        MEMBERS: members_told(model),
    }


def as_told(column: ColumnSchema) -> ColumnSchema:
    """Return a column as the file tells of it: the reason for its kind may quote a cell, which stays with the table."""
    return replace(column, reason=KIND_OF_MODEL())


def members_told(model: FinalModel) -> str:
    """Return what a file says of its members, as JSON."""
    told = [
        {"family": each.family, "weight": each.weight, "models": len(each.bag), "of_folds": each.of_folds}
        for each in model.members
    ]
    return json.dumps(told)


def sample_rows(data: TrainingData, n_rows: int, seed: int) -> pd.DataFrame:
    """Return up to `n_rows` rows to explain: from the hold-out if there is one, else from the training rows."""
    frame = (data.holdout if len(data.holdout.y) else data.train).frame
    chosen = np.sort(np.random.default_rng(seed).permutation(len(frame))[:n_rows])
    return frame.iloc[chosen].reset_index(drop=True)
