"""Says settings of a run and their values in words."""

from typing import Any

from app.language import _
from app.pieces import family_title
from app.wording import count, duration, listed, percent
from engine.figures import figure

COLUMNS = "columns."
SPACE = "search.space."


def setting_title(name: str) -> str:
    """Return the name of a setting, which is given as the dotted name that it is stored under."""
    if name.startswith(COLUMNS):
        column, _dot, what = name.removeprefix(COLUMNS).rpartition(".")
        return _("Column {column}: {what}").format(column=column, what=_of_a_column().get(what, what))
    if name.startswith(SPACE):
        return _("Own search space: {name}").format(name=name.removeprefix(SPACE))
    return _titles().get(name, name)


def setting_value(name: str, value: Any) -> str:
    """Return the value of a setting in words."""
    if value is None:
        return _left_open(name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in ("seconds", "added_seconds"):
        return duration(value)
    if name in ("holdout", "decisions.coverage"):
        return percent(value)
    if name == "metric":
        from engine.tasks.metric import metric_named

        return _(metric_named(value).title)
    if name == "families":
        return listed([family_title(each) for each in value])
    if isinstance(value, list | tuple):
        return listed([" = ".join(map(str, each)) if isinstance(each, list | tuple) else str(each) for each in value])
    if isinstance(value, float):
        return figure(value)
    return count(value) if isinstance(value, int) else str(value)


def _left_open(name: str) -> str:
    """Say what a setting stands at where nobody chose."""
    if name == "families":
        return _("all that apply")
    if name == "added_seconds":
        return _("none")
    if name == "again.of":
        return ""  # it was made from no other run
    return _("as found") if name.startswith(COLUMNS) else _("left to the run")


def _titles() -> dict[str, str]:
    return {
        "target": _("Target"),
        "task": _("The answer is"),
        "positive": _("The answer that is looked for"),
        "metric": _("Measure of success"),
        "seconds": _("Time given"),
        "added_seconds": _("Time added"),
        "candidates": _("Exact number of candidates"),
        "holdout": _("Share of rows for the final test (hold-out)"),
        "seed": _("Seed of the random numbers"),
        "jobs": _("Candidates trained at once"),
        "memory_gb": _("Memory of one candidate in GB"),
        "families": _("Model families to try"),
        "drop_copies": _("Rows that are copies are left out"),
        "drop_alike": _("Rows equal in these columns are left out"),
        "search.way": _("The search is divided into"),
        "search.sampler": _("Next points are drawn by"),
        "search.pruner": _("A candidate gives up by"),
        "search.use_past": _("Begin with what worked on tables like this one"),
        "search.use_all_time": _("Use all the time"),
        "validation.scheme": _("Candidates are compared"),
        "validation.n_folds": _("Number of folds"),
        "validation.n_repeats": _("How often the folds are drawn"),
        "validation.gap_rows": _("Rows left out between learning and testing"),
        "limits.largest_file_mb": _("Largest model file in MB"),
        "limits.slowest_row_ms": _("Most milliseconds for one row"),
        "limits.interpretable": _("Only models that a person can follow"),
        "again.of": _("Trained again from the run"),
        "use.row": _("One row is one …"),
        "use.when": _("I use the answer when …"),
        "decisions.coverage": _("How often the range of a prediction shall hold the truth"),
    }


def _of_a_column() -> dict[str, str]:
    return {
        "kind": _("kind"),
        "role": _("role"),
        "known": _("known"),
        "missing": _("read as missing"),
        "lowest": _("lowest value"),
        "highest": _("highest value"),
        "same": _("spellings of one value"),
    }
