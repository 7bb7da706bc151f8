"""Makes the smaller versions of a finished model and measures what each costs, with its own file."""

import hashlib
import json
import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.blend.decision import Decision, measured
from engine.blend.final import FinalModel
from engine.blend.views import Views
from engine.errors import CertificateError
from engine.insight.intervals import estimates
from engine.messages import Message, phrase
from engine.outcomes import Estimate, SmallerModel
from engine.run.finish import CHECKED_ROWS, MEMBERS, file_predictions, members_told
from engine.search.data import RowSet, TrainingData
from engine.smaller.distilling import distilled
from engine.smaller.versions import versions
from engine.tasks.metric import metric_named

DISTILLED = phrase("smaller_distilled", "One small network that has learnt what the whole model answers.")
DISTILLING_SHARE = 0.6  # of the time


def smaller_models(folder: Path, file: Path, metric_key: str, seed: int, seconds: float | None) -> list[SmallerModel]:
    """Write smaller versions of the model in `folder` beside it, and return those worth choosing, the largest first.

    `file`: the ONNX file of the whole model; what is no smaller is no version. They are scored on the hold-out by their
    own files; without a hold-out nobody could say what they cost, so there are none. `seconds`: begin no further one
    after so long.
    """
    data = TrainingData.load(folder / "data")
    if not len(data.holdout.y):
        return []
    model: FinalModel = pickle.loads((folder / "final.pkl").read_bytes())  # noqa: S301 - written by this run itself
    started, whole_bytes = time.monotonic(), file.stat().st_size
    made: list[SmallerModel] = []
    for how, smaller in _all_versions(model, data, seed, seconds, whole_bytes):
        if seconds is not None and time.monotonic() - started > seconds:
            break
        written = _written(folder, len(made) + 1, smaller, how, file, data, metric_key, seed)
        if written is not None and written.bytes < whole_bytes:
            made.append(written)
    kept = worth_choosing(made, greater_is_better=metric_named(metric_key).greater_is_better)
    return sorted(kept, key=lambda each: -each.bytes)


def worth_choosing(made: Sequence[SmallerModel], *, greater_is_better: bool) -> list[SmallerModel]:
    """Leave out each version that another one beats: at least as good, as small and as quick.

    >>> def version(path, size, score):
    ...     same = {"how": DISTILLED(), "row_microseconds": 1.0, "sha256": "", "max_abs_diff": 0.0}
    ...     return SmallerModel(path=path, bytes=size, score=Estimate(value=score, low=score, high=score), **same)
    >>> made = [version("a", 9, 0.9), version("b", 5, 0.8), version("c", 7, 0.7)]
    >>> [each.path for each in worth_choosing(made, greater_is_better=True)]
    ['a', 'b']
    """
    sign = -1.0 if greater_is_better else 1.0
    figures = [(sign * each.score.value, each.bytes, each.row_microseconds) for each in made]

    def is_beaten(own: tuple[float, int, float]) -> bool:
        return any(other != own and all(a <= b for a, b in zip(other, own, strict=True)) for other in figures)

    return [each for each, own in zip(made, figures, strict=True) if not is_beaten(own)]


def _all_versions(
    model: FinalModel, data: TrainingData, seed: int, seconds: float | None, whole_bytes: int
) -> Iterator[tuple[Message, FinalModel]]:
    yield from versions(model)
    if data.monotone:
        return  # a network that learns the answers need not keep the directions
    deadline = None if seconds is None else time.monotonic() + DISTILLING_SHARE * seconds
    small = distilled(model, data, seed=seed, deadline=deadline, most_bytes=whole_bytes)
    if small is not None:
        yield DISTILLED(), small


def _written(
    folder: Path,
    number: int,
    model: FinalModel,
    how: Message,
    whole: Path,
    data: TrainingData,
    metric_key: str,
    seed: int,
) -> SmallerModel | None:
    """Write and measure one version; None where its file could not be certified."""
    import onnx

    from engine.graph.assemble import assemble
    from engine.graph.certificate import certify

    bare = assemble(model)
    try:
        certificate = certify(model, bare, data.holdout.frame.head(CHECKED_ROWS), seed=seed)
    except CertificateError:
        return None
    metric = metric_named(metric_key)
    predicted = file_predictions(bare, data, data.holdout)
    decision = model.decision or Decision()
    seen = Views(predicted=predicted, named=decision.judged(predicted)).of(metric)
    rows = data.holdout
    score = estimates([metric], rows.y, seen, rows.weight, groups=rows.groups, seed=seed)[metric.key]
    proto = onnx.load_from_string(bare)
    own = {
        "tablewright.score": json.dumps({metric.key: {"value": score.value, "low": score.low, "high": score.high}}),
        "tablewright.max_abs_diff": repr(certificate.max_abs_diff),
        "tablewright.rows_checked": str(certificate.rows_checked),
        MEMBERS: members_told(model),
    }
    onnx.helper.set_model_props(proto, {**_metadata(whole), **own})
    content = proto.SerializeToString()
    path = folder / f"smaller-{number}.onnx"
    path.write_bytes(content)
    return SmallerModel(
        path=path.name,
        how=how,
        bytes=len(content),
        row_microseconds=certificate.row_microseconds,
        max_abs_diff=certificate.max_abs_diff,
        sha256=hashlib.sha256(content).hexdigest(),
        score=Estimate(value=score.value, low=score.low, high=score.high),
        decided=_decided(model, data.holdout, predicted),
    )


def _decided(model: FinalModel, rows: RowSet, predicted: NDArray[np.float64]) -> Mapping[str, float]:
    if model.decision is None:
        return {}
    return {"wanted": model.decision.coverage, **measured(model.decision, rows.y, predicted, rows.weight)}


def _metadata(file: Path) -> dict[str, str]:
    from engine.graph.session import open_session

    return dict(open_session(file).get_modelmeta().custom_metadata_map)
