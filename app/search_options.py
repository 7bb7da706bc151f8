"""How candidates are searched, in the terminal: for experts, the same choices as on the page."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError
from engine.messages import phrase

if TYPE_CHECKING:
    from engine.search.settings import SearchSettings

UNREADABLE_SPACE = phrase(
    "space_file_unreadable",
    "The search space {file} cannot be read as JSON: {reason}.",
    "Write it like this: {example}.",
)
UNOPENED_SPACE = phrase(
    "space_file_unopened",
    "The search space {file} cannot be read as a text file: {reason}.",
    "Give the path of a file of JSON, in UTF-8.",
)


def add_search(parser: ArgumentParser) -> None:
    """Add the options to a command that trains."""
    group = parser.add_argument_group("the search, for experts", "What is not given is chosen by what measured best.")
    group.add_argument("--search-way", metavar="W", help="joint, conditioning or alternating: how the space is divided")
    group.add_argument("--sampler", metavar="S", help="tpe, cmaes, quasi_random, random, grid or gp (see `parts`)")
    group.add_argument("--pruner", metavar="P", help="race, wilcoxon, median, halving, hyperband or none")
    group.add_argument(
        "--search-space", type=Path, metavar="FILE.json", help="search this space only: _type and _value"
    )
    group.add_argument(
        "--use-all-time",
        action="store_true",
        help="go on where the search would end because nothing seems left to gain",
    )
    group.add_argument("--no-past", action="store_true", help="do not begin with what worked on tables like this one")


def chosen_search(options: Namespace) -> "SearchSettings":
    """Return what was chosen.

    Raises ConfigError when the file of the search space cannot be read.
    """
    from engine.search.settings import SearchSettings

    return SearchSettings(
        way=options.search_way,
        sampler=options.sampler,
        pruner=options.pruner,
        space=None if options.search_space is None else space_written(options.search_space),
        use_past=not options.no_past,
        use_all_time=options.use_all_time,
    )


def space_written(path: Path) -> Any:
    """Return what a file says, whether it is a search space or not."""
    try:
        return space_of(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as refused:
        reason = (refused.strerror if isinstance(refused, OSError) else None) or str(refused)
        raise ConfigError(UNOPENED_SPACE(file=path.name, reason=reason)) from refused


def space_of(text: str, name: str) -> Any:
    """Return what a text of JSON says; raises ConfigError in words when it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        raise _unreadable(name, f"line {wrong.lineno}, place {wrong.colno}: {wrong.msg}") from wrong


def _unreadable(name: str, reason: str) -> ConfigError:
    example = '{"lightgbm": {"num_leaves": {"_type": "randint", "_value": [4, 64]}}}'
    return ConfigError(UNREADABLE_SPACE(file=name, reason=reason, example=example))
