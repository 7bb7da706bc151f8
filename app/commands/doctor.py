"""`tablewright doctor`: what is installed, reachable and writable, and what to do about what is not."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, FAILED, Command
from app.terminal import add_json, add_workspace, print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from dataclasses import asdict

    from app.health import conditions

    found = conditions(options.workspace)
    if options.json:
        print_json([{**asdict(each), "well": each.well} for each in found])
    else:
        for each in found:
            mark = "ok" if each.well else "!!" if each.needed else "--"
            print(f"{mark}  {each.what:<11} {each.found}" + (f"\n    {each.remedy}" if each.remedy else ""))
    return DONE if all(each.well or not each.needed for each in found) else FAILED


DOCTOR = Command(
    key="doctor",
    help="look at the computer: what is missing, and what to do about it",
    add_arguments=_add_arguments,
    run=_run,
)
