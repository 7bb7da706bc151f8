"""What takes long of the fault suite is left to `make faults`; the rest is among the usual tests."""

import os

import pytest

ALL = "TABLEWRIGHT_FAULTS"


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark, since unknown ones are refused."""
    config.addinivalue_line("markers", f"long: only where {ALL}=all, as in `make faults`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long, unless all is asked for."""
    if os.environ.get(ALL) == "all":
        return
    long = [item for item in items if item.get_closest_marker("long") is not None]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
