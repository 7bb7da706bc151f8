"""Rows that have no weight to be learnt with."""

from engine.checks.check import Case, Check, Finding, Severity
from engine.messages import phrase
from engine.run.roles import weights_of
from engine.table.schema import Role

NO_WEIGHT = phrase(
    "rows_without_weight",
    "Rows whose weight {column} is empty, 0 or negative, which are left out: {n} ({share} %).",
    "Give them a weight above 0 if they are to be learnt from.",
    "The model learns nothing from them, and no score counts them.",
)
_MANY = 0.05


def _look(case: Case) -> tuple[Finding, ...]:
    columns = case.dataset.schema.with_role(Role.WEIGHT)
    weight = weights_of(case.dataset) if columns else None
    if weight is None or case.dataset.whole is not None or (weight > 0).all():
        return ()
    n = int((weight <= 0).sum())
    share = n / len(weight)
    message = NO_WEIGHT(column=columns[0].name, n=n, share=round(100 * share, 1))
    severity = Severity.PLEASE_LOOK if share >= _MANY else Severity.HANDLED
    return (Finding(severity=severity, message=message, columns=(columns[0].name,)),)


WEIGHTS = Check(key="weights", title="Rows without a weight", look=_look)
