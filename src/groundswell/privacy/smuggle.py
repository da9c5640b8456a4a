"""What may stand in a released table: numbers no pseudonym fits in, dates, and words of closed lists."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from groundswell.errors import PrivacyError
from groundswell.privacy.lists import NO_WORD, is_word

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_NUMBER = 2**40
"""No honest count, day or week is larger; a pseudonym nearly always is."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""What tables and columns are called; anything else could be a value in disguise."""

PERSONAL = frozenset({"person", "actor", "whom", "manager", "id", "whom_person", "manager_person"})
"""Columns that hold a person, a pseudonym or a trace wherever the store has them."""


def copied(where: str, tables: "Mapping[str, pa.Table]", words: frozenset[str] | None) -> "dict[str, pa.Table]":
    """Check tables and copy them, so that whoever made them can change what leaves no more.

    Args:
        where: name of the measure, for the error.
        tables: what wants to leave.
        words: the closed lists: tools, kinds, sources, units. None where they are not known: then words are held to a form.

    Raises:
        PrivacyError: naming table and column, never a value.
    """
    return {_name(where, name): _copy(f"{where}.{name}", table, words) for name, table in dict(tables).items()}


def checked(where: str, thing: Any) -> None:
    """Check everything an estimator says: whoever counts sees rows, and could keep some and say them later.

    Args:
        where: name of the measure, for the error.
        thing: a finding, or any part of it.

    Raises:
        PrivacyError: a text holds an address, a long number or several lines, or a number is as large as a pseudonym.
    """
    if isinstance(thing, str):
        if NO_WORD.search(thing):
            raise PrivacyError(where, "what looks like an address, a pseudonym or a quotation may not be said")
    elif isinstance(thing, bool) or thing is None or isinstance(thing, date):
        return
    elif isinstance(thing, int | float):
        if abs(thing) >= LARGEST_NUMBER and abs(thing) != float("inf"):
            raise PrivacyError(where, "numbers as large as a pseudonym may not be said")
    else:
        for part in _parts(where, thing):
            checked(where, part)


def _parts(where: str, thing: Any) -> Iterable[Any]:
    if isinstance(thing, Mapping):
        return thing.values()
    if isinstance(thing, tuple | list):
        return thing
    if is_dataclass(thing) and not isinstance(thing, type):
        return [getattr(thing, held.name) for held in fields(thing)]
    raise PrivacyError(where, f"a {type(thing).__name__} may not stand in what is said")


def _copy(where: str, table: Any, words: frozenset[str] | None) -> "pa.Table":
    import pyarrow as pa

    if type(table) is not pa.Table:
        raise PrivacyError(where, "only Arrow tables may leave, not other objects")
    sink = pa.BufferOutputStream()
    bare = table.replace_schema_metadata(None)
    with pa.ipc.new_stream(sink, bare.schema) as out:
        out.write_table(bare)
    # From here on the bytes are ours: a buffer the measure still holds cannot change them.
    own = pa.ipc.open_stream(sink.getvalue().to_pybytes()).read_all()
    for column in own.schema:
        _column(f"{where}.{_name(where, column.name)}", own[column.name], column, words)
    return own


def _column(where: str, values: Any, column: Any, words: frozenset[str] | None) -> None:
    import pyarrow as pa

    if column.name in PERSONAL:
        raise PrivacyError(where, "a column of people or traces may not leave")
    if column.metadata:
        raise PrivacyError(where, "a column with a note of its own may not leave")
    kind = column.type
    if pa.types.is_string(kind):
        _words(where, values, words)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        _numbers(where, values)
    elif not (pa.types.is_boolean(kind) or pa.types.is_date(kind) or pa.types.is_null(kind)):
        raise PrivacyError(where, f"a column of type {kind} may not leave")


def _numbers(where: str, values: Any) -> None:
    import pyarrow.compute as pc

    span = pc.min_max(values)
    ends = [end for end in (span["min"].as_py(), span["max"].as_py()) if end is not None]
    if any(abs(end) >= LARGEST_NUMBER for end in ends if abs(end) != float("inf")):
        raise PrivacyError(where, "numbers as large as a pseudonym may not leave")


def _words(where: str, values: Any, words: frozenset[str] | None) -> None:
    found = {w for w in values.unique().to_pylist() if w}
    if words is not None and not found <= words:
        raise PrivacyError(where, "words that stand in no closed list may not leave")
    if not all(map(is_word, found)):
        raise PrivacyError(where, "words that look like an address, a number or a sentence may not leave")


def _name(where: str, name: object) -> str:
    if type(name) is not str or not NAME.fullmatch(name):
        raise PrivacyError(where, "a table or column has a name that could be a value")
    return name
