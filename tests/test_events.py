"""Every event survives being stored, whatever it holds."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import Event
from engine.stored_events import EVENTS, event_from_json
from storage.text import to_text

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a type; plain dicts for mappings, and none of them large."""
    arguments = get_args(hint)
    if hint is Any:
        return VALUES
    if isinstance(hint, type) and is_dataclass(hint):
        hints = {name: kind for name, kind in get_type_hints(hint).items() if name in {f.name for f in fields(hint)}}
        return st.builds(hint, **{name: values(kind) for name, kind in hints.items()})
    if get_origin(hint) is Mapping:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if get_origin(hint) is tuple and arguments[-1] is not Ellipsis:
        return st.tuples(*map(values, arguments))
    if get_origin(hint) is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if get_origin(hint) in (UnionType, Union):
        return st.one_of(*(values(kind) for kind in arguments))
    return st.from_type(hint)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS.keys())
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_event_comes_back_from_storage_as_it_was(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    again = event_from_json(json.loads(to_text(event.to_json())))
    assert repr(again) == repr(event)  # and not ==, because not-a-number differs from itself


def test_what_a_newer_version_adds_is_passed_over() -> None:
    assert event_from_json({"kind": "teleported", "version": 9, "seconds": 1.0}) is None
    known = event_from_json({"kind": "paused", "version": 9, "seconds": 1.0, "mood": "calm"})
    assert known == EVENTS["paused"](seconds=1.0)
