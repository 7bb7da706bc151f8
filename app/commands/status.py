"""`tablewright status`: how one run stands."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.phrasebook import learn
    from app.reporting.document import document, kept_model
    from app.reporting.summary import standing, summary

    store = workspace(options.workspace).runs
    record = store.get(options.run_id)
    run_id = record.id
    progress = store.progress(run_id)
    learn()
    if options.json:
        print_json(document(run_id, progress, kept_model(progress, store.artifacts(run_id))))
    else:
        said = (standing(run_id, progress), summary(progress, record.config.decisions.costs))
        print("\n\n".join(text for text in said if text))
    return DONE


STATUS = Command(
    key="status",
    help="show how a run stands, or how it ended",
    add_arguments=_add_arguments,
    run=_run,
)
