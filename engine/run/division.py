"""How the rows of a table are divided, as far as their number alone says it: by a run, and before it."""

from dataclasses import dataclass

from engine.config import ExperimentConfig
from engine.errors import ConfigError
from engine.search.folds import default_holdout
from engine.search.validation import NO_ORDER, Scheme, ValidationPlan, plan_validation
from engine.table.schema import Role, TableSchema
from engine.tasks.task import Task

COLUMNS_OF_TEXT = 100  # that take as long to learn from as one column of texts does
ROWS_OF_COLUMN = 600  # take as long as what each column takes by itself, however few its rows are


@dataclass(frozen=True, kw_only=True)
class Division:
    """Rows to learn from, rows for the final test, and how candidates are compared on the former."""

    n_learn: int
    n_final: int
    plan: ValidationPlan


def expected_division(config: ExperimentConfig, schema: TableSchema, task: Task, n_rows: int) -> Division | None:
    """Return how a run will divide the rows, give or take rounding; None where it would refuse to.

    `schema`: with the person's changes; `n_rows`: with an answer. Groups and classes of few rows move some of them.
    """
    if n_rows < 1:
        return None
    share = default_holdout(n_rows) if config.holdout is None else config.holdout
    n_final = round(share * n_rows)
    n_learn = n_rows - n_final
    try:
        plan = planned(config, schema, task, n_rows=n_learn, n_columns=len(schema.inputs))
    except ConfigError:
        return None
    return Division(n_learn=n_learn, n_final=n_final, plan=plan)


def planned(
    config: ExperimentConfig,
    schema: TableSchema,
    task: Task,
    *,
    n_rows: int,
    n_columns: int,
    n_rarer: int | None = None,
) -> ValidationPlan:
    """Settle how candidates are compared on so many rows; raises ConfigError when that does not suit the table.

    `n_rarer`: see `plan_validation`.
    """
    ordering = schema.with_role(Role.TIME)
    n_texts = sum(column.kind.is_words for column in schema.features)
    if config.validation.scheme == Scheme.FORWARD and not ordering:
        raise ConfigError(NO_ORDER())
    return plan_validation(
        config.validation,
        n_rows=n_rows,
        n_cells=max(n_rows, ROWS_OF_COLUMN) * (n_columns + COLUMNS_OF_TEXT * n_texts) * task.n_outputs,
        seconds=config.seconds,
        time_column=ordering[0].name if ordering else None,
        n_rarer=n_rarer,
    )
