"""The application: what is asked at each address, and what is answered."""

import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from exporters.predictor.predict import (
    Line,
    Model,
    RefusalError,
    places_of,
    predicted_lines,
    text_lines,
    write_lines,
)
from exporters.service.serve_rows import Answer, RowsError, Shape
from exporters.service.serve_watch import Figures, PredictionLog, Watch

MOST_EXAMPLES = 3
PATHS = ("/predict", "/predict/csv", "/schema", "/healthz", "/metrics", "/openapi.json", "/docs")
JSON_TYPE = "application/json"
UNREAD = "what cannot be read (no number, no date): 422, or it counts as missing, as in a CSV text, and is named"
SAID = "Predicts `{target}`. Fields that are left out, and null, are missing values. Errors say what to do."


class Problem(BaseModel):
    """One thing that is wrong with what was sent."""

    row: int | None
    field: str | None
    message: str


class Refused(BaseModel):
    """Why a request was refused."""

    error: str
    problems: list[Problem] = []
    n_problems: int = 0


REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"model": Refused, "description": "The body is too long"},
    422: {"model": Refused, "description": "The rows are not what the model takes"},
}


class Service:
    """One opened model with what its requests share: types of rows, figures, and the log where one is wanted."""

    def __init__(
        self, model: Model, path: Path, *, most_rows: int, log: PredictionLog | None, examples: Sequence[Answer]
    ) -> None:
        self.model = model
        self.shape = Shape(model, most_rows)
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self.target = ", ".join(self.model.task["targets"])
        about = {"target": self.target, "sha256": self.sha256}
        self.figures = Figures(self.shape.names, about)
        self.log = log
        self.examples = examples
        self.shape.predict([[None] * len(self.shape.names)])  # the first call takes longer than the others

    def answer(self, body: bytes, *, lenient: bool) -> Response:
        """Answer one row or several."""
        rows, many = self.shape.read(body)
        answers = self.shape.predict(rows, lenient=lenient, many=many)
        unread = Counter(name for answer in answers for name in answer["unread"])
        self._keep(zip((dict(zip(self.shape.names, row, strict=True)) for row in rows), answers, strict=True))
        self.figures.add_rows(len(rows), unread)
        made = json.dumps({"predictions": answers} if many else answers[0], ensure_ascii=False)
        return Response(made.encode(), media_type=JSON_TYPE)

    def answer_csv(self, body: bytes, form: Mapping[str, Any]) -> Response:
        """Answer a CSV text; X-Unread-Cells says how many cells could not be read."""
        unread: Counter[str] = Counter()
        lines = []
        for number, line in enumerate(predicted_lines(self.model, text_lines(body), unread, **form)):
            if number > self.shape.most_rows:
                raise RefusalError(
                    f"At most {self.shape.most_rows} rows are taken at once; send the others separately."
                )
            lines.append(line)
        head, columns = lines[0], self.model.columns
        places = {column["name"]: column["position"] for column in columns}
        places = places_of(head.own, columns) if form["header"] else places
        self._keep(map(partial(_told, places, head.added), lines[1:]))
        self.figures.add_rows(len(lines) - 1, unread)
        made = io.StringIO(newline="")
        write_lines(lines, made)
        headers = {"X-Unread-Cells": str(unread.total())}
        return Response(made.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=headers)

    def _keep(self, rows: Any) -> None:
        if self.log is None:
            return
        kept = list(rows)
        try:
            self.log.add(kept)
        except OSError as problem:  # a full disk must not keep anybody from an answer; the figures tell
            self.figures.add_unlogged(len(kept))
            print(f"The log takes no more rows: {problem.strerror}.", file=sys.stderr)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a row and of an answer, and the columns with their reading rules."""
        return {
            "target": self.target,
            "sha256": self.sha256,
            "max_rows": self.shape.most_rows,
            "row": self.shape.row.model_json_schema(),
            "answer": self.shape.answer.model_json_schema(),
            "columns": self.model.columns,
        }


def _told(places: Mapping[str, int], added: Sequence[str], line: Line) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what the model has seen of a line, and what it answered."""
    seen = {name: line.own[place] for name, place in places.items() if place < len(line.own)}
    return seen, dict(zip(added, line.added, strict=True))


