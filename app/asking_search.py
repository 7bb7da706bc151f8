"""Asks something of the search of a run that the arguments of a command name."""

from argparse import Namespace
from collections.abc import Callable

from app.terminal import print_json, tell
from engine.events import Request
from storage.runs import RunStore


def ask_search(options: Namespace, ask: Callable[[RunStore, str], Request], answer: str) -> None:
    """Ask it, and say `answer`, or with `--json` what was asked; raises InputError when it cannot be."""
    from app.bootstrap import workspace

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id).id
    asked = ask(store, run_id)
    if options.json:
        print_json({"run_id": run_id, "asked": asked.to_json()})
    else:
        tell(answer.format(run_id=run_id))
