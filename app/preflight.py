"""Whether a table and what is asked of it fit this computer and the limits of the workspace: said before starting."""

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from engine.config import ExperimentConfig
from engine.errors import ConfigError
from engine.messages import Message, phrase
from engine.search.fair_memory import MEMORY_SHARE
from storage.settings import (
    LEAST_FREE_GB,
    MOST_CANDIDATES,
    MOST_DISK_GB,
    MOST_MEMORY_GB,
    MOST_ROWS,
    TABLE_MEMORY_GB,
    Setting,
)

# What a run has been measured to stay below: benchmarks/README.md.
MEMORY_OF_TABLE, MEMORY_BYTES = 2.5, 1e9  # times the table as 64-bit numbers, and so much besides
DISK_OF_TABLE, DISK_BYTES = 1.0, 1e8  # the rows that it learns from; the model, its files and the copy in MLflow
CANDIDATE_OF_TABLE, CANDIDATE_BYTES = 5.0, 6e6  # of each candidate: its features for every fold, its models
MOST_CANDIDATES_KEPT = 40  # where their number was left open: searches of small tables end by themselves
WRITTEN_BYTES_PER_SECOND = 4e6  # by each core, where time sets the number of candidates
CELL_BYTES = 8
SAMPLE_BYTES, FEATURES_OF_TABLE = 2e8, 1.0  # of a table larger than memory: at most, and what waits on disk
GB = 1e9
MANY_ROWS = phrase(
    "preflight_rows",
    "The table has {rows} rows; here at most {most} may be trained on.",
    "Use fewer rows, or ask an administrator to raise TABLEWRIGHT_MOST_ROWS.",
)
MANY_CANDIDATES = phrase(
    "preflight_candidates",
    "{asked} candidates are asked for; here at most {most} may be tried in a run.",
    "Ask for fewer, or ask an administrator to raise TABLEWRIGHT_MOST_CANDIDATES.",
)
LITTLE_MEMORY = phrase(
    "preflight_memory",
    "A training on this table takes about {needed} GB of memory; there are {there} GB for it.",
    "Leave out columns or rows, or train on a larger computer.",
)
BUSY_MEMORY = phrase(
    "preflight_memory_now",
    "A training on this table takes about {needed} GB of memory; only {there} GB are free now.",
    "Close other programs, or wait until other trainings have ended.",
    "Candidates that do not fit are given up, and the model may be worse.",
)
LITTLE_DISK = phrase(
    "preflight_disk",
    "A training on this table takes about {needed} GB of disk; there are {there} GB for it.",
    "Free some space, or delete runs and projects that nobody needs.",
)
BAD_LIMIT = phrase(
    "preflight_limit", "The setting {name} is {value}.", "Give a number above 0, or leave it empty for no limit."
)


def refusals(
    folder: Path, n_rows: int, n_columns: int, config: ExperimentConfig, *, is_sampled: bool = False
) -> list[Message]:
    """Return why a run on a table of this size must not start in the workspace of this folder; nothing where it may.

    `is_sampled`: the table is larger than memory, which therefore holds a sample of it.
    """
    table_bytes = float(n_rows) * n_columns * CELL_BYTES
    held_bytes = min(table_bytes, SAMPLE_BYTES) if is_sampled else table_bytes
    on_disk = disk_needed(held_bytes, config) + (FEATURES_OF_TABLE * table_bytes if is_sampled else 0.0)
    return [*_over_limits(folder, n_rows, config), *_memory(folder, held_bytes), *_disk(folder, on_disk)]


def cautions(n_rows: int, n_columns: int, *, is_sampled: bool = False) -> list[Message]:
    """Return what may go wrong if a run on a table of this size starts now, though it may start."""
    table_bytes = float(n_rows) * n_columns * CELL_BYTES
    needed = _memory_needed(min(table_bytes, SAMPLE_BYTES) if is_sampled else table_bytes)
    free = psutil.virtual_memory().available
    return [BUSY_MEMORY(needed=_gb(needed), there=_gb(free))] if needed > free else []


def require_fit(
    folder: Path, n_rows: int, n_columns: int, config: ExperimentConfig, *, is_sampled: bool = False
) -> None:
    """Raise ConfigError with the first reason why a run must not start."""
    for reason in refusals(folder, n_rows, n_columns, config, is_sampled=is_sampled):
        raise ConfigError(reason)


