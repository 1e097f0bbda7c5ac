"""What all executors check in the same way: what was asked for, and what a worker may take."""

from dataclasses import dataclass
from typing import Final, final

from autonomous_trading.app import Context
from autonomous_trading.core import IntArray, InvalidInput, ParameterTable

__all__ = ["LEAST_MEMORY", "MOST_FRUITLESS", "Asked", "Limits", "checked_workers", "refuse_closed"]

LEAST_MEMORY: Final = 64 * 2**20
MOST_FRUITLESS: Final = 3
"""So many workers in a row may end before they are ready, or without a table in hand."""


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """A table that is out."""

    ticket: int
    table: ParameterTable
    seeds: IntArray
    context: Context | None = None


@final
@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may take: seconds of wall time for a table, and bytes beyond those it starts with."""

    seconds: float | None = None
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is not None and not 0.0 < self.seconds < float("inf"):
            raise InvalidInput(f"seconds must be positive; got {self.seconds}", fix="leave it out for no limit")
        if self.memory_bytes is not None and self.memory_bytes < LEAST_MEMORY:
            raise InvalidInput(
                f"memory_bytes must be at least {LEAST_MEMORY:,}; got {self.memory_bytes:,}",
                fix="give a worker 512 * 2**20 or more, or leave it out for no limit",
            )


def checked_workers(workers: object) -> int:
    """A number of workers, at least one."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InvalidInput(f"workers must be a whole number of at least 1; got {workers!r}", fix="write workers=2")
    return workers


def refuse_closed(closed: bool) -> None:
    """InvalidInput where an executor is used after its end."""
    if closed:
        raise InvalidInput("this executor is closed", fix="open another one")
