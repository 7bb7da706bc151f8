"""The examples in the app's own documentation hold. (Collecting the package itself would run its page.)"""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
WITH_EXAMPLES = sorted(path.stem for path in APP.glob("*.py") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name: str) -> None:
    outcome = doctest.testmod(import_module(f"app.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0
