"""Looks at the file that a command names with the model of a run in use; keeps and tells what it shows."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.reading_options import add_file, given_file, reading_options
from app.terminal import add_json, add_run, add_workspace, print_json, tell

if TYPE_CHECKING:
    from app.in_use import InUse
    from engine.insight.in_use.arrived import Arrived


def add_look(parser: ArgumentParser, rows: str) -> None:
    """Give a command a run, a file with its reading, and where and how to answer. `rows`: what the file holds."""
    add_run(parser)
    add_file(parser, rows)
    add_workspace(parser)
    add_json(parser)


def look_at_file(options: Namespace, find: "Callable[[InUse, Arrived], tuple[dict[str, Any], str]]") -> None:
    """Look, keep it with the run, and print it. `find` returns the parts of the look, and their text.

    Raises InputError while there is no model, and for a file that does not fit it.
    """
    from app.bootstrap import workspace
    from app.in_use import in_use, keep_look, look_of
    from app.in_use_view.in_text import document
    from app.phrasebook import learn
    from engine.messages import render

    learn()
    place = workspace(options.workspace)
    used = in_use(place, options.run_id)
    with given_file(options) as (path, name):
        file = used.read(path, name, reading_options(options))
    parts, text = find(used, file)
    look = look_of(file, **parts)
    keep_look(place.runs, used.record.id, look)
    if options.json:
        print_json(document(used.record.id, look))
        return
    for message in (*look.done, *look.fit):
        tell(f"tablewright: {render(message)}")
    print(text)
