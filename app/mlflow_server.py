"""The process around MLflow's server: `python -m app.mlflow_server --store ADDRESS --port P`.

It ends, with all that MLflow started, when its standard input does: so nothing stays behind, however the app ended.
"""

import os
import subprocess
import sys
import threading
from argparse import ArgumentParser

HOST = "127.0.0.1"
# Nothing is told to anybody, and no further processes are started for work that is never asked for.
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def main(arguments: list[str] | None = None) -> int:
    """Run the server until nobody wants it any more; returns its exit code."""
    parser = ArgumentParser(prog="python -m app.mlflow_server", description="Show what MLflow keeps.")
    parser.add_argument("--store", required=True, help="the address where MLflow keeps runs")
    parser.add_argument("--port", required=True)
    options = parser.parse_args(arguments)
    place = ["--backend-store-uri", options.store, "--host", HOST, "--port", options.port, "--workers", "1"]
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "mlflow", "server", *place],
        stdin=subprocess.DEVNULL,
        env={**os.environ, **QUIET},
    )
    threading.Thread(target=_end_with_input, args=(server.pid,), daemon=True).start()
    return server.wait()


def _end_with_input(process_id: int) -> None:
    import psutil

    sys.stdin.read()
    try:
        server = psutil.Process(process_id)
        for each in (*server.children(recursive=True), server):
            each.kill()
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    sys.exit(main())
