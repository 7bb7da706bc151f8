"""What the terminal says at the end of a run."""

from app.reporting import summary
from engine.checks.check import Finding, Severity
from engine.checks.leakage import LEAKS
from engine.events import Checked
from engine.progress import fold


def told(severity: Severity) -> str:
    finding = Finding(severity=severity, message=LEAKS(column="work_done", power=0.99), columns=("work_done",))
    return summary(fold([Checked(seconds=1.0, findings=(finding,))]))


def test_an_open_warning_stands_where_the_score_is_read() -> None:
    assert "please look" in told(Severity.PLEASE_LOOK)
    assert "work_done alone predicts" in told(Severity.PLEASE_LOOK)


def test_what_is_handled_is_not_repeated() -> None:
    assert told(Severity.HANDLED) == ""
