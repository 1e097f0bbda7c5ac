"""Columns as they came, before anything is believed about them: the one shape every reader returns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from autonomous_trading.core import InvalidBars

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Label", "RawTable", "label_text", "row_counted_from_zero"]

Label = str | tuple[str, ...]
"""A column's name; a tuple where the source has levels, such as ("Close", "SPY")."""


def row_counted_from_zero(row: int) -> str:
    """How a row of something in memory is named to its owner: as `data.iloc[row]` counts."""
    return f"row {row} (counting from 0)"


def label_text(label: Label) -> str:
    """A column's name as one string."""
    return label if isinstance(label, str) else " ".join(part for part in label if part)


@final
@dataclass(frozen=True, slots=True)
class RawTable:
    """What a reader found: columns (Arrow arrays of one length), their names, and how to speak of a row."""

    source: str
    labels: tuple[Label, ...]
    columns: tuple["pa.Array", ...]
    row_name: Callable[[int], str] = row_counted_from_zero
    symbol: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def refusal(self, row: int, problem: str, *, fix: str) -> InvalidBars:
        """The error for one row, named as the person who handed the data over counts it."""
        return InvalidBars(f"{self.source}, {self.row_name(row)}: {problem}", fix=fix)
