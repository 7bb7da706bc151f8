"""`tablewright inspect`: what a table's columns are and why, what could be predicted, and what could go wrong."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command import DONE, Command
from app.terminal import add_json, print_json, table
from engine.errors import TargetError

if TYPE_CHECKING:
    from engine.table.inspection import Inspection


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a CSV, TSV, Excel or Parquet file")
    parser.add_argument("--target", metavar="COL", help="the column to predict (default: one is suggested)")
    add_json(parser)


def _run(options: Namespace) -> int:
    from engine.config import ExperimentConfig
    from engine.table.inspection import inspect_table
    from engine.table.reading import read_table

    inspection = inspect_table(read_table(options.file), ExperimentConfig(target=options.target))
    if options.target is not None and inspection.problem is not None:
        raise TargetError(inspection.problem)
    found = document(inspection)
    if options.json:
        print_json(found)
    else:
        print(text(found))
    return DONE


def document(inspection: "Inspection") -> dict[str, Any]:
    """Return an inspection in words, as plain data."""
    from app.reporting import findings_rows
    from engine.messages import render

    task, suggestion = inspection.task, inspection.suggestion
    return {
        "name": inspection.name,
        "rows": inspection.n_rows,
        "columns": [
            {
                "name": column.name,
                "original_name": column.original_name,
                "kind": str(column.kind),
                "role": str(column.role),
                "reason": render(column.reason),
                "probability": column.probability,
                "missing": column.n_missing,
                "distinct": column.n_distinct,
            }
            for column in inspection.schema.columns
        ],
        "target": task.target if task else None,
        "target_reason": " ".join(map(render, suggestion.reasons)) if suggestion else None,
        "task": str(task.kind) if task else None,
        "classes": list(task.classes) if task else [],
        "problem": render(inspection.problem) if inspection.problem else None,
        "done_to_the_file": [render(message) for message in inspection.done_to_the_file],
        "findings": findings_rows(inspection.findings),
    }


def text(found: Mapping[str, Any]) -> str:
    """Lay an inspection out for a person."""
    rows = [
        [each["name"], each["kind"], each["role"], f"{each['probability']:.0%}", each["missing"], each["reason"]]
        for each in found["columns"]
    ]
    blocks = [
        f"{found['name']}: {found['rows']} rows, {len(rows)} columns",
        _listed("Done to the file", found["done_to_the_file"]),
        table(["column", "kind", "role", "sure", "missing", "why"], rows, right=(3, 4)),
        _question(found),
        _listed("Please look", [f"({each['severity']}) {each['message']}" for each in found["findings"]]),
    ]
    return "\n\n".join(block for block in blocks if block)


def _question(found: Mapping[str, Any]) -> str:
    if found["target"] is None:
        return str(found["problem"] or "")
    return f"Target: {found['target']} ({found['task']}). {found['target_reason'] or ''}".rstrip()


def _listed(title: str, sentences: Sequence[str]) -> str:
    return "\n  ".join([f"{title}:", *sentences]) if sentences else ""


INSPECT = Command(
    key="inspect",
    help="show what a table's columns are and why, and what could go wrong",
    add_arguments=_add_arguments,
    run=_run,
)
