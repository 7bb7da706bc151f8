"""How the rows of a table will be divided, worked out before a training from their number alone."""

from dataclasses import dataclass

from engine.config import ExperimentConfig
from engine.search.folds import default_holdout
from engine.search.validation import Scheme, ValidationPlan, plan_validation
from engine.table.schema import Role, TableSchema
from engine.tasks.task import Task


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
    ordering = schema.with_role(Role.TIME)
    if n_rows < 1 or (config.validation.scheme == Scheme.FORWARD and not ordering):
        return None
    share = default_holdout(n_rows) if config.holdout is None else config.holdout
    n_final = round(share * n_rows)
    n_learn = n_rows - n_final
    plan = plan_validation(
        config.validation,
        n_rows=n_learn,
        n_cells=n_learn * len(schema.features) * task.n_outputs,
        seconds=config.seconds,
        time_column=ordering[0].name if ordering else None,
    )
    return Division(n_learn=n_learn, n_final=n_final, plan=plan)
