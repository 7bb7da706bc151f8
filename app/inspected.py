"""What the terminal says about a table before training: a document for programs, tables and lists for people."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.terminal import table

if TYPE_CHECKING:
    from engine.table.inspection import Inspection
    from engine.table.profile import ColumnProfile
    from engine.table.schema import ColumnSchema, ReadingRules

SURE = 0.8
MOST_LEFT_OUT = 100
_SHOWN_LEFT_OUT = 5
_MOST_LETTERS = 400
_PILES = {"must fix": "Must be fixed", "please look": "Please look", "handled": "Handled, or good to know"}


def document(inspection: "Inspection") -> dict[str, Any]:
    """Return an inspection in words, as plain data."""
    from app.reporting.document import findings_rows
    from engine.messages import render
    from engine.tasks.task import TaskKind

    task, suggestion = inspection.task, inspection.suggestion
    target = inspection.config.chosen_target
    problems = [inspection.problem] if inspection.problem else inspection.config.problems(inspection.schema)
    binary = task is not None and task.kind is TaskKind.BINARY
    return {
        "name": inspection.name,
        "rows": inspection.n_rows,
        "columns": [
            _column(column, seen, inspection.powers.get(column.name))
            for column, seen in zip(inspection.schema.columns, inspection.profile, strict=True)
        ],
        "target": target,
        "target_reason": " ".join(map(render, suggestion.reasons))
        if suggestion is not None and suggestion.column == target
        else None,
        "suggestions": [
            {
                "column": each.column,
                "task": str(each.task),
                "reasons": [render(reason) for reason in each.reasons],
                "probability": each.probability,
            }
            for each in inspection.suggestions
        ],
        "task": str(task.kind) if task else None,
        "task_reason": render(inspection.task_reason) if inspection.task_reason else None,
        "classes": list(task.classes) if task else [],
        "positive": task.classes[-1] if task is not None and binary else None,
        "positive_reason": render(inspection.positive_reason) if inspection.positive_reason else None,
        "problem": render(problems[0]) if problems else None,
        "done_to_the_file": [render(message) for message in inspection.done_to_the_file],
        "left_out": {
            "n": len(inspection.left_out),
            "lines": [
                {"line": each.line, "why": render(each.why), "text": each.text}
                for each in inspection.left_out[:MOST_LEFT_OUT]
            ],
        },
        "read_as": inspection.read_as.to_json(),
        "choices": inspection.choices.to_json(),
        "findings": findings_rows(inspection.findings),
    }


def _column(column: "ColumnSchema", seen: "ColumnProfile", power: float | None) -> dict[str, Any]:
    from engine.messages import render
    from engine.table.schema import Kind

    multipliers = {text for text, _factor in column.rules.factors}
    around = [text for text in (*column.rules.suffixes, *column.rules.prefixes) if text not in multipliers]
    units = around if column.kind is Kind.NUMBER_WITH_UNIT else []
    return {
        "name": column.name,
        "original_name": column.original_name,
        "position": column.position,
        "kind": str(column.kind),
        "subkind": str(column.subkind) if column.subkind else None,
        "role": str(column.role),
        "known": str(column.known) if column.known else None,
        "reason": render(column.reason),
        "probability": column.probability,
        "please_confirm": column.probability < SURE,
        "missing": column.n_missing,
        "distinct": column.n_distinct,
        "unit": units[0].strip() if units else None,
        "order": list(column.order),
        "date_formats": list(column.date_formats),
        "reading_rules": _rules(column.rules),
        "minimum": seen.minimum,
        "median": seen.median,
        "maximum": seen.maximum,
        "examples": list(seen.examples),
        "power": None if power is None else round(power, 4),
    }


def _rules(rules: "ReadingRules") -> dict[str, Any]:
    """Return what is special about rules; of texts for "no value" only the unusual ones."""
    from engine.table.columns.judgement import MISSING_AMONG_NUMBERS
    from engine.table.schema import ReadingRules

    usual = vars(ReadingRules())
    told = {name: value for name, value in vars(rules).items() if value != usual[name]}
    missing = [text for text in rules.missing if text not in MISSING_AMONG_NUMBERS]
    return {name: value for name, value in {**told, "missing": missing}.items() if value}


def text(found: Mapping[str, Any]) -> str:
    """Lay an inspection out for a person."""
    blocks = [
        f"{found['name']}: {found['rows']} rows, {len(found['columns'])} columns",
        _listed("Done to the file", found["done_to_the_file"]),
        _left_out(found["left_out"]),
        _columns(found["columns"]),
        "\n".join(_question(found)),
        *(_pile(title, found["findings"], severity) for severity, title in _PILES.items()),
    ]
    # What comes from a file may hold any sign; none of them may move the cursor.
    whole = "\n\n".join(block for block in blocks if block)
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in whole)


def _columns(columns: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            _plain(each["name"]),
            f"{each['kind']}, {each['subkind']}" if each["subkind"] else each["kind"],
            each["role"],
            f"{each['probability']:.0%}{' ?' if each['please_confirm'] else '  '}",
            each["missing"],
            "" if each["power"] is None else f"{each['power']:.2f}",
            _plain(each["reason"]),
        ]
        for each in columns
    ]
    laid_out = table(["column", "kind", "role", "sure  ", "missing", "power", "why"], rows, right=(3, 4, 5))
    unsure = any(each["please_confirm"] for each in columns)
    notes = [
        "power: how well the column alone predicts the target, from 0 to 1."
        if any(each["power"] is not None for each in columns)
        else "",
        "?: please confirm the kind, or change it with --kind COL=KIND." if unsure else "",
    ]
    return "\n".join([laid_out, *(note for note in notes if note)])


def _question(found: Mapping[str, Any]) -> Iterator[str]:
    if found["target"] is not None:
        task = found["task"] or "cannot be predicted"
        yield f"Target: {found['target']} ({task}). {found['target_reason'] or ''}".rstrip()
    if found["task_reason"]:
        yield f"Task: {found['task']}. {found['task_reason']} To change it: --task."
    if found["positive_reason"]:
        yield f"Positive class: {found['positive']}. {found['positive_reason']} To change it: --positive."
    if found["problem"]:
        yield str(found["problem"])
    others = [each["column"] for each in found["suggestions"] if each["column"] != found["target"]]
    if others:
        yield f"Other columns that could be predicted: {', '.join(others)}. To choose one: --target."


def _left_out(left_out: Mapping[str, Any]) -> str:
    shown = left_out["lines"][:_SHOWN_LEFT_OUT]
    by_why: dict[str, list[str]] = {}
    for each in shown:
        by_why.setdefault(each["why"], []).append(f"line {each['line']}: {_plain(each['text'])}")
    told = ["\n      ".join([_plain(why), *lines]) for why, lines in by_why.items()]
    if left_out["n"] > len(shown):
        told.append(f"... and {left_out['n'] - len(shown)} more; --json shows {MOST_LEFT_OUT}")
    return _listed(f"Lines that were left out or changed ({left_out['n']})", told)


def _pile(title: str, findings: Sequence[Mapping[str, Any]], severity: str) -> str:
    pile = (finding for finding in findings if finding["severity"] == severity)
    return _listed(title, ["\n      ".join([_plain(finding["message"]), *_details(finding)]) for finding in pile])


def _details(finding: Mapping[str, Any]) -> Iterator[str]:
    if finding["price"]:
        yield f"If nothing is done: {_plain(finding['price'])}"
    for evidence in finding["evidence"][:_SHOWN_LEFT_OUT]:
        yield _plain(evidence)
    if finding["remedies"]:
        done = "Done" if finding["automatic"] else _how(finding)
        others = f" (or: {'; '.join(finding['remedies'][1:4])})" if finding["remedies"][1:] else ""
        yield f"{finding['remedies'][0]}. {done}{others}"
        if finding["automatic"]:
            yield 'To use what is known in time: --known "COL=before" (or "at the same time")'


def _how(finding: Mapping[str, Any]) -> str:
    """Return how the first remedy is taken; when a column is known is said by its name."""
    if finding["fix"] is not None:
        return f"To do it: --fix {_quoted(finding['fix'])}"
    return "To say it: " + " ".join(f"--known {_quoted(f'{column}=before')}" for column in finding["columns"])


def _quoted(word: str) -> str:
    return shlex.quote(word)


def _listed(title: str, sentences: Sequence[str]) -> str:
    return "\n  - ".join([f"{title}:", *sentences]) if sentences else ""


def _plain(text: str) -> str:
    """Return a text in one line that is not endless."""
    shown = " ".join(text.split())
    return shown if len(shown) <= _MOST_LETTERS else f"{shown[:_MOST_LETTERS]}…"
