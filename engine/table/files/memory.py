"""Memory that was used on the way goes back to the system."""

import pyarrow as pa

LARGE_BYTES = 100_000_000


def prefer_little_memory() -> None:
    """Let Arrow take memory from the system; its own allocators are no quicker here and keep a third for later."""
    pa.set_memory_pool(pa.system_memory_pool())


def give_memory_back() -> None:
    """Return what allocators keep for later, which after a long column are hundreds of megabytes."""
    pa.default_memory_pool().release_unused()
    pa.system_memory_pool().release_unused()  # also trims what numpy and Python have freed, where the system can
