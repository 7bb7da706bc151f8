"""Looks at tables as `tablewright inspect` does, and compares with what is known of them.

python benchmarks/inspections.py FOLDER INDEX [--all]

INDEX: a JSON list of {"name", "target", "task"}, with "file" where it is not <name>.csv. Printed per table: whether
target and task are suggested right, the findings by severity, what is left out as id or leak, and how many columns a
person is asked to confirm. --all prints every finding in words.
"""

import argparse
import json
import time
from pathlib import Path

from engine.checks.check import Severity
from engine.messages import render
from engine.table.inspection import inspect_table
from engine.table.reading import read_table
from engine.table.schema import Kind

SURE = 0.8


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    tables = json.loads(given.index.read_text(encoding="utf-8"))
    n_right = 0
    print(
        "| table | target and task | must fix | please look | handled | ids | leaks left out | to confirm | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for table in tables:
        started = time.monotonic()
        seen = inspect_table(read_table(given.folder / table.get("file", f"{table['name']}.csv")))
        task = seen.task
        right = task is not None and (task.target, str(task.kind)) == (table["target"], table["task"])
        n_right += right
        counts = [sum(finding.severity is severity for finding in seen.findings) for severity in Severity]
        ids = [column.name for column in seen.schema.columns if column.kind is Kind.ID]
        leaks = [name for finding in seen.findings if finding.automatic for name in finding.columns]
        unsure = sum(column.probability < SURE for column in seen.schema.columns)
        cells = ["right" if right else "**wrong**", *counts, ", ".join(ids), ", ".join(leaks), unsure]
        print(f"| {table['name']} | {' | '.join(map(str, cells))} | {time.monotonic() - started:.1f} |", flush=True)
        if given.all:
            for finding in seen.findings:
                print(f"    {finding.severity}: {render(finding.message)}")
    print(f"target and task right: {n_right} of {len(tables)}")


if __name__ == "__main__":
    main()
