"""`tablewright parts`: everything that is installed and found by the registry."""

import importlib
from argparse import ArgumentParser, Namespace
from typing import Any

from app.command import DONE, Command
from app.terminal import add_json, print_json, table

# What a kind of part is called, the package it is found in, and its type.
SHELVES = {
    "family": ("engine.families", "engine.families.family", "Family"),
    "step": ("engine.features", "engine.features.step", "FeatureStep"),
    "metric": ("engine.tasks.metrics", "engine.tasks.metric", "Metric"),
    "transform": ("engine.targets", "engine.targets.transform", "TargetTransform"),
    "sampler": ("engine.search.samplers", "engine.search.samplers.sampler", "Sampler"),
    "pruner": ("engine.search.pruners", "engine.search.pruners.pruner", "Pruner"),
    "check": ("engine.checks", "engine.checks.check", "Check"),
    "exporter": ("exporters", "exporters.exporter", "Exporter"),
    "screen": ("app.screens", "app.screen", "Screen"),
    "command": ("app.commands", "app.command", "Command"),
}


def installed() -> list[dict[str, str]]:
    """Return every part: its sort, key and title."""
    return [
        {"part": sort, "key": found.key, "title": _title(found)}
        for sort, (package, module, name) in SHELVES.items()
        for found in _found(package, module, name)
    ]


def _found(package: str, module: str, name: str) -> tuple[Any, ...]:
    from engine.registry import parts

    return parts(package, getattr(importlib.import_module(module), name))


def _title(part: Any) -> str:
    title = getattr(part, "title", None) or part.help
    return str(getattr(title, "text", title))


def _add_arguments(parser: ArgumentParser) -> None:
    add_json(parser)


def _run(options: Namespace) -> int:
    found = installed()
    if options.json:
        print_json(found)
    else:
        print(table(["part", "key", "title"], [list(part.values()) for part in found]))
    return DONE


PARTS = Command(
    key="parts",
    help="every family, step, metric, sampler, pruner, check, exporter, screen and command that is installed",
    add_arguments=_add_arguments,
    run=_run,
)
