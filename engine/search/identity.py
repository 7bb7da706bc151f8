"""What makes two candidates the same."""

import json
from collections.abc import Mapping
from typing import Any


def identity(family: str, parameters: Mapping[str, Any]) -> str:
    """Return the same text for the same candidate, also when it comes from a file."""
    return json.dumps([family, dict(parameters)], sort_keys=True)
