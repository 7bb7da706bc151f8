"""Looks at the computer: what is installed, reachable and writable, and what to do about what is not."""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from exporters.installed_browser import CHOSEN, find_browser

PACKAGE = "tablewright"
OLDEST, NEWEST = (3, 11), (3, 13)
LEAST_FREE_GB = 2.0
LEAST_MEMORY_GB = 2.0
USUAL_PORT = 8501


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One thing that was looked at. `remedy`: what to do; empty when all is well. `needed`: training is in danger."""

    what: str
    found: str
    remedy: str = ""
    needed: bool = True

    @property
    def well(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy


def conditions(folder: Path | None) -> list[Condition]:
    """Look at everything. `folder`: the workspace; None is the usual one."""
    return [
        _python(),
        *_packages(),
        *_samplers(),
        *_workspace(folder),
        _processors(),
        _memory(),
        _port(),
        _browser(),
    ]


def _python() -> Condition:
    here = sys.version_info[:2]
    remedy = "" if OLDEST <= here <= NEWEST else "Install Python 3.11, 3.12 or 3.13 and make a new environment."
    return Condition(what="Python", found=f"{platform.python_version()} in {sys.prefix}", remedy=remedy)


def _packages() -> Iterator[Condition]:
    """Compare what is installed with what the project declares."""
    from packaging.requirements import Requirement

    absent, other, n_well = [], [], 0
    for line in requires(PACKAGE) or ():
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            absent.append(requirement.name)
            continue
        if requirement.specifier.contains(installed, prereleases=True):
            n_well += 1
        else:
            other.append(f"{requirement.name} {installed} (wanted {requirement.specifier})")
    yield Condition(what="Packages", found=f"{PACKAGE} {version(PACKAGE)} and {n_well} packages it needs")
    if absent or other:
        remedy = "Install it again into an environment of its own, from its folder: pip install --force-reinstall ."
        yield Condition(
            what="Packages", found=f"missing or of another version: {', '.join(absent + other)}", remedy=remedy
        )


def _samplers() -> Iterator[Condition]:
    """Tell of ways of drawing candidates that lack something: training does well without them."""
    from engine.messages import render
    from engine.search.samplers.sampler import samplers

    missing = {each.key: each.available() for each in samplers()}
    able = ", ".join(key for key, skip in missing.items() if skip is None)
    yield Condition(what="Samplers", found=able)
    for key, skip in missing.items():
        if skip is not None:
            yield Condition(what="Samplers", found=f"not {key}", remedy=render(skip.reason), needed=False)


def _workspace(folder: Path | None) -> Iterator[Condition]:
    from app.bootstrap import workspace
    from engine.errors import TablewrightError
    from engine.messages import sentence, suggestion

    try:
        place = workspace(folder)
    except TablewrightError as problem:
        yield Condition(what="Workspace", found=sentence(problem.message), remedy=suggestion(problem.message))
        return
    yield Condition(what="Workspace", found=f"{place.folder} can be written to")
    free_gb = shutil.disk_usage(place.folder).free / 1e9
    remedy = "" if free_gb >= LEAST_FREE_GB else "Free some space, or choose another place with --workspace."
    yield Condition(what="Disk", found=f"{free_gb:.0f} GB free", remedy=remedy)


def _processors() -> Condition:
    return Condition(what="Processors", found=str(os.cpu_count() or 1))


def _memory() -> Condition:
    import psutil

    free_gb = psutil.virtual_memory().available / 1e9
    remedy = "" if free_gb >= LEAST_MEMORY_GB else "Close other programs before training."
    return Condition(what="Memory", found=f"{free_gb:.1f} GB free", remedy=remedy)


def _port() -> Condition:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", USUAL_PORT)) == 0
    found = f"{USUAL_PORT} is in use; the app takes another one" if taken else f"{USUAL_PORT} is free"
    return Condition(what="Port", found=found)


def _browser() -> Condition:
    found = find_browser()
    if found:
        return Condition(what="Browser", found=found, needed=False)
    remedy = (
        "Reports as PDF, app --desktop and the browser tests need one; on Debian and Ubuntu: apt install chromium. "
        f"One that stands elsewhere is named by {CHOSEN}."
    )
    return Condition(what="Browser", found="no Chromium, Chrome or Edge found", remedy=remedy, needed=False)
