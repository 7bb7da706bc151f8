"""The tree of errors. Each carries a message that says what was expected, what came, and what to do.

TablewrightError
├── InputError               the input is at fault: exit code 2, nothing half-written
│   ├── TableError           a file cannot be read as a table
│   ├── TargetError          the target cannot be predicted
│   ├── ConfigError          the settings contradict each other or the table
│   └── ModelError           a model file cannot be used, or a table does not fit it
├── TrialError               one candidate failed, alone
│   ├── TrialTimeoutError    it was stopped at its deadline
│   ├── TrialMemoryError     it was stopped at its memory limit
│   └── TrialCrashError      its process died
├── RunError                 a whole run cannot go on
│   └── CertificateError     a file does not predict what its model predicts
└── WorkspaceError           the workspace cannot be opened, read or written
"""

from engine.messages import Message, render


class TablewrightError(Exception):
    """Any error that Tablewright raises on purpose.

    `message` holds the code and parameters; `str(error)` is the sentence in English.
    """

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return render(self.message)

    def __reduce__(self) -> tuple[type["TablewrightError"], tuple[Message]]:
        """Cross process borders with the message, not with the sentence."""
        return type(self), (self.message,)


class InputError(TablewrightError):
    """The input is at fault; raised before anything is written."""


class TableError(InputError):
    """Raised by `engine.table` when a file cannot be read as a table."""


class TargetError(InputError):
    """Raised by `engine.tasks` and `engine.checks` when the target cannot be predicted."""


class ConfigError(InputError):
    """Raised by `engine.config` when settings contradict each other or the table."""


class ModelError(InputError):
    """Raised by `engine.model` when a model file cannot be used or a table does not fit it."""


class TrialError(TablewrightError):
    """Raised by `engine.search` when one candidate failed; the run goes on without it."""


class TrialTimeoutError(TrialError):
    """The candidate was stopped at its deadline."""


class TrialMemoryError(TrialError):
    """The candidate was stopped at its memory limit."""


class TrialCrashError(TrialError):
    """The process of the candidate died."""


class RunError(TablewrightError):
    """Raised by `engine.experiment` when a whole run cannot go on."""


class CertificateError(RunError):
    """Raised by `engine.graph` when a file does not predict what its model predicts."""


class WorkspaceError(TablewrightError):
    """Raised by `storage` when the workspace cannot be opened, read or written."""
