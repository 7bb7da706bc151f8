"""The one table that maps our kinds of columns to the nine classes of the public benchmark, and back."""

from collections.abc import Mapping

from engine.messages import phrase
from engine.table.schema import ColumnSchema, Kind, Subkind

NEEDS_PERSON = phrase(
    "kind_needs_person",
    "What the values stand for cannot be seen from the name and the values, such as {example}.",
    "Please confirm the kind of the column.",
    "It is used as: {kind}.",
)

NUMERIC, CATEGORICAL, DATETIME, SENTENCE, URL = "numeric", "categorical", "datetime", "sentence", "url"
EMBEDDED, LIST = "embedded-number", "list"
NOT_GENERALIZABLE = "not-generalizable"  # an id or a constant: what is learnt from it is of no use on other rows
CONTEXT_SPECIFIC = "context-specific"  # only a person who knows the table can say
CLASSES = (NUMERIC, CATEGORICAL, DATETIME, SENTENCE, URL, EMBEDDED, LIST, NOT_GENERALIZABLE, CONTEXT_SPECIFIC)

CLASS_OF_KIND: Mapping[Kind, str] = {
    Kind.NUMBER: NUMERIC,
    Kind.NUMBER_WITH_UNIT: EMBEDDED,
    Kind.CATEGORY: CATEGORICAL,
    Kind.YES_NO: CATEGORICAL,
    Kind.DATE: DATETIME,
    Kind.TEXT: SENTENCE,
    Kind.LIST: LIST,
    Kind.LINK: URL,
    Kind.ID: NOT_GENERALIZABLE,
    Kind.CONSTANT: NOT_GENERALIZABLE,
}
# What differs from the kind: an e-mail address says who, which only a person can judge.
CLASS_OF_SUBKIND: Mapping[Subkind, str] = {Subkind.EMAIL: CONTEXT_SPECIFIC}
KIND_OF_CLASS: Mapping[str, Kind | None] = {
    NUMERIC: Kind.NUMBER,
    CATEGORICAL: Kind.CATEGORY,
    DATETIME: Kind.DATE,
    SENTENCE: Kind.TEXT,
    URL: Kind.LINK,
    EMBEDDED: Kind.NUMBER_WITH_UNIT,
    LIST: Kind.LIST,
    NOT_GENERALIZABLE: Kind.ID,
    CONTEXT_SPECIFIC: None,  # the kind that the values allow, to be confirmed
}


def class_of(column: ColumnSchema) -> str:
    """Return the class that is said of a column: that of its kind, unless a person is asked what it stands for.

    Numbers with signs around or inside them are numbers to us and embedded numbers to the benchmark; a single level
    beside missing values is a category to us and says nothing to the benchmark.
    """
    if column.reason.code == NEEDS_PERSON.code:
        return CONTEXT_SPECIFIC
    if column.n_distinct <= 1:
        return NOT_GENERALIZABLE
    rules = column.rules
    signs = rules.thousands or rules.prefixes or rules.suffixes or rules.ranges or rules.decimal != "."
    if column.kind is Kind.NUMBER and signs:
        return EMBEDDED
    of_kind = CLASS_OF_KIND[column.kind]
    return CLASS_OF_SUBKIND.get(column.subkind, of_kind) if column.subkind else of_kind
