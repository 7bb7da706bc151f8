"""The report: one page to read and to print, from the question to how to come by the same model; no script is in it."""

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from typing import Any

from engine.plain import finite
from engine.whole_files import write_whole
from exporters.exporter import Exporter, Source
from exporters.report_parts.beginning import data, findings, question, verdict
from exporters.report_parts.bends import more_rows
from exporters.report_parts.card import REPLAY, TEMPLATE_ID, model_card, replay_record
from exporters.report_parts.ending import HOLDS, certificate, limits, made_of, reproduce
from exporters.report_parts.facts import Facts, facts_of
from exporters.report_parts.goodness import mistakes, scores, validated, weak
from exporters.report_parts.html import paragraph
from exporters.report_parts.reasons import reasons
from exporters.report_parts.treatment import treatment

REPORT_FILE, CARD_FILE = "report.html", "model_card.json"
STYLE = Path(__file__).parent / "report_parts" / "page.css"
SECTIONS = (
    *(question, verdict, data, findings, validated, scores, mistakes, weak, treatment, more_rows, reasons, made_of),
    *(limits, certificate, reproduce),
)


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the page, and the same figures for programs."""
    facts = facts_of(source)
    card: Any = finite(model_card(facts))
    texts = {
        REPORT_FILE: page(facts),
        CARD_FILE: json.dumps(card, ensure_ascii=False, indent=1, allow_nan=False) + "\n",
    }
    for name, text in texts.items():
        write_whole(folder / name, text.encode())
    return tuple(folder / name for name in texts)


def page(facts: Facts) -> str:
    """Return the page; everything that stands in it is escaped by the functions that write it."""
    style, name = STYLE.read_text(encoding="utf-8"), escape(facts.source.name)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    inside = "".join(section(facts) for section in SECTIONS)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(facts.reader.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{name}</h1>\n"
        f"{inside}</main>\n<footer>{paragraph(facts.text(HOLDS))}</footer>\n{_record(facts)}</body>\n</html>\n"
    )


def _record(facts: Facts) -> str:
    """Return what trains the run again, where a program finds it and nobody else sees it."""
    record: Any = finite({REPLAY: replay_record(facts).to_json()})
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return f'<template id="{TEMPLATE_ID}">{escape(text, quote=False)}</template>\n'


REPORT = Exporter(
    key="report",
    title="Report",
    summary="One page to read and print: how good the model is and why, where it is weak, and how it was made.",
    write=write,
)
