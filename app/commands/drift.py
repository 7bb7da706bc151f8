"""`tablewright drift`: whether a new file still looks like the table that a run's model was trained on."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.reading_options import add_file, given_file, reading_options
from app.terminal import add_json, add_run, add_workspace, print_json, tell


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_file(parser, "rows as they come now")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.in_use import in_use, keep_look, look_of
    from app.in_use_view.in_text import document, drift_text
    from app.phrasebook import learn
    from engine.insight.in_use.drift import find_drift
    from engine.messages import render

    place = workspace(options.workspace)
    used = in_use(place, options.run_id)
    with given_file(options) as (path, name):
        file = used.read(path, name, reading_options(options))
    found = find_drift(used.model, used.trained, file)
    look = look_of(file, drift=found)
    keep_look(place.runs, used.record.id, look)
    learn()
    if options.json:
        print_json(document(used.record.id, look))
    else:
        for message in (*look.done, *look.fit):
            tell(f"tablewright: {render(message)}")
        print(drift_text(found))
    return DONE


DRIFT = Command(
    key="drift",
    help="say whether a new file still looks like the table that a run was trained on",
    add_arguments=_add_arguments,
    run=_run,
)
