"""`tablewright train`: a table in, a verified ONNX model out."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.command import DONE, FAILED, INPUT_AT_FAULT, Command
from app.terminal import add_json, add_workspace, print_json, tell
from engine.errors import TablewrightError
from engine.messages import render
from engine.tasks.task import TaskKind

if TYPE_CHECKING:
    from engine.config import ExperimentConfig
    from engine.progress import Progress
    from engine.table.dataset import Dataset
    from storage.runs import RunStore


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a CSV, TSV, Excel or Parquet file")
    parser.add_argument("--target", metavar="COL", help="the column to predict (default: one is suggested)")
    parser.add_argument(
        "--task", choices=[str(kind) for kind in TaskKind], help="what is predicted (default: found out)"
    )
    parser.add_argument("--metric", metavar="M", help="what to be good at (default: the usual one of the task)")
    time = parser.add_mutually_exclusive_group()
    time.add_argument("--seconds", type=float, metavar="S", help="time until the model is ready (default: 300)")
    time.add_argument("--minutes", type=float, metavar="M", help="the same in minutes")
    parser.add_argument("--holdout", type=float, metavar="F", help="share of rows set aside for the score; 0 for none")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="same seed and --candidates: same leaderboard")
    parser.add_argument(
        "--candidates", type=int, metavar="N", help="try exactly N candidates; the clock decides nothing"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="COL", help="leave this column out; repeatable"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="candidates trained at once (default: by rows and cores)")
    parser.add_argument("--memory-gb", type=float, metavar="G", help="most memory of one candidate's process")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the bundle, model.onnx first, into this folder")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    import psutil

    clock_started = psutil.Process().create_time()
    from app.bootstrap import OWNER, workspace
    from app.handing_over import prepare_folder
    from app.launch import launch
    from engine.table.reading import read_table

    dataset = read_table(options.file)
    config, problems = _settled(_config(options), dataset)
    if problems:
        tell("\n".join(f"tablewright: {problem}" for problem in problems))
        return INPUT_AT_FAULT
    if options.out is not None:
        prepare_folder(options.out)  # now, and not after all that training
    place = workspace(options.workspace)
    run_id = place.runs.create(
        owner=OWNER,
        name=f"{dataset.name}: {config.target}",
        dataset_id=place.datasets.save(dataset, owner=OWNER),
        config=config,
    )
    launch(run_id, place.folder, clock_started=clock_started)
    tell(f"Run {run_id}. It goes on if this terminal is closed.")
    from app.following import follow

    progress = follow(place.runs, run_id, tell)
    return _end(options, place.runs, run_id, progress)


def _config(options: Namespace) -> "ExperimentConfig":
    from engine.config import ColumnChoice, ExperimentConfig
    from engine.table.schema import Role

    seconds = options.minutes * 60 if options.minutes is not None else options.seconds
    given = {
        "target": options.target,
        "task": TaskKind(options.task) if options.task else None,
        "metric": options.metric,
        "columns": {name: ColumnChoice(role=Role.IGNORED) for name in options.ignore} or None,
        "seconds": seconds,
        "holdout": options.holdout,
        "seed": options.seed,
        "candidates": options.candidates,
        "jobs": options.jobs,
        "memory_gb": options.memory_gb,
    }
    return ExperimentConfig(**{name: value for name, value in given.items() if value is not None})


def _settled(config: "ExperimentConfig", dataset: "Dataset") -> tuple["ExperimentConfig", list[str]]:
    """Return the configuration with target and task filled in, and in words everything that is wrong with it.

    Raises TargetError when the target cannot be predicted.
    """
    from dataclasses import replace

    from engine.tasks.detection import task_of
    from engine.tasks.suggestions import suggest_targets

    problems = config.problems(dataset.schema)
    if problems:
        return config, [render(problem) for problem in problems]
    if config.target is None:
        suggested = suggest_targets(dataset)[0]
        tell(f"Predicting {suggested.column}. {' '.join(render(reason) for reason in suggested.reasons)} To predict another column: --target COL.")
        config = replace(config, target=suggested.column)
    assert config.target is not None
    task = task_of(dataset.with_schema(config.apply(dataset.schema)), config.target, config.task)
    config = replace(config, task=task.kind)
    return config, [render(problem) for problem in config.problems(dataset.schema)]


def _end(options: Namespace, store: "RunStore", run_id: str, progress: "Progress") -> int:
    """Hand over the bundle, print what came of the run, and return the exit code.

    A bundle that cannot be written is told of after all that is known of the run.
    """
    from app.handing_over import hand_over
    from app.reporting import document, kept_model, standing, summary

    model = kept_model(progress, store.artifacts(run_id))
    problem: TablewrightError | None = None
    if options.out is not None and progress.ready is not None:
        try:
            written = hand_over(store, store.get(run_id), "bundle", options.out)
            model = next(path for path in written if path.suffix == ".onnx")
            tell(f"The bundle is in {options.out}.")
        except TablewrightError as refused:
            problem = refused
    if options.json:
        print_json(document(run_id, progress, model))
    else:
        print(summary(progress) or standing(run_id, progress))
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
