"""`tablewright replay`: the run of a report trained again from what stands in it, and compared."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.command import DONE, FAILED, Command
from app.terminal import add_json, add_workspace, print_json, tell
from engine.messages import render

if TYPE_CHECKING:
    from engine.insight.again.record import Record
    from engine.progress import Progress
    from storage.workspace import Workspace


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="REPORT", help="a report.html, or the model_card.json beside it")
    parser.add_argument(
        "--table", type=Path, metavar="FILE", help="the table of the report, where this workspace does not have it"
    )
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import OWNER, workspace
    from app.following import follow
    from app.launch import launch
    from app.phrasebook import learn
    from app.replaying import find_table, read_record
    from app.reporting.document import document, kept_model
    from app.reporting.summary import standing
    from engine.insight.again.replay import Nearness, replayed

    record = read_record(options.report)
    place = workspace(options.workspace)
    run_id = place.runs.create(
        owner=OWNER,
        name=record.name,
        dataset_id=find_table(place, record, options.table, owner=OWNER),
        config=record.config_again,
    )
    tell(f"Run {run_id}, trained as the report says.")
    launch(run_id, place.folder)
    progress = follow(place.runs, run_id, tell)
    made = document(run_id, progress, kept_model(progress, place.runs.artifacts(run_id))) if options.json else {}
    if progress.ready is None or progress.prepared is None:
        if options.json:
            print_json({"replay_of": record.run_id, "run": made})
        else:
            print(standing(run_id, progress))
        return FAILED
    found = replayed(record, _record_now(place, run_id, progress))
    learn()
    said = [render(message) for message in found.said]
    if options.json:
        print_json({"replay_of": record.run_id, **found.to_json(), "said": said, "run": made})
    else:
        print("\n".join(said))
    return FAILED if found.outcome is Nearness.DIFFERENT else DONE


def _record_now(place: "Workspace", run_id: str, progress: "Progress") -> "Record":
    from engine.insight.again.record import record_of

    config = place.runs.get(run_id).config
    return record_of(progress, config, run_id=run_id, name="", table={}, fingerprint="")


REPLAY = Command(
    key="replay",
    help="train the run of a report again from what stands in it, and compare",
    add_arguments=_add_arguments,
    run=_run,
)
