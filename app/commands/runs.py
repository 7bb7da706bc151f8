"""`tablewright runs`: all runs of the workspace."""

from argparse import ArgumentParser, Namespace
from typing import Any

from app.command import DONE, Command
from app.terminal import add_json, add_workspace, print_json, table


def _add_arguments(parser: ArgumentParser) -> None:
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import OWNER, workspace
    from app.reporting import figure

    store = workspace(options.workspace).runs
    rows = [_row(record, store.progress(record.id)) for record in store.records(owner=OWNER)]
    if options.json:
        print_json(rows)
    elif rows:
        head = ["id", "name", "status", "target", "metric", "score", "candidates", "started"]
        shown = [{**row, "score": figure(row["score"]) if row["score"] is not None else ""} for row in rows]
        print(table(head, [list(row.values()) for row in shown], right=(5, 6)))
    else:
        print("No runs yet. Start one with: tablewright train FILE")
    return DONE


def _row(record: Any, progress: Any) -> dict[str, Any]:
    from app.reporting import main_score

    score = main_score(progress)
    return {
        "run_id": record.id,
        "name": record.name,
        "status": str(progress.status),
        "target": progress.prepared.task.target if progress.prepared else record.config.target,
        "metric": progress.prepared.metric if progress.prepared else record.config.metric,
        "score": score,
        "candidates": len(progress.leaderboard),
        "started": record.created_at.isoformat(timespec="seconds"),
    }


RUNS = Command(
    key="runs",
    help="list all runs, the newest first",
    add_arguments=_add_arguments,
    run=_run,
)
