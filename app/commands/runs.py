"""`tablewright runs`: all runs of the workspace."""

from argparse import ArgumentParser, Namespace
from typing import Any

from app.command import DONE, Command
from app.terminal import add_json, add_workspace, print_json, table


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--search",
        default="",
        metavar="WORDS",
        help="only runs with all these words in name, table, target, note or tags",
    )
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.reporting.words import figure
    from app.run_search import matching

    place = workspace(options.workspace)
    tables = {each.id: each.name for each in place.datasets.records()}
    found = matching(place.runs.records(), options.search, tables)
    rows = [_row(record, place.runs.progress(record.id), tables.get(record.dataset_id)) for record in found]
    if options.json:
        print_json(rows)
    elif rows:
        head = ["id", "name", "status", "target", "metric", "score", "candidates", "started", "tags"]
        score = [figure(row["score"]) if row["score"] is not None else "" for row in rows]
        shown = [{**row, "score": said, "tags": ", ".join(row["tags"])} for row, said in zip(rows, score, strict=True)]
        print(table(head, [[row["run_id"], *(row[name] for name in head[1:])] for row in shown], right=(5, 6)))
    elif options.search:
        print("No run has all these words. See all runs with: tablewright runs")
    else:
        print("No runs yet. Start one with: tablewright train FILE")
    return DONE


def _row(record: Any, progress: Any, table_name: str | None) -> dict[str, Any]:
    from app.reporting.document import main_score

    score = main_score(progress)
    return {
        "run_id": record.id,
        "name": record.name,
        "status": str(progress.status),
        "target": progress.prepared.task.target if progress.prepared else record.config.target,
        "metric": progress.prepared.metric if progress.prepared else record.config.metric,
        "score": score,
        "candidates": progress.n_tried,
        "started": record.created_at.isoformat(timespec="seconds"),
        "table": table_name,
        "notes": record.notes,
        "tags": list(record.tags),
    }


RUNS = Command(
    key="runs",
    help="list all runs, or those with some words, the newest first",
    add_arguments=_add_arguments,
    run=_run,
)
