"""Why a run's model predicts what it predicts: worked out when first asked for, then kept with the run."""

import json
import uuid
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.insight.why import NOT_CAUSES, Why
from engine.messages import Message, phrase, render
from engine.progress import Progress
from storage.locks import hold
from storage.runs import RunStore

LOCK_FILE = "why.lock"
OTHERS_SECONDS = 120.0  # for the same work that somebody else has asked for
NO_MODEL = phrase(
    "why_no_model",
    "The run {run_id} has no model yet; it is {status}.",
    "Wait until its model is ready; see: tablewright status {run_id}.",
)
NOT_KEPT = phrase(
    "why_no_rows",
    "The run {run_id} has kept no rows to show to its model.",
    "Wait until the run has ended. Runs of an older version have kept none: train again.",
)


def can_say_why(store: RunStore, run_id: str, progress: Progress) -> bool:
    """Whether the run has kept what is needed: its model and rows with answers."""
    from engine.unseen import TABLE

    return progress.ready is not None and {progress.ready.path, TABLE} <= set(store.artifacts(run_id).names())


def why_of(store: RunStore, run_id: str) -> Why:
    """Return what is kept, or what is worked out and kept now: once, however many ask at the same time.

    Raises InputError as `work_out_why` does, WorkspaceError when another one does not come to an end.
    """
    from engine.insight.why_kept import kept_why

    with hold(store.folder(run_id) / LOCK_FILE, wait_seconds=OTHERS_SECONDS):
        return kept_why(store.artifacts(run_id)) or work_out_why(store, run_id)


def work_out_why(store: RunStore, run_id: str) -> Why:
    """Show the kept rows to the model's file and keep what comes of it.

    Raises InputError while there is no model, and when no rows were kept.
    """
    from engine.insight.why_kept import WHY, why_from_kept

    progress, record = store.progress(run_id), store.get(run_id)
    if progress.ready is None or progress.prepared is None:
        raise InputError(NO_MODEL(run_id=run_id, status=str(progress.status)))
    found = why_from_kept(store.artifacts(run_id), progress, seed=record.config.seed)
    if found is None:
        raise InputError(NOT_KEPT(run_id=run_id))
    if progress.explained is not None or progress.unexplained is not None:  # else more may become known
        keep_text(store, run_id, WHY, json.dumps(found.to_json(), ensure_ascii=False))
    return found


def keep_text(store: RunStore, run_id: str, name: str, text: str) -> None:
    """Keep a text among the files of a run, whole or not at all."""
    part: Path = store.folder(run_id) / f".{uuid.uuid4().hex}.part"
    part.write_text(text, encoding="utf-8")
    try:
        store.artifacts(run_id).save(name, part)
    finally:
        part.unlink(missing_ok=True)


def why_document(run_id: str, found: Why) -> dict[str, Any]:
    """Return what was found as plain data, with every sentence in words."""
    lost = {each.column: each for each in found.lost}
    moved = {each.column: each for each in found.importances}
    named = list(dict.fromkeys([*moved, *lost]))
    return {
        "run_id": run_id,
        "metric": found.metric,
        "rows": found.n_rows,
        "rows_never_seen": found.held_out,
        "importances": [
            {
                "column": name,
                "share": moved[name].share if name in moved else None,
                "mean_absolute_shap": moved[name].value if name in moved else None,
                "loss_when_shuffled": lost[name].loss if name in lost else None,
                "loss_spread": lost[name].spread if name in lost else None,
            }
            for name in named
        ],
        "doubts": _words(found.doubts()),
        "effects": [
            {**vars(effect), "sentence": sentence}
            for effect, sentence in zip(found.effects, _words(found.effect_sentences()), strict=True)
        ],
        "interactions": [
            {"columns": [each.first, each.second], "share": each.share, "sentence": sentence}
            for each, sentence in zip(found.interactions, _words(found.interaction_sentences()), strict=False)
        ],
        "rules": _rules(found),
        "terms": [vars(term) for term in found.terms],
        "note": render(NOT_CAUSES()),
    }


def _rules(found: Why) -> dict[str, Any] | None:
    made = found.surrogate
    if made is None:
        return None
    rules = [
        {"conditions": _words(rule.conditions), "share": rule.share, "outcome": rule.outcome} for rule in made.rules
    ]
    return {
        "answer": made.answer,
        "fidelity": made.fidelity,
        "rows": made.n_rows,
        "rules": rules,
        "sentence": render(made.told()),
    }


def _words(messages: tuple[Message, ...]) -> list[str]:
    return [render(message) for message in messages]
