"""What the model must keep to and how it decides, in the terminal: the same choices as on the page."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.blend.decisions import DecisionSettings
    from engine.limits import ModelLimits

_DIRECTIONS = {"+1": 1, "1": 1, "-1": -1}


def add_limits(parser: ArgumentParser) -> None:
    """Add the options to a command that trains."""
    group = parser.add_argument_group("what the model must keep to")
    group.add_argument("--largest-file-mb", type=float, metavar="MB", help="largest model file (default: 30)")
    group.add_argument(
        "--slowest-row-ms", type=float, metavar="MS", help="most time for one row (default: 1 up to 40 columns)"
    )
    group.add_argument("--interpretable", action="store_true", help="only models that a person can follow")
    group.add_argument(
        "--family",
        dest="families",
        action="append",
        default=[],
        metavar="KEY",
        help="try only this family of models, see `tablewright parts`; may be repeated",
    )
    group.add_argument(
        "--monotone",
        type=direction,
        action="append",
        default=[],
        metavar="COL=+1",
        help="never predict less when COL rises (+1), or never more (-1); may be repeated",
    )
    group.add_argument(
        "--cost",
        type=cost,
        action="append",
        default=[],
        metavar="TRUE:ANSWERED=5",
        help="what it costs to answer ANSWERED when TRUE is right; others cost 1; may be repeated",
    )
    group.add_argument(
        "--coverage",
        type=float,
        metavar="F",
        help="how often intervals and sets of classes hold the truth (default: .9)",
    )


def direction(text: str) -> tuple[str, int]:
    """Read a column and its direction.

    >>> direction("size=+1")
    ('size', 1)
    """
    column, _, sign = text.rpartition("=")
    if not column or sign.strip() not in _DIRECTIONS:
        raise ArgumentTypeError(f"{text!r} is not a column with +1 or -1, such as size=+1")
    return column.strip(), _DIRECTIONS[sign.strip()]


def cost(text: str) -> tuple[str, str, float]:
    """Read what a mistake costs.

    >>> cost("ill:healthy=20")
    ('ill', 'healthy', 20.0)
    """
    pair, _, number = text.rpartition("=")
    true, colon, answered = pair.partition(":")
    try:
        amount = float(number)
    except ValueError:
        amount = float("nan")
    if not (true.strip() and colon and answered.strip() and amount >= 0):
        raise ArgumentTypeError(f"{text!r} is not two answers and a cost, such as ill:healthy=20")
    return true.strip(), answered.strip(), amount


def chosen_limits(options: Namespace) -> "ModelLimits":
    """Return what the model must keep to."""
    from engine.limits import LARGEST_FILE_MB, ModelLimits

    return ModelLimits(
        largest_file_mb=LARGEST_FILE_MB if options.largest_file_mb is None else options.largest_file_mb,
        slowest_row_ms=options.slowest_row_ms,
        interpretable=options.interpretable,
        monotone=dict(options.monotone),
    )


def chosen_decisions(options: Namespace) -> "DecisionSettings":
    """Return how the model decides."""
    from engine.blend.decisions import USUAL_COVERAGE, DecisionSettings, costs_of

    return DecisionSettings(
        costs=costs_of(options.cost),
        coverage=USUAL_COVERAGE if options.coverage is None else options.coverage,
    )
