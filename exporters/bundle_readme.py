"""The page of a bundle for the engineer who puts the model to work."""

import json
import shlex
from collections.abc import Mapping, Sequence

from engine.model import open_model
from engine.table.schema import ColumnSchema
from engine.tasks.task import INTERVAL, POSSIBLE, PROBABILITIES, UNLIKE
from exporters.documents import cell, listed, verdict
from exporters.exporter import Source

_ITS_OWN = (
    "`serve_app.py`, `serve_log.py`, `serve_openapi.py`, `serve_rows.py`, `serve_together.py`, `serve_tokens.py` and "
    "`serve_watch.py`"
)
FILES = (
    ("model.onnx", "the model: columns of numbers and texts in, prediction out"),
    ("schema.json", "the contract: inputs, types, missing and unseen values, outputs; `row` is a JSON Schema"),
    ("certificate.json", "the proof that the file predicts what the training libraries predict, and its scores"),
    ("model_card.md", "what the model is for, how good it is, what it must not be used for"),
    ("predict.py", "predicts a CSV file; needs only Python, numpy and onnxruntime"),
    ("reading.py", "the reading rules that predict.py and serve.py apply to raw cells"),
    ("requirements.txt", "the versions of those two that the certificate was made with, and the oldest that was tried"),
    ("serve.py", f"the scoring service; {_ITS_OWN} belong to it"),
    ("requirements-serve.txt", "everything that the service needs, pinned"),
    ("test_golden.py", "runs the recorded rows through predict.py and through the service"),
    ("Dockerfile", "builds an image of the service; building it runs both checks"),
    ("snippets/", "how to call the file from Python and JavaScript (both check themselves), Java and C#"),
    ("golden_rows.json", "made-up rows with the answers they must get (no row is from the training table)"),
    ("reading_cases.json", "raw cells with the canonical cells they must become"),
    ("values_inside.json", "the texts of the training table that anybody who has the file can read in it"),
    ("SHA256SUMS", "checksums of all other files: sha256sum --check SHA256SUMS"),
)
_MOST_FIELDS = 4
_ROW = (
    'a row as a JSON object, or `{"rows": [...]}`; fields are columns, values numbers, texts or null; '
    "what is left out is missing"
)
_CSV = "a CSV text; it comes back with the predictions beside it (`?doubt=true`, `?separator=;`, `?header=false`)"
_PARTS = {
    PROBABILITIES: ("probabilities", "of each class"),
    INTERVAL: ("interval", "the lowest and the highest value that are likely"),
    POSSIBLE: ("possible", "the classes that are not ruled out; several mean that the model is unsure"),
    UNLIKE: ("unlike", "the columns whose value is such as no training row had, or only one"),
}


def readme(
    source: Source, columns: Sequence[ColumnSchema], inside: Mapping[str, Sequence[str]], row: Mapping[str, str]
) -> str:
    """Return the page for the engineer who puts the model to work, in Markdown.

    `inside`: the person's values that stand in the file, by column. `row`: a made-up one.
    """
    task = source.prepared.task
    offered = [output.name for output in open_model(source.model).session.get_outputs()]
    outputs = ", ".join(f"`{name}`" for name in offered)
    lines = [
        f"# {source.name}",
        "",
        f"This folder predicts `{task.target}` from {len(columns)} columns. It needs onnxruntime, in any language, and",
        "nothing of the program that trained it.",
        "",
        f"How good the model is: **{verdict(source)}** `model_card.md` has its scores.",
        "",
        "## Predict a file",
        "",
        "```",
        "python -m venv venv && . venv/bin/activate     # on Windows: venv\\Scripts\\activate",
        "pip install -r requirements.txt",
        "python predict.py --check                      # does this computer give the recorded answers?",
        "python predict.py new.csv --out predictions.csv",
        "python predict.py new.csv --doubt              # ... and how sure the model is",
        "```",
        "",
        *_service(row, offered),
        "## Call the file yourself",
        "",
        f"Each input is a column of shape `[N, 1]`, double or string; outputs: {outputs}. Ask only for those you use.",
        "`schema.json` names types, missing values (`NaN`, or the empty string) and what happens to unseen values.",
        "Cells with units, thousands signs or words for missing must be made canonical first: `canonical` in",
        "`reading.py` does it by rules that the file carries, and `reading_cases.json` proves a version of it in",
        "another language. `snippets/` calls the file from Python, JavaScript, Java and C#.",
        "",
        "From Python, raw cells and all (with this folder on the path):",
        "",
        "```python",
        "from collections import Counter",
        "from pathlib import Path",
        "from predict import Model",
        "",
        'model = Model(Path("model.onnx"), n_threads=1)',
        'places = {column["name"]: place for place, column in enumerate(model.columns)}',
        "unread = Counter()                              # cells that could not be read, by column",
        f"print(model.added_names(), model.predict_rows([{_empty(columns)}], places, unread))",
        "```",
        "",
        *_inside(inside, task.classes),
        "## What is here",
        "",
        "| file | what it is |",
        "|---|---|",
        *(f"| `{name}` | {what} |" for name, what in FILES),
        "",
    ]
    return "\n".join(lines)


