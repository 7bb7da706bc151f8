"""The words that a run is told in, in the terminal: a score, a task, a finding, what was asked."""

from engine.checks.check import Finding
from engine.events import CandidateAsked, CandidatePinned, ExplanationFailed, FamilyBanned, Request
from engine.messages import render
from engine.tasks.task import Task, TaskKind

STAGES = {
    "prepare": "Preparing the rows",
    "search": "Searching for good models",
    "blend": "Combining the best models",
    "refit": "Training the chosen models on all training rows",
    "all rows": "Training on all rows, those included that do not fit into memory",
    "export": "Writing the ONNX file",
    "certify": "Checking the file against the libraries",
    "score": "Scoring the file on rows it has never seen",
    "explain": "Finding out what matters most",
}


def figure(value: float) -> str:
    """Return a score with five significant digits.

    >>> figure(0.926812), figure(26801.41), figure(0.00001)
    ('0.92681', '26801', '1e-05')
    """
    return f"{value:.5g}"


def task_text(task: Task) -> str:
    """Say what is predicted.

    >>> task_text(Task(kind=TaskKind.REGRESSION, targets=("price",)))
    'the number in price'
    """
    if task.kind is TaskKind.REGRESSION:
        return f"the number in {task.target}"
    names = ", ".join(str(label) for label in task.classes[:4])
    if task.kind is TaskKind.BINARY:
        return f"whether {task.target} is {task.classes[-1]} (classes: {names})"
    return f"which of {len(task.classes)} classes {task.target} is ({names}{', ...' if len(task.classes) > 4 else ''})"


def asked_text(request: Request) -> str:
    """Say what a person asked of a search.

    >>> asked_text(FamilyBanned(seconds=1, request="a", family="linear"))
    'You asked for no new candidates of linear.'
    """
    match request:
        case FamilyBanned():
            what = (
                f"candidates of {request.family} again" if request.lifted else f"no new candidates of {request.family}"
            )
            return f"You asked for {what}."
        case CandidatePinned():
            return f"You {'let go of' if request.lifted else 'pinned'} candidate {request.number}."
        case CandidateAsked():
            settings = ", ".join(f"{name}={value}" for name, value in request.parameters.items())
            return f"You asked to try next: {request.family} {settings}".rstrip()


def advice(finding: Finding) -> str:
    """Say a finding, and of columns that were left out by themselves how to keep them."""
    if not finding.automatic:
        return render(finding.message)
    names = [name for remedy in finding.remedies[:1] for name in remedy.columns]
    keeping = " ".join(f'--known "{name}=before"' for name in names)
    return f"{render(finding.message)} To use what is known in time: {keeping}"


def unexplained(event: ExplanationFailed) -> str:
    """Say that it is not known what matters most, and why."""
    return f"The model is not touched by it, but what matters most could not be found out: {render(event.cause)}"
