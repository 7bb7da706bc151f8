"""What the terminal says of a run on a table larger than memory."""

from typing import Any

from engine.events import AllRowsTried, Sampled
from engine.messages import render
from engine.progress import Progress


def large_line(event: Sampled | AllRowsTried) -> str:
    """Say in one line what was drawn, or what all rows gained."""
    if isinstance(event, Sampled):
        return "\n          ".join(render(each) for each in event.said)
    return " ".join(render(each) for each in (event.reason, event.problem) if each is not None)


def large_said(progress: Progress) -> list[str]:
    """Return the sentences on sample and refit; nothing for a table in memory."""
    told = [*(progress.sampled.said if progress.sampled else ())]
    return [render(each) for each in (*told, *((progress.all_rows.reason,) if progress.all_rows else ()))]


def large_facts(progress: Progress) -> dict[str, Any] | None:
    """Return what was sampled of a table larger than memory, and what all rows gained; None for any other table."""
    sampled, tried = progress.sampled, progress.all_rows
    if sampled is None:
        return None
    return {
        "rows": sampled.n_rows,
        "sample": sampled.n_sample,
        "classes": {label: {"rows": n, "sample": taken} for label, (n, taken) in sampled.classes.items()},
        "used": tried.n_used if tried else None,
        "sample_score": tried.before if tried else None,
        "all_rows_score": tried.after if tried else None,
        "kept": ("all rows" if tried.kept else "sample") if tried else None,
        "said": large_said(progress),
    }
