"""`tablewright why`: what moves a model's predictions, in sentences and figures."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json, table

if TYPE_CHECKING:
    from engine.insight.surrogate import Surrogate
    from engine.insight.terms import Term
    from engine.insight.why import Why


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.directions import kept_directions
    from app.in_use import bearing_of
    from app.in_use_view.in_text import bearing_text
    from app.kept_why import why_document, why_of
    from engine.insight.quality.quality import told

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id).id
    found = why_of(store, run_id)
    borne = bearing_of(store, run_id)
    if options.json:
        said = {column: str(sense) for column, sense in kept_directions(store, run_id).items()}
        bearing = told(borne) if borne is not None else None
        print_json({**why_document(run_id, found), "makes_sense": said, "bearing": bearing})
    else:
        print("\n\n".join([_text(found), *([bearing_text(borne)] if borne is not None else [])]))
    return DONE


def _text(found: "Why") -> str:
    from app.reporting.words import figure
    from engine.figures import chance
    from engine.insight.why import NOT_CAUSES
    from engine.messages import render

    lost = {each.column: f"{figure(each.loss)} +- {figure(each.spread)}" for each in found.lost}
    rows = [[each.column, chance(each.share), lost.get(each.column, "")] for each in found.importances]
    rows = rows or [[each.column, "", lost[each.column]] for each in found.lost]
    head = ["column", "share", f"{found.metric} lost when shuffled"]
    rules = found.surrogate
    blocks = [
        "What matters most:\n" + table(head, rows[:15], right=(1, 2)),
        "\n".join(render(message) for message in found.doubts()),
        "\n".join(render(message) for message in found.effect_sentences()),
        "\n".join(render(message) for message in found.interaction_sentences()),
        "" if rules is None else _rules(rules),
        "\n".join(f"{term.term} (in {term.column}): {_moved(term)}" for term in found.terms[:10]),
        render(NOT_CAUSES()),
    ]
    return "\n\n".join(block for block in blocks if block)


def _rules(made: "Surrogate") -> str:
    """Return the rules under what they say; rough ones would mislead, so only that they are rough is said."""
    from app.reporting.words import figure
    from engine.figures import chance
    from engine.insight.surrogate import WORTH_SHOWING
    from engine.messages import render

    if made.fidelity < WORTH_SHOWING:
        return render(made.told())
    outcome = f"chance of {made.answer}" if made.answer else "prediction"
    rows = [
        [
            " and ".join(render(condition).rstrip(".") for condition in rule.conditions),
            chance(rule.share),
            chance(rule.outcome) if made.answer else figure(rule.outcome),
        ]
        for rule in made.rules
    ]
    return f"{table(['when', 'rows', outcome], rows, right=(1, 2))}\n{render(made.told())}"


def _moved(term: "Term") -> str:
    return f"{100 * term.moved:+z.1f} points for {term.answer}" if term.answer else f"{term.moved:+.3g}"


WHY = Command(
    key="why",
    help="say what moves a model's predictions: columns, directions, pairs that work together",
    add_arguments=_add_arguments,
    run=_run,
)
