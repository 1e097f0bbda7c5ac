"""Progress on stderr: nothing for the first second, then a bar with rate and time left, or plain lines."""

import math
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
def progress(title: str, unit: str, *, quiet: bool) -> "Iterator[Meter]":
    """A meter to hand to the Python face as `progress`; a quiet one measures and shows nothing."""
    meter = Meter(title, unit, quiet=quiet)
    try:
        yield meter
    finally:
        meter.close()


@final
class Meter:
    """Called with (done, total), it shows how far things are, how fast they go and when they end."""

    def __init__(
        self,
        title: str,
        unit: str,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        quiet: bool = False,
    ) -> None:
        self._title = title
        self._unit = unit
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._next_line = math.inf if quiet else clock() + _QUIET_SECONDS
        # Rate and time left count from the first call: what came before it was loading and compiling.
        self._first: tuple[float, int] | None = None
        self._last = 0
        self.speed = 0.0
        """How many a second, start-up not counted; 0 where all of it came at once."""
        self._bar: Progress | None = None
        self._task: Any = None

    def __call__(self, done: int, total: int | None) -> None:
        now = self._clock()
        if self._first is None or done < self._last:  # what is counted from here on is something else
            self._first = now, done
        self._last = done
        self.speed = self._speed(done, now)
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, rate=self._rate())
        elif now >= self._next_line and self._stream.isatty():
            self._open(done, total)
        elif now >= self._next_line and done > self._first[1]:
            self._next_line = now + _LINE_SECONDS
            print(self._line(done, total), file=self._stream, flush=True)

    def close(self) -> None:
        """Take the bar away; plain lines stay."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _open(self, done: int, total: int | None) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:,.0f} " + self._unit + "{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console(stderr=True),
            transient=True,
            get_time=self._clock,
        )
        self._task = self._bar.add_task(self._title, total=total, completed=done, rate=self._rate())
        self._bar.start()

    def _line(self, done: int, total: int | None) -> str:
        known = f" of {total:,}" if total else ""
        left = f", {max(total - done, 0) / self.speed:,.0f} s left" if total and self.speed else ""
        return f"{self._title}: {done:,}{known} {self._unit}{self._rate()}{left}"

    def _rate(self) -> str:
        return f", {self.speed:,.0f}/s" if self.speed >= 10.0 else f", {self.speed:.1f}/s" if self.speed else ""

    def _speed(self, done: int, now: float) -> float:
        start, before = self._first or (now, done)
        return (done - before) / (now - start) if now > start else 0.0


def announce_first_run(*, quiet: bool) -> None:
    """Say why the first run takes long: the simulator is compiled once and kept on the disk."""
    if quiet:
        return
    from autonomous_trading.core.jit import cache_directory

    folder = cache_directory()
    if not any(folder.rglob("*.nbi")):
        print("first run: compiling the simulator; later runs start at once", file=sys.stderr, flush=True)