async def whole_body(request: Request) -> bytes:
    """Return the body as it came; RefusalError when the client has gone away meanwhile."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The connection ended before the body did.") from None


def create(service: Service) -> FastAPI:
    """Return the application of a service. What computes is a plain function, so that requests run beside others."""
    app = FastAPI(title=f"Predictions of {service.target}", description=SAID.format(target=service.target))
    app.add_middleware(Watch, figures=service.figures, paths=PATHS)
    app.add_exception_handler(RowsError, _say_rows)
    app.add_exception_handler(RefusalError, _say_refusal)
    app.add_exception_handler(HTTPException, _say_http)
    app.add_exception_handler(RequestValidationError, _say_query)
    wanted = {200: {"model": service.shape.answer | service.shape.answers}, **REFUSALS}

    @app.post("/predict", responses=wanted, response_class=Response, openapi_extra={"requestBody": _asked(service)})
    def predict(
        body: Annotated[bytes, Depends(whole_body)],
        unread: Annotated[Literal["refuse", "missing"], Query(description=UNREAD)] = "refuse",
    ) -> Response:
        """Predict for a row, or for several as {"rows": [...]}."""
        return service.answer(body, lenient=unread == "missing")

    csv_body = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}

    @app.post("/predict/csv", responses={200: {"content": {"text/csv": {}}}, **REFUSALS}, openapi_extra=csv_body)
    def predict_csv(
        body: Annotated[bytes, Depends(whole_body)],
        separator: Annotated[Literal[",", ";", "\t", "|"] | None, Query(description="default: found out")] = None,
        header: Annotated[bool, Query(description="whether the first line holds names")] = True,
        doubt: Annotated[bool, Query(description="add how sure the model is")] = False,
    ) -> Response:
        """Predict for the rows of a CSV text; it comes back with the predictions beside it."""
        return service.answer_csv(body, {"separator": separator, "header": header, "doubt": doubt})

    @app.get("/schema")
    def schema() -> dict[str, Any]:
        """Return what a row and an answer are made of."""
        return service.schema()

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """Say that the model is loaded and answers."""
        return {"status": "ok", "sha256": service.sha256}

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Return figures for Prometheus."""
        return PlainTextResponse(service.figures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    app.openapi = partial(_openapi, app, service)  # type: ignore[method-assign]
    return app


def _asked(service: Service) -> dict[str, Any]:
    """Describe the body of /predict; the examples are rows of the bundle's golden rows."""
    examples = {f"row {number}": {"value": row} for number, row in enumerate(service.examples[:MOST_EXAMPLES], 1)}
    if examples:
        examples["several rows"] = {"value": {"rows": list(service.examples[:MOST_EXAMPLES])}}
    schema = {"anyOf": [{"$ref": "#/components/schemas/Row"}, {"$ref": "#/components/schemas/Rows"}]}
    return {"required": True, "content": {JSON_TYPE: {"schema": schema, "examples": examples}}}


def _openapi(app: FastAPI, service: Service) -> dict[str, Any]:
    """Return the OpenAPI document with the types of rows, which are read without FastAPI."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=service.sha256[:12], description=app.description, routes=app.routes
        )
        types: list[Any] = [(service.shape.row, "validation"), (service.shape.rows, "validation")]
        _, made = models_json_schema(types, ref_template="#/components/schemas/{model}")
        document["components"]["schemas"].update(made["$defs"])
        app.openapi_schema = document
    return app.openapi_schema


def _refusal(status: int, error: str, problems: Sequence[Mapping[str, Any]] = (), n_problems: int = 1) -> JSONResponse:
    content = {"error": error, "problems": list(problems), "n_problems": n_problems}
    return JSONResponse(content, status)


def _say_rows(_request: Request, refused: Exception) -> JSONResponse:
    assert isinstance(refused, RowsError)
    return _refusal(422, str(refused), refused.problems, refused.n_problems)


def _say_refusal(_request: Request, refused: Exception) -> JSONResponse:
    return _refusal(422, str(refused))


def _say_http(_request: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, HTTPException)
    answer = _refusal(wrong.status_code, str(wrong.detail))
    answer.headers.update(wrong.headers or {})
    return answer


def _say_query(_request: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, RequestValidationError)
    said = [f"{error['loc'][-1]}: {error['msg']}" for error in wrong.errors()]
    return _refusal(422, "; ".join(said), n_problems=len(said))
