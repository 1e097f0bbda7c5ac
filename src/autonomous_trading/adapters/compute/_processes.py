"""A small pool of worker processes: one that dies takes its own table with it, and nothing else."""

import multiprocessing
import os
import time
import weakref
from collections import deque
from multiprocessing.connection import wait as wait_for
from typing import Any, final

from autonomous_trading.adapters.compute._messages import Answer, question_of
from autonomous_trading.adapters.compute._serving import Order
from autonomous_trading.adapters.compute._settings import MOST_FRUITLESS, Asked, Limits, checked_workers, refuse_closed
from autonomous_trading.adapters.compute._shared_block import SharedBlock
from autonomous_trading.adapters.compute._worker import Worker, end_all
from autonomous_trading.app import Context, Executor, Outcome, Task
from autonomous_trading.core import IntArray, InvalidInput, ParameterTable

__all__ = ["ProcessExecutor"]


@final
class ProcessExecutor(Executor):
    """Evaluates in processes of this machine, which share the arrays of the task.

    seconds: wall time a table may take. memory_bytes: what a worker may take beyond what it starts with. A worker
    that passes either is ended: its table is lost, another worker takes its place. `wait` raises what an evaluation
    here would (see InlineExecutor), and InvalidInput when workers cannot start.
    """

    def __init__(
        self, task: Task, *, processes: int, memory_bytes: int | None = None, seconds: float | None = None
    ) -> None:
        self._limits = Limits(seconds, memory_bytes)
        self._slots = checked_workers(processes)
        _refuse_inside_worker()
        recipe, arrays = task.split(mapped=True)
        block = SharedBlock(arrays)
        self._order = Order(recipe, block.place, self._limits)
        self._asked: deque[Asked] = deque()
        self._ended: deque[Outcome] = deque()
        self._fruitless = 0
        self._workers: list[Worker] = []
        # Also when nobody closes it: at the latest when the interpreter ends.
        self._end = weakref.finalize(self, _let_go, self._workers, block)
        for _ in range(self._slots):
            self._workers.append(Worker(self._order))

    @property
    def slots(self) -> int:
        """One per process."""
        return self._slots

    @property
    def worker_pids(self) -> tuple[int, ...]:
        """The numbers of the worker processes, for those who watch them."""
        return tuple(worker.process.pid or 0 for worker in self._workers)

    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
        """Give a table to a worker that rests, or to the first that will."""
        refuse_closed(not self._end.alive)
        self._asked.append(Asked(ticket, table, seeds, context))
        # A worker that died while it rested must not get it; what the others say is for who waits.
        self._listen(0.0, [worker for worker in self._workers if worker.idle])
        self._hand_out()

    def wait(self, seconds: float) -> Outcome | None:
        """The next table that ended; None when none did in so many seconds, or none is out."""
        refuse_closed(not self._end.alive)
        until = time.monotonic() + seconds
        while not self._ended:
            self._hand_out()
            if not self._asked and all(worker.ticket is None for worker in self._workers):
                return None
            now = time.monotonic()
            next_deadline = min(worker.deadline for worker in self._workers)
            self._listen(max(0.0, min(until, next_deadline) - now), self._workers)
            self._end_those_out_of_time()
            if time.monotonic() >= until:
                break
        return self._ended.popleft() if self._ended else None

    def close(self) -> None:
        """End the workers within seconds, whatever they do, and give the shared memory back."""
        self._end()
        self._asked.clear()
        self._ended.clear()

    def _hand_out(self) -> None:
        for worker in self._workers:
            if not self._asked:
                return
            if worker.idle:
                asked = self._asked.popleft()
                worker.ask(asked.ticket, question_of(asked.table, asked.seeds, asked.context), self._limits.seconds)

    def _listen(self, seconds: float, workers: list[Worker]) -> None:
        watched: list[Any] = [each for worker in workers for each in (worker.pipe, worker.process.sentinel)]
        told = wait_for(watched, seconds)
        for worker in list(workers):
            if worker.pipe in told or worker.process.sentinel in told:
                self._take(worker, worker.heard())

    def _take(self, worker: Worker, answer: Answer | None) -> None:
        """Note what a worker said; one that is gone, or has to go, is replaced."""
        if answer is None or answer.lost:
            self._replace(worker, "" if answer is None else answer.lost)
            return
        ticket, was_ready = worker.ticket, worker.ready
        if answer.raised is not None and not was_ready:
            self.close()
            raise answer.raised
        worker.rest()
        if answer.raised is not None:
            raise answer.raised
        if ticket is not None:
            self._fruitless = 0
            self._ended.append(Outcome(ticket, answer.columns, error=answer.error))

    def _end_those_out_of_time(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.deadline <= now:
                limit = self._limits.seconds
                self._replace(worker, f"it took longer than {limit:g} seconds" if worker.ready and limit else "")

    def _replace(self, worker: Worker, cause: str) -> None:
        how = worker.end(patience=0.0 if cause else 1.0)
        at = self._workers.index(worker)
        del self._workers[at]
        if worker.ticket is not None:
            self._ended.append(Outcome(worker.ticket, lost=True, cause=cause or how))
        else:
            self._fruitless += 1
        if self._fruitless >= MOST_FRUITLESS + self._slots:
            self.close()
            raise InvalidInput(
                f"workers do not stay alive ({self._fruitless} ended without a table, the last one: {how})",
                fix='call this under `if __name__ == "__main__":`, and define the strategy or function in a file that'
                " can be imported, not in a notebook",
            )
        self._workers.insert(at, Worker(self._order))


def _let_go(workers: list[Worker], block: SharedBlock) -> None:
    end_all(workers)
    block.close()


def _refuse_inside_worker() -> None:
    if os.name != "posix":
        raise InvalidInput("worker processes need Linux or macOS", fix='use "inline", or "ray"')
    if multiprocessing.parent_process() is not None and multiprocessing.current_process().daemon:
        raise InvalidInput(
            "a worker cannot have workers of its own",
            fix='put what starts the work under `if __name__ == "__main__":`',
        )
