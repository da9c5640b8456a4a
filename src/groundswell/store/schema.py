"""The columns of every stored table, taken from the row classes and from nowhere else."""

import types
import typing
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from groundswell.errors import PluginError, PrivacyError
from groundswell.model import trace
from groundswell.model.reading import ActRow, Label
from groundswell.model.source import Batch

if TYPE_CHECKING:
    import pyarrow as pa

TABLES: dict[str, type] = {
    "traces": trace.Trace,
    "ties": trace.TieTrace,
    "artefacts": trace.ArtefactTrace,
    "usage_days": trace.UsageDay,
    "seats": trace.Seat,
    "positions": trace.Position,
    "programmes": trace.Programme,
    "aliases": trace.Alias,
    "usage_totals": trace.UsageTotal,
    "spend": trace.Spend,
    "pulse_answers": trace.PulseAnswer,
    "acts": ActRow,
    "labels": Label,
}
"""Table name -> row class. Message is not here: it carries text, and text is never stored."""

NAMES: dict[type, str] = {row: name for name, row in TABLES.items()}


def table_of(row: type) -> str:
    """Name of the table that stores a row class.

    Raises:
        PrivacyError: the class is not stored, such as Message.
    """
    if row not in NAMES:
        raise PrivacyError(row.__name__, "rows of this class are never stored")
    return NAMES[row]


@cache
def schema_of(row: type) -> "pa.Schema":
    """Arrow schema of a row class: 64-bit integers, UTC instants without zone in microseconds, dates, words.

    A field that may be None is nullable; every other one is not.
    """
    import pyarrow as pa

    kinds: dict[Any, pa.DataType] = {
        int: pa.int64(),
        float: pa.float64(),
        str: pa.string(),
        bool: pa.bool_(),
        date: pa.date32(),
        datetime: pa.timestamp("us"),
    }
    hints = typing.get_type_hints(row)
    columns = []
    for item in fields(row):
        kind, nullable = _plain(hints[item.name])
        if kind not in kinds:
            raise PluginError(row.__name__, f"field {item.name} has a type no table can hold")
        columns.append(pa.field(item.name, kinds[kind], nullable=nullable))
    return pa.schema(columns)


def to_arrow(batch: Batch) -> "pa.Table":
    """Turn a batch into an Arrow table of its row class's schema.

    Raises:
        PluginError: a column is missing, or holds what the schema does not allow.
    """
    import pyarrow as pa

    schema = schema_of(batch.row)
    missing = [name for name in schema.names if name not in batch.columns]
    if missing:
        raise PluginError(batch.row.__name__, f"a batch lacks {', '.join(missing)}")
    try:
        table = pa.table([_column(pa, batch.columns[f.name], f.type) for f in schema], schema=schema)
        table.validate()
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        # The error's own text may quote a value, so it is not passed on.
        raise PluginError(batch.row.__name__, "a batch holds values its schema does not allow") from error.with_traceback(None)
    return table


def _column(pa: Any, values: Any, kind: "pa.DataType") -> Any:
    return values.cast(kind) if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values, kind)


def _plain(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return inner[0], True
    return hint, False
