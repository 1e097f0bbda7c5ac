"""What a worker process does from its start to its end."""

import fcntl
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import final

from autonomous_trading.adapters.compute._messages import READY, answer_to, failure_message, whole
from autonomous_trading.adapters.compute._settings import Limits
from autonomous_trading.adapters.compute._shared_block import BlockPlace
from autonomous_trading.app import Evaluate, Recipe
from autonomous_trading.core import InvalidInput, TradingError, code_of

__all__ = ["Order", "begun", "serve"]


@final
@dataclass(frozen=True, slots=True)
class Order:
    """All a worker of this machine is told at its start."""

    recipe: Recipe
    place: BlockPlace
    limits: Limits


def serve(pipe: Connection, order: Order) -> None:
    """Answer what comes through the pipe until it is closed, or until the process that started this one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the process that waits
    os.setpgid(0, 0)  # so that what a person's code starts ends with the worker
    os.dup2(2, 1)  # what a person's code prints must not get into an answer on stdout
    _end_with_parent()
    first, evaluate = begun(lambda: order.recipe.build_on(order.place.arrays()), order.limits)
    try:
        pipe.send_bytes(first)
        while evaluate is not None:
            pipe.send_bytes(answer_to(pipe.recv_bytes(), evaluate))
    except (EOFError, OSError):
        return  # nobody listens any more


def begun(build: Callable[[], Evaluate], limits: Limits) -> tuple[bytes, Evaluate | None]:
    """The first words of a worker, and what it evaluates with; nothing where that cannot be built."""
    try:
        evaluate = _built(build)
        _limit_memory(limits.memory_bytes)
    except TradingError as error:
        return failure_message(error), None
    return READY, evaluate


def _built(build: Callable[[], Evaluate]) -> Evaluate:
    try:
        with code_of("the start of a worker"):
            return build()
    except TradingError:
        raise
    except (Exception, SystemExit) as error:
        raise whole(error) from error


def _end_with_parent() -> None:
    """Let this process, and what it starts, be killed when its parent is gone.

    On Linux the kernel does it, so that it also happens to code that never lets go of the interpreter. It watches the
    parent, not the thread that started this process, as PR_SET_PDEATHSIG would.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os.killpg(os.getpid(), signal.SIGKILL)


def _limit_memory(extra: int | None) -> None:
    """Let this process grow by so many bytes from here: beyond them allocations fail, and with them the process."""
    if extra is None:
        return
    import resource

    pages = Path("/proc/self/statm")
    if not pages.exists():
        raise InvalidInput("memory_bytes needs Linux", fix="leave it out")
    used = int(pages.read_text().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = used + extra
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
