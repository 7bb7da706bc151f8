"""Imports that nobody looks through for garbage: what modules hold stays for as long as their process."""

import gc
from contextlib import suppress
from importlib import import_module


def import_lasting(*names: str) -> None:
    """Import modules without looking for garbage meanwhile, and never look again at what is there at the end.

    Looking at it takes a tenth of the time that importing takes; and whatever is forked off afterwards copies each
    page of memory that it looks at. A module that cannot be imported is passed over.

    >>> import_lasting("decimal", "no_such_module")
    >>> gc.isenabled()
    True
    """
    gc.disable()
    try:
        for name in names:
            with suppress(ImportError):
                import_module(name)
    finally:
        gc.freeze()
        gc.enable()
