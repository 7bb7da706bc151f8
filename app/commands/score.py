"""`tablewright score`: how good a run's model is on a file whose outcomes are known."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from app.command import DONE, Command
from app.looking import add_look, look_at_file

if TYPE_CHECKING:
    from app.in_use import InUse
    from engine.insight.in_use.arrived import Arrived


def _add_arguments(parser: ArgumentParser) -> None:
    add_look(parser, "rows with what really happened")


def _run(options: Namespace) -> int:
    look_at_file(options, _find)
    return DONE


def _find(used: "InUse", file: "Arrived") -> tuple[dict[str, Any], str]:
    from app.in_use_view.in_text import score_text
    from engine.insight.in_use.scored import score_file

    found = score_file(used.model, used.trained, used.progress, file, seed=used.record.config.seed)
    return {"scored": found}, score_text(found)


SCORE = Command(
    key="score",
    help="say how good a run's model is on a file with known outcomes, beside its hold-out",
    add_arguments=_add_arguments,
    run=_run,
)
