"""Which engine a command runs on: this machine's own, or a Spark cluster named by its address."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groundswell.store.spark import Spark

HERE = "duckdb"
"""The engine inside this process, which needs no address."""


@contextmanager
def cluster(address: str) -> Iterator["Spark | None"]:
    """Join the cluster at an address for as long as a command runs; None stands for this machine.

    Args:
        address: "duckdb", or what `store.spark.Spark` takes.

    Raises:
        InputError: the extra is not installed, or nothing answers at the address.
    """
    if address == HERE:
        yield None
        return
    from groundswell.store.spark import Spark

    engine = Spark(address)
    try:
        yield engine
    finally:
        engine.close()
