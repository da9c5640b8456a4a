"""A column of instants that stay numbers until somebody looks at one: of ten million messages few are ever looked at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from groundswell.sources._days import EPOCH

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Instants(Sequence[datetime]):
    """Aware UTC instants over a column of microseconds since 1970; an Arrow column is made of it without any object."""

    def __init__(self, micros: "NDArray[np.int64]") -> None:
        self._micros = micros

    @staticmethod
    def joined(parts: "Iterable[Instants]") -> "Instants":
        """Several columns as one."""
        import numpy as np

        return Instants(np.concatenate([part._micros for part in parts]))

    def __len__(self) -> int:
        return len(self._micros)

    @overload
    def __getitem__(self, at: int) -> datetime: ...
    @overload
    def __getitem__(self, at: slice) -> "Instants": ...
    def __getitem__(self, at: int | slice) -> "datetime | Instants":
        if isinstance(at, slice):
            return Instants(self._micros[at])
        return EPOCH + timedelta(0, 0, int(self._micros[at]))

    def __iter__(self) -> Iterator[datetime]:
        return (EPOCH + timedelta(0, 0, moment) for moment in self._micros.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __arrow_array__(self, type: Any = None) -> Any:  # noqa: A002 - Arrow names it
        import pyarrow as pa

        column = pa.array(self._micros, pa.timestamp("us"))
        return column if type is None else column.cast(type)
