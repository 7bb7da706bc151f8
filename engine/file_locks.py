"""The kernel's lock on an open file, taken or refused at once: it is let go of however its holder dies."""

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def acquire(file: IO[bytes], *, shared: bool = False) -> None:  # noqa: ARG001 - Windows has no shared record locks
        """Take the lock of an open file; raises OSError when another process has it, or files cannot be locked."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def release(file: IO[bytes]) -> None:
        """Let go of the lock."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def acquire(file: IO[bytes], *, shared: bool = False) -> None:
        """Take the lock of an open file; raises OSError when another process has it, or files cannot be locked."""
        # lockf and not flock: children started by fork do not inherit it, so they cannot outlive the holder with it.
        fcntl.lockf(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)

    def release(file: IO[bytes]) -> None:
        """Let go of the lock."""
        fcntl.lockf(file, fcntl.LOCK_UN)
