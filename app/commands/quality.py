"""`tablewright quality`: how good a run's model is, and where it is weak."""

import sys
from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json
from engine.errors import InputError
from engine.messages import phrase

PRICES_OF_TWO = phrase(
    "quality_prices_of_two",
    "Prices such as {options} are of questions with two answers; this run has another task.",
    "Leave them out; what mistakes cost among several answers is given with --cost when the run is trained.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("--miss", type=float, metavar="MONEY", help="of two answers: what a missed row costs")
    parser.add_argument("--alarm", type=float, metavar="MONEY", help="what a false alarm costs")
    parser.add_argument("--hit", type=float, metavar="MONEY", help="what a found row gains")
    parser.add_argument(
        "--by", action="append", default=[], metavar="COLUMN", help="say how the groups of a column are treated, too"
    )
    parser.add_argument(
        "--more-rows", action="store_true", help="find out whether more rows would help, unless it is known already"
    )
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from dataclasses import replace

    from app.bootstrap import workspace
    from app.more_rows import kept_more_rows, work_out_more_rows
    from app.phrasebook import learn
    from app.quality_view.fairness_text import fairness_text
    from app.quality_view.in_text import text_of
    from app.quality_view.reading import fairness_of, n_looks, quality_of, suggested_of, usual_prices

    place = workspace(options.workspace)
    store = place.runs
    record = store.get(options.run_id)
    if options.more_rows and kept_more_rows(store, record.id) is None:
        work_out_more_rows(place, record, _tell)
    given = {name: getattr(options, name) for name in ("miss", "alarm", "hit") if getattr(options, name) is not None}
    progress = store.progress(record.id)
    if given and progress.prepared is not None and len(progress.prepared.task.classes) != 2:
        raise InputError(PRICES_OF_TWO(options=", ".join(f"--{name}" for name in given)))
    found = quality_of(store, record, replace(usual_prices(record, progress), **given))
    fair = [fairness_of(store, record, column) for column in options.by]
    learn()
    if options.json:
        looks = {"run_id": record.id, "holdout_looks": n_looks(store, record)}
        suggested = list(suggested_of(store, record))
        by = {"fairness": [each.to_json() for each in fair], "fairness_suggested": suggested}
        print_json({**looks, **found.to_json(), **by})
    else:
        print("\n\n".join([text_of(found), *map(fairness_text, fair)]))
    return DONE


def _tell(done: int, of: int) -> None:
    if done < of:
        print(f"Learning from a part of the rows: {done + 1} of {of} ...", file=sys.stderr)


QUALITY = Command(
    key="quality",
    help="say how good a run's model is, and where it is weak",
    add_arguments=_add_arguments,
    run=_run,
)
