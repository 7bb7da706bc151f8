"""Tells roles and kinds that the cells of columns cannot bear."""

from collections.abc import Iterator

from engine.messages import Message, phrase
from engine.table.schema import Cells, ColumnSchema, Kind, Role, TableSchema

TWO_OF_ONE_ROLE = phrase(
    "config_two_of_one_role",
    "The columns {columns} all have the role {role}, which only one column can have.",
    "Keep the role {role} on one of them and give the others another role.",
)
TIME_WITH_OTHER = phrase(
    "config_time_with_other",
    "The column {time} has the role time and the column {other} the role {role}; rows in the order of time cannot be "
    "divided by anything else.",
    "Give one of them another role.",
)
NO_TIME = phrase(
    "config_no_time",
    "The column {column} has the role time but holds neither dates that could be read nor numbers.",
    "Choose a column of dates or numbers, or give this one another role.",
)
NO_WEIGHT = phrase(
    "config_no_weight",
    "The column {column} has the role weight but holds no numbers.",
    "Choose a column of numbers above 0, or give this one another role.",
)
NOT_TEXT = phrase(
    "config_not_text",
    "The column {column} holds plain numbers, so it cannot be read as text.",
    "Choose the kind number or category.",
)
NOT_DATE = phrase(
    "config_not_date",
    "No date format was found in the column {column}, so it cannot be read as dates.",
    "Choose the kind number, category or text, or leave the column out with the role ignored.",
)
NOT_YES_NO = phrase(
    "config_not_yes_no",
    "The column {column} has {n} different values, so it is no column of two answers.",
    "Choose the kind category or number.",
)
NOTHING_IN_CONSTANT = phrase(
    "config_constant",
    "The column {column} has the same value in every row, so nothing can be learned from it.",
    "Give it the role ignored.",
)

_ONLY_ONE = (Role.TARGET, Role.GROUP, Role.WEIGHT, Role.TIME, Role.STRATIFY)


def unfit_roles(schema: TableSchema) -> Iterator[Message]:
    """Tell roles that contradict each other, a time that is none, and a weight that is none."""
    for role in _ONLY_ONE:
        names = [column.name for column in schema.with_role(role)]
        if len(names) > 1:
            yield TWO_OF_ONE_ROLE(columns=", ".join(names), role=str(role))
    for column in schema.with_role(Role.TIME):
        for other in (*schema.with_role(Role.GROUP), *schema.with_role(Role.STRATIFY)):
            yield TIME_WITH_OTHER(time=column.name, other=other.name, role=str(other.role))
        if column.cells is not Cells.NUMBER and not column.date_formats and not column.kind.is_number:
            yield NO_TIME(column=column.name)
    for column in schema.with_role(Role.WEIGHT):
        if column.cells is not Cells.NUMBER and not column.kind.is_number:
            yield NO_WEIGHT(column=column.name)


def unfit_kind(column: ColumnSchema) -> Iterator[Message]:
    """Tell a kind that the cells of a feature cannot bear: it would reach no model, or break every one."""
    if column.kind.is_words and column.cells is not Cells.TEXT:
        yield NOT_TEXT(column=column.name)
    elif column.kind is Kind.DATE and not column.date_formats:
        yield NOT_DATE(column=column.name)
    elif column.kind is Kind.YES_NO and column.n_distinct != 2:
        yield NOT_YES_NO(column=column.name, n=column.n_distinct)
    elif column.kind is Kind.CONSTANT:
        yield NOTHING_IN_CONSTANT(column=column.name)
