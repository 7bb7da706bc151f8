"""`tablewright compare`: two or more runs side by side."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.command import DONE, Command
from app.terminal import add_json, add_workspace, print_json, table

if TYPE_CHECKING:
    from app.comparing import Compared
    from engine.insight.again.challenge import Challenge


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="ID", help="a run, as `tablewright runs` lists it; its first letters will do")
    parser.add_argument("others", nargs="+", metavar="ID", help="one or more runs to hold against it")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.comparing import are_comparable, different_settings, gathered, remarks
    from engine.messages import render

    runs = gathered(workspace(options.workspace), [options.run_id, *options.others])
    settings = different_settings(runs)
    said = [render(message) for message in remarks(runs)]
    rows = [_row(run) for run in runs]
    held = [(old.record.id, new.record.id, found) for old, new, found in _challenges(options, runs)]
    if options.json:
        print_json(
            {
                "comparable": are_comparable(runs),
                "remarks": said,
                "challenges": [
                    {
                        "champion_run": old,
                        "challenger_run": new,
                        **found.to_json(),
                        "said": [render(message) for message in found.said],
                    }
                    for old, new, found in held
                ],
                "runs": rows,
                "settings": {name: list(values) for name, values in settings.items()},
            }
        )
        return DONE
    lines = [[name, *(_text(row[name]) for row in rows)] for name in rows[0] if name != "run_id"]
    lines += [[name, *(_text(value) for value in values)] for name, values in settings.items()]
    print(table(["", *(run.record.id for run in runs)], lines))
    said += [f"{new} beside {old}: {render(message)}" for old, new, found in held for message in found.said]
    if said:
        print("\n" + "\n".join(said))
    return DONE


def _challenges(options: Namespace, runs: "list[Compared]") -> "Iterator[tuple[Compared, Compared, Challenge]]":
    """Yield the runs that were trained again from another of these, behind that one, and how they compare."""
    from app.bootstrap import workspace
    from app.challenging import challenge_of, pairs

    store = workspace(options.workspace).runs
    for old, new in pairs(runs):
        found = challenge_of(store, old.record, new.record)
        if found is not None:
            yield old, new, found


def _row(run: "Compared") -> dict[str, Any]:
    from dataclasses import asdict

    progress, ready = run.progress, run.progress.ready
    score = run.scores.get(run.metric or "")
    return {
        "run_id": run.record.id,
        "name": run.record.name,
        "status": str(progress.status),
        "table": run.table,
        "target": run.target,
        "metric": run.metric,
        "score": asdict(score) if score is not None else None,
        "baseline": run.baseline.get(run.metric or ""),
        "families": dict(run.families),
        "columns": None if run.columns is None else list(run.columns),
        "seconds": progress.seconds,
        "bytes": ready.certificate.bytes if ready else None,
        "row_microseconds": ready.certificate.row_microseconds if ready else None,
    }


def _text(value: Any) -> str:
    """Return a value in words that fit into a column."""
    from app.reporting.words import figure

    if value is None:
        return ""
    if isinstance(value, dict) and set(value) == {"value", "low", "high"}:
        return f"{figure(value['value'])} ({figure(value['low'])} to {figure(value['high'])})"
    if isinstance(value, dict):
        return ", ".join(f"{name} {share:.0%}" for name, share in value.items())
    if isinstance(value, list | tuple):
        return f"{len(value)}: {', '.join(map(str, value[:5]))}{', ...' if len(value) > 5 else ''}" if value else ""
    return figure(value) if isinstance(value, float) else str(value)


COMPARE = Command(
    key="compare",
    help="hold runs against each other: settings that differ, scores, columns, costs",
    add_arguments=_add_arguments,
    run=_run,
)
