"""Changes what people call a run and write beside it."""

from argparse import Namespace
from collections.abc import Callable, Mapping

from app.terminal import print_json, tell
from storage.runs import RunRecord, RunStore

Change = Callable[[RunStore, str], None]
Kept = Callable[[RunRecord], Mapping[str, str | list[str]]]


def change(options: Namespace, write: Change, kept: Kept, answer: str) -> None:
    """Write it for the run that the arguments name, and say `answer`, or with `--json` what is `kept` of it now.

    Raises InputError when there is no such run, or `write` refuses.
    """
    from app.bootstrap import workspace

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id).id
    write(store, run_id)
    now = kept(store.get(run_id))
    if options.json:
        print_json({"run_id": run_id, **now})
        return
    listed = {key: value if isinstance(value, str) else ", ".join(value) or "none" for key, value in now.items()}
    tell(answer.format(run_id=run_id, **listed))
