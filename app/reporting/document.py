"""A run as one document for programs. Folded from events."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.fixing import fix_word
from app.larger import large_facts
from engine.artifacts import Artifacts
from engine.checks.check import Finding
from engine.events import DataPrepared, ModelReady
from engine.messages import price, render
from engine.outcomes import Estimate
from engine.progress import Progress


def document(run_id: str, progress: Progress, model: Path | None) -> dict[str, Any]:
    """Return everything about a run as plain data; what is not known yet is None or empty. `model`: the ONNX file."""
    prepared, ready = progress.prepared, progress.ready
    return {
        "run_id": run_id,
        "status": str(progress.status),
        "task": str(prepared.task.kind) if prepared else None,
        "target": prepared.task.target if prepared else None,
        "classes": list(prepared.task.classes) if prepared else [],
        "metric": prepared.metric if prepared else None,
        "rows": row_counts(prepared) if prepared else None,
        "large": large_facts(progress),
        "holdout": estimates(ready.holdout) if ready and ready.holdout is not None else None,
        "validation": estimates(ready.validation) if ready else None,
        "baseline": _baseline(progress),
        "leaderboard": leaderboard_rows(progress),
        "failed": [
            {"number": lost.number, "family": lost.family, "cause": render(lost.cause)} for lost in progress.failed
        ],
        "skipped": [{"family": skip.family, "reason": render(skip.reason)} for skip in progress.skipped],
        "blend": [asdict(member) for member in progress.blend.members] if progress.blend else [],
        "seconds": {
            "total": progress.seconds,
            "read": ready.read_seconds if ready else None,
            "search": ready.search_seconds if ready else None,
            "model_ready": ready.seconds if ready else None,
        },
        "onnx": _onnx(ready, model) if ready else None,
        "importances": [asdict(column) for column in progress.explained.importances] if progress.explained else [],
        "unexplained": render(progress.unexplained.cause) if progress.unexplained else None,
        "findings": findings_rows(progress.checked.findings) if progress.checked else [],
        "failure": render(progress.failure.cause) if progress.failure else None,
    }


def row_counts(prepared: DataPrepared) -> dict[str, int]:
    """Return how the rows were divided."""
    return {"all": prepared.n_rows, "train": prepared.n_train, "holdout": prepared.n_holdout, "folds": prepared.n_folds}


def estimates(scores: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    """Return scores with their intervals as plain data."""
    return {metric: asdict(estimate) for metric, estimate in scores.items()}


def leaderboard_rows(progress: Progress) -> list[dict[str, Any]]:
    """Return the leaderboard as plain data, best first."""
    return [
        {
            "number": result.number,
            "family": result.family,
            "score": result.score,
            "spread": result.spread,
            "seconds": result.train_seconds,
        }
        for result in progress.leaderboard
    ]


def findings_rows(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Return findings as plain data, in words."""
    return [
        {
            "code": finding.code,
            "severity": str(finding.severity),
            "columns": list(finding.columns),
            "message": render(finding.message),
            "price": price(finding.message),
            "evidence": [render(message) for message in finding.evidence],
            "remedies": [render(remedy.title) for remedy in finding.remedies],
            "automatic": finding.automatic,
            "fix": fix_word(finding),
        }
        for finding in findings
    ]


def main_score(progress: Progress) -> float | None:
    """Return the score of the file in the run's metric; before there is a file, that of the best candidate."""
    if progress.prepared is None:
        return None
    if progress.ready is not None:
        scores = progress.ready.validation if progress.ready.holdout is None else progress.ready.holdout
        if progress.prepared.metric in scores:
            return scores[progress.prepared.metric].value
    return progress.best.score if progress.best is not None else None


def kept_model(progress: Progress, artifacts: Artifacts) -> Path | None:
    """Return where the run's ONNX file lies; None before there is one, and when it is gone."""
    if progress.ready is None:
        return None
    try:
        return artifacts.fetch(progress.ready.path)
    except FileNotFoundError:
        return None


def _baseline(progress: Progress) -> dict[str, float]:
    if progress.ready is not None:
        return dict(progress.ready.baseline)
    prepared, baseline = progress.prepared, progress.baseline
    return {} if prepared is None or baseline is None else {prepared.metric: baseline}


def _onnx(ready: ModelReady, model: Path | None) -> dict[str, Any]:
    certificate = ready.certificate
    return {
        "path": str(model) if model else None,
        "bytes": certificate.bytes,
        "max_abs_diff": certificate.max_abs_diff,
        "rows_checked": certificate.rows_checked,
        "row_microseconds": certificate.row_microseconds,
        "row_p99_microseconds": certificate.row_p99_microseconds,
        "decided": dict(ready.decided),
        "sha256": certificate.sha256,
    }
