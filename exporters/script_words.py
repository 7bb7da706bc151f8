"""What a training script says of itself: what it does, and where it is simpler than what it stands for."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from engine.outcomes import Estimate
from exporters.exporter import Source

WIDTH = 110


def is_joined(source: Source) -> bool:
    """Say whether the run's table was made of an earlier one and new rows."""
    return source.config.again is not None and source.config.again.n_held > 0


def is_sampled(source: Source) -> bool:
    """Say whether the run's table was larger than memory."""
    return source.progress.sampled is not None


def head(source: Source, score: Estimate, simpler: Sequence[str], *, same_rows: bool) -> str:
    """Return the text that the script begins with. `same_rows`: those set aside are the run's."""
    prepared = source.prepared
    aside = f"sets {'the same' if same_rows else 'other'} rows aside, " if prepared.n_holdout else ""
    name = source.name.replace("\\", "/").replace('"', "'")
    blend = (
        ", ".join(f"{each.weight:.2f} x {each.family}" for each in source.progress.blend.members)
        if (source.progress.blend)
        else "one model"
    )
    lines = [
        f"Train what won in the run {source.run_id}: {name}.",
        "",
        *wrap(f"It is a blend of {blend}.", WIDTH),
        "",
        "    pip install -r requirements.txt",
        "    python train.py TABLE",
        "",
        f"It reads the table as the run did, {aside}trains, and prints its own {prepared.metric}",
        f"beside the run's, {score.value:.5g} (95 % interval {score.low:.5g} to {score.high:.5g}).",
        "The model that was certified is the ONNX file of the run; this script is for reading and changing.",
        "",
        "Where it is simpler than the run, so that the figures differ:",
        "",
    ]
    for each in simpler:
        lines += wrap(each, WIDTH, initial_indent="- ", subsequent_indent="  ")
    return "\n".join([*lines, ""])


def reading_said(*, reads: bool, is_json: bool) -> list[str]:
    """Return what the script asks of a file, in sentences. `reads`: it reads files such as the run's."""
    if not reads:
        return ["It cannot read such a file: save the table as CSV, with commas and a line of names, and name that."]
    if is_json:
        return ["Of JSON it reads a list of records, or one record a line; save the table of any other as CSV."]
    return []


def simplifications(source: Source, members: Sequence[Mapping[str, Any]], *, same_rows: bool) -> list[str]:
    """Return what the script leaves out or does otherwise, in sentences; `same_rows`: those set aside are the run's."""
    families = {each["family"] for each in members}
    steps = {key for each in members for key, _ in each["features"]}
    left_out = sorted({key for each in members for key in each["left_out"]})
    said = {
        "TABLE is the joined table, as CSV: the earlier rows and the new ones, those that were set aside at the end.": (
            is_joined(source)
        ),
        "The run learnt from a sample of a table larger than memory; here all rows that it did not set aside are read "
        "and trained on, copies of others too.": is_sampled(source),
        "The run's rows set aside are too many to be listed: as many others are drawn by chance.": not same_rows,
        "Libraries add up numbers in another order, and other versions of them train other models.": True,
        f"These feature steps of the run are left out: {', '.join(left_out)}.": bool(left_out),
        "The neural network is scikit-learn's, of the same size; the run's own is mostly better.": "network"
        in families,
        "The linear model is scikit-learn's; it finds its strength itself.": "linear" in families,
        "Words are split by scikit-learn's TfidfVectorizer.": bool(steps & {"text_terms", "text_topics"}),
        "Turned targets are turned back without the factor that suits the metric.": any(
            each["target"].get("transform", "plain") != "plain" for each in members
        ),
        "Models of the folds, each of which lacks some rows or groups, are trained on all training rows here.": any(
            each["of_folds"] for each in members
        ),
        "Probabilities are not calibrated, and the most probable class is the one that is named.": bool(
            source.prepared.task.classes
        ),
        "The directions that the prediction must keep are not kept.": bool(source.config.limits.monotone),
        "The gap of rows before the hold-out is trained on.": bool(source.config.validation.gap_rows),
        "No rows were set aside; five parts of the table take turns, other parts than the run's folds.": (
            not source.prepared.n_holdout
        ),
    }
    return [sentence for sentence, holds in said.items() if holds]
