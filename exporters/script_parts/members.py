"""The members that every training script lists, here none."""

from typing import Any

MEMBERS: list[dict[str, Any]] = []
