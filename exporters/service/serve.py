"""Answer predictions over HTTP. Needs what requirements-serve.txt names; nothing else.

python serve.py                        at http://127.0.0.1:8000, for programs on this computer
python serve.py --host 0.0.0.0         ... for other computers, too: ask for tokens, or put a check before it
python serve.py --token-file tokens.json     answers only who sends a token of this file (see serve_tokens.py)
python serve.py --log predictions.jsonl      writes inputs and answers down, to see later how the world changes

POST /predict       a row as a JSON object, or {"rows": [...]}
POST /predict/csv   a CSV text; the same text with the predictions beside it
GET  /schema        what a row is made of        GET /healthz   whether it is ready
GET  /metrics       figures for Prometheus       GET /docs      all of this to try out (loads a page from the web)
"""

import argparse
import gc
import json
import logging
import math
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

try:
    import uvicorn
except ModuleNotFoundError:
    sys.exit("Answering over HTTP needs a few packages more: pip install -r requirements-serve.txt")

from engine.logs import About, begin, event, wanted
from exporters.predictor.predict import Model
from exporters.predictor.reading import Column, RefusalError, plain_number
from exporters.service.serve_app import Service, create
from exporters.service.serve_tokens import Tokens
from exporters.service.serve_watch import PredictionLog

logger = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent
GOLDEN = "golden_rows.json"
HOST, PORT, LAST_PORT = "127.0.0.1", 8000, 65_535
MOST_ROWS = 10_000
TOKEN_FILE_VARIABLE = "TABLEWRIGHT_TOKEN_FILE"  # noqa: S105 - the name of a variable
SWITCH_SECONDS = 0.001  # a row must not wait for 5 ms, the usual, whenever a large table is read beside it


def serve(
    model: Path,
    *,
    host: str = HOST,
    port: int = PORT,
    log: Path | None = None,
    most_rows: int = MOST_ROWS,
    golden: Mapping[str, Any] | None = None,
    token_file: Path | None = None,
    per_minute: int = 0,
) -> None:
    """Answer until the program is ended; says its address first. `port`: 0 takes a free one.

    `token_file`: who may ask; None asks nobody for a token. `per_minute`: how often each may ask; 0 for no limit.

    Raises RefusalError when the model, the address or the log cannot be used.
    """
    begin(About(process="service", form=wanted()), logging.INFO if wanted() else logging.WARNING)
    opened = Model(model, n_threads=1)
    service = Service(
        opened, model, most_rows=most_rows, log=_opened(log), examples=example_rows(golden, opened.columns)
    )
    listening = bound(host, port)
    config = uvicorn.Config(
        create(service, tokens=_tokens(token_file), per_minute=per_minute),
        proxy_headers=False,
        log_config=None,  # ours has begun
        access_log=False,
        server_header=False,
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what is loaded stays: looking through it again and again would make some answers late
    named = f"[{host}]" if ":" in host else host
    address = f"http://{named}:{listening.getsockname()[1]}"
    print(f"{service.target} is predicted at {address}/predict (see {address}/docs). Ctrl+C ends it.", flush=True)
    logger.info("The service is ready", extra=event(port=listening.getsockname()[1]))
    uvicorn.Server(config).run(sockets=[listening])
    logger.info("The service ends")


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; RefusalError when that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, each connection sends at once what it is given; else an answer waits for 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this lets two programs listen at one port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as problem:
        listening.close()
        reason = problem.strerror or str(problem)
        raise RefusalError(
            f"Port {port} of {host} cannot be used: {reason}. Give another --port or --host."
        ) from problem
    return listening


def example_rows(golden: Mapping[str, Any] | None, columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Return golden rows as a client sends them; the first one, all missing, is no good example."""
    if golden is None:
        return []
    numbers = {column["name"] for column in columns if column["cells"] == "number"}
    names = golden["columns"]
    return [
        {name: _value(cell, number=name in numbers) for name, cell in zip(names, row, strict=True)}
        for row in golden["rows"][1:]
    ]


def _value(cell: str, *, number: bool) -> float | str | None:
    read = plain_number(cell) if number else math.nan
    if math.isnan(read):
        return cell or None
    return int(read) if read.is_integer() else read


def _opened(log: Path | None) -> PredictionLog | None:
    try:
        return PredictionLog(log) if log else None
    except OSError as problem:
        raise RefusalError(f"The log {log} cannot be written: {problem.strerror}. Write somewhere else.") from problem


def _tokens(path: Path | None) -> Tokens | None:
    if path is None:
        return None
    if not path.is_file():
        raise RefusalError(f"There is no file of tokens {path}. Create one: tablewright token {path} --create NAME.")
    try:
        return Tokens(path)
    except (OSError, ValueError) as problem:
        raise RefusalError(f"{problem}. Name the file that was written with --create.") from problem


def token_file_of(given: Path | None) -> Path | None:
    """Return the file of tokens that was given, else the one that the environment names."""
    named = os.environ.get(TOKEN_FILE_VARIABLE, "")
    return given or (Path(named) if named else None)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port; give a whole number from 0 (any) to {LAST_PORT}")
    return int(text)


def _n_rows(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no number of rows; give a whole number from 1")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser what a service can be told."""
    told = f"the address to listen at (default: {HOST}, for this computer only)"
    parser.add_argument("--host", default=HOST, metavar="H", help=told)
    parser.add_argument("--port", type=_port, default=PORT, metavar="P", help=f"default: {PORT}")
    told = "append inputs and answers to this file, a JSON object per row; it holds what people sent"
    parser.add_argument("--log", type=Path, metavar="FILE", help=told)
    told = f"how many rows a request may hold (default: {MOST_ROWS})"
    parser.add_argument("--max-rows", type=_n_rows, default=MOST_ROWS, metavar="N", help=told)
    told = f"answer only who has one of these tokens (default: {TOKEN_FILE_VARIABLE}); see serve_tokens.py"
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=told)
    told = "how many requests of one asker are answered in a minute (default: no limit)"
    parser.add_argument("--per-minute", type=_n_rows, default=0, metavar="N", help=told)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Answer predictions of model.onnx over HTTP.")
    add_arguments(parser)
    parser.add_argument("--model", type=Path, default=HERE / "model.onnx", help="default: the one beside this script")
    asked = parser.parse_args()
    kept = asked.model.with_name(GOLDEN)
    golden = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else None
    try:
        serve(
            asked.model,
            host=asked.host,
            port=asked.port,
            log=asked.log,
            most_rows=asked.max_rows,
            golden=golden,
            token_file=token_file_of(asked.token_file),
            per_minute=asked.per_minute,
        )
    except RefusalError as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
