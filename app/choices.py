"""What a person can say about the question and the columns, as arguments of the commands that look at a table."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from engine.table.schema import Kind, Known, Role
from engine.tasks.questions import one_target, task_named

if TYPE_CHECKING:
    from engine.column_choice import ColumnChoice
    from engine.config import ExperimentConfig
    from engine.table.schema import TableSchema

Word = TypeVar("Word", bound=StrEnum)

_SHORT = {
    "same time": Known.SAME_TIME,
    "same": Known.SAME_TIME,
    "unit": Kind.NUMBER_WITH_UNIT,
    "yes no": Kind.YES_NO,
    "url": Kind.LINK,
    "email": Kind.LINK,
    "link": Kind.LINK,
    "ignore": Role.IGNORED,
}


def add_choices(parser: ArgumentParser) -> None:
    """Give a command the arguments about the question and the columns."""
    group = parser.add_argument_group("the question and the columns", "What is not given is suggested or found out.")
    group.add_argument("--target", action="append", default=[], metavar="COL", help="the column to predict")
    group.add_argument("--task", metavar="T", help="binary, multiclass or regression")
    group.add_argument("--positive", metavar="VALUE", help="of two answers the one that is looked for")
    group.add_argument("--ignore", action="append", default=[], metavar="COL", help="leave a column out; repeatable")
    for option, words, what in (
        ("--kind", Kind, "what its values are"),
        ("--role", Role, "what it is used for"),
        ("--known", Known, "when its value is known, seen from what is predicted"),
    ):
        group.add_argument(
            option,
            action="append",
            default=[],
            type=_pair(words),
            metavar=f"COL={option[2:].upper()}",
            help=f"{what}: {', '.join(words)}; repeatable",
        )
    group.add_argument(
        "--fix",
        action="append",
        default=[],
        metavar="CODE",
        help="take the first remedy of a finding, CODE or CODE:COL as `inspect` shows it, or of all; repeatable",
    )


def chosen_config(options: Namespace, schema: "TableSchema", **more: Any) -> "ExperimentConfig":
    """Return the settings that the arguments say; `more`: those of the command itself, None for what is not given.

    Raises InputError for a question that is not answered.
    """
    from engine.config import ExperimentConfig

    given = {
        "target": one_target(options.target, schema.names),
        "task": task_named(options.task) if options.task is not None else None,
        "positive": options.positive,
        "columns": _columns(options) or None,
        **more,
    }
    return ExperimentConfig(**{name: value for name, value in given.items() if value is not None})


def _columns(options: Namespace) -> dict[str, "ColumnChoice"]:
    from engine.column_choice import ColumnChoice

    columns: dict[str, ColumnChoice] = {}
    said = [
        *((name, ColumnChoice(role=Role.IGNORED)) for name in options.ignore),
        *((name, ColumnChoice(kind=kind)) for name, kind in options.kind),
        *((name, ColumnChoice(role=role)) for name, role in options.role),
        *((name, ColumnChoice(known=known)) for name, known in options.known),
    ]
    for name, choice in said:
        columns[name] = choice.over(columns.get(name, ColumnChoice()))
    return columns


def _pair(words: type[Word]) -> Callable[[str], tuple[str, Word]]:
    """Return what reads COL=WORD; a name may hold the sign, too, so the last one divides."""

    def read(text: str) -> tuple[str, Word]:
        name, sign, word = text.rpartition("=")
        simple = _simple(word)
        meant = _SHORT.get(simple)
        found = meant if isinstance(meant, words) else next((each for each in words if _simple(each) == simple), None)
        if not sign or not name or found is None:
            raise ArgumentTypeError(
                f"{text!r} cannot be understood; give COL=WORD, WORD one of: {_listed(list(words))}"
            )
        return name, found

    return read


def _simple(word: str) -> str:
    return " ".join(word.lower().replace("-", " ").replace("_", " ").replace("/", " ").split())


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
