"""`tablewright people`: who may sign in to this workspace, and what they may do at most."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_workspace, print_json, table, tell

ROLES = ("viewer", "builder", "admin")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--add", metavar="NAME", help="let somebody in, or give them another role")
    parser.add_argument("--role", choices=ROLES, default="viewer", help="what they may do at most (default: viewer)")
    parser.add_argument("--remove", metavar="NAME", help="let somebody in no more; what they made stays")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.terminal_actor import noted
    from storage.access import Role

    place = workspace(options.workspace)
    if options.add:
        noted(place, f"person is {options.role}", options.add)
        place.people.add(options.add, Role(options.role))
    if options.remove:
        noted(place, "person removed", options.remove)
        place.people.remove(options.remove)
    found = place.people.everybody()
    if options.json:
        print_json([{"name": each.name, "role": str(each.role)} for each in found])
    elif found:
        print(table(["name", "role"], [[each.name, str(each.role)] for each in found]))
    else:
        tell("Nobody yet: without sign-in the workspace has a single user.")
    return DONE


PEOPLE = Command(
    key="people",
    help="who may sign in to a workspace of a team, and what they may do",
    add_arguments=_add_arguments,
    run=_run,
)
