"""What comes in: one bar at a time, and the word of a source that a time holds no more bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import InvalidInput
from autonomous_trading.data._raw_bars import COLUMNS, RawBars
from autonomous_trading.data._requests import Span
from autonomous_trading.data._screening import screened

__all__ = ["ORIGINS", "Arrival", "Settled", "broken_rule"]

ORIGINS: Final = ("history", "stream", "poll")


@final
@dataclass(frozen=True, slots=True)
class Arrival:
    """One bar as it reached us: `time` is its start and `received_at` when it came, both UTC nanoseconds.

    Nothing is checked but the origin: "history" (asked for afterwards), "stream" (sent to us), "poll" (asked for
    again and again). `extra` are further columns the source sends, by name; whether two bars are the same is decided
    without them.
    """

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    received_at: int
    origin: str = "stream"
    extra: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if self.origin not in ORIGINS:
            raise InvalidInput(f"unknown origin {self.origin!r}", fix=f"use one of {', '.join(ORIGINS)}")

    @property
    def values(self) -> tuple[float, float, float, float, float]:
        """Open, high, low, close and volume."""
        return (self.open, self.high, self.low, self.close, self.volume)

    @staticmethod
    def all_of(raw: RawBars, origin: str) -> "list[Arrival]":
        """The rows of RawBars, one arrival each, in the order they have."""
        columns = [getattr(raw, name).tolist() for name in ("time", *COLUMNS)]
        more = [[(name, value) for value in raw.extra[name].tolist()] for name in raw.extra]
        extras = list(zip(*more, strict=True)) if more else [()] * len(raw)
        at, who, rows = raw.received_at, origin, zip(*columns, extras, strict=True)
        return [Arrival(t, o, h, low, c, v, at, who, extra) for t, o, h, low, c, v, extra in rows]

    @staticmethod
    def as_raw(arrivals: "Sequence[Arrival]", symbol: str) -> RawBars:
        """The same rows as RawBars, received when the last of them was."""
        table = np.array([each.values for each in arrivals], dtype=np.float64).reshape(-1, 5)
        time = np.array([each.time for each in arrivals], dtype=np.int64)
        received_at = max((each.received_at for each in arrivals), default=0)
        opened, high, low, close, volume = table.T
        extras = [dict(each.extra) for each in arrivals]
        names = dict.fromkeys(name for each in extras for name in each)
        extra = {name: np.array([each.get(name, math.nan) for each in extras], dtype=np.float64) for name in names}
        return RawBars(symbol, time, opened, high, low, close, volume, received_at, extra)


@final
@dataclass(frozen=True, slots=True)
class Settled:
    """There are no bars in this span but those that came: its source says so, or a person who looked."""

    span: Span
    received_at: int


def broken_rule(arrival: Arrival) -> str:
    """The code in `data.REASONS` of the first rule that a bar breaks, or "" for a sound one."""
    # Every comparison with NaN is false, so a bar that keeps these rules has no NaN in it.
    inside = arrival.low <= arrival.open <= arrival.high and arrival.low <= arrival.close <= arrival.high
    finite = arrival.low > 0.0 and arrival.high < math.inf and 0.0 <= arrival.volume < math.inf
    if inside and finite and arrival.time > 0:
        return ""
    return screened(Arrival.as_raw([arrival], "")).reasons[0]
