"""How much memory a trial may have where nobody has said."""

import psutil

MEMORY_SHARE = 0.8  # of what is free: the rest is for the app and the system


def fair_memory_bytes(n_slots: int) -> int:
    """Return an equal part of the free memory of this computer, for one of so many trials at once.

    >>> fair_memory_bytes(2) > 0
    True
    """
    return int(psutil.virtual_memory().available * MEMORY_SHARE / max(1, n_slots))
