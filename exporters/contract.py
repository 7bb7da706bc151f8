"""What a program that calls the file must know, as plain data: inputs, outputs, reading rules, certificate."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from engine.model import open_model
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import INTERVAL, POSSIBLE, UNLIKE, Task
from engine.unused import UnusedColumn
from exporters.exporter import Source
from exporters.predictor.predict import OLDEST_ONNXRUNTIME

CONTRACT_VERSION = 1
TOLERANCE = 1e-5


def contract(source: Source, columns: Iterable[ColumnSchema], left_out: Iterable[UnusedColumn]) -> dict[str, Any]:
    """Return the content of `schema.json`. `left_out`: columns of the training table that the model never asks for."""
    task = source.prepared.task
    outputs: list[dict[str, Any]] = [
        {
            "name": "prediction",
            "shape": ["N", 1],
            "type": "tensor(float)" if not task.classes else _label_type(task.classes[0]),
            "meaning": f"the predicted {task.target}",
        }
    ]
    if task.classes:
        outputs.append(
            {
                "name": "probabilities",
                "shape": ["N", len(task.classes)],
                "type": "tensor(float)",
                "meaning": "one column for each class, in this order",
                "classes": list(task.classes),
            }
        )
    inputs = list(columns)
    offered = {output.name: output for output in open_model(source.model).session.get_outputs()}
    outputs += [_doubt(task, name, len(inputs)) for name in offered if name in (INTERVAL, POSSIBLE, UNLIKE)]
    return {
        "version": CONTRACT_VERSION,
        "task": str(task.kind),
        "target": task.target,
        "inputs": [_input(column) for column in inputs],
        "left_out": [column.to_json() for column in left_out],
        "outputs": outputs,
        "row": row_schema(inputs, task),
    }


def row_schema(columns: Iterable[ColumnSchema], task: Task) -> dict[str, Any]:
    """Return the JSON Schema of a row as a program sends it to the scoring service."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A row to predict {task.target} for",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            column.name: {"type": ["number", "string", "null"], "description": f"{column.kind}; {_unseen(column)}"}
            for column in columns
        },
    }


def certificate(source: Source) -> dict[str, Any]:
    """Return the content of `certificate.json`."""
    ready, prepared = source.ready, source.prepared
    return {
        "run_id": source.run_id,
        "name": source.name,
        "created_at": source.created_at.isoformat(timespec="seconds"),
        "claim": "The file predicts what the libraries that trained it predict, on every row checked.",
        "measure": "largest |difference| / max(1, |y|, standard deviation of y)",
        "tolerance": TOLERANCE,
        "oldest_onnxruntime": OLDEST_ONNXRUNTIME,
        **asdict(ready.certificate),
        "metric": prepared.metric,
        "holdout": None if ready.holdout is None else {key: asdict(value) for key, value in ready.holdout.items()},
        "validation": {key: asdict(value) for key, value in ready.validation.items()},
        "baseline": dict(ready.baseline),
        "rows": {"train": prepared.n_train, "holdout": prepared.n_holdout},
    }


def _doubt(task: Task, name: str, n_inputs: int) -> dict[str, Any]:
    """Return an output that says how sure the model is."""
    if name == INTERVAL:
        meaning = f"the lowest and the highest value that {task.target} is likely to have"
        return {"name": name, "shape": ["N", 2], "type": "tensor(float)", "meaning": meaning}
    if name == UNLIKE:
        meaning = "which inputs, in their order, have a cell such as no training row had, or only one"
        return {"name": name, "shape": ["N", n_inputs], "type": "tensor(bool)", "meaning": meaning}
    meaning = "which classes are not ruled out, in the same order; several mean that the model is unsure"
    return {"name": name, "shape": ["N", len(task.classes)], "type": "tensor(bool)", "meaning": meaning}


def _input(column: ColumnSchema) -> dict[str, Any]:
    number = column.cells is Cells.NUMBER
    return {
        "name": column.name,
        "original_name": column.original_name,
        "position": column.position,
        "kind": str(column.kind),
        "type": "tensor(double)" if number else "tensor(string)",
        "shape": ["N", 1],
        "missing": "NaN" if number else "the empty string",
        "unseen": _unseen(column),
        "date_formats": list(column.date_formats),
        "reading_rules": column.to_json()["rules"],
    }


def _unseen(column: ColumnSchema) -> str:
    if column.kind is Kind.DATE:
        return "what is in none of the date formats counts as missing"
    if column.kind.is_number:
        return "any number is legal; what is not a number counts as missing"
    return "legal: treated as a level that was never seen"


def _label_type(label: str | int) -> str:
    return "tensor(int64)" if isinstance(label, int) else "tensor(string)"
