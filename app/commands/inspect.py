"""`tablewright inspect`: what a table's columns are and why, what could be predicted, and what could go wrong."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from app.choices import add_choices, chosen_config
from app.command import DONE, Command
from app.reading_options import add_file, given_table
from app.terminal import add_json, add_workspace, print_json, tell
from engine.errors import ConfigError, TargetError
from engine.messages import render

if TYPE_CHECKING:
    from engine.table.inspection import Inspection


def _add_arguments(parser: ArgumentParser) -> None:
    add_file(parser, "the table to look at")
    add_choices(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.inspected import document, text

    found = document(_inspection(options))
    if options.json:
        print_json(found)
    else:
        print(text(found))
    return DONE


def _inspection(options: Namespace) -> "Inspection":
    """Look at the table, take the remedies that are asked for, and look again.

    Raises InputError for choices that do not fit the table, and for a named target that cannot be predicted.
    """
    from app.fixing import with_fixes
    from engine.config import NO_FEATURES
    from engine.table.inspection import inspect_table

    dataset = given_table(options)
    config = chosen_config(options, dataset.schema)
    # A table that nothing can be predicted from is shown all the same, and says so.
    problems = [problem for problem in config.problems(dataset.schema) if problem.code != NO_FEATURES.code]
    if problems:
        raise ConfigError(problems[0])
    found = inspect_table(dataset, config)
    if options.fix:
        config, taken = with_fixes(found.config, found.findings, options.fix, dataset.schema)
        for remedy in taken:
            tell(f"Done: {render(remedy.title)}.")
        found = inspect_table(dataset, config)
    asked = (config.chosen_target, config.task, config.positive)
    if found.problem is not None and any(each is not None for each in asked):
        raise TargetError(found.problem)
    return found


INSPECT = Command(
    key="inspect",
    help="show what a table's columns are and why, and what could go wrong",
    add_arguments=_add_arguments,
    run=_run,
)
