"""The page: one file for a browser, with the model inside; it works by double click, with the network off."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.graph.known_levels import known_levels
from engine.model import Model, open_model
from engine.plain import finite
from engine.tasks.metric import metric_named
from engine.whole_files import write_whole
from exporters.exporter import Exporter, Source
from exporters.page_parts.fields import explained_cells, fields
from exporters.page_parts.runtime import VERSION, lacking, packed, runtime

PAGE_FILE = "page.html"
PARTS = Path(__file__).parent / "page_parts"
HOLDS = (
    "The page holds names of columns and categories of the training table, and rounded figures of what is usual in it; "
    "it holds no row of it."
)
SCRIPTS = ("moments.js", "reading.js", "model.js", "form.js", "answer.js", "whatif.js", "main.js")


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the page; raises InputError where onnxruntime-web is not on this computer."""
    carried = runtime()
    style, script = _part("page.css"), "\n".join(_part(name) for name in SCRIPTS)
    page = _filled(
        _part("page.html"),
        policy=_policy(style, scripts=(carried.library, script)),
        style=style,
        facts=script_safe(finite(facts(source))),
        loader=base64.b64encode(carried.loader).decode("ascii"),
        runtime=carried.engine,
        model=packed(source.model.read_bytes()),
        library=carried.library,
        script=script,
    )
    path = folder / PAGE_FILE
    write_whole(path, page.encode())
    return (path,)


def facts(source: Source) -> dict[str, Any]:
    """Return what the page knows besides the model: its fields, its words, how good the model is."""
    model, task = open_model(source.model), source.prepared.task
    levels = known_levels(source.model) if any(not column.kind.is_number for column in model.columns) else {}
    columns = fields(model.columns, levels, _cells(source))
    decided = source.ready.decided
    return {
        "title": source.name,
        "target": task.target,
        "classes": list(task.classes),
        "coverage": decided.get("coverage", decided.get("wanted")),
        "columns": columns,
        "order": _order(source, model),
        "about": _about(source, len(columns)),
        "footer": _footer(source),
    }


def script_safe(document: Any) -> str:
    r"""Return JSON in which nothing can end its script element or be taken for markup.

    >>> script_safe({"name": "</script>"})
    '{"name": "\\u003c/script\\u003e"}'
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _cells(source: Source) -> Mapping[str, list[str]]:
    explained = source.progress.explained
    if explained is None:
        return {}
    try:
        return explained_cells(source.artifacts.fetch(explained.path))
    except FileNotFoundError:
        return {}


def _order(source: Source, model: Model) -> list[int]:
    """Return the places of the columns, those first that matter most."""
    explained = source.progress.explained
    shares = {each.column: each.share for each in explained.importances} if explained else {}
    return sorted(range(len(model.columns)), key=lambda place: -shares.get(model.columns[place].name, 0.0))


def _about(source: Source, n_columns: int) -> str:
    made = f"{source.created_at:%d %B %Y}".lstrip("0")
    named = "1 column" if n_columns == 1 else f"{n_columns} columns"
    what = f"Predicts {source.prepared.task.target} from {named}"
    return f"{what} · trained on {made} · works without a network, and sends nothing anywhere"


def _footer(source: Source) -> list[str]:
    ready, proof = source.ready, source.ready.certificate
    scores = ready.validation if ready.holdout is None else ready.holdout
    metric = source.prepared.metric
    title = metric_named(metric).title
    on = "rows set aside for that" if ready.holdout is not None else "rows it had not learnt from"
    lines = []
    if metric in scores:
        score = scores[metric]
        lines.append(
            f"How good it is: {title} {score.value:.4g} ({score.low:.4g} to {score.high:.4g}), measured on {on}."
        )
    same = f"checked on {proof.rows_checked} rows, largest difference {proof.max_abs_diff:.1e}"
    return [
        *lines,
        f"The same model as in the training: {same}. SHA-256 {proof.sha256}.",
        "What it says holds for rows that come about as the training rows did; it is no statement about causes.",
        HOLDS,
        f"Made with Tablewright. Carries ONNX Runtime Web {VERSION}, © Microsoft Corporation, MIT License.",
    ]


def _policy(style: str, scripts: Sequence[str]) -> str:
    """Return a content security policy that lets the page run its own scripts, and reach nothing else."""
    own = " ".join(_hash(script) for script in scripts)
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hash(style)}",
            "img-src data:",
            f"script-src {own} data: 'wasm-unsafe-eval'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}'"


def _filled(template: str, **parts: str) -> str:
    """Fill the places of a page, each once: what stands in a part is never taken for a place."""
    pieces = []
    for name, part in parts.items():
        before, _place, template = template.partition(f"{{{name}}}")
        pieces += [before, part]
    return "".join([*pieces, template])


def _part(name: str) -> str:
    return (PARTS / name).read_text(encoding="utf-8")


PAGE = Exporter(
    key="page",
    title="Page for the browser",
    summary="One file with a form, the answer and what-if: opens by double click and needs no network.",
    write=write,
    lacks=lacking,
)
