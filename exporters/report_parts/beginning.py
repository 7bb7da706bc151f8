"""The beginning of a report: the question, the verdict, the data, what was found in it and decided about it."""

from collections.abc import Iterator

from engine.checks.check import Severity
from engine.column_choice import ColumnChoice
from engine.insight.quality.judgement import Level
from engine.messages import Message, phrase
from engine.messages import price as price_of
from engine.table.schema import ColumnSchema, TableSchema
from engine.tasks.task import TaskKind
from exporters.report_parts.facts import Facts
from exporters.report_parts.html import paragraph, points, section, table, under

MOST_COLUMNS = 60
MOST_FINDINGS = 40
CLASSES = {Level.READY: "ready", Level.CARE: "care", Level.NOT_USEFUL: "not-useful"}

QUESTION = phrase("report_question_title", "The question")
ASKS_WHETHER = phrase(
    "report_asks_whether",
    "Is {target} {answer}? This is asked of every row, and predicted from {n} other columns of {table}.",
)
ASKS_WHICH = phrase(
    "report_asks_which",
    "Which of {classes} answers is {target}? This is asked of every row, and predicted from {n} other columns of "
    "{table}.",
)
ASKS_HOW_MUCH = phrase(
    "report_asks_how_much",
    "How large is {target}? This is asked of every row, and predicted from {n} other columns of {table}.",
)
VERDICT = phrase("report_verdict_title", "The verdict")
LOOKS = phrase(
    "report_looks",
    "The rows set aside of this table have been looked at by {n} trainings. The more of them are compared by these "
    "rows, the more the best one owes to luck.",
)
DATA = phrase("report_data_title", "The data and what was done to it")
SIZES = phrase(
    "report_sizes",
    "{rows} rows and {columns} columns: {train} rows to learn from, {holdout} set aside for the final test.",
)
NOT_READ = phrase("report_lines_not_read", "{n} lines of the file are not rows of the table and were left out.")
COPIES = phrase("report_copies_left_out", "{n} rows are copies of others and were left out.")
COLUMNS = phrase("report_columns_title", "Columns of the table")
MORE = phrase("report_more_columns", "{n} more columns are in the table.")
COLUMN = phrase("report_column_label", "Column")
KIND = phrase("report_kind_label", "What it holds")
ROLE = phrase("report_role_label", "Part it plays")
MISSING = phrase("report_missing_label", "Without a value")
DIFFERENT = phrase("report_different_label", "Different values")
UNUSED = phrase("report_unused_title", "Columns that the model does not look at")
REASON = phrase("report_reason_label", "Why")
FOUND = phrase("report_found_title", "What was found in the table")
PLEASE_LOOK = phrase("report_please_look_title", "To be looked at")
HANDLED = phrase("report_handled_title", "Found and dealt with")
NOTHING_FOUND = phrase("report_nothing_found", "The checks found nothing that would need a decision.")
DECIDED = phrase("report_decided_title", "What a person decided")
NOTHING_DECIDED = phrase(
    "report_nothing_decided", "Nothing was changed by hand: all columns were taken as they were found."
)
DECISION = phrase("report_decision_label", "Decision")
AS_KIND = phrase("report_as_kind_label", "taken as {kind}")
IN_ROLE = phrase("report_in_role_label", "plays the part {role}")
IS_KNOWN = phrase("report_is_known_label", "its value is known: {known}")
COUNTS_MISSING = phrase("report_counts_missing_label", "count as no value: {texts}")
AT_LEAST = phrase("report_at_least_label", "below {value} counts as no value")
AT_MOST = phrase("report_at_most_label", "above {value} counts as no value")
SPELLINGS = phrase("report_spellings_label", "spellings of one value are joined: {n}")


def question(facts: Facts) -> str:
    """Return what is asked."""
    task, n = facts.source.prepared.task, len(facts.model.columns)
    name = str(facts.table.get("name") or facts.source.name)
    if task.kind is TaskKind.BINARY:
        asked = facts.text(ASKS_WHETHER, target=task.target, answer=str(task.classes[1]), n=n, table=name)
    elif task.kind is TaskKind.MULTICLASS:
        asked = facts.text(ASKS_WHICH, target=task.target, classes=len(task.classes), n=n, table=name)
    else:
        asked = facts.text(ASKS_HOW_MUCH, target=task.target, n=n, table=name)
    use = (paragraph(facts.say(message)) for message in facts.source.config.use.said)
    return section(facts.text(QUESTION), paragraph(asked, "question"), *use, name="question")


