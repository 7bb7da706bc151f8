"""Hands out the files of runs: straight from disk, only by name, only to their owner."""

import asyncio
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from app import jobs
from app.bootstrap import OWNER
from app.opened import workspace
from app.predictions import FOLDER as PREDICTIONS
from engine.errors import TablewrightError
from engine.messages import render

BUNDLE = "bundle.zip"


def download_route() -> Route:
    """Return the route `GET /api/download/<run>/<file>`."""
    return Route("/api/download/{run}/{name:path}", _answer, methods=["GET"])


async def _answer(request: Request) -> Response:
    run_id, name = request.path_params["run"], request.path_params["name"]
    try:
        path = await asyncio.to_thread(file_of, run_id, name)
    except FileNotFoundError:
        return JSONResponse({"error": "There is no such file."}, status_code=404)
    except TablewrightError as wrong:
        return JSONResponse({"error": render(wrong.message)}, status_code=404)
    return FileResponse(path, filename=PurePosixPath(name).name, content_disposition_type="attachment")


def file_of(run_id: str, name: str) -> Path:
    """Return the path of a file of a run; `bundle.zip` is made when it is first asked for.

    Raises InputError for an unknown run and FileNotFoundError for an unknown file.
    """
    runs = workspace().runs
    record = runs.get(run_id, owner=OWNER)
    if name == BUNDLE:
        return jobs.bundle(record.id)
    if name.startswith(f"{PREDICTIONS}/"):
        return _inside(runs.folder(record.id) / PREDICTIONS, name.removeprefix(f"{PREDICTIONS}/"))
    artifacts = runs.artifacts(record.id)
    if name not in artifacts.names():
        raise FileNotFoundError(name)
    return artifacts.fetch(name)


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise FileNotFoundError(name)
    return path
