"""Evaluation by the actors of a Ray cluster: Ray computes and keeps nothing."""

import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, final

from autonomous_trading.adapters.compute._messages import Answer, answer_to, question_of, read_answer
from autonomous_trading.adapters.compute._ray_cluster import Cluster
from autonomous_trading.adapters.compute._serving import begun
from autonomous_trading.adapters.compute._settings import MOST_FRUITLESS, Asked, Limits, checked_workers, refuse_closed
from autonomous_trading.adapters.compute._shared_block import BlockPlace, SharedBlock
from autonomous_trading.app import Context, Evaluate, Executor, Outcome, Recipe, SharedArray, Task
from autonomous_trading.core import IntArray, InvalidInput, ParameterTable

__all__ = ["RayExecutor"]

_START_SECONDS: Final = 300.0
_GONE: Final = (
    "ActorDiedError", "ActorUnavailableError", "NodeDiedError", "ObjectLostError", "OutOfMemoryError",
    "OwnerDiedError", "RayActorError", "WorkerCrashedError",
)  # fmt: skip


@final
class RayExecutor(Executor):
    """Evaluates on a Ray cluster: on this machine, or at `address` (or RAY_ADDRESS).

    On this machine the workers share the arrays of the task; to another one they are sent once, through the object
    store. Nothing is retried by Ray: a worker that dies is replaced, and its table is lost. Raises InvalidInput where
    ray is not installed, or the cluster could be used by somebody else.
    """

    def __init__(
        self,
        task: Task,
        *,
        workers: int,
        address: str | None = None,
        memory_bytes: int | None = None,
        seconds: float | None = None,
    ) -> None:
        self._limits = Limits(seconds, memory_bytes)
        self._slots = checked_workers(workers)
        self._cluster = Cluster(address, self._slots)
        self._ray: Any = self._cluster.ray
        try:
            self._block, self._made_of = self._shared(task)
        except BaseException:
            self._cluster.close()
            raise
        self._remote = self._ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(RayWorker)
        self._asked: deque[Asked] = deque()
        self._ended: deque[Outcome] = deque()
        self._fruitless = 0
        self._closed = False
        self._actors = [self._new() for _ in range(self._slots)]

    def _shared(self, task: Task) -> tuple[SharedBlock, tuple[object, ...]]:
        """The memory of a task, and what every worker is made of; arrays that are sent are an argument of their own."""
        recipe, arrays = task.split(mapped=self._cluster.is_local)
        block = SharedBlock(arrays if self._cluster.is_local else {})
        sent = self._ray.put({} if self._cluster.is_local else dict(arrays))
        return block, (recipe, sent, block.place, self._limits)

    @property
    def slots(self) -> int:
        """One per worker."""
        return self._slots

    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
        """Give a table to a worker that rests, or to the first that will."""
        refuse_closed(self._closed)
        self._asked.append(Asked(ticket, table, seeds, context))
        self._listen(0.0)
        self._hand_out()

    def wait(self, seconds: float) -> Outcome | None:
        """The next table that ended; None when none did in so many seconds, or none is out."""
        refuse_closed(self._closed)
        until = time.monotonic() + seconds
        while not self._ended:
            self._hand_out()
            if not self._asked and all(actor.ticket is None for actor in self._actors):
                return None
            next_deadline = min(actor.deadline for actor in self._actors)
            self._listen(max(0.0, min(until, next_deadline) - time.monotonic()))
            self._end_those_out_of_time()
            if time.monotonic() >= until:
                break
        return self._ended.popleft() if self._ended else None

    def close(self) -> None:
        """End the workers, the cluster if it was started here, and give the shared memory back."""
        if self._closed:
            return
        self._closed = True
        for actor in self._actors:
            self._ray.kill(actor.handle, no_restart=True)
        self._actors.clear()
        self._asked.clear()
        self._ended.clear()
        self._block.close()
        self._cluster.close()

    def _new(self) -> "_Actor":
        handle = self._remote.remote(*self._made_of)
        return _Actor(handle, handle.first_words.remote(), time.monotonic() + _START_SECONDS)

    def _hand_out(self) -> None:
        for actor in self._actors:
            if self._asked and actor.said is None:
                asked = self._asked.popleft()
                actor.said = actor.handle.answer.remote(question_of(asked.table, asked.seeds, asked.context))
                actor.ticket = asked.ticket
                seconds = self._limits.seconds
                actor.deadline = float("inf") if seconds is None else time.monotonic() + seconds

    def _listen(self, seconds: float) -> None:
        waiting = {actor.said: actor for actor in self._actors if actor.said is not None}
        if not waiting:
            return
        done, _ = self._ray.wait(list(waiting), num_returns=1, timeout=seconds)
        for said in done:
            self._take(waiting[said], *self._heard(said))

    def _heard(self, said: object) -> tuple[Answer | None, str]:
        """What a worker said, or nothing and how it was lost."""
        try:
            message: bytes = self._ray.get(said)
        except self._ray.exceptions.RayError as error:
            if type(error).__name__ not in _GONE:
                raise
            return None, f"{type(error).__name__}: its worker is gone"
        answer = read_answer(message)
        return (None, answer.lost) if answer.lost else (answer, "")

    def _take(self, actor: "_Actor", answer: Answer | None, cause: str) -> None:
        if answer is None:
            self._replace(actor, cause)
            return
        ticket, actor.ticket, actor.said, actor.deadline = actor.ticket, None, None, float("inf")
        if answer.raised is not None:
            if ticket is None:
                self.close()
            raise answer.raised
        if ticket is not None:
            self._fruitless = 0
            self._ended.append(Outcome(ticket, answer.columns, error=answer.error))

    def _end_those_out_of_time(self) -> None:
        now = time.monotonic()
        for actor in list(self._actors):
            if actor.deadline <= now:
                limit = self._limits.seconds
                self._replace(actor, f"it took longer than {limit:g} seconds" if limit else "it did not start")

    def _replace(self, actor: "_Actor", cause: str) -> None:
        self._ray.kill(actor.handle, no_restart=True)
        if actor.ticket is not None:
            self._ended.append(Outcome(actor.ticket, lost=True, cause=cause))
        else:
            self._fruitless += 1
        if self._fruitless >= MOST_FRUITLESS + self._slots:
            self.close()
            raise InvalidInput(
                f"workers of the Ray cluster do not stay alive (the last one: {cause})",
                fix="see that the cluster has the same Python, packages and files as this machine",
            )
        self._actors[self._actors.index(actor)] = self._new()


class RayWorker:
    """What runs in a worker of the cluster: builds the task once, then answers questions."""

    def __init__(self, recipe: Recipe, arrays: dict[str, SharedArray], place: BlockPlace, limits: Limits) -> None:
        self._first, self._evaluate = begun(lambda: recipe.build_on({**arrays, **place.arrays()}), limits)

    def first_words(self) -> bytes:
        """Whether the task could be built."""
        return self._first

    def answer(self, question: bytes) -> bytes:
        """The answer to one table."""
        evaluate: Evaluate | None = self._evaluate
        if evaluate is None:
            return self._first
        return answer_to(question, evaluate)


@dataclass(slots=True, eq=False)
class _Actor:
    """One worker: its handle, what it is about to say, and until when it may take."""

    handle: Any
    said: Any
    deadline: float
    ticket: int | None = None
