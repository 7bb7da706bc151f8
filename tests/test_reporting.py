"""What the terminal says at the end of a run."""

from dataclasses import replace

from app.reporting.document import findings_rows
from app.reporting.happening import line
from app.reporting.summary import outcome, summary
from engine.checks.check import Finding, Severity, leave_out
from engine.checks.leakage import LEAKS
from engine.events import Checked, Explained
from engine.outcomes import Importance
from engine.progress import Status, fold
from tests.app import made_runs


def leak(severity: Severity, *, automatic: bool = False) -> Finding:
    return Finding(
        severity=severity,
        message=LEAKS(column="work_done", power=0.99),
        columns=("work_done",),
        remedies=(leave_out(["work_done"]),),
        automatic=automatic,
    )


def told(finding: Finding) -> str:
    return summary(fold([Checked(seconds=1.0, findings=(finding,))]))


def test_an_open_warning_stands_where_the_score_is_read() -> None:
    said = told(leak(Severity.PLEASE_LOOK))
    assert "please look" in said
    assert "work_done alone predicts" in said


def test_what_is_handled_is_not_repeated() -> None:
    assert told(leak(Severity.HANDLED)) == ""


def test_where_no_column_moves_the_prediction_none_is_called_what_matters_most() -> None:
    idle = tuple(Importance(column=name, value=0.0, share=0.0) for name in ("a", "b"))
    event = Explained(seconds=5.0, importances=idle, path="shap.npz", n_rows=9, max_sum_diff=0.0)
    for said in (summary(fold([event])), line(event, fold([event]))):
        assert said is not None
        assert "No column moves the prediction" in said
        assert "What matters most" not in said


def test_of_a_run_without_a_model_it_is_said_how_to_go_on() -> None:
    events = made_runs.begun()
    assert "tablewright resume ab12" in outcome("ab12", replace(fold(events), status=Status.INTERRUPTED))
    ready = fold(made_runs.finished())
    assert outcome("ab12", ready) == summary(ready)


def test_what_was_left_out_by_itself_can_be_kept() -> None:
    finding = leak(Severity.PLEASE_LOOK, automatic=True)
    keeping = '--known "work_done=before"'
    assert keeping in told(finding)
    event = Checked(seconds=1.0, findings=(finding,))
    assert keeping in (line(event, fold([event])) or "")
    assert keeping not in told(leak(Severity.PLEASE_LOOK))


def test_a_finding_is_printed_with_the_name_of_its_remedy() -> None:
    (row,) = findings_rows((leak(Severity.PLEASE_LOOK, automatic=True),))
    assert (row["code"], row["fix"], row["automatic"]) == ("leak", "leak:work_done", True)
    assert row["remedies"] == ["Leave out work_done"]


def test_the_verdict_stands_beside_the_score() -> None:
    said = summary(fold(made_runs.finished()))
    assert "\nReady:\n- " in said
    assert "Ready:" not in summary(fold(made_runs.begun()))
