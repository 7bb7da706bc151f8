"""Takes remedies of findings by their short names: in the terminal what buttons are on a screen."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.checks.check import Finding, Severity
from engine.checks.remedies import keep_within
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig, Remedy
from engine.errors import ConfigError
from engine.messages import phrase
from engine.table.schema import TableSchema

NO_SUCH_FINDING = phrase(
    "fix_unknown", "Nothing that could be fixed was found under the name {word}.", "Choose one of: {choices}."
)
NOTHING_TO_FIX = phrase(
    "fix_nothing", "Nothing that could be fixed was found under the name {word}: no finding has a remedy."
)
ONLY_A_PERSON = phrase(
    "fix_needs_a_person",
    "Under the name {word} it is asked when the values of {columns} are known; only you can say that.",
    'Say it by --known COL=before, --known "COL=same time" or --known COL=after.',
)
NOT_OF_THIS_COLUMN = phrase(
    "fix_not_of_column",
    "What would fix {code} does not touch the column {column}.",
    "Choose one of: {choices}.",
)
ALL = "all"


def fix_word(finding: Finding) -> str | None:
    """Return the name under which the first remedy of a finding is taken; None when only a person can say it."""
    if not finding.remedies or _claims(finding.remedies[0]):
        return None
    return f"{finding.code}:{finding.columns[0]}" if len(finding.columns) == 1 else finding.code


def with_fixes(
    config: ExperimentConfig, found: Sequence[Finding], words: Sequence[str], schema: TableSchema
) -> tuple[ExperimentConfig, tuple[Remedy, ...]]:
    """Return the settings with the remedies that are asked for, and which those are.

    `all` takes those of all findings that are open, as far as they go together, but says of no column that it is
    known in time: only a person can. Raises ConfigError for a name under which nothing was found, or such a question.
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
    asked = [each for each in meant if _claims(each.remedies[0])]
    if asked:
        raise ConfigError(ONLY_A_PERSON(word=word, columns=column or ", ".join(asked[0].columns)))
    yield from (_only(each, column) if column else each.remedies[0] for each in meant)


def _claims(remedy: Remedy) -> bool:
    return any(choice.known is not None for choice in remedy.columns.values())


def _only(finding: Finding, column: str) -> Remedy:
    """Return the first remedy of a finding, narrowed down to one column."""
    first = finding.remedies[0]
    if not first.columns or len(finding.columns) == 1:
        return first
    if column not in first.columns:
        raise ConfigError(NOT_OF_THIS_COLUMN(code=finding.code, column=column, choices=", ".join(first.columns)))
    choice = first.columns[column]
    if choice == ColumnChoice(lowest=choice.lowest, highest=choice.highest):
        return keep_within({column: choice})[0]
    # The same change to this column alone may be offered: its words are more exact.
    alike = [each.title for each in finding.remedies if each.columns == {column: choice}]
    title = replace(first.title, parameters={**first.title.parameters, "columns": column})
    return replace(first, title=alike[0] if alike else title, columns={column: choice})
