"""Who may do what with which row: the one rule, as a condition that the database itself applies.

Whoever works on a workspace is an `Actor`. The stores ask their `Gate` before every method, and every list is cut to
what the gate lets through, so that a screen or a route that forgets to ask cannot show or change anything.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import ColumnElement, Engine, Table, false, or_, select, true

from engine.errors import InputError
from engine.messages import Message, phrase
from storage import audit
from storage.database import transaction
from storage.schema import MEMBERS, PROJECTS

OWN_PROJECT = "default"  # everybody has one of this name, which nobody else sees; it is never shared
NOT_ALLOWED = phrase(
    "access_refused",
    "You may look at this, but not change it.",
    "Ask the owner of the project, or an administrator, to let you build there.",
)
ADMINS_ONLY = phrase(
    "access_admins", "Only an administrator may do this.", "Ask one; Settings names whose projects you see."
)
NO_RIGHTS = phrase(
    "access_none",
    "{name} is signed in, but has no place in this workspace yet.",
    "Ask an administrator to add this name in Settings, under People and projects.",
)


class AccessError(InputError):
    """What was asked for is not allowed to whoever asked."""


class Role(StrEnum):
    """What a person may do: look and use models; train and change what is theirs; everything."""

    VIEWER = "viewer"
    BUILDER = "builder"
    ADMIN = "admin"


class Act(StrEnum):
    """What is done to a row."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who works on a workspace.

    `role`: None for a person who is unknown here. `is_alone`: the single user of a workspace in which nobody signs in.
    """

    name: str
    role: Role | None
    is_alone: bool = False

    @property
    def manages(self) -> bool:
        """Whether settings, people and the log are theirs to see and change."""
        return self.is_alone or self.role is Role.ADMIN

    @property
    def builds(self) -> bool:
        """Whether they may train and change anything at all."""
        return self.role in {Role.BUILDER, Role.ADMIN}


ITSELF = Actor(name="", role=Role.ADMIN)  # workers and commands: who can start them can read the folder anyway


def allowed(actor: Actor, rows: Table, act: Act) -> ColumnElement[bool]:
    """Return the condition under which a row with an owner and a project is there for an actor.

    People see what is theirs, what lies in a project of theirs and what lies in a project that is shared with them.
    A viewer changes nothing; in a shared project one changes things where one is a builder there, too.
    """
    if actor.role is Role.ADMIN:
        return true()
    if actor.role is None or not actor.name or (act is Act.WRITE and not actor.builds):
        return false()
    own = rows.c.owner == actor.name
    if actor.is_alone:
        return own
    shared = select(MEMBERS.c.project).where(MEMBERS.c.person == actor.name)
    if act is Act.WRITE:
        shared = shared.where(MEMBERS.c.role == str(Role.BUILDER))
    led = select(PROJECTS.c.name).where(PROJECTS.c.owner == actor.name)
    # What somebody built in a project of another one stays there when the sharing ends.
    alone = own & rows.c.project.not_in(select(PROJECTS.c.name))
    return or_(alone, rows.c.project.in_(shared), rows.c.project.in_(led))


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Asks for one actor, and writes down what a person changes or is refused."""

    engine: Engine
    actor: Actor = ITSELF

    def where(self, rows: Table, act: Act = Act.READ) -> ColumnElement[bool]:
        """Return the condition that cuts a list to what the actor may see."""
        return allowed(self.actor, rows, act)

    def opens(self, act: Act, rows: Table, row_id: str) -> bool:
        """Whether the actor may do this to a row; also False when there is none."""
        query = select(rows.c.id).where(rows.c.id == row_id, self.where(rows, act))
        with transaction(self.engine) as connection:
            return connection.execute(query).first() is not None

    def require(self, act: Act, rows: Table, row_id: str, action: str, missing: Message) -> None:
        """Raise unless the actor may do this to a row. `missing`: what is said where it cannot even be seen."""
        if self.actor is ITSELF:
            return
        seen = self.opens(Act.READ, rows, row_id)
        if not seen or (act is Act.WRITE and not self.opens(act, rows, row_id)):
            self.note(f"refused: {action}", row_id)
            raise AccessError(NOT_ALLOWED()) if seen else InputError(missing)
        if act is Act.WRITE:
            self.note(action, row_id)  # before it is done: nothing happens that is not in the log

    def require_place(self, project: str, action: str) -> str:
        """Raise unless the actor may put new things into a project; returns who owns them, if it is a person."""
        if self.actor is ITSELF:
            return ""
        if not self.actor.builds:
            self.note(f"refused: {action}", "")
            raise AccessError(NOT_ALLOWED())
        if project != OWN_PROJECT and not self.actor.is_alone and project not in self.places():
            self.note(f"refused: {action}", "")
            raise AccessError(NOT_ALLOWED())
        return self.actor.name

    def places(self) -> list[str]:
        """Return the shared projects in which the actor may build, by name."""
        if not self.actor.builds:
            return []
        query = select(PROJECTS.c.name).order_by(PROJECTS.c.name)
        if self.actor.role is not Role.ADMIN:
            shared = select(MEMBERS.c.project).where(
                MEMBERS.c.person == self.actor.name, MEMBERS.c.role == str(Role.BUILDER)
            )
            query = query.where(or_(PROJECTS.c.owner == self.actor.name, PROJECTS.c.name.in_(shared)))
        with transaction(self.engine) as connection:
            return list(connection.execute(query).scalars())

    def require_manager(self, action: str, subject: str = "") -> None:
        """Raise unless the actor manages the workspace."""
        if not self.actor.manages:
            self.note(f"refused: {action}", subject)
            raise AccessError(ADMINS_ONLY())
        self.note(action, subject)

    def note(self, action: str, subject: str) -> None:
        """Write into the log what a person of a team does; of a single user and of processes nothing is kept."""
        if self.actor.name and not self.actor.is_alone:
            audit.write(self.engine, person=self.actor.name, action=action, subject=subject)


class _Store(Protocol):
    gate: Gate
    rows: ClassVar[Table]

    def missing(self, row_id: str) -> Message:
        """Say that there is no such row."""
        ...


S = TypeVar("S", bound=_Store)
P = ParamSpec("P")
R = TypeVar("R")


def guarded(
    act: Act,
) -> Callable[[Callable[Concatenate[S, str, P], R]], Callable[Concatenate[S, str, P], R]]:
    """Let a method of a store, whose first argument is a row's id, ask the gate before it does anything."""

    def wrap(method: Callable[Concatenate[S, str, P], R]) -> Callable[Concatenate[S, str, P], R]:
        @functools.wraps(method)
        def checked(store: S, row_id: str, /, *others: P.args, **named: P.kwargs) -> R:
            store.gate.require(act, store.rows, row_id, method.__name__, store.missing(row_id))
            return method(store, row_id, *others, **named)

        checked.act = act  # type: ignore[attr-defined]
        return checked

    return wrap


def act_of(method: Any) -> Act | None:
    """Return what a method of a store asks the gate for; None when it does not ask by itself."""
    return getattr(method, "act", None)
