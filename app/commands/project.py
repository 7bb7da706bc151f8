"""`tablewright project`: what is shared by name, with whom, and deleting all of it for good."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_workspace, print_json, table, tell
from engine.errors import InputError
from engine.messages import phrase

NOT_CONFIRMED = phrase(
    "project_not_confirmed",
    "Deleting {name} removes {runs} runs and {tables} tables for good.",
    "Say so with --yes; nothing has been deleted.",
)
NAME_MISSING = phrase(
    "project_name_missing",
    "The name of the project is missing.",
    "Give it first: tablewright project NAME --create. Without a name projects are only listed.",
)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="the project; without it all are listed")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--create", action="store_true", help="begin a project that can be shared")
    what.add_argument("--share", metavar="PERSON", help="let somebody look at it, or build in it with --role builder")
    what.add_argument("--unshare", metavar="PERSON", help="end that")
    what.add_argument("--delete", action="store_true", help="remove all its runs, tables, models and MLflow's copies")
    parser.add_argument(
        "--role", choices=("viewer", "builder"), default="viewer", help="with --share (default: viewer)"
    )
    parser.add_argument("--owner", metavar="PERSON", help="whose project it is (default: the single user)")
    parser.add_argument("--yes", action="store_true", help="with --delete: yes, for good")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import OWNER, workspace
    from app.terminal_actor import noted
    from storage.access import Role

    if options.name is None and (options.create or options.delete or options.share or options.unshare):
        raise InputError(NAME_MISSING())
    place = workspace(options.workspace)
    if options.delete:
        return _delete(options, options.owner or OWNER)
    if options.create:
        noted(place, "project created", place.people.create_project(options.name, owner=options.owner or OWNER).id)
    elif options.share or options.unshare:
        person, role = options.share or options.unshare, Role(options.role) if options.share else None
        noted(place, f"{'shared' if role else 'no more shared'} with {person}", place.people.project(options.name).id)
        place.people.share(options.name, person, role)
    found = [each for each in place.people.projects() if options.name in {None, each.name}]
    rows = [(each.name, each.owner, {person.name: str(person.role) for person in each.members}) for each in found]
    if options.json:
        print_json([{"name": name, "owner": owner, "members": members} for name, owner, members in rows])
    elif rows:
        told = [[name, owner, ", ".join(f"{who} ({role})" for who, role in all_.items())] for name, owner, all_ in rows]
        print(table(["project", "owner", "shared with"], told))
    else:
        tell("There is no shared project.")
    return DONE


def _delete(options: Namespace, owner: str) -> int:
    from app.bootstrap import workspace
    from app.project_removal import remove_project
    from app.terminal_actor import noted
    from storage.removal import contents

    place = workspace(options.workspace)
    found = contents(place, options.name, owner=owner)
    if not options.yes:
        n = {"runs": len(found.run_ids), "tables": len(found.dataset_ids)}
        raise InputError(NOT_CONFIRMED(name=options.name, **n))
    noted(place, "project deleted")
    remove_project(place, options.name, owner=owner)
    tell(f"Deleted for good: {len(found.run_ids)} runs and {len(found.dataset_ids)} tables.")
    if options.json:
        print_json({"runs": list(found.run_ids), "tables": list(found.dataset_ids)})
    return DONE


PROJECT = Command(
    key="project",
    help="projects that are shared by name; delete one for good",
    add_arguments=_add_arguments,
    run=_run,
)
