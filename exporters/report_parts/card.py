"""The report as plain data for programs: a model card with the same figures, its sentences in English."""

from dataclasses import asdict
from typing import Any

from engine.insight.again.record import Record, record_of
from engine.insight.why import NOT_CAUSES, Why
from engine.messages import Message, price, render
from exporters.report_parts.beginning import sampled_in_words
from exporters.report_parts.ending import FINGERPRINT, changed_settings, shares_of
from exporters.report_parts.facts import Facts

VERSION = 2
REPLAY = "replay"  # in the card, and in the page: what trains the run again
TEMPLATE_ID = "tablewright-replay"  # of the element in the page, which nobody sees


def model_card(facts: Facts) -> dict[str, Any]:
    """Return everything that the report says, as plain data."""
    source, prepared, ready = facts.source, facts.source.prepared, facts.source.ready
    task, proof = prepared.task, ready.certificate
    return {
        "version": VERSION,
        "run_id": source.run_id,
        "name": source.name,
        "created_at": source.created_at.isoformat(timespec="seconds"),
        "question": {
            **task.to_json(),
            "metric": prepared.metric,
            "inputs": [each.name for each in facts.model.columns],
        },
        "intended_use": asdict(source.config.use),
        "data": {
            "table": facts.table.get("name"),
            "rows": prepared.n_rows,
            "columns": prepared.n_columns,
            "rows_train": prepared.n_train,
            "rows_holdout": prepared.n_holdout,
            "lines_left_out": len(facts.table.get("lines_left_out", ())),
            "sampled": [render(each) for each in sampled_in_words(facts)],
            "copies_left_out": facts.table.get("n_copies_left_out", 0),
            "columns_left_out": [each.to_json() for each in facts.model.left_out],
        },
        "findings": _findings(facts),
        "validation": {
            "folds": prepared.n_folds,
            "holdout_looks": source.n_looks,
            "said": [render(each) for each in (prepared.metric_reason, prepared.how_validated) if each is not None],
        },
        "quality": facts.quality.to_json(),
        "fairness": [each.to_json() for each in facts.fairness],
        "why": None if facts.why is None else _why(facts.why),
        "model": {
            "families": shares_of(facts),
            "candidates": [
                {
                    "number": each.number,
                    "family": each.family,
                    "score": each.score,
                    "spread": each.spread,
                    "seconds": each.train_seconds,
                }
                for each in source.progress.leaderboard
            ],
        },
        "decided": dict(ready.decided),
        "certificate": asdict(proof),
        "reproduce": {
            "fingerprint": facts.model.metadata.get(FINGERPRINT),
            "seed": source.config.seed,
            "settings": changed_settings(source.config),
            "versions": dict(proof.versions),
            REPLAY: replay_record(facts).to_json(),
        },
    }


def replay_record(facts: Facts) -> Record:
    """Return what `tablewright replay` needs to train the run again."""
    source = facts.source
    return record_of(
        source.progress,
        source.config,
        run_id=source.run_id,
        name=source.name,
        table=facts.table,
        fingerprint=facts.model.metadata.get(FINGERPRINT, ""),
    )


def _findings(facts: Facts) -> list[dict[str, Any]]:
    checked = facts.source.progress.checked
    return [
        {
            "code": each.code,
            "severity": str(each.severity),
            "columns": list(each.columns),
            "automatic": each.automatic,
            "said": f"{render(each.message)} {price(each.message)}".strip(),
        }
        for each in (checked.findings if checked else ())
    ]


def _why(found: Why) -> dict[str, Any]:
    return {
        "importances": [asdict(each) for each in found.importances],
        "lost_when_shuffled": [asdict(each) for each in found.lost],
        "effects": [
            {
                "column": effect.column,
                "answer": effect.answer,
                "places": effect.cells,
                "curve": effect.curve,
                "said": said,
            }
            for effect, said in zip(found.effects, _said(found.effect_sentences()), strict=True)
        ],
        "interactions": _said(found.interaction_sentences()),
        "doubts": _said(found.doubts()),
        "rules": None
        if found.surrogate is None
        else {
            "answer": found.surrogate.answer,
            "fidelity": found.surrogate.fidelity,
            "rules": [
                {"where": _said(rule.conditions), "share": rule.share, "outcome": rule.outcome}
                for rule in found.surrogate.rules
            ],
        },
        "note": render(NOT_CAUSES()),
    }


def _said(messages: tuple[Message, ...]) -> list[str]:
    return [render(message) for message in messages]