def table_memory(folder: Path | None) -> float | None:
    """Return the memory, in bytes, that a table may take before it stays on disk; None where nobody has set any."""
    limits = [limit for limit in (_limit(TABLE_MEMORY_GB, folder), _limit(MOST_MEMORY_GB, folder)) if limit is not None]
    return min(limits) * GB if limits else None


def within_limits(folder: Path, config: ExperimentConfig, n_slots: int) -> ExperimentConfig:
    """Return settings whose trials together keep to the memory that a run may take."""
    most = _limit(MOST_MEMORY_GB, folder)
    if most is None:
        return config
    each = most / max(1, n_slots)
    return replace(config, memory_gb=min(each, config.memory_gb or math.inf))


def is_low_on_disk(folder: Path) -> bool:
    """Whether so little disk is free that runs end and keep their best."""
    least = _limit(LEAST_FREE_GB, folder)
    return least is not None and shutil.disk_usage(folder).free < least * GB


def _over_limits(folder: Path, n_rows: int, config: ExperimentConfig) -> Iterator[Message]:
    most_rows, most_candidates = _limit(MOST_ROWS, folder), _limit(MOST_CANDIDATES, folder)
    if most_rows is not None and n_rows > most_rows:
        yield MANY_ROWS(rows=n_rows, most=int(most_rows))
    if most_candidates is not None and (config.candidates or 0) > most_candidates:
        yield MANY_CANDIDATES(asked=config.candidates or 0, most=int(most_candidates))


def _memory(folder: Path, table_bytes: float) -> Iterator[Message]:
    most = _limit(MOST_MEMORY_GB, folder)
    there = min(psutil.virtual_memory().total * MEMORY_SHARE, math.inf if most is None else most * GB)
    # What is needed besides the table is shared with what runs already: only the table's part must fit in any case.
    if MEMORY_OF_TABLE * table_bytes > there:
        yield LITTLE_MEMORY(needed=_gb(_memory_needed(table_bytes)), there=_gb(there))


def _disk(folder: Path, needed: float) -> Iterator[Message]:
    least, most = _limit(LEAST_FREE_GB, folder) or 0.0, _limit(MOST_DISK_GB, folder)
    there = shutil.disk_usage(folder).free - least * GB
    if most is not None:
        there = min(there, most * GB - used_bytes(folder))
    if needed > there:
        yield LITTLE_DISK(needed=_gb(needed), there=_gb(max(0.0, there)))


def disk_needed(table_bytes: float, config: ExperimentConfig) -> float:
    """Return what a run is not expected to exceed on disk at its highest moment, by what was measured."""
    candidate = CANDIDATE_OF_TABLE * table_bytes + CANDIDATE_BYTES
    if config.candidates is not None:
        tried = config.candidates * candidate
    else:
        in_time = config.seconds * WRITTEN_BYTES_PER_SECOND * (os.cpu_count() or 1)
        tried = max(candidate, min(MOST_CANDIDATES_KEPT * candidate, in_time))
    return DISK_OF_TABLE * table_bytes + DISK_BYTES + tried


def used_bytes(folder: Path) -> int:
    """Return how much disk a workspace takes."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # gone meanwhile
            continue
    return total


def _memory_needed(table_bytes: float) -> float:
    return MEMORY_OF_TABLE * table_bytes + MEMORY_BYTES


def _limit(setting: Setting, folder: Path | None) -> float | None:
    """Return a limit; None where there is none. ConfigError where the setting is no number."""
    given = setting.value(folder).strip()
    if not given:
        return None
    try:
        limit = float(given)
    except ValueError:
        limit = math.nan
    if not 0 < limit < math.inf:
        raise ConfigError(BAD_LIMIT(name=setting.variable, value=given))
    return limit


def _gb(n_bytes: float) -> str:
    """Return a size in GB as people say it.

    >>> _gb(1.234e9), _gb(2.5e11)
    ('1.2', '250')
    """
    return f"{n_bytes / GB:.1f}" if n_bytes < 100 * GB else f"{n_bytes / GB:.0f}"
