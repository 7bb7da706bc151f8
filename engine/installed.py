"""Which versions of libraries are installed."""

from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

XGBOOST = ("xgboost", "xgboost-cpu")  # the same library under two names, of which one is installed


def installed_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the version of each of these packages that is installed.

    >>> list(installed_versions(["numpy", "no-such-package"]))
    ['numpy']
    """
    found = {}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
