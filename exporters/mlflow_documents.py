"""The page that lies in an MLflow model folder."""

import json
import re
from collections.abc import Mapping
from typing import Any

from exporters.exporter import Source


def registered_name(name: str) -> str:
    """Return a run's name as MLflow's registry takes it: without colons and slashes.

    >>> registered_name("houses.csv: price per m/2")
    'houses.csv price per m 2'
    """
    return " ".join(re.sub("[:/]", " ", name).split())


def readme(source: Source, row: Mapping[str, Any]) -> str:
    """Return the page for who serves the model, in Markdown; `row`: an example of raw cells."""
    scores = source.ready.validation if source.ready.holdout is None else source.ready.holdout
    score = scores.get(source.prepared.metric)
    where = "out-of-fold predictions" if source.ready.holdout is None else "the hold-out"
    told = [] if score is None else [f"Its {source.prepared.metric} on {where} was {score.value:.5g}.", ""]
    body = json.dumps({"dataframe_records": [row]}, ensure_ascii=False, indent=1)
    lines = [
        f"# {source.name}",
        "",
        f"An MLflow model folder that predicts `{source.prepared.task.target}`.",
        *told,
        "It takes raw cells as they stand in the table that it was trained on: numbers, or texts such as `1,234.5 kg`.",
        "The rules that read them are inside `data/model.onnx`, and `code/` applies them before the file is asked, so",
        "that a caller need not know them. Types are `any` in the signature for that reason; columns in which the",
        "training table had missing cells are optional. `schema.json` says what each column holds.",
        "",
        "```",
        "pip install -r requirements.txt",
        "mlflow models serve --model-uri . --env-manager local --port 5001",
        "curl http://127.0.0.1:5001/invocations -H 'Content-Type: application/json' -d @request.json",
        "```",
        "",
        "where `request.json` is, for instance (send JSON: MLflow takes CSV bodies only for columns of one type):",
        "",
        "```json",
        body,
        "```",
        "",
        "In Python, and into a registry (any tracking address that has one):",
        "",
        "```python",
        "from pathlib import Path",
        "",
        "import mlflow",
        "",
        'model = mlflow.pyfunc.load_model(".")',
        f"print(model.predict({dict(row)!r}))",
        "",
        'mlflow.set_tracking_uri("sqlite:///mlflow.db")',
        f"mlflow.register_model(f\"file://{{__import__('os').getcwd()}}\", {registered_name(source.name)!r})",
        "```",
        "",
        "`mlflow.onnx.load_model` gives the bare graph. That one takes canonical cells: see `schema.json`.",
        "",
        "| file | what it is |",
        "|---|---|",
        "| `MLmodel` | what MLflow reads: signature, flavours, scores and certificate in its metadata |",
        "| `data/model.onnx` | the certified file |",
        "| `code/` | reads raw cells; needs only numpy, onnxruntime and pandas |",
        "| `schema.json`, `certificate.json` | the contract of the inputs; the proof and the scores |",
        "| `input_example.json`, `serving_input_example.json` | made-up rows; none is from the training table |",
        "| `requirements.txt`, `conda.yaml`, `python_env.yaml` | what it needs, for three kinds of environment |",
        "",
    ]
    return "\n".join(lines)
