"""Hands out the files of runs: straight from disk, only by name, only to who may see the run."""

import asyncio
import logging
import re
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import jobs
from app.language import ENGLISH, current_language, languages
from app.opened import workspace
from app.predictions import FOLDER as PREDICTIONS
from engine.errors import TablewrightError
from engine.logs import event
from engine.messages import render

logger = logging.getLogger(__name__)

EXPORTS = "exports"  # in an address: the exporter's key follows
MOST_NAME = 60
TABLE_ENDING = re.compile(r"\.(csv|tsv|txt|xlsx?|ods|json|parquet|zip|gz)\b", re.IGNORECASE)


def address_of(run_id: str, form: str) -> str:
    """Return the address of what the exporter called `form` writes of a run, for a reader of this page's language."""
    spoken = current_language()
    return f"/api/download/{run_id}/{EXPORTS}/{form}" + ("" if spoken == ENGLISH else f"?language={spoken}")


def download_name(run: str, form: str, ending: str) -> str:
    """Return what a download is called: after the run and the form.

    >>> download_name("churn.csv: Left?", "bundle", ".zip"), download_name("价格", "page", ".html")
    ('churn-left-bundle.zip', '价格-page.html')
    """
    words = re.sub(r"[\W_]+", "-", TABLE_ENDING.sub("", run)).strip("-").lower()
    return "-".join([*filter(None, [words[:MOST_NAME].strip("-")]), form]) + ending


def download_route() -> Route:
    """Return the route `GET /api/download/<run>/<file>`."""
    return Route("/api/download/{run}/{name:path}", _answer, methods=["GET"])


async def _answer(request: Request) -> Response:
    run_id, name = request.path_params["run"], request.path_params["name"]
    try:
        path = await asyncio.to_thread(file_of, run_id, name, _language(request))
        called = await asyncio.to_thread(_called, run_id, name, path)
    except FileNotFoundError:
        return PlainTextResponse("There is no such file.", status_code=404)
    except TablewrightError as wrong:
        return PlainTextResponse(render(wrong.message), status_code=404)  # a person sees it, in a tab of its own
    logger.info("A file was handed out", extra=event(run=run_id, of=PurePosixPath(name).parts[0]))
    return FileResponse(path, filename=called, content_disposition_type="attachment")


def _language(request: Request) -> str:
    asked = request.query_params.get("language", ENGLISH)
    return asked if asked in languages() else ENGLISH


def _called(run_id: str, name: str, path: Path) -> str:
    """Return the name under which a file is saved."""
    if not name.startswith(f"{EXPORTS}/"):
        return PurePosixPath(name).name
    record = workspace().runs.get(run_id)
    return download_name(record.name, name.removeprefix(f"{EXPORTS}/"), path.suffix)


def file_of(run_id: str, name: str, language: str = ENGLISH) -> Path:
    """Return the path of a file of a run; `exports/<key>` is made when it is first asked for.

    Raises InputError for an unknown run and for an export that is refused, FileNotFoundError for an unknown file.
    """
    runs = workspace().runs
    record = runs.get(run_id)
    runs.gate.note("download", record.id)
    if name.startswith(f"{EXPORTS}/"):
        return jobs.export(record.id, name.removeprefix(f"{EXPORTS}/"), language)
    if name.startswith(f"{PREDICTIONS}/"):
        return _inside(runs.folder(record.id) / PREDICTIONS, name.removeprefix(f"{PREDICTIONS}/"))
    artifacts = runs.artifacts(record.id)
    if name not in artifacts.names():
        raise FileNotFoundError(name)
    return artifacts.fetch(name)


def _inside(folder: Path, name: str) -> Path:
    try:
        path = (folder / name).resolve()
        found = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):  # no name that this system could give to a file
        found = False
    if not found:
        raise FileNotFoundError(name)
    return path
