"""`tablewright quality`: how good a run's model is, and where it is weak."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("--miss", type=float, metavar="MONEY", help="of two answers: what a missed row costs")
    parser.add_argument("--alarm", type=float, metavar="MONEY", help="what a false alarm costs")
    parser.add_argument("--hit", type=float, metavar="MONEY", help="what a found row gains")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from dataclasses import replace

    from app.bootstrap import workspace
    from app.phrasebook import learn
    from app.quality_view.in_text import text_of
    from app.quality_view.reading import n_looks, quality_of, usual_prices

    store = workspace(options.workspace).runs
    record = store.get(options.run_id)
    given = {name: getattr(options, name) for name in ("miss", "alarm", "hit") if getattr(options, name) is not None}
    found = quality_of(store, record, replace(usual_prices(record, store.progress(record.id)), **given))
    learn()
    if options.json:
        looks = {"run_id": record.id, "holdout_looks": n_looks(store, record)}
        print_json({**looks, **found.to_json()})
    else:
        print(text_of(found))
    return DONE


QUALITY = Command(
    key="quality",
    help="say how good a run's model is, and where it is weak",
    add_arguments=_add_arguments,
    run=_run,
)
