"""The one door to executors."""

from typing import Final

from autonomous_trading.adapters.compute._inline import InlineExecutor
from autonomous_trading.adapters.compute._processes import ProcessExecutor
from autonomous_trading.adapters.compute._ray import RayExecutor
from autonomous_trading.adapters.compute._settings import checked_workers
from autonomous_trading.app import Executor, Task
from autonomous_trading.core import InvalidInput, unknown_name

__all__ = ["KINDS", "open_executor"]

KINDS: Final = ("inline", "processes", "ray")


def open_executor(
    kind: str,
    task: Task,
    workers: int = 1,
    *,
    address: str | None = None,
    memory_bytes: int | None = None,
    seconds: float | None = None,
) -> Executor:
    """An executor of this kind, to be closed by whoever opened it.

    kind: "inline" (this process), "processes" (this machine) or "ray" (a cluster, on this machine unless `address` or
    RAY_ADDRESS names another). seconds, memory_bytes: what a table may take before its worker is ended; nothing
    ends what runs inline, so they are refused there. Raises UnknownName or InvalidInput.
    """
    if kind not in KINDS:
        raise unknown_name("executor", kind, KINDS)
    checked_workers(workers)
    if address is not None and kind != "ray":
        raise InvalidInput(f"address is for a Ray cluster, not for {kind!r}", fix='leave it out, or use "ray"')
    if kind == "inline":
        return _inline(task, workers, memory_bytes, seconds)
    if kind == "processes":
        return ProcessExecutor(task, processes=workers, memory_bytes=memory_bytes, seconds=seconds)
    return RayExecutor(task, workers=workers, address=address, memory_bytes=memory_bytes, seconds=seconds)


def _inline(task: Task, workers: int, memory_bytes: int | None, seconds: float | None) -> InlineExecutor:
    if workers != 1:
        raise InvalidInput(f"inline there is one worker; got workers={workers}", fix='use "processes"')
    if memory_bytes is not None or seconds is not None:
        raise InvalidInput("nothing can end what runs inline, so it has no limits", fix='use "processes"')
    return InlineExecutor(task.build())
