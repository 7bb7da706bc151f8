"""How candidates are compared, in the terminal: the same choices as on the page."""

from argparse import ArgumentParser, Namespace

from engine.search.validation import Scheme, ValidationSettings


def add_validation(parser: ArgumentParser) -> None:
    """Add the options to a command that trains."""
    parser.add_argument(
        "--validation",
        choices=[str(scheme) for scheme in Scheme],
        metavar="V",
        help="how candidates are compared: single, folds, or forward in time (default: by rows and roles)",
    )
    parser.add_argument("--folds", type=int, metavar="N", help="number of folds (default: by rows and time)")
    parser.add_argument("--repeats", type=int, metavar="N", help="how often the folds are drawn (default: by rows)")
    parser.add_argument(
        "--gap-rows",
        type=int,
        default=0,
        metavar="N",
        help="rows left out between learning and testing, forward in time",
    )


def chosen_validation(options: Namespace) -> ValidationSettings:
    """Return what was chosen."""
    return ValidationSettings(
        scheme=options.validation, n_folds=options.folds, n_repeats=options.repeats, gap_rows=options.gap_rows
    )
