"""What those who operate the app ask it: whether it is well, and figures for Prometheus. Counts alone, no names."""

import importlib.metadata
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.opened import everyones_workspace
from app.process_start import process_began
from app.visitors import open_pages
from engine.errors import TablewrightError
from engine.messages import render
from storage.workspace import Workspace, require_writable

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of this moment. `name`: with its unit, as Prometheus wants it."""

    name: str
    meaning: str
    value: float

    @property
    def text(self) -> str:
        """Its three lines.

        >>> print(Figure(name="tablewright_pages_open", meaning="Pages.", value=3).text)
        # HELP tablewright_pages_open Pages.
        # TYPE tablewright_pages_open gauge
        tablewright_pages_open 3
        """
        return f"# HELP {self.name} {self.meaning}\n# TYPE {self.name} gauge\n{self.name} {self.value:.15g}"


def condition_routes() -> list[Route]:
    """Return `GET /healthz` and `GET /metrics`."""
    return [Route("/healthz", _health, methods=["GET"]), Route("/metrics", _metrics, methods=["GET"])]


def _health(_request: Request) -> Response:
    place = everyones_workspace()
    try:
        require_writable(place.folder)
        place.runs.queue()
    except TablewrightError as problem:
        return JSONResponse({"status": "not well", "reason": render(problem.message)}, 503)
    return JSONResponse({"status": "ok", "version": importlib.metadata.version("tablewright")})


def _metrics(_request: Request) -> Response:
    try:
        lines = [figure.text for figure in _figures(everyones_workspace())]
    except TablewrightError as problem:
        return PlainTextResponse(render(problem.message), 503)
    return PlainTextResponse("\n".join(lines) + "\n", media_type=TEXT_FORMAT)


def _figures(place: Workspace) -> Iterator[Figure]:
    yield Figure(name="tablewright_runs_waiting", meaning="Runs that wait for room.", value=len(place.runs.queue()))
    yield Figure(name="tablewright_runs_training", meaning="Runs that train.", value=place.runs.n_taking_room())
    yield Figure(name="tablewright_pages_open", meaning="Pages that are open.", value=open_pages().n_open)
    free = shutil.disk_usage(place.folder).free
    yield Figure(name="tablewright_disk_free_bytes", meaning="Free room for the workspace.", value=free)
    memory = psutil.Process().memory_info().rss
    yield Figure(name="process_resident_memory_bytes", meaning="Memory of the server.", value=memory)
    meaning = "When the server began, since 1970."
    yield Figure(name="process_start_time_seconds", meaning=meaning, value=process_began())
