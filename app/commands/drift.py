"""`tablewright drift`: whether a new file still looks like the table that a run's model was trained on."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from app.command import DONE, Command
from app.looking import add_look, look_at_file

if TYPE_CHECKING:
    from app.in_use import InUse
    from engine.insight.in_use.arrived import Arrived


def _add_arguments(parser: ArgumentParser) -> None:
    add_look(parser, "rows as they come now")


def _run(options: Namespace) -> int:
    look_at_file(options, _find)
    return DONE


def _find(used: "InUse", file: "Arrived") -> tuple[dict[str, Any], str]:
    from app.in_use_view.in_text import drift_text
    from engine.insight.in_use.drift import find_drift

    found = find_drift(used.model, used.trained, file)
    return {"drift": found}, drift_text(found)


DRIFT = Command(
    key="drift",
    help="say whether a new file still looks like the table that a run was trained on",
    add_arguments=_add_arguments,
    run=_run,
)