def _service(row: Mapping[str, str], offered: Sequence[str]) -> list[str]:
    """Say how to start the service, and what it takes and gives."""
    filled = {name: cell for name, cell in row.items() if cell}
    first = json.dumps(dict(list(filled.items())[:_MOST_FIELDS]), ensure_ascii=False)
    parts = ["`prediction`", *(f"`{name}` ({what})" for key, (name, what) in _PARTS.items() if key in offered)]
    return [
        "## Run the service",
        "",
        "```",
        "pip install -r requirements-serve.txt",
        "python test_golden.py                          # the file and the service give the recorded answers",
        "python serve.py                                # http://127.0.0.1:8000, for programs on this computer",
        "python serve_tokens.py tokens.json --create shop   # a token; then: python serve.py --token-file tokens.json",
        "```",
        "",
        "or `docker build -t predictions . && docker run -p 127.0.0.1:8000:8000 predictions`. Then",
        "",
        "```",
        f"curl -X POST http://127.0.0.1:8000/predict -d {shlex.quote(first)}",
        "curl -X POST http://127.0.0.1:8000/predict/csv --data-binary @new.csv",
        "```",
        "",
        "| address | what it does |",
        "|---|---|",
        f"| `POST /predict` | {_ROW} |",
        f"| `POST /predict/csv` | {_CSV} |",
        "| `GET /schema`, `GET /openapi.json`, `GET /docs` | what a row is made of, with examples |",
        "| `GET /healthz` | 200 when it is ready |",
        "| `GET /metrics` | requests, seconds, rows and unreadable cells for Prometheus |",
        "",
        f"An answer holds {', '.join(parts)} and `unread`.",
        "",
        "- What is wrong is refused with 4xx and a sentence that names the row and the field: unknown fields, lists,",
        "  true and false, a text where a number or a date belongs. `POST /predict?unread=missing` takes the latter as",
        "  missing, as a CSV text does, and names the fields in `unread`.",
        "- At most 10000 rows (`--max-rows N`) and 8 MB are taken at once.",
        "- `--log predictions.jsonl` writes inputs and answers down, a JSON object per row, to see later whether the",
        "  rows change. It is off unless asked for: it holds what people sent.",
        "- It listens on this computer alone; `--host 0.0.0.0` opens it to others. It checks nobody's name: put a",
        "  proxy before it that does. For more requests at once, start several behind that proxy.",
        "- A number sent for a column of texts counts as 1 where it is 1.0: many languages write them the same.",
        "",
    ]


def _inside(inside: Mapping[str, Sequence[str]], classes: Sequence[str | int]) -> list[str]:
    """Say which of the person's values whoever has the file can read."""
    rows = [f"| {cell(name)} | {len(values)} | {cell(_some(values))} |" for name, values in inside.items()]
    told = [
        "## Whose data is inside",
        "",
        "No row of the training table is in this folder. These texts of it are inside `model.onnx`, where anybody who",
        "has the file can read them (all of them: `values_inside.json`); numbers are there as thresholds and averages.",
        "",
    ]
    labels = [f"Classes: {listed(classes)}.", ""] if classes else []
    head = ["| column | texts | such as |", "|---|---:|---|"]
    return [*told, *labels, *([*head, *rows, ""] if rows else [])]


def _some(values: Sequence[str], most: int = 5, longest: int = 30) -> str:
    return ", ".join(f"`{value[:longest]}`" for value in values[:most]).replace("\n", " ")


def _empty(columns: Sequence[ColumnSchema]) -> str:
    return f'[""] * {len(columns)}'
