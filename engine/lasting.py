"""Imports that nobody looks through for garbage: what modules hold stays for as long as their process."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module


@contextmanager
def lasting() -> Iterator[None]:
    """Do not look for garbage while a block imports, and never again at what is there at its end.

    Looking at it takes a tenth of the time that importing takes; and whatever is forked off afterwards copies each
    page of memory that it looks at.

    >>> with lasting():
    ...     import decimal
    >>> gc.isenabled()
    True
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def import_lasting(*names: str) -> None:
    """Import modules so; one that cannot be imported is passed over.

    >>> import_lasting("decimal", "no_such_module")
    """
    with lasting():
        for name in names:
            with suppress(ImportError):
                import_module(name)
