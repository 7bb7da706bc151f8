"""`tablewright serve`: the scoring service of a model, the same that its bundle holds."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.commands.predict import model_path
from app.terminal import LAST_PORT, add_workspace, whole_number
from engine.errors import InputError
from engine.messages import phrase

MOST_ROWS = 10_000
REFUSED = phrase(
    "serve_refused",
    "The service cannot start: {reason}",
    "Give another model, address or log.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a run's id, a bundle folder or a model.onnx")
    parser.add_argument(
        "--port",
        type=whole_number("port", least=0, most=LAST_PORT),
        default=8000,
        metavar="P",
        help="where it listens (default: 8000)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="the address it listens at (default: for this computer only)"
    )
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="append inputs and answers to this file; it holds what people sent"
    )
    parser.add_argument(
        "--max-rows",
        type=whole_number("number of rows"),
        default=MOST_ROWS,
        metavar="N",
        help=f"how many rows a request may hold (default: {MOST_ROWS})",
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="answer only who sends a token of this file; see: tablewright token (default: TABLEWRIGHT_TOKEN_FILE)",
    )
    parser.add_argument(
        "--per-minute",
        type=whole_number("number of requests"),
        default=0,
        metavar="N",
        help="how many requests of one asker are answered in a minute (default: no limit)",
    )
    add_workspace(parser)


def _run(options: Namespace) -> int:
    path = model_path(options.model, options.workspace)
    from exporters.predictor.reading import RefusalError
    from exporters.service.serve import GOLDEN, serve, token_file_of

    kept = path.with_name(GOLDEN)
    golden = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else _made(path)
    asked = {"host": options.host, "port": options.port, "log": options.log, "most_rows": options.max_rows}
    try:
        admitted = {"token_file": token_file_of(options.token_file), "per_minute": options.per_minute}
        serve(path, **asked, **admitted, golden=golden)
    except RefusalError as refused:
        raise InputError(REFUSED(reason=str(refused))) from refused
    return DONE


def _made(path: Path) -> dict[str, object]:
    """Return example rows for a file that comes without them; raises ModelError when it is no model."""
    from engine.model import open_model
    from exporters.bundle import golden

    return golden(open_model(path), seed=0)


SERVE = Command(
    key="serve",
    help="answer predictions of a model over HTTP, for other programs",
    add_arguments=_add_arguments,
    run=_run,
    about="Answer predictions of a model over HTTP: POST /predict, POST /predict/csv, GET /docs for all of it.",
)
