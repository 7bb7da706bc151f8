"""The OpenAPI document: what FastAPI knows of its routes, and /predict, whose rows are read without it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from exporters.service.serve_rows import Shape

MOST_EXAMPLES = 3
SCHEMAS = "#/components/schemas/"
UNREAD = "what cannot be read (no number, no date): 422, or it counts as missing, as in a CSV text, and is named"


def openapi(app: FastAPI, shape: Shape, examples: Sequence[Mapping[str, Any]], sha256: str) -> dict[str, Any]:
    """Return the document; `examples`: rows for people to try."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=sha256[:12], description=app.description, routes=app.routes)
        wanted: list[Any] = [(each, "validation") for each in (shape.row_type, shape.rows_type)]
        wanted += [(each, "serialization") for each in (shape.answer_type, shape.answers_type)]
        types = models_json_schema(wanted, ref_template=f"{SCHEMAS}{{model}}")[1]
        made["components"]["schemas"].update(types["$defs"])
        made["paths"] = {"/predict": {"post": _predict(examples)}, **made["paths"]}
        app.openapi_schema = made
    return app.openapi_schema


def _predict(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    examples: dict[str, Any] = {f"row {number}": {"value": row} for number, row in enumerate(rows[:MOST_EXAMPLES], 1)}
    if examples:
        examples["several rows"] = {"value": {"rows": list(rows[:MOST_EXAMPLES])}}
    choice = {"type": "string", "enum": ["refuse", "missing"], "default": "refuse"}
    return {
        "summary": "Predict",
        "description": 'Predict for a row, or for several as {"rows": [...]}.',
        "operationId": "predict",
        "parameters": [{"name": "unread", "in": "query", "description": UNREAD, "schema": choice}],
        "requestBody": {"required": True, "content": _json("Row", "Rows", examples=examples)},
        "responses": {
            "200": {"description": "The answer, or one for each row", "content": _json("Answer", "Answers")},
            "413": {"description": "The body is too long", "content": _json("Refused")},
            "422": {"description": "The rows are not what the model takes", "content": _json("Refused")},
        },
    }


def _json(*names: str, **more: Any) -> dict[str, Any]:
    kinds = [{"$ref": f"{SCHEMAS}{name}"} for name in names]
    return {"application/json": {"schema": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}, **more}}
