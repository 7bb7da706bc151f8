"""`tablewright train`: a table in, a verified ONNX model out."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.choices import add_choices, chosen_config
from app.command import DONE, FAILED, INPUT_AT_FAULT, Command
from app.limit_options import add_limits, chosen_decisions, chosen_limits
from app.reading_options import add_file, given_table
from app.search_options import add_search, chosen_search
from app.terminal import add_json, add_workspace, print_json, tell
from app.validation_options import add_validation, chosen_validation
from engine.errors import ConfigError, TablewrightError, TargetError
from engine.lasting import import_lasting
from engine.messages import phrase, render

if TYPE_CHECKING:
    from app.launch import Standby
    from engine.config import ExperimentConfig
    from engine.progress import Progress
    from engine.table.dataset import Dataset
    from storage.runs import RunStore


NEEDED = ("app.bootstrap", "engine.table.reading", "app.preflight", "app.handing_over", "engine.tasks.detection")
NO_TARGET_LEFT = phrase(
    "target_none_left",
    "Each column that could be predicted was given another role: {columns}.",
    "Name the target, or take one of these roles back.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    add_file(parser, "the table to learn from")
    add_choices(parser)
    parser.add_argument("--row-is", default="", metavar="WORDS", help="what one row stands for, such as: customer")
    parser.add_argument(
        "--used-when", default="", metavar="WORDS", help="when the answer is used, such as: a contract is about to end"
    )
    parser.add_argument("--metric", metavar="M", help="what to be good at (default: the usual one of the task)")
    time = parser.add_mutually_exclusive_group()
    time.add_argument("--seconds", type=float, metavar="S", help="time until the model is ready (default: 300)")
    time.add_argument("--minutes", type=float, metavar="M", help="the same in minutes")
    parser.add_argument("--holdout", type=float, metavar="F", help="share of rows set aside for the score; 0 for none")
    add_validation(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="same seed and --candidates: same leaderboard")
    parser.add_argument(
        "--candidates", type=int, metavar="N", help="try exactly N candidates; the clock decides nothing"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="candidates trained at once (default: by rows and cores)")
    parser.add_argument("--memory-gb", type=float, metavar="G", help="most memory of one candidate's process")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the bundle, model.onnx first, into this folder")
    parser.add_argument(
        "--project", default="default", metavar="NAME", help="keep table and run in this project (default: your own)"
    )
    add_limits(parser)
    add_search(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.launch import Standby
    from app.process_start import process_began

    clock_started = process_began()
    with Standby() as standby:
        import_lasting(*NEEDED)
        return _train(options, standby, clock_started)


def _train(options: Namespace, standby: "Standby", clock_started: float) -> int:
    from app.bootstrap import OWNER, workspace
    from app.handing_over import prepare_folder
    from app.preflight import require_fit

    dataset = given_table(options)
    config, told = _config(options, dataset), [render(each) for each in dataset.done_to_the_file[: bool(dataset.whole)]]
    problems = config.problems(dataset.schema)
    if not problems:
        config, settled = _settled(config, dataset, options.fix)
        told += settled
        problems = config.problems(dataset.schema)
    if problems:
        tell("\n".join(f"tablewright: {render(problem)}" for problem in problems))
        return INPUT_AT_FAULT
    if options.out is not None:
        prepare_folder(options.out)  # now, and not after all that training
    tell("\n".join(told))
    place = workspace(options.workspace)
    is_sampled, n_columns = dataset.whole is not None, len(dataset.schema.columns)
    require_fit(place.folder, dataset.n_rows_in_all, n_columns, config, is_sampled=is_sampled)
    run_id = place.runs.create(
        owner=OWNER,
        name=f"{dataset.name}: {config.target}",
        dataset_id=place.datasets.save(dataset, owner=OWNER, project=options.project),
        config=config,
        project=options.project,
    )
    del dataset  # the worker reads it from the workspace: nobody needs it twice in memory
    standby.launch(run_id, place.folder, clock_started=clock_started)
    tell(f"Run {run_id}. It goes on if this terminal is closed.")
    from app.following import follow

    progress = follow(place.runs, run_id, tell)
    return _end(options, place.runs, run_id, progress)


def _config(options: Namespace, dataset: "Dataset") -> "ExperimentConfig":
    from engine.intended_use import IntendedUse

    seconds = options.minutes * 60 if options.minutes is not None else options.seconds
    return chosen_config(
        options,
        dataset.schema,
        metric=options.metric,
        seconds=seconds,
        holdout=options.holdout,
        search=chosen_search(options),
        validation=chosen_validation(options),
        limits=chosen_limits(options),
        families=tuple(options.families),
        decisions=chosen_decisions(options),
        seed=options.seed,
        candidates=options.candidates,
        jobs=options.jobs,
        memory_gb=options.memory_gb,
        use=IntendedUse(row=options.row_is, when=options.used_when),
    )


def _settled(
    config: "ExperimentConfig", dataset: "Dataset", fixes: Sequence[str]
) -> tuple["ExperimentConfig", list[str]]:
    """Return the configuration with target, task and remedies filled in, and in words what was decided and why.

    Raises InputError when the target cannot be predicted, for a remedy that is not there, and for costs of answers
    that the target does not have.
    """
    from engine.blend.decisions import unfit_costs
    from engine.chosen import chosen_dataset
    from engine.tasks.detection import find_task

    told = []
    if config.chosen_target is None:
        config, reason = _with_target(config, dataset)
        told.append(f"Predicting {config.target}. {reason} To predict another column: --target COL.")
    if fixes:
        config, done = _fixed(config, dataset, fixes)
        told.extend(done)
    target = config.chosen_target
    assert target is not None
    found = find_task(chosen_dataset(dataset, config), target, config.task, config.positive)
    for problem in unfit_costs(config.decisions, found.task):
        raise ConfigError(problem)
    told.append(f"Task: {found.task.kind}. {render(found.reason)}")
    told += [render(each) for each in (found.positive_reason, found.left_out) if each is not None]
    return replace(config, task=found.task.kind), told


def _with_target(config: "ExperimentConfig", dataset: "Dataset") -> tuple["ExperimentConfig", str]:
    from engine.table.inspection import with_suggested_target
    from engine.tasks.suggestions import suggest_targets

    suggested = suggest_targets(dataset)
    config = with_suggested_target(config, suggested)
    reasons = next((each.reasons for each in suggested if each.column == config.target), None)
    if reasons is None:
        raise TargetError(NO_TARGET_LEFT(columns=", ".join(each.column for each in suggested)))
    return config, " ".join(render(reason) for reason in reasons)


def _fixed(
    config: "ExperimentConfig", dataset: "Dataset", fixes: Sequence[str]
) -> tuple["ExperimentConfig", list[str]]:
    from app.fixing import with_fixes
    from engine.table.inspection import inspect_table

    found = inspect_table(dataset, config)
    if found.problem is not None:
        raise TargetError(found.problem)
    config, taken = with_fixes(config, found.findings, fixes, dataset.schema)
    return config, [f"Done: {render(remedy.title)}." for remedy in taken]


def _end(options: Namespace, store: "RunStore", run_id: str, progress: "Progress") -> int:
    """Hand over the bundle, print what came of the run, and return the exit code.

    A bundle that cannot be written is told of after all that is known of the run.
    """
    from app.handing_over import bundle_into
    from app.reporting.document import document, kept_model
    from app.reporting.summary import outcome

    model = kept_model(progress, store.artifacts(run_id))
    problem: TablewrightError | None = None
    if options.out is not None and progress.ready is not None:
        written, problem = bundle_into(store, run_id, options.out)
        model = written or model
        if problem is None:
            tell(f"The bundle is in {options.out}.")
    if options.json:
        print_json(document(run_id, progress, model))
    else:
        print(outcome(run_id, progress, store.get(run_id).config.decisions.costs))
        if model is not None:
            print(f"\nModel: {model}\nPredict with it: tablewright predict {model} FILE")
    if problem is not None:
        raise problem
    return DONE if progress.ready is not None and progress.failure is None else FAILED


TRAIN = Command(
    key="train",
    help="train on a table until the time is up; leaves a verified ONNX model",
    add_arguments=_add_arguments,
    run=_run,
)
