"""Progress on stderr: nothing for the first second, then a bar with rate and time left, or plain lines."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, final

from autonomous_trading.interfaces.cli._output import console

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Meter", "announce_first_run", "progress"]

_QUIET_SECONDS = 1.0
_LINE_SECONDS = 5.0


@contextmanager
def progress(title: str, unit: str, *, quiet: bool) -> "Iterator[Meter | None]":
    """A meter to hand to the Python face as `progress`; None when nobody wants to see one."""
    if quiet:
        yield None
        return
    meter = Meter(title, unit)
    try:
        yield meter
    finally:
        meter.close()


@final
class Meter:
    """Called with (done, total), it shows how far things are, how fast they go and when they end."""

    def __init__(
        self, title: str, unit: str, *, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._title = title
        self._unit = unit
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._started = clock()
        self._next_line = self._started + _QUIET_SECONDS
        self._bar: Progress | None = None
        self._task: Any = None

    def __call__(self, done: int, total: int | None) -> None:
        now = self._clock()
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)
        elif now >= self._next_line and self._stream.isatty():
            self._open(done, total, now)
        elif now >= self._next_line:
            self._next_line = now + _LINE_SECONDS
            print(self._line(done, total, now - self._started), file=self._stream, flush=True)

    def close(self) -> None:
        """Take the bar away; plain lines stay."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _open(self, done: int, total: int | None, now: float) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:,.0f} " + self._unit),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console(stderr=True),
            transient=True,
            get_time=self._clock,
        )
        rate = f"{done / max(now - self._started, 1e-9):,.0f}/s"
        self._task = self._bar.add_task(self._title, total=total, completed=done, rate=rate)
        self._bar.start()

    def _line(self, done: int, total: int | None, elapsed: float) -> str:
        rate = done / max(elapsed, 1e-9)
        text = f"{self._title}: {done:,}"
        if total:
            text += f" of {total:,}"
        text += f" {self._unit}, {rate:,.0f}/s"
        if total and rate > 0.0:
            text += f", {max(total - done, 0) / rate:,.0f} s left"
        return text


def announce_first_run(*, quiet: bool) -> None:
    """Say why the first run takes long: the simulator is compiled once and kept on the disk."""
    if quiet:
        return
    from autonomous_trading.core.jit import cache_directory

    folder = cache_directory()
    if not any(folder.rglob("*.nbi")):
        print("first run: compiling the simulator; later runs start at once", file=sys.stderr, flush=True)
