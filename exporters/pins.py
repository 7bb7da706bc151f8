"""The versions of packages that a bundle's programs need, as pip reads them."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pinned(packages: Iterable[str], *, whole: bool = False) -> list[str]:
    """Return `name==version` for packages that are installed here; `whole`: also for what they need in turn.

    >>> pinned(["packaging"])[0].startswith("packaging==")
    True
    """
    found: dict[str, str] = {}
    waiting = [canonicalize_name(package) for package in packages]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # pip did not want it on this computer either
            continue
        needed = [Requirement(line) for line in (requires(name) or []) if whole]
        waiting += [canonicalize_name(each.name) for each in needed if _wanted(each)]
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _wanted(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
