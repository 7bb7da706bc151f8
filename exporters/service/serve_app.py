"""The application: what is asked at each address, and what is answered."""

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from exporters.predictor.predict import Line, Model, cells_of, predicted_lines, text_lines, write_lines
from exporters.predictor.reading import RefusalError, places_of
from exporters.service.serve_openapi import openapi
from exporters.service.serve_rows import Answer, RowsError, Shape, shortened
from exporters.service.serve_together import Together
from exporters.service.serve_tokens import Admit, Tokens
from exporters.service.serve_watch import Figures, PredictionLog, Watch

logger = logging.getLogger(__name__)

MOST_SMALL_BYTES, MOST_SMALL_ROWS = 16_384, 16
PATHS = ("/predict", "/predict/csv", "/schema", "/healthz", "/metrics", "/openapi.json", "/docs")
JSON_TYPE = "application/json"
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
        self.together = Together(self.shape)
        nothing = [[None] * len(self.shape.names)]
        self.shape.predict(nothing, lenient=True, many=False)  # the first call takes longer than the others

    async def answer(self, body: bytes, *, lenient: bool) -> Response:
        """Answer one row or several. Small requests are answered together, large ones in a thread of their own."""
        if self.log is not None or len(body) > MOST_SMALL_BYTES:
            return await run_in_threadpool(self._answer_alone, body, lenient=lenient)
        rows, many = self.shape.read(body)
        if len(rows) > MOST_SMALL_ROWS or not rows:
            return await run_in_threadpool(self._answer_alone, body, lenient=lenient)
        cells = self.shape.cells(rows, lenient=lenient, many=many)
        return self._response(await self.together.predict(cells), many=many)

    def _answer_alone(self, body: bytes, *, lenient: bool) -> Response:
        rows, many = self.shape.read(body)
        answers = self.shape.predict(rows, lenient=lenient, many=many)
        self._keep(zip((dict(zip(self.shape.names, row, strict=True)) for row in rows), answers, strict=True))
        return self._response(answers, many=many)

    def _response(self, answers: Sequence[Answer], *, many: bool) -> Response:
        self.figures.add_rows(len(answers), Counter(name for answer in answers for name in answer["unread"]))
        return Response(to_json({"predictions": answers} if many else answers[0]), media_type=JSON_TYPE)

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
        if form["header"]:  # as it came: in the answer a column that is called like an output has another name
            places = places_of(next(cells_of(text_lines(body), form.get("separator"))), columns)
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
            logger.error("The log of predictions takes no more rows: %s", problem.strerror)  # noqa: TRY400 - no more to say

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a row and of an answer, and the columns with their reading rules."""
        return {
            "target": self.target,
            "sha256": self.sha256,
            "max_rows": self.shape.most_rows,
            "row": self.shape.row_type.model_json_schema(),
            "answer": self.shape.answer_type.model_json_schema(),
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


def create(service: Service, *, tokens: Tokens | None = None, per_minute: int = 0) -> FastAPI:
    """Return the application of a service. What takes long runs in a thread, so that other requests are answered."""
    app = FastAPI(title=f"Predictions of {service.target}", description=SAID.format(target=service.target))
    if tokens is not None or per_minute:
        app.add_middleware(Admit, tokens=tokens, per_minute=per_minute)
    app.add_middleware(Watch, figures=service.figures, paths=PATHS)
    app.add_exception_handler(RowsError, _say_rows)
    app.add_exception_handler(RefusalError, _say_refusal)
    app.add_exception_handler(HTTPException, _say_http)
    app.add_exception_handler(RequestValidationError, _say_query)

    async def predict(request: Request) -> Response:
        unread = request.query_params.get("unread", "refuse")
        if unread not in ("refuse", "missing"):
            raise RefusalError(f'unread is "refuse" or "missing"; "{shortened(unread)}" came.')
        return await service.answer(await whole_body(request), lenient=unread == "missing")

    # Found first, and without what FastAPI does before a route: that takes as long as the model.
    app.router.routes.insert(0, Route("/predict", predict, methods=["POST"]))
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

    app.openapi = partial(openapi, app, service.shape, service.examples, service.sha256)  # type: ignore[method-assign]
    return app


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