def verdict(facts: Facts) -> str:
    """Return the verdict with its reasons, and what the score means."""
    found = facts.quality
    looks = facts.text(LOOKS, n=facts.source.n_looks) if facts.source.n_looks > 1 else ""
    return section(
        facts.text(VERDICT),
        paragraph(facts.say(found.judgement.title), f"verdict {CLASSES[found.judgement.level]}"),
        *(paragraph(facts.say(message)) for message in found.words),
        points(map(facts.say, found.judgement.reasons)),
        *(paragraph(facts.say(message), "quiet") for message in found.how),
        paragraph(looks, "quiet"),
        name="verdict",
    )


def sampled_in_words(facts: Facts) -> tuple[Message, ...]:
    """Return what was sampled of a table larger than memory, and what all rows have gained; nothing for any other."""
    sampled, tried = facts.source.progress.sampled, facts.source.progress.all_rows
    return (*(sampled.said if sampled else ()), *((tried.reason,) if tried else ()))


def data(facts: Facts) -> str:
    """Return what the table is like, and which columns are not looked at."""
    prepared = facts.source.prepared
    n_lines, n_copies = len(facts.table.get("lines_left_out", ())), int(facts.table.get("n_copies_left_out", 0))
    rows, columns = f"{prepared.n_rows:,}", f"{prepared.n_columns:,}"
    sizes = facts.text(
        SIZES, rows=rows, columns=columns, train=f"{prepared.n_train:,}", holdout=f"{prepared.n_holdout:,}"
    )
    schema = TableSchema.from_json(facts.table["schema"]).columns if "schema" in facts.table else ()
    left_out = [(each.name, facts.reader.word(str(each.reason))) for each in facts.model.left_out]
    more = len(schema) - MOST_COLUMNS
    head = [facts.text(each) for each in (COLUMN, KIND, ROLE, MISSING, DIFFERENT)]
    return section(
        facts.text(DATA),
        paragraph(sizes),
        *(paragraph(facts.say(message)) for message in sampled_in_words(facts)),
        points(
            [facts.text(NOT_READ, n=n_lines) if n_lines else "", facts.text(COPIES, n=n_copies) if n_copies else ""]
        ),
        table(facts.text(COLUMNS), head, [_column(facts, each) for each in schema[:MOST_COLUMNS]], right=(3, 4)),
        paragraph(facts.text(MORE, n=more) if more > 0 else "", "quiet"),
        table(facts.text(UNUSED), [facts.text(COLUMN), facts.text(REASON)], left_out[:MOST_COLUMNS]),
        name="data",
    )


def _column(facts: Facts, column: ColumnSchema) -> list[str]:
    word = facts.reader.word
    numbers = (f"{column.n_missing:,}", f"{column.n_distinct:,}")
    return [column.original_name, word(str(column.kind)), word(str(column.role)), *numbers]


def findings(facts: Facts) -> str:
    """Return what the checks found, and what was decided by hand."""
    checked = facts.source.progress.checked
    found = checked.findings if checked else ()
    open_ones = [each for each in found if each.severity is not Severity.HANDLED and not each.automatic]
    others = [each for each in found if each not in open_ones]
    word = facts.reader.word
    said = [
        [f"{facts.say(each.message)} {price_of(each.message, word)}".strip() for each in some[:MOST_FINDINGS]]
        for some in (open_ones, others)
    ]
    changed = facts.source.config.columns or {}
    decided = [(name, ", ".join(_decision(facts, choice))) for name, choice in changed.items()]
    head = [facts.text(COLUMN), facts.text(DECISION)]
    return section(
        facts.text(FOUND),
        under(facts.text(PLEASE_LOOK), points(said[0])),
        under(facts.text(HANDLED), points(said[1])),
        paragraph("" if found else facts.text(NOTHING_FOUND)),
        under(
            facts.text(DECIDED),
            table(facts.text(DECIDED), head, decided) or paragraph(facts.text(NOTHING_DECIDED)),
        ),
        name="findings",
    )


def _decision(facts: Facts, choice: ColumnChoice) -> Iterator[str]:
    word = facts.reader.word
    if choice.kind is not None:
        yield facts.text(AS_KIND, kind=word(str(choice.kind)))
    if choice.role is not None:
        yield facts.text(IN_ROLE, role=word(str(choice.role)))
    if choice.known is not None:
        yield facts.text(IS_KNOWN, known=word(str(choice.known)))
    if choice.missing:
        yield facts.text(COUNTS_MISSING, texts=", ".join(choice.missing))
    if choice.lowest is not None:
        yield facts.text(AT_LEAST, value=f"{choice.lowest:g}")
    if choice.highest is not None:
        yield facts.text(AT_MOST, value=f"{choice.highest:g}")
    if choice.same:
        yield facts.text(SPELLINGS, n=len(choice.same))
