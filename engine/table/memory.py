"""Memory that was used on the way goes back to the system."""

import pyarrow as pa


def give_memory_back() -> None:
    """Return what allocators keep for later, which after a long column are hundreds of megabytes."""
    pa.default_memory_pool().release_unused()
    pa.system_memory_pool().release_unused()  # also trims what numpy and Python have freed, where the system can
