"""`tablewright retrain`: the recipe of a run once more, with new rows, other rules or other seeds, without a search."""

import time
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command import DONE, FAILED, Command
from app.limit_options import direction
from app.reading_options import add_file, given_file, reading_options
from app.terminal import add_json, add_run, add_workspace, print_json, tell
from engine.errors import InputError, TablewrightError
from engine.messages import phrase, render
from engine.table.options import AUTOMATIC

if TYPE_CHECKING:
    from app.launch import Standby
    from app.retraining import Changes, Prepared
    from engine.insight.again.challenge import Challenge
    from engine.insight.again.seeds import SeedSpread
    from engine.progress import Progress
    from storage.runs import RunRecord
    from storage.workspace import Workspace

FEWEST_SEEDS, MOST_SEEDS = 2, 20
BAD_SEEDS = phrase("retrain_seeds", "The number of seeds is {n}.", "Give a whole number from {least} to {most}.")

NO_FILE = phrase(
    "retrain_no_file",
    "There is no file with new rows, which --new-rows-only and the options of how a file is read are about.",
    "Name it behind the run: tablewright retrain ID FILE. Or leave these options out.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_file(parser, "a table with new rows and their answers (none: the run's own table again)", needed=False)
    parser.add_argument("--new-rows-only", action="store_true", help="learn from the new rows and forget the old ones")
    parser.add_argument(
        "--monotone",
        type=direction,
        action="append",
        default=[],
        metavar="COL=+1",
        help="never predict less when COL rises (+1), or never more (-1); may be repeated",
    )
    parser.add_argument("--ignore", action="append", default=[], metavar="COL", help="leave a column out; repeatable")
    parser.add_argument(
        "--seeds", type=int, metavar="N", help="train it with N other seeds, and say how far the scores are apart"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help="time until the new model is ready (default: a quarter of what the earlier one took, 10 at least)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the bundle, model.onnx first, into this folder")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.launch import Standby
    from app.process_start import process_began

    clock_started = process_began()
    with Standby() as standby:
        return _retrain(options, standby, clock_started)


def _retrain(options: Namespace, standby: "Standby", clock_started: float) -> int:
    from app.bootstrap import workspace
    from app.following import follow
    from app.handing_over import prepare_folder
    from app.launch import launch
    from app.phrasebook import learn
    from app.retraining import Changes, start
    from engine.run.earlier import LEAST_SECONDS

    if options.seeds is not None and not FEWEST_SEEDS <= options.seeds <= MOST_SEEDS:
        raise InputError(BAD_SEEDS(n=options.seeds, least=FEWEST_SEEDS, most=MOST_SEEDS))
    if options.file is None and (options.new_rows_only or reading_options(options) != AUTOMATIC):
        raise InputError(NO_FILE())
    place = workspace(options.workspace)
    record = place.runs.get(options.run_id)
    if options.out is not None:
        prepare_folder(options.out)
    seed = None if options.seeds is None else record.config.seed + 1
    changes = Changes(
        monotone=dict(options.monotone),
        ignore=options.ignore,
        seed=seed,
        alone=options.new_rows_only,
        seconds=options.seconds,
    )
    prepared = _prepared(options, place, record, changes)
    learn()
    for message in prepared.told:
        tell(render(message))
    ended = []
    for turn in range(options.seeds or 1):
        config = replace(prepared.config, seed=prepared.config.seed + turn)
        run_id = start(place, record, replace(prepared, config=config))
        if turn == 0:
            begun = max(clock_started, time.time() - (config.seconds - LEAST_SECONDS))  # it needs what any run needs
            standby.launch(run_id, place.folder, clock_started=begun)
        else:
            launch(run_id, place.folder)
        tell(f"Run {run_id}, trained again from {record.id} without a search.")
        ended.append((run_id, follow(place.runs, run_id, tell)))
    return _end(options, place, record, prepared, ended)


def _prepared(options: Namespace, place: "Workspace", record: "RunRecord", changes: "Changes") -> "Prepared":
    from app.retraining import again_on_same_rows, again_with_file

    if options.file is None:
        return again_on_same_rows(place, record, changes)
    with given_file(options) as (path, name):
        return again_with_file(place, record, path, name, reading_options(options), changes)


def _end(
    options: Namespace,
    place: "Workspace",
    record: "RunRecord",
    prepared: "Prepared",
    ended: list[tuple[str, "Progress"]],
) -> int:
    """Hold the new models against the old one, say what came of it, and return the exit code.

    A bundle that cannot be written is told of after all that is known of the runs.
    """
    from app.challenging import challenge_of
    from app.handing_over import bundle_into
    from app.reporting.document import document, kept_model
    from app.reporting.summary import outcome
    from app.retraining import lost_members

    run_id, progress = ended[-1]
    ready = [each for each, now in ended if now.ready is not None]
    held = {each: challenge_of(place.runs, record, place.runs.get(each)) for each in ready}
    spread = _spread([now for _run_id, now in ended]) if options.seeds else None
    lost = lost_members(prepared.config, progress) if progress.ready is not None else None
    problem: TablewrightError | None = None
    if options.out is not None and ready:
        _, problem = bundle_into(place.runs, ready[-1], options.out)
        if problem is None:
            tell(f"The bundle is in {options.out}.")
    if options.json:
        print_json(
            {
                "again_of": record.id,
                "told": [render(message) for message in (*prepared.told, *([lost] if lost is not None else []))],
                "runs": [
                    {
                        **document(each, now, kept_model(now, place.runs.artifacts(each))),
                        "challenge": _challenge_json(held.get(each)),
                    }
                    for each, now in ended
                ],
                "seeds": None if spread is None else {**spread.to_json(), "said": render(spread.said)},
            }
        )
    else:
        print(outcome(run_id, progress, prepared.config.decisions.costs))
        said = [render(message) for found in held.values() if found is not None for message in found.said]
        if len(held) > 1:
            said = [f"{each}: {render(found.said[0])}" for each, found in held.items() if found is not None]
        said += [render(lost)] if lost is not None else []
        said += [render(spread.said)] if spread is not None else []
        print("\n" + "\n".join(said))
    if problem is not None:
        raise problem
    done = all(now.ready is not None and now.failure is None for _run_id, now in ended)
    return DONE if done else FAILED


def _challenge_json(found: "Challenge | None") -> dict[str, Any] | None:
    return None if found is None else {**found.to_json(), "said": [render(message) for message in found.said]}


def _spread(ended: "list[Progress]") -> "SeedSpread | None":
    from engine.insight.again.seeds import spread_of
    from engine.tasks.metric import metric_named

    prepared = ended[0].prepared
    if prepared is None:
        return None
    scores = [(now.ready.holdout or now.ready.validation).get(prepared.metric) for now in ended if now.ready]
    known = [score for score in scores if score is not None]
    return spread_of(prepared.metric, metric_named(prepared.metric).title, known)


RETRAIN = Command(
    key="retrain",
    help="train a run's recipe again, with new rows, other rules or other seeds; no new search",
    add_arguments=_add_arguments,
    run=_run,
)
