"""`tablewright resume`: a paused or interrupted run goes on."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, FAILED, Command
from app.terminal import add_json, add_run, add_workspace, print_json, tell
from engine.errors import InputError
from engine.messages import phrase

ENDED = phrase(
    "resume_ended",
    "The run {run_id} is {status}; there is nothing left to do.",
    "See its result with: tablewright status {run_id}.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("--detach", action="store_true", help="do not follow the run; return at once")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.following import follow
    from app.launch import launch
    from app.reporting.document import document, kept_model
    from app.reporting.summary import outcome
    from engine import progress as standings

    place = workspace(options.workspace)
    store, record = place.runs, place.runs.get(options.run_id)
    run_id = record.id
    status = store.progress(run_id).status
    if status in {standings.Status.FINISHED, standings.Status.STOPPED}:
        raise InputError(ENDED(run_id=run_id, status=str(status)))
    if store.is_alive(run_id):
        store.request(run_id, standings.Command.CONTINUE)
    else:
        launch(run_id, place.folder)
    tell(f"Run {run_id} goes on.")
    if options.detach:
        if options.json:
            print_json({"run_id": run_id, "asked": "resume"})
        return DONE
    progress = follow(store, run_id, tell)
    if options.json:
        print_json(document(run_id, progress, kept_model(progress, store.artifacts(run_id))))
    else:
        print(outcome(run_id, progress, record.config.decisions.costs))
    return DONE if progress.ready is not None and progress.failure is None else FAILED


RESUME = Command(
    key="resume",
    help="let a paused or interrupted run go on; finished candidates are kept",
    add_arguments=_add_arguments,
    run=_run,
)
