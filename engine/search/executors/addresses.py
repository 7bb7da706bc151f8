"""Which executor an address names."""

from engine.errors import ConfigError
from engine.messages import phrase
from engine.search.executors.executor import Executor
from engine.search.executors.here import Here

HERE = "here"
PROCESSES = "processes:"
DASK = "dask://"
BAD_ADDRESS = phrase(
    "executor_address",
    "The address {address} names no place where trials can run.",
    "Set TABLEWRIGHT_EXECUTOR to here, to processes:4 (any number), or to dask://host:8786; or leave it empty.",
)


def executor_at(address: str) -> Executor:
    """Return the executor at an address: `here` (or nothing), `processes:N`, or `dask://host:port`.

    Raises ConfigError when it names none, or when the cluster there cannot be used.

    >>> executor_at("processes:3").n_slots
    3
    """
    kind = address.strip()
    if kind in {"", HERE}:
        return Here()
    count = kind.removeprefix(PROCESSES)
    if count != kind and count.isdecimal() and int(count) > 0:
        return Here(int(count))
    place = kind.removeprefix(DASK)
    if place != kind and place:
        from engine.search.executors.cluster import Cluster

        return Cluster(place)
    raise ConfigError(BAD_ADDRESS(address=address))
