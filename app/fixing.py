"""Takes remedies of findings by their short names: in the terminal what buttons are on a screen."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.checks.check import Finding, Severity
from engine.config import ExperimentConfig, Remedy
from engine.errors import ConfigError
from engine.messages import phrase
from engine.table.schema import Known, TableSchema

NO_SUCH_FINDING = phrase(
    "fix_unknown", "Nothing that could be fixed was found under the name {word}.", "Choose one of: {choices}."
)
NOTHING_TO_FIX = phrase(
    "fix_nothing", "Nothing that could be fixed was found under the name {word}: no finding has a remedy."
)
ALL = "all"


def fix_word(finding: Finding) -> str | None:
    """Return the name under which the first remedy of a finding is taken; None when it has none."""
    if not finding.remedies:
        return None
    return f"{finding.code}:{finding.columns[0]}" if len(finding.columns) == 1 else finding.code


def with_fixes(
    config: ExperimentConfig, found: Sequence[Finding], words: Sequence[str], schema: TableSchema
) -> tuple[ExperimentConfig, tuple[Remedy, ...]]:
    """Return the settings with the remedies that are asked for, and which those are.

    `all` takes those of all findings that are open, as far as they go together, but says of no column that it is
    known in time: only a person can. Raises ConfigError for a name under which nothing was found.
    """
    taken: list[Remedy] = []
    for word in words:
        for remedy in _meant(found, word):
            changed = config.remedied(remedy)
            if remedy in taken or (word == ALL and len(changed.problems(schema)) > len(config.problems(schema))):
                continue
            config = changed
            taken.append(remedy)
    return config, tuple(taken)


def _meant(found: Sequence[Finding], word: str) -> Iterator[Remedy]:
    if word == ALL:
        open_ones = (each for each in found if each.severity is not Severity.HANDLED and not each.automatic)
        yield from (each.remedies[0] for each in open_ones if each.remedies and not _claims(each.remedies[0]))
        return
    code, _colon, column = word.partition(":")
    meant = [each for each in found if each.remedies and each.code == code and (not column or column in each.columns)]
    if not meant:
        words = dict.fromkeys(name for each in found if (name := fix_word(each)) is not None)
        raise ConfigError(NO_SUCH_FINDING(word=word, choices=", ".join(words)) if words else NOTHING_TO_FIX(word=word))
    yield from (_only(each.remedies, column) if column else each.remedies[0] for each in meant)


def _claims(remedy: Remedy) -> bool:
    return any(choice.known in {Known.BEFORE, Known.SAME_TIME} for choice in remedy.columns.values())


def _only(remedies: Sequence[Remedy], column: str) -> Remedy:
    """Return the remedy for one column: one that is offered, else the first one narrowed down to it."""
    alone = next((each for each in remedies if set(each.columns) == {column}), None)
    first = remedies[0]
    if alone is not None or column not in first.columns:
        return alone or first
    title = replace(first.title, parameters={**first.title.parameters, "columns": column})
    return replace(first, title=title, columns={column: first.columns[column]})
