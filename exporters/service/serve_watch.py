"""What surrounds every request: the cap on its body, the figures for Prometheus, the log of predictions."""

import json
import logging
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.logs import event

logger = logging.getLogger(__name__)

MOST_BYTES = 8_000_000
MOST_DRAINED_BYTES = 4 * MOST_BYTES
"""Thrown away unread, up to here: many clients look for the answer only after they have sent all."""
BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Figures:
    """Counts what was asked and answered since the start, as Prometheus reads it."""

    def __init__(self, columns: Iterable[str], about: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._columns = list(columns)
        self._about = about
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[tuple[str, int]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._n_rows = 0
        self._unread: Counter[str] = Counter()
        self._n_unlogged = 0

    def add_request(self, path: str, status: int, seconds: float) -> None:
        """Count a request that has been answered."""
        with self._lock:
            self._requests[path, status] += 1
            self._buckets[path, bisect_left(BUCKETS_SECONDS, seconds)] += 1
            self._seconds[path] += seconds  # type: ignore[assignment]

    def add_rows(self, n_rows: int, unread: Mapping[str, int]) -> None:
        """Count rows that were predicted, and cells by column that could not be read."""
        with self._lock:
            self._n_rows += n_rows
            self._unread.update(unread)

    def add_unlogged(self, n_rows: int) -> None:
        """Count rows that could not be written into the log."""
        with self._lock:
            self._n_unlogged += n_rows

    def text(self) -> str:
        """Return all figures in the text format of Prometheus."""
        with self._lock:
            lines = [
                *_head("tablewright_model_info", "gauge", "The model that answers."),
                f"tablewright_model_info{_labels(self._about)} 1",
                *_head("tablewright_requests_total", "counter", "Requests answered, by path and status."),
            ]
            for (path, status), n in sorted(self._requests.items()):
                lines.append(f"tablewright_requests_total{_labels({'path': path, 'status': str(status)})} {n}")
            lines += _head("tablewright_request_seconds", "histogram", "Seconds from a request to its answer.")
            for path in sorted(self._seconds):
                lines += self._histogram(path)
            lines += _head("tablewright_rows_total", "counter", "Rows predicted.")
            lines.append(f"tablewright_rows_total {self._n_rows}")
            lines += _head("tablewright_unread_cells_total", "counter", "Cells that could not be read, by column.")
            for column in self._columns:
                lines.append(f"tablewright_unread_cells_total{_labels({'column': column})} {self._unread[column]}")
            lines += _head("tablewright_unlogged_rows_total", "counter", "Rows that the request log could not take.")
            lines.append(f"tablewright_unlogged_rows_total {self._n_unlogged}")
        return "\n".join(lines) + "\n"

    def _histogram(self, path: str) -> list[str]:
        name, n, lines = "tablewright_request_seconds", 0, []
        for place, edge in enumerate((*map(str, BUCKETS_SECONDS), "+Inf")):
            n += self._buckets[path, place]
            lines.append(f"{name}_bucket{_labels({'path': path, 'le': edge})} {n}")
        own = _labels({"path": path})
        return [*lines, f"{name}_sum{own} {self._seconds[path]:.6f}", f"{name}_count{own} {n}"]


class Watch:
    """Refuses bodies that are too long before they are read, and counts every request."""

    def __init__(self, app: ASGIApp, figures: Figures, paths: Iterable[str]) -> None:
        self.app = app
        self.figures = figures
        self.paths = set(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, n_bytes = time.perf_counter(), 500, 0
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")[:20]
        waits = b"expect" in headers and declared.isdigit() and int(declared) > MOST_BYTES

        async def limited() -> Message:
            nonlocal n_bytes
            while True:
                message: Message = {"type": "http.disconnect"} if waits else await receive()
                n_bytes += len(message.get("body", b""))
                if waits or (n_bytes > MOST_BYTES and not (message.get("more_body") and n_bytes < MOST_DRAINED_BYTES)):
                    raise HTTPException(413, f"The body is longer than {MOST_BYTES} bytes; send fewer rows at once.")
                if n_bytes <= MOST_BYTES:
                    return message

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, limited, counted)
        finally:
            path, seconds = scope["path"] if scope["path"] in self.paths else "other", time.perf_counter() - begun
            self.figures.add_request(path, status, seconds)
            if logger.isEnabledFor(logging.INFO):
                logger.info("A request was answered", extra=event(path=path, status=status, seconds=round(seconds, 4)))


class PredictionLog:
    """Writes what was asked and answered, one JSON object per row and line; only where a person wants it."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8", newline="\n")

    def add(self, rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """Append rows with their answers; raises OSError when the file takes no more."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = [
            json.dumps({"time": now, "inputs": inputs, "outputs": outputs}, ensure_ascii=False)
            for inputs, outputs in rows
        ]
        with self._lock:
            self._file.write("".join(f"{line}\n" for line in lines))
            self._file.flush()


def _head(name: str, kind: str, told: str) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]


def _labels(labels: Mapping[str, str]) -> str:
    made = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{made}}}" if made else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
