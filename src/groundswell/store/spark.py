"""Where counting runs when a cluster holds the tables: the same names and the same SQL under Apache Spark."""

import re
import socket
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.errors import InputError, StoreError
from groundswell.store.answer import plain
from groundswell.store.engine import person_view
from groundswell.store.schema import TABLES, schema_of

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT = "sc://"
"""Address of a Spark Connect server; anything else is a classic master: spark://host:port, yarn, k8s://..., local[2]."""

PATIENCE = 5
"""Seconds a master or a Connect server is given to take a connection; Spark itself would try for minutes."""

PLACE = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\]):(\d+)")

SETTINGS: dict[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # instants are stored in UTC without a zone, so `timestamp` must mean that
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a wrong count
}
"""What the texts need to mean the same; everything else is the cluster's own business."""


class Spark:
    """Spark, classic or through Connect, with the methods of `store.engine.DuckDB`.

    Args:
        address: where the cluster answers.
        settings: more Spark settings, such as how many partitions a shuffle makes; a Connect server takes a session's only.

    Raises:
        InputError: the extra is not installed, or nothing answers at the address.
    """

    name = "spark"

    def __init__(self, address: str, *, settings: Mapping[str, str] | None = None) -> None:
        self.session = _session(address, {**(settings or {}), **SETTINGS})
        text = files(__package__).joinpath("helpers.spark.sql").read_text("utf8")
        code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        for statement in filter(str.strip, code.split(";")):
            self.session.sql(statement)

    def load(self, tables: Mapping[str, Sequence[Path]], people: "pa.Table", *, end: date | None = None) -> None:
        """Make the stored tables known.

        Args:
            tables: table -> its Parquet files, at a path every worker sees; a table without files is there and empty.
            people: columns `actor` (pseudonym) and `person` (number from 1).
            end: last day that is counted; every day if not given.
        """
        self.register("people", people)
        for table, row in TABLES.items():
            paths = [_hadoop(p) for p in tables.get(table, ())]
            columns = _ddl(schema_of(row))
            rows = self.session.read.schema(columns).parquet(*paths) if paths else self.session.createDataFrame([], columns)
            rows.createOrReplaceTempView(f"raw_{table}")
            self.session.sql(person_view(table, end))

    def register(self, name: str, table: "pa.Table") -> None:
        """Make a derived table, such as `practices`, known under a name."""
        rows = self.session.createDataFrame(table, schema=_ddl(table.schema)) if len(table) else None
        if rows is None:
            rows = self.session.createDataFrame([], _ddl(table.schema))
        rows.createOrReplaceTempView(name)

    def run(self, sql: str) -> "pa.Table":
        """Run one SQL text of the portable subset.

        Raises:
            StoreError: the engine refuses it, or the cluster fails for good.
        """
        from py4j.protocol import Py4JError
        from pyspark.errors import AnalysisException, PySparkException

        try:
            return plain(self.session.sql(sql).toArrow())
        except (PySparkException, Py4JError) as error:
            # Spark's own text goes on for pages. Of a fault of the query its first line is told; of a value it would quote it.
            why = f": {str(error).strip().splitlines()[0]}" if isinstance(error, AnalysisException) else ""
            raise StoreError("engine", f"a count failed ({type(error).__name__}{why})") from None

    def has(self, table: str) -> bool:
        """Whether a table is known and has rows."""
        return bool(self.session.catalog.tableExists(table)) and not self.session.table(table).isEmpty()

    def close(self) -> None:
        """Leave the cluster."""
        self.session.stop()


def _session(address: str, settings: Mapping[str, str]) -> Any:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            address, "Spark's client is not installed", remedy="Install it with: pip install 'groundswell[spark]'"
        ) from error
    _listens(address)
    builder = SparkSession.builder.appName("groundswell")
    builder = builder.remote(address) if address.startswith(CONNECT) else builder.master(address)
    try:
        # Both kinds take session settings here; Connect ignores those only its server may set.
        session = builder.config(map=dict(settings)).getOrCreate()
        session.sql("select 1").collect()
    except (PySparkException, OSError, RuntimeError) as error:
        raise InputError(
            address,
            f"no Spark answers there ({type(error).__name__})",
            expected="spark://host:port, or sc://host:port of a Spark Connect server",
            remedy="Check the address, and that client and cluster have the same Spark and Python versions",
        ) from error
    return session


def _listens(address: str) -> None:
    """Try each host and port an address names; one that takes a connection is enough (a standby master takes none).

    Raises:
        InputError: none does.
    """
    if not address.startswith((CONNECT, "spark://")):
        return
    places = PLACE.findall(address.partition("://")[2].partition("/")[0])
    for host, port in places:
        try:
            socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
            return
        except (OSError, OverflowError):
            continue
    raise InputError(
        address,
        "nothing listens there" if places else "no host and port in it",
        expected="spark://host:port, or sc://host:port of a Spark Connect server",
        remedy="Check the address, and that the cluster runs",
    )


def _hadoop(path: Path) -> str:
    """A path as Spark's file systems take one: not percent-encoded, and with the signs of its patterns taken literally."""
    return "file:" + re.sub(r"([\\{}\[\]*?])", r"\\\1", str(path.resolve()))


def _ddl(schema: "pa.Schema") -> str:
    """An Arrow schema as Spark writes one."""
    return ", ".join(f"`{f.name}` {_kind(f.type)}" for f in schema)


def _kind(kind: "pa.DataType") -> str:
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return "timestamp_ntz"
    names = {pa.int64(): "bigint", pa.int32(): "int", pa.float64(): "double", pa.string(): "string", pa.bool_(): "boolean"}
    return "date" if pa.types.is_date32(kind) else names[kind]
