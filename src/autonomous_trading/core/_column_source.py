"""Where the columns an expression names come from."""

from typing import Protocol, TypeAlias

from autonomous_trading.core._arrays import FloatArray

ColumnArgument: TypeAlias = int | float | str | bool


class ColumnSource(Protocol):
    """Supplies columns by name for one set of bars: in the features room a catalogue with a cache."""

    @property
    def n_bars(self) -> int:
        """Length of every column."""
        ...

    def column(
        self,
        name: str,
        arguments: tuple[ColumnArgument, ...],
        inputs: tuple[FloatArray, ...] | None,
        output: str,
    ) -> FloatArray:
        """Column `name` [n_bars], NaN where it is not known yet. Callers never write to it.

        `inputs` are the columns it is computed from (None: the ones the name implies); `output` picks one
        result of a name that has several ("" where it has one). Numbers of bars arrive as int when they are
        whole by construction.
        """
        ...
