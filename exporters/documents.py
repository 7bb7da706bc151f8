"""The model card: what a model is for, and how good it is."""

import json
from collections.abc import Sequence

from engine.checks.check import Severity
from engine.events import ModelReady
from engine.insight.quality.judgement import Level
from engine.insight.quality.money import prices_of
from engine.insight.quality.quality import judgement_of
from engine.intended_use import IntendedUse
from engine.messages import render
from engine.outcomes import Estimate
from engine.unused import UnusedColumn
from exporters.exporter import Source

_MOST_NAMED = 30


def model_card(source: Source, left_out: Sequence[UnusedColumn]) -> str:
    """Return the model card, in Markdown."""
    prepared, ready = source.prepared, source.ready
    task, proof = prepared.task, ready.certificate
    what = f"classes {listed(task.classes)}" if task.classes else "a number"
    where = (
        f"{prepared.n_holdout} rows that the model has never seen (hold-out), scored once, by the file itself"
        if ready.holdout is not None
        else f"{_out_of_fold(source)}; no hold-out was set aside"
    )
    scores = ready.validation if ready.holdout is None else ready.holdout
    lines = [
        f"# Model card: {source.name}",
        "",
        f"- **Predicts** `{task.target}`: {what} ({task.kind}).",
        f"- **Verdict** {verdict(source)}",
        *_intended_use(source.config.use),
        f"- **Trained** on {prepared.n_train} rows; run `{source.run_id}`, {source.created_at:%Y-%m-%d}.",
        *_sampled(source),
        f"- **Made of** {_members(source)}.",
        f"- **Verified** on {proof.rows_checked} rows: largest difference to the libraries {proof.max_abs_diff:.1e}.",
        f"- **Speed** {proof.row_microseconds:.0f} microseconds for one row on the training computer.",
        *_doubt(ready),
        "",
        "## How good it is",
        "",
        f"Measured on {where}. The baseline predicts the same for every row.",
        "",
        "| metric | score | 95 % interval | baseline |",
        "|---|---:|---:|---:|",
        *(_score_row(metric, scores[metric], ready.baseline.get(metric)) for metric in scores),
        "",
        *_warnings(source),
        *_importances(source),
        *left_out_table(left_out),
        "## Limits",
        "",
        "- The scores hold for rows that come about as the training rows did. When the world changes, measure again.",
        "- What matters most is an association, not a cause.",
        "- Check that every input is known at the time of predicting, and that it may be used for this purpose.",
        "",
    ]
    return "\n".join(lines)


def verdict(source: Source) -> str:
    """Return the verdict on a model in one line: of one that is not useful with what speaks against it."""
    found = judgement_of(source.progress, prices_of(source.config.decisions.costs, source.prepared.task.classes))
    if found.level is Level.NOT_USEFUL:
        return f"{render(found.title)}: {render(found.reasons[0])}"
    return f"{render(found.title)}."


def _out_of_fold(source: Source) -> str:
    """Say of how many rows the score is, as far as the run has kept it: forward in time not all rows are compared."""
    from engine.unseen import TABLE

    try:
        n_rows = json.loads(source.artifacts.fetch(TABLE).read_text(encoding="utf-8"))["n_unseen"]
    except FileNotFoundError:
        return "out-of-fold predictions"
    return f"out-of-fold predictions for {n_rows} of {source.prepared.n_train} rows"


def _intended_use(use: IntendedUse) -> list[str]:
    """Say what the answer is for, as the person said it."""
    return [f"- **Intended use** {' '.join(map(render, use.said))}"] if use.said else []


def _sampled(source: Source) -> list[str]:
    """Say what was sampled of a table larger than memory, and what training on all rows has gained."""
    sampled, tried = source.progress.sampled, source.progress.all_rows
    told = [*(sampled.said if sampled else ()), *((tried.reason,) if tried else ())]
    return [f"- **Sampled**: {' '.join(map(render, told))}"] if told else []


def _warnings(source: Source) -> list[str]:
    """Say what is still open about the table: a leak makes every score above too good."""
    found = source.progress.checked.findings if source.progress.checked else ()
    open_ones = (each for each in found if each.severity is not Severity.HANDLED and not each.automatic)
    lines = [f"- {render(each.message)}" for each in open_ones]
    return ["## Look at this before relying on it", "", *lines, ""] if lines else []


def left_out_table(columns: Sequence[UnusedColumn]) -> list[str]:
    """Return the lines that name what the model never asks for: who prepares its table need not look for it."""
    rows = [f"| {cell(column.name)} | {column.reason} |" for column in columns[:_MOST_NAMED]]
    rest = [f"| and {len(columns) - _MOST_NAMED} more | see `schema.json` |"] if len(columns) > _MOST_NAMED else []
    head = ["## Columns of the table that are not used", "", "| column | why |", "|---|---|"]
    return [*head, *rows, *rest, ""] if rows else []


def _doubt(ready: ModelReady) -> list[str]:
    """Say how sure the model is, as far as that was measured on rows that it never saw."""
    found, wanted = ready.decided.get("coverage"), ready.decided.get("wanted")
    if found is None or wanted is None:
        return []
    said = f"- **Doubt** its ranges hold the truth for {found:.0%} of the rows; {wanted:.0%} were asked for"
    if "width" in ready.decided:
        return [f"{said}; they are {ready.decided['width']:.4g} wide on average."]
    unsure = f"; it is unsure for {ready.decided['unsure']:.0%} of them" if "unsure" in ready.decided else ""
    return [f"{said}{unsure}."]


def _members(source: Source) -> str:
    blend = source.progress.blend
    if blend is None or not blend.members:
        return "one model"
    return ", ".join(f"{member.weight:.2f} x {member.family}" for member in blend.members)


def _importances(source: Source) -> list[str]:
    explained = source.progress.explained
    if explained is None or not explained.importances:
        return []
    rows = [f"| {cell(column.column)} | {column.share:.0%} |" for column in explained.importances[:15]]
    return ["## What matters most", "", "| column | share |", "|---|---:|", *rows, ""]


def _score_row(metric: str, score: Estimate, baseline: float | None) -> str:
    beside = f"{baseline:.5g}" if baseline is not None else ""
    return f"| {metric} | {score.value:.5g} | {score.low:.5g} to {score.high:.5g} | {beside} |"


def listed(labels: Sequence[str | int], most: int = 12) -> str:
    """Name labels, not all of many."""
    named = ", ".join(f"`{label}`" for label in labels[:most])
    return named + (f" and {len(labels) - most} more" if len(labels) > most else "")


def cell(text: str) -> str:
    """Return a text that is one cell of a Markdown table."""
    return text.replace("|", "\\|")
