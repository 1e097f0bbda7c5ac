"""Questions beside the loop: answered in order, failures handed on, and nobody who leaves is held up by one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from autonomous_trading.adapters.streams._questions import Questions
from autonomous_trading.core import SourceUnavailable

LEAVING = """
import asyncio, threading
from autonomous_trading.adapters.streams._questions import Questions

async def leave():
    asked, questions = threading.Event(), Questions("stuck")
    def never():
        asked.set()
        threading.Event().wait()
    waiting = [asyncio.create_task(questions.answer(never)) for _ in range(2)]
    while not asked.is_set():
        await asyncio.sleep(0.01)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    questions.close()

asyncio.run(leave())
print("left")
"""
POLLING = """
import asyncio, threading
from contextlib import aclosing
from autonomous_trading.adapters.streams import LiveFeed, PollingStream, SystemClock, live_bars
from autonomous_trading.app.market_data import BarProvider, Capabilities, LiveSettings
from autonomous_trading.core import Timeframe
from autonomous_trading.data import SeriesKey, around_the_clock
from autonomous_trading.data.streaming import BarGrid
from autonomous_trading.testing.catalogue import MemoryCatalogue

class Stuck(BarProvider):
    name = "stuck"
    def capabilities(self):
        return Capabilities(("1m",), calendar="24/7")
    def pages(self, request):
        threading.Event().wait()
        yield
    def close(self):
        pass

async def leave():
    clock, stuck, minute = SystemClock(), Stuck(), Timeframe.of("1m")
    feed = LiveFeed(PollingStream(stuck, clock), stuck, MemoryCatalogue(), clock)
    day = 86_400_000_000_000
    grid = BarGrid(minute, around_the_clock(clock.now() - day, clock.now() + day))
    async with aclosing(live_bars(feed, LiveSettings(SeriesKey("stuck", "X", minute), grid))) as events:
        async for event in events:
            print(event.kind)
            await asyncio.sleep(0.2)
            return

asyncio.run(leave())
print("left")
"""


@pytest.mark.parametrize(("script", "said"), [(LEAVING, "left"), (POLLING, "connected left")])
def test_who_leaves_does_not_wait_for_an_answer_that_never_comes(script: str, said: str) -> None:
    """With threads that are joined at exit this would hang until the limit here, which is far away."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, said.split(), "")


def test_answers_come_in_order_and_failures_are_handed_on() -> None:
    seen: list[int] = []

    def fail() -> None:
        raise SourceUnavailable("away", fix="wait")

    def note(k: int) -> str:
        seen.append(k)
        return threading.current_thread().name

    async def asked() -> list[object]:
        questions = Questions("order")
        found = await asyncio.gather(
            *(questions.answer(partial(note, k)) for k in range(5)),
            questions.answer(fail),
            questions.answer(lambda: "after"),
            return_exceptions=True,
        )
        questions.close()
        return list(found)

    *names, failure, after = asyncio.run(asked())
    assert (seen, names, after) == ([0, 1, 2, 3, 4], ["order"] * 5, "after")
    assert isinstance(failure, SourceUnavailable)


def test_what_was_asked_and_not_begun_is_not_asked_after_the_end() -> None:
    begun, go = threading.Event(), threading.Event()
    asked: list[int] = []

    def first() -> None:
        begun.set()
        go.wait(20)

    async def closed() -> list[object]:
        questions = Questions("closed")
        tasks = [asyncio.create_task(questions.answer(first))]
        tasks.append(asyncio.create_task(questions.answer(lambda: asked.append(1))))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        questions.close()
        go.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    found = asyncio.run(closed())
    assert found[0] is None
    assert isinstance(found[1], asyncio.CancelledError)
    assert asked == []
