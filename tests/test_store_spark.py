"""What can be said of the cluster's engine without a cluster."""

import builtins
import re
import socket

import pyarrow as pa
import pytest

from groundswell.errors import InputError
from groundswell.store.answer import plain
from groundswell.store.schema import TABLES, schema_of
from groundswell.store.spark import Spark, _ddl, _hadoop


def helpers(engine):
    """Names of the functions an engine defines for the texts."""
    from importlib.resources import files

    text = files("groundswell.store").joinpath(f"helpers.{engine}.sql").read_text("utf8")
    return re.findall(r"(?:macro|function) (\w+)\s*\(([^)]*)\)", text)


def test_both_engines_define_the_same_functions():
    """Every helper of DuckDB is one of Spark, with the same names of arguments in the same order."""
    spark = {name: re.findall(r"(\w+) \w+(?:,|$)", words) for name, words in helpers("spark")}
    assert {name: words.split(", ") for name, words in helpers("duckdb")} == spark


def test_every_table_has_a_spark_schema():
    """Each stored column has a Spark type, instants without a zone."""
    for row in TABLES.values():
        assert _ddl(schema_of(row)).count("`") == 2 * len(schema_of(row))
    assert _ddl(pa.schema([("ts", pa.timestamp("us")), ("day", pa.date32())])) == "`ts` timestamp_ntz, `day` date"


def test_a_path_is_taken_literally(tmp_path):
    """Signs that Spark reads as a pattern are escaped, and nothing is percent-encoded."""
    assert _hadoop(tmp_path / "a [b]=c").endswith(r"/a \[b\]=c")


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.decimal128(38, 0)])
def test_integers_of_every_width_are_one(kind):
    """Whatever width an engine gives a sum or a count, it leaves as 64 bits."""
    assert plain(pa.table({"n": pa.array([1, None], pa.int64()).cast(kind)})).schema.field("n").type == pa.int64()


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    """The missing library is named, with the command that brings it."""
    real = builtins.__import__

    def missing(name, *words, **named):
        if name.startswith("pyspark"):
            raise ImportError(name)
        return real(name, *words, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=re.escape("groundswell[spark]")):
        Spark("local[1]")


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_an_address_where_nobody_listens_is_said_at_once(scheme):
    """A wrong address is one sentence, not minutes of trying."""
    pytest.importorskip("pyspark")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match="nothing listens there"):
            Spark(f"{scheme}://127.0.0.1:{taken.getsockname()[1]}")
