"""One shape for every engine's answer: the same columns have the same types, whoever counted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def plain(table: "pa.Table") -> "pa.Table":
    """Cast an answer to the types all engines share.

    Args:
        table: as an engine gave it. DuckDB widens sums of integers to 128 bits, Spark narrows counts of rows to 32.

    Returns:
        Integers of 64 bits, fractions as doubles, words, booleans, dates, and instants in microseconds without a zone; every
        column may be null, since engines differ in what they know of that.
    """
    import pyarrow as pa

    return table.cast(pa.schema([pa.field(f.name, _kind(f.type)) for f in table.schema]))


def _kind(kind: "pa.DataType") -> "pa.DataType":
    import pyarrow as pa

    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return pa.int64()
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind
