"""Where trials are evaluated: here, in other processes, or on a cluster. An executor computes and remembers nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, final

from autonomous_trading.core import FloatArray, IntArray, ParameterTable

Evaluate: TypeAlias = Callable[[ParameterTable, IntArray], Mapping[str, FloatArray]]
"""What parameter sets are worth: (table, one seed per set) -> one column per metric. The same call, the same bits."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one submitted table: its columns, or why there are none.

    error: the evaluation raised (a person's code, mostly): it would again. lost: whoever computed it is gone (killed,
    out of memory, unplugged): somebody else may try.
    """

    ticket: int
    columns: Mapping[str, FloatArray] | None = None
    error: str = ""
    lost: bool = False


class Executor(ABC):
    """Evaluates tables of parameter sets, a few at a time. Tickets tell them apart; they may end in any order."""

    @property
    @abstractmethod
    def slots(self) -> int:
        """How many tables may be out at once without one waiting for another."""

    @abstractmethod
    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray) -> None:
        """Begin to evaluate a table."""

    @abstractmethod
    def wait(self, seconds: float) -> Outcome | None:
        """The next table that ended; None when none did in so many seconds, or none is out."""

    @abstractmethod
    def close(self) -> None:
        """Stop what is running and let go of it; nothing is left behind."""
