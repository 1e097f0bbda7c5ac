"""The optimiser at work: asked here, or in a thread beside the evaluation that somebody else does meanwhile."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import final

from autonomous_trading.core import ParameterTable
from autonomous_trading.search import Optimizer


@final
class Thinking:
    """Asks an optimiser for one batch at a time; used as a context.

    beside: in a thread. Nobody else may touch the optimiser between `begin` and `take`. Leaving the context waits for
    the batch that was asked for, also where somebody interrupts.
    """

    def __init__(self, optimizer: Optimizer, *, beside: bool) -> None:
        self._optimizer = optimizer
        self._pool = ThreadPoolExecutor(1, "optimiser") if beside else None
        self._asked: Future[ParameterTable] | None = None

    def __enter__(self) -> Thinking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def busy(self) -> bool:
        """Whether a batch was asked for and not taken yet."""
        return self._asked is not None

    def begin(self) -> None:
        """Ask for the next batch, unless that was done already. Without a thread: raises what the optimiser raises."""
        if self._asked is None:
            self._asked = self._ask()

    def ready(self, seconds: float | None = 0.0) -> bool:
        """Whether the batch is there, or is within so many seconds (None: wait for it)."""
        return self._asked is not None and bool(wait([self._asked], seconds).done)

    def take(self) -> ParameterTable:
        """The batch, as soon as it is there. Raises what the optimiser raised."""
        asked, self._asked = self._asked or self._ask(), None
        return asked.result()

    def _ask(self) -> Future[ParameterTable]:
        if self._pool is not None:
            return self._pool.submit(self._optimizer.ask)
        asked: Future[ParameterTable] = Future()
        asked.set_result(self._optimizer.ask())
        return asked
