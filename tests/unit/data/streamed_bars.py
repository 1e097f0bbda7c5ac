"""Bars of a small market, as they come in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autonomous_trading.core import Timeframe
from autonomous_trading.data import Sessions, around_the_clock
from autonomous_trading.data.streaming import Arrival, BarGrid, MergeSettings, Outcome

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 20_000 * DAY  # a Friday: 2024-10-04


def always(timeframe: str = "1m", days: int = 10) -> BarGrid:
    return BarGrid(Timeframe.of(timeframe), around_the_clock(START, START + days * DAY))


def weekdays(timeframe: str = "1m") -> BarGrid:
    """Friday to Tuesday, 14:30 to 21:00 UTC; on the Monday until 18:00, with a break from 16:00 to 16:30."""
    date = START + np.array([0, 3, 4], dtype=np.int64) * DAY
    close = date + np.array([21, 18, 21], dtype=np.int64) * HOUR
    pause = np.array([[date[1] + 16 * HOUR, date[1] + 16 * HOUR + 30 * MINUTE]], dtype=np.int64)
    return BarGrid(Timeframe.of(timeframe), Sessions("TEST", date, date + 14 * HOUR + 30 * MINUTE, close, pause))


def bar(index: int, *, close: float | None = None, start: int = START, step: int = MINUTE, **fields: object) -> Arrival:
    """Bar number `index`, received two seconds after it was over."""
    time = start + index * step
    at = 100.0 + index % 7 if close is None else close
    made = Arrival(time, at, at + 1.0, at - 1.0, at, float(index % 5), time + step + 2 * SECOND)
    return replace(made, **fields)  # type: ignore[arg-type]


def settings(lateness: int = 3, **more: int) -> MergeSettings:
    return MergeSettings(always(), lateness, **more)


def kinds(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [each.kind for each in outcomes]


def emitted(outcomes: tuple[Outcome, ...]) -> list[Arrival]:
    return [each.bar for each in outcomes if each.bar is not None]
