"""Measures the scoring service of a bundle beside an empty FastAPI route, and sends it bodies that are wrong.

    python benchmarks/service.py BUNDLE [--seconds 60] [--out FILE]

Single rows over 4 connections, by `wrk` where it is installed (apt-get install wrk), else by a client of its own. The
empty route and the service take turns, so that whatever else the computer does meets both.
"""

import argparse
import asyncio
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

N_CONNECTIONS = 4
N_TURNS = 12
TURN_SECONDS = 2.0
START_SECONDS = 60.0
EMPTY = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.post("/predict")
def empty():
    return {}
@app.post("/awaited")
async def awaited():
    return {}
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, server_header=False)
"""
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What a server answered: requests a second, milliseconds of the middle and the slowest hundredth, errors."""

    per_second: float
    p50_ms: float
    p99_ms: float
    n_requests: int
    n_errors: int


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Start a server, wait until it listens, and end it afterwards."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def rate(port: int, path: str, body: bytes, seconds: float) -> Rate:
    """Send one body over and over; return how it was answered."""
    if shutil.which("wrk"):
        return rate_by_wrk(port, path, body, seconds)
    return asyncio.run(rate_by_client(port, path, body, seconds))


def rate_by_wrk(port: int, path: str, body: bytes, seconds: float) -> Rate:
    """Let wrk measure."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        text = json.dumps(body.decode(), ensure_ascii=True).replace("\\u", "\\u{").replace("\\/", "/")
        quoted = re.sub(r"\\u\{([0-9a-f]{4})", r"\\u{\1}", text)
        script.write_text(f'wrk.method = "POST"\nwrk.body = {quoted}\n', encoding="utf-8")
        words = ["wrk", "-t1", f"-c{N_CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-s", str(script)]
        command = [*words, f"http://127.0.0.1:{port}{path}"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    n_errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", said))
    return Rate(
        per_second=float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0]),
        p50_ms=_milliseconds(said, "50%"),
        p99_ms=_milliseconds(said, "99%"),
        n_requests=int(re.findall(r"(\d+) requests in", said)[0]),
        n_errors=n_errors,
    )


def _milliseconds(said: str, mark: str) -> float:
    number, unit = re.findall(rf"{mark}\s+([\d.]+)(us|ms|s)", said)[0]
    return float(number) * UNITS_MS[unit]


async def rate_by_client(port: int, path: str, body: bytes, seconds: float) -> Rate:
    """Measure without wrk: connections that are kept open, one request after the other on each."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    took: list[float] = []
    failed: list[bytes] = []
    end = time.perf_counter() + seconds

    async def ask_on() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            writer.write(head + body)
            told = await reader.readuntil(b"\r\n\r\n")
            (length,) = re.findall(rb"(?i)content-length: (\d+)", told)
            await reader.readexactly(int(length))
            took.append(time.perf_counter() - begun)
            if b" 200 " not in told.partition(b"\r\n")[0]:
                failed.append(told)
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(ask_on() for _ in range(N_CONNECTIONS)))
    spent = time.perf_counter() - begun
    marks = statistics.quantiles(took, n=100)
    return Rate(
        per_second=len(took) / spent,
        p50_ms=marks[49] * 1000,
        p99_ms=marks[98] * 1000,
        n_requests=len(took),
        n_errors=len(failed),
    )


def wrong_bodies(row: dict[str, object]) -> dict[str, bytes]:
    """Return bodies that the service must refuse."""
    name = next(iter(row))
    sent = {
        "a list for a value": {name: [1]},
        "true for a value": {name: True},
        "an object for a value": {name: {}},
        "an unknown field": {**row, "no such column": 1},
        "a list": [row],
        "a row that is a number": {"rows": [row, 3]},
        "too many rows": {"rows": [{}] * 20_000},
    }
    texts = {told: json.dumps(document).encode() for told, document in sent.items()}
    return {
        **texts,
        "a number beyond double": f"{{{json.dumps(name)}: 1e999}}".encode(),
        "NaN": f"{{{json.dumps(name)}: NaN}}".encode(),
        "half of a text": f'{{{json.dumps(name)}: "\\ud800"}}'.encode(),
        "no JSON": b"{",
        "nothing": b"",
        "bytes": bytes(range(256)),
        "deep": b"[" * 1_000_000,
        "10 MB": b" " * 10_000_000,
    }


def statuses(port: int, bodies: dict[str, bytes]) -> dict[str, int]:
    """Return the status that each body gets."""
    found = {}
    for told, body in bodies.items():
        request = urllib.request.Request(f"http://127.0.0.1:{port}/predict", data=body)
        try:
            with urllib.request.urlopen(request) as response:
                found[told] = int(response.status)
        except urllib.error.HTTPError as refused:
            found[told] = refused.code
    return found


def measured(bundle: Path, seconds: float) -> dict[str, object]:
    """Return all figures of one bundle."""
    golden = json.loads((bundle / "golden_rows.json").read_text(encoding="utf-8"))
    row = {name: cell or None for name, cell in zip(golden["columns"], golden["rows"][2], strict=True)}
    body = json.dumps(row, ensure_ascii=False).encode()
    first, second = free_port(), free_port()
    service = [sys.executable, str(bundle / "serve.py"), "--port", str(second)]
    asked = (("empty", first, "/predict"), ("awaited", first, "/awaited"), ("service", second, "/predict"))
    turns: dict[str, list[Rate]] = {name: [] for name, _port, _path in asked}
    with running([sys.executable, "-c", EMPTY, str(first)], first), running(service, second):
        for _turn in range(N_TURNS):
            for name, port, path in (
                ("empty", first, "/predict"),
                ("awaited", first, "/awaited"),
                ("service", second, "/predict"),
            ):
                turns[name].append(rate(port, path, body, TURN_SECONDS))
        long = rate(second, "/predict", body, seconds)
        refused = statuses(second, wrong_bodies(row))
        alive = rate(second, "/predict", body, 2.0)
    middle = {name: statistics.median(each.per_second for each in rates) for name, rates in turns.items()}
    return {
        "per_second": {name: round(value) for name, value in middle.items()},
        "ratio": round(_ratio(turns["service"], turns["empty"]), 3),
        "ratio_awaited": round(_ratio(turns["service"], turns["awaited"]), 3),
        "p50_ms": round(long.p50_ms, 2),
        "p99_ms": round(long.p99_ms, 2),
        "n_requests": long.n_requests,
        "n_errors": long.n_errors + alive.n_errors,
        "refused": refused,
    }


def _ratio(ours: list[Rate], theirs: list[Rate]) -> float:
    """Return the middle of the ratios of each turn: what else runs comes and goes."""
    return statistics.median(a.per_second / b.per_second for a, b in zip(ours, theirs, strict=True))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--out", type=Path, help="write the figures here, as JSON")
    options = parser.parse_args()
    text = json.dumps(measured(options.bundle, options.seconds), indent=1, ensure_ascii=False)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
