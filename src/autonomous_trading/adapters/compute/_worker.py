"""A worker process as seen by the one who started it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, final

from autonomous_trading.adapters.compute._messages import Answer, read_answer
from autonomous_trading.adapters.compute._serving import Order, serve

__all__ = ["Worker", "end_all"]

_START_SECONDS: Final = 120.0
_PATIENCE: Final = 0.5  # for those that are asked to leave
_REAPED: Final = 5.0  # after this long a killed process is the kernel's to end
_CONTEXT: Final = multiprocessing.get_context("spawn")


@final
class Worker:
    """One process with a pipe: what it works on, and until when it may."""

    def __init__(self, order: Order) -> None:
        ours, theirs = _CONTEXT.Pipe()
        self.pipe: Final = ours
        self.process: Final = _CONTEXT.Process(target=serve, args=(theirs, order), daemon=True, name="autotrade-worker")
        self.ready = False
        self.ticket: int | None = None
        self.deadline = time.monotonic() + _START_SECONDS
        with _without_interrupts():
            self.process.start()
        theirs.close()

    @property
    def idle(self) -> bool:
        """Whether it may be asked."""
        return self.ready and self.ticket is None

    def ask(self, ticket: int, question: bytes, seconds: float | None) -> None:
        """Give it a table; that it died in the meantime is noticed when it is listened to."""
        self.ticket = ticket
        self.deadline = float("inf") if seconds is None else time.monotonic() + seconds
        with suppress(OSError):
            self.pipe.send_bytes(question)

    def heard(self) -> Answer | None:
        """What it says; None when it is gone."""
        try:
            return read_answer(self.pipe.recv_bytes()) if self.pipe.poll() else None
        except (EOFError, OSError):
            return None

    def rest(self) -> None:
        """It has nothing to do, and all the time for it."""
        self.ready, self.ticket, self.deadline = True, None, float("inf")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to what it started."""
        pid = self.process.pid
        with suppress(OSError):
            if pid is not None:
                os.killpg(pid, number)
        with suppress(OSError, ValueError):
            if pid is not None and self.process.is_alive():
                os.kill(pid, number)

    def end(self, patience: float = 0.0) -> str:
        """Kill it if it is not dead after so many seconds; how it ended, in words."""
        self.process.join(patience)
        self.signal(signal.SIGKILL)
        self.pipe.close()
        self.process.join(_REAPED)
        code = self.process.exitcode
        with suppress(ValueError):  # it hangs in the kernel: it is the kernel's to end
            self.process.close()
        if code is None:
            return "it could not be ended"
        return f"killed by {_signal_name(-code)}" if code < 0 else f"ended with exit code {code}"


def end_all(workers: list[Worker]) -> None:
    """End every worker: those that rest go by themselves, the others are told to, and killed if they do not listen."""
    for worker in workers:
        if not worker.idle:
            worker.signal(signal.SIGTERM)
        worker.pipe.close()
    until = time.monotonic() + _PATIENCE
    for worker in workers:
        worker.process.join(max(0.0, until - time.monotonic()))
    while workers:
        workers.pop().end()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Whatever is started in here gets no interrupt before it can refuse it: its mask is that of this thread."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
