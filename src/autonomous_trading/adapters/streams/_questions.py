"""Questions to a provider beside the loop, one after another; who leaves does not wait for the last answer."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import TypeAlias, TypeVar, final

__all__ = ["Questions"]

_Answer = TypeVar("_Answer")
_Job: TypeAlias = Callable[[], None]


@final
class Questions:
    """One thread that asks. The threads of `concurrent.futures` are joined when Python exits, this one is not.

    So a provider that takes a minute to answer, or never does, holds up nobody who is done. Only reads are asked here:
    what would have to be finished (a bar on its way to the catalogue) is none of its business.
    """

    def __init__(self, name: str) -> None:
        self._name, self._closed = name, False
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def answer(self, question: Callable[[], _Answer]) -> _Answer:
        """What the question returns or raises, after those before it."""
        future: Future[_Answer] = Future()
        self._jobs.put(lambda: self._ask(question, future))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Ask nothing any more; an answer that is under way comes to nobody."""
        self._closed = True
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _ask(self, question: Callable[[], _Answer], future: "Future[_Answer]") -> None:
        if self._closed or not future.set_running_or_notify_cancel():
            future.cancel()
            return
        with _ToldTo(future):
            future.set_result(question())


@final
class _ToldTo:
    """Hands what is raised inside to whoever waits for the answer, whatever it is."""

    def __init__(self, future: "Future[_Answer]") -> None:
        self._fail = future.set_exception

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self._fail(error)
        return True
