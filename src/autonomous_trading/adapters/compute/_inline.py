"""Evaluation in this very process, one table at a time."""

from collections import deque
from typing import final

from autonomous_trading.adapters.compute._messages import evaluated
from autonomous_trading.adapters.compute._settings import Asked, refuse_closed
from autonomous_trading.app import Context, Evaluate, Executor, Outcome
from autonomous_trading.core import CodeFailed, IntArray, ParameterTable

__all__ = ["InlineExecutor"]


@final
class InlineExecutor(Executor):
    """Evaluates here: `wait` takes as long as the next table does, whatever it was told.

    A mistake in a person's code (core.MISTAKES) is an Outcome with its error. Anything else is raised by `wait`: an
    interrupt, a lack of memory, a bad setting, a strategy that looks ahead.
    """

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._asked: deque[Asked] = deque()
        self._closed = False

    @property
    def slots(self) -> int:
        """One."""
        return 1

    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
        """Remember a table until `wait` is called."""
        refuse_closed(self._closed)
        self._asked.append(Asked(ticket, table, seeds, context))

    def wait(self, seconds: float) -> Outcome | None:  # noqa: ARG002 - what runs here cannot be waited for less
        """Evaluate the next table; None when none is out."""
        refuse_closed(self._closed)
        if not self._asked:
            return None
        asked = self._asked.popleft()
        try:
            return Outcome(asked.ticket, evaluated(self._evaluate, asked.table, asked.seeds, asked.context))
        except CodeFailed as error:
            return Outcome(asked.ticket, error=str(error))

    def close(self) -> None:
        """Forget the tables that are out."""
        self._closed = True
        self._asked.clear()
