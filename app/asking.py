"""Asks something of a run that is under way."""

from argparse import Namespace

from app.terminal import print_json, tell
from engine.errors import InputError
from engine.messages import phrase
from engine.progress import ACTIVE, Command

NOT_UNDER_WAY = phrase(
    "run_not_under_way",
    "The run {run_id} is {status}, so nothing can be asked of it.",
    "List the runs with: tablewright runs.",
)
WAITING = phrase(
    "run_waiting",
    "The run {run_id} waits for its turn and has not begun.",
    "Start it now with: tablewright resume {run_id}. Take it out of the queue with: tablewright stop {run_id}.",
)
LEFT_QUEUE = "Taken out of the queue; it has not begun. Start it with: tablewright resume {run_id}"


def ask(options: Namespace, request: Command, answer: str) -> None:
    """Ask it of the run that the arguments name, and say `answer`; one that waits for its turn can only be stopped.

    Raises InputError when the run is not under way.
    """
    from app.bootstrap import workspace

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id).id
    status = store.progress(run_id).status
    if status not in ACTIVE:
        raise InputError(NOT_UNDER_WAY(run_id=run_id, status=str(status)))
    if store.place_in_queue(run_id) is None:
        store.request(run_id, request)
    elif request is Command.STOP:
        store.leave_queue(run_id)
        answer = LEFT_QUEUE
    else:
        raise InputError(WAITING(run_id=run_id))
    if options.json:
        print_json({"run_id": run_id, "asked": str(request)})
    else:
        tell(answer.format(run_id=run_id))
