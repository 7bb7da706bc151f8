"""The people of a team with their roles, and the projects that they share by name."""

import time
import uuid
from dataclasses import dataclass

from sqlalchemy import Engine, Table, delete, insert, or_, select, update

from engine.errors import InputError
from engine.messages import phrase
from storage import audit
from storage.access import ADMINS_ONLY, OWN_PROJECT, AccessError, Gate, Role
from storage.database import transaction
from storage.schema import DATASETS, MEMBERS, PEOPLE, PROJECTS, RUNS

LONGEST_NAME = 200
BAD_PERSON = phrase(
    "person_name", "{name} is no name that somebody signs in with.", "Give an e-mail address or a user name."
)
BAD_PROJECT = phrase(
    "project_name", "{name} cannot be the name of a project.", "Give one of 1 to 200 letters; “default” is taken."
)
PROJECT_EXISTS = phrase("project_exists", "There is a project called {name} already.", "Choose another name.")
NO_SUCH_PROJECT = phrase("project_unknown", "There is no project called {name}.", "See Settings for those there are.")
NO_SUCH_PERSON = phrase("person_unknown", "Nobody here is called {name}.", "Add the person first.")
PROJECT_ROLES = (Role.VIEWER, Role.BUILDER)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may sign in, and what they may do at most."""

    name: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class Project:
    """Runs and tables that are shared by name. `members`: what each person may do in it; the owner may build."""

    id: str
    name: str
    owner: str
    members: tuple[Person, ...]


def plain_name(name: str) -> str:
    """Return a name as it is kept: without spaces around it, in small letters.

    >>> plain_name(" Ada@Example.org ")
    'ada@example.org'
    """
    return name.strip().casefold()


class People:
    """Keeps people, projects and who shares what; every change asks the gate and is written into the log."""

    def __init__(self, *, engine: Engine, gate: Gate) -> None:
        self._engine = engine
        self._gate = gate

    def role(self, name: str) -> Role | None:
        """Return what somebody may do at most; None for a name that is unknown here."""
        query = select(PEOPLE.c.role).where(PEOPLE.c.name == plain_name(name))
        with transaction(self._engine) as connection:
            found = connection.execute(query).scalar()
        return None if found is None else Role(found)

    def everybody(self) -> list[Person]:
        """Return all people, by name; only for who manages the workspace."""
        self._require_manager()
        with transaction(self._engine) as connection:
            rows = connection.execute(select(PEOPLE).order_by(PEOPLE.c.name)).all()
        return [Person(name=row.name, role=Role(row.role)) for row in rows]

    def add(self, name: str, role: Role) -> None:
        """Let somebody in, or give them another role."""
        kept = plain_name(name)
        if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
            raise InputError(BAD_PERSON(name=name[:LONGEST_NAME] or "–"))
        self._gate.require_manager(f"person is {role}", kept)
        with transaction(self._engine) as connection:
            changed = connection.execute(update(PEOPLE).where(PEOPLE.c.name == kept).values(role=str(role))).rowcount
            if not changed:
                connection.execute(insert(PEOPLE).values(name=kept, role=str(role), added_at=time.time()))

    def remove(self, name: str) -> None:
        """Let somebody in no more; what they made stays."""
        kept = plain_name(name)
        self._gate.require_manager("person removed", kept)
        with transaction(self._engine) as connection:
            connection.execute(delete(MEMBERS).where(MEMBERS.c.person == kept))
            if not connection.execute(delete(PEOPLE).where(PEOPLE.c.name == kept)).rowcount:
                raise InputError(NO_SUCH_PERSON(name=name))

    def projects(self) -> list[Project]:
        """Return the shared projects that the actor takes part in, by name; for administrators all."""
        query = select(PROJECTS).order_by(PROJECTS.c.name)
        actor = self._gate.actor
        if actor.role is not Role.ADMIN and not actor.is_alone:
            mine = select(MEMBERS.c.project).where(MEMBERS.c.person == actor.name)
            query = query.where(or_(PROJECTS.c.owner == actor.name, PROJECTS.c.name.in_(mine)))
        with transaction(self._engine) as connection:
            rows = connection.execute(query).all()
            members = connection.execute(select(MEMBERS).order_by(MEMBERS.c.person)).all()
        return [
            Project(
                id=row.id,
                name=row.name,
                owner=row.owner,
                members=tuple(Person(name=m.person, role=Role(m.role)) for m in members if m.project == row.name),
            )
            for row in rows
        ]

    def project(self, name: str) -> Project:
        """Return one project; raises InputError when there is none for the actor."""
        found = next((each for each in self.projects() if each.name == name), None)
        if found is None:
            raise InputError(NO_SUCH_PROJECT(name=name))
        return found

    def create_project(self, name: str, *, owner: str = "") -> Project:
        """Begin a project that can be shared; the actor owns it."""
        kept = " ".join(name.split())
        if not kept or len(kept) > LONGEST_NAME or kept == OWN_PROJECT or not kept.isprintable():
            raise InputError(BAD_PROJECT(name=name[:LONGEST_NAME] or "–"))
        owner = self._gate.require_place(OWN_PROJECT, "project created") or owner
        if self._is_taken(kept):
            raise InputError(PROJECT_EXISTS(name=kept))
        project_id = uuid.uuid4().hex[:12]
        self._gate.note("project created", project_id)
        values = {"id": project_id, "name": kept, "owner": owner, "created_at": time.time()}
        with transaction(self._engine) as connection:
            connection.execute(insert(PROJECTS).values(values))
        return Project(id=project_id, name=kept, owner=owner, members=())

    def share(self, project: str, person: str, role: Role | None) -> None:
        """Let somebody look at a project or build in it; None ends that.

        Raises AccessError for anybody but the project's owner and administrators.
        """
        there, kept = self.project(project), plain_name(person)
        self.require_leader(there, f"shared with {kept}" if role else f"no more shared with {kept}")
        if role is not None and self.role(kept) is None:
            raise InputError(NO_SUCH_PERSON(name=person))
        within = (MEMBERS.c.project == there.name) & (MEMBERS.c.person == kept)
        with transaction(self._engine) as connection:
            connection.execute(delete(MEMBERS).where(within))
            if role is not None:
                most = Role.BUILDER if role is Role.ADMIN else role
                connection.execute(insert(MEMBERS).values(project=there.name, person=kept, role=str(most)))

    def require_leader(self, project: Project, action: str) -> None:
        """Raise unless the actor owns a project or manages the workspace."""
        actor = self._gate.actor
        if not (actor.manages or (actor.builds and project.owner == actor.name)):
            self._gate.note(f"refused: {action}"[:64], project.id)
            raise AccessError(ADMINS_ONLY())
        self._gate.note(action[:64], project.id)

    def log(self, limit: int | None = None) -> list[audit.Entry]:
        """Return the log, the newest line first; only for who manages the workspace."""
        self._require_manager()
        return audit.entries(self._engine, limit=limit)

    def _require_manager(self) -> None:
        if not self._gate.actor.manages:
            raise AccessError(ADMINS_ONLY())

    def _is_taken(self, name: str) -> bool:
        """Whether a project has this name; also where somebody's rows carry it, which would become shared unasked."""
        tables: tuple[Table, ...] = (RUNS, DATASETS)
        queries = [select(PROJECTS.c.id).where(PROJECTS.c.name == name)]
        queries += [select(each.c.id).where(each.c.project == name).limit(1) for each in tables]
        with transaction(self._engine) as connection:
            return any(connection.execute(query).first() is not None for query in queries)
