"""A market with opening hours: gaps overnight, and days that are loud at both ends."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import Bars, BoolArray, FloatArray, IntArray, InvalidInput, Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.testing.markets._simulated import SimulatedMarket, bars_along, simulated, stream

__all__ = ["SessionLaw", "SessionTruth", "made_up_sessions", "session_market"]

_MINUTE_NS: Final = 60_000_000_000
_HOUR_NS: Final = 60 * _MINUTE_NS
_DAY_NS: Final = 24 * _HOUR_NS


@final
@dataclass(frozen=True, slots=True, eq=False)
class SessionTruth:
    """`session` of every bar, the `volatility` of its log return from open to close, and the `gap` before it (log).

    The gap is 0 where a bar is not the first of its session. `shape` is the variance of a minute by its place in a
    whole session, with mean 1.
    """

    session: IntArray
    volatility: FloatArray
    gap: FloatArray
    shape: FloatArray


def made_up_sessions(count: int, first: str = "2015-01-02") -> Sessions:
    """Sessions like those of New York, by rule and without a calendar library: UTC, with summer time and half days.

    Monday to Friday 09:30 to 16:00 local time; closed on 1 January, 4 July, 25 December and the fourth Thursday of
    November, closing at 13:00 on the day after that. The real exchange has more holidays.
    """
    days = np.busday_offset(np.datetime64(first, "D"), np.arange(count + count // 20 + 10), roll="forward")
    thursday = _nth_weekday(days, month=11, number=4, weekday="Thu")
    fixed = [days == _day_of_year(days, month, day) for month, day in ((1, 1), (7, 4), (12, 25))]
    open_days = days[~(np.logical_or.reduce(fixed) | (days == thursday))][:count]
    half = open_days == _nth_weekday(open_days, month=11, number=4, weekday="Thu") + np.timedelta64(1, "D")
    summer = (open_days >= _nth_weekday(open_days, month=3, number=2, weekday="Sun")) & (
        open_days < _nth_weekday(open_days, month=11, number=1, weekday="Sun")
    )
    date = open_days.astype("datetime64[ns]").astype(np.int64)
    behind = np.where(summer, 4 * _HOUR_NS, 5 * _HOUR_NS)
    opening = date + behind + 9 * _HOUR_NS + 30 * _MINUTE_NS
    closing = date + behind + np.where(half, 13 * _HOUR_NS, 16 * _HOUR_NS)
    return Sessions("MADE-UP", date, opening, closing, np.empty((0, 2), dtype=np.int64))


@final
@dataclass(frozen=True, slots=True)
class SessionLaw:
    """The deviation of a session's log return from close to close, and where in the session it comes from.

    The share `overnight` of the variance is the gap before the open, the rest is spread over the minutes along a
    parabola: at the edges of the session `edge` times the variance of the middle. `start` is the first price.
    """

    volatility: float = 0.012
    overnight: float = 0.3
    edge: float = 3.0
    start: float = 100.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.overnight <= 1.0 and min(self.volatility, self.edge, self.start) > 0.0):
            raise InvalidInput(
                f"overnight is a share and not {self.overnight:g}, or volatility, edge and start are not above 0",
                fix="use overnight=0.3",
            )


def session_market(
    sessions: Sessions, seed: int, law: SessionLaw = SessionLaw(), *, timeframe: str = "5m"
) -> SimulatedMarket[SessionTruth]:
    """Bars of a market that is open in these sessions only, "1m" to "1d", loud at both ends of a session.

    A U-shape as Wood, McInish and Ord (1985) found it. A half day has the variance of its length. Bars begin at the
    open and every timeframe after it; days carry 00:00 UTC of the session date. Bars that begin in a break are left
    out. The same seed gives the same minutes whatever the timeframe. Raises InvalidInput.
    """
    length = _checked_length(sessions, timeframe)
    minutes = ((sessions.close - sessions.open) // _MINUTE_NS).astype(np.int64)
    longest = int(minutes.max())
    shape = _parabola(longest, law.edge)
    session = np.repeat(np.arange(len(sessions), dtype=np.int64), minutes)
    place = np.arange(len(session)) - np.repeat(np.cumsum(minutes) - minutes, minutes)
    # A half day is loud at its own edges: places are stretched to those of a whole session.
    stretched = np.minimum((place + 0.5) * (longest / minutes[session]), longest - 0.5).astype(np.int64)
    inside = law.volatility * np.sqrt((1.0 - law.overnight) * shape[stretched] / longest)
    steps = inside * stream(seed, "minute").standard_normal(len(session))
    gaps = law.volatility * np.sqrt(law.overnight) * stream(seed, "overnight").standard_normal(len(sessions))
    gaps[0] = 0.0
    first = place == 0
    gap = np.where(first, gaps[session], 0.0)
    level = np.log(law.start) + np.cumsum(steps + gap)
    closes = np.exp(level)
    opens = np.where(first, np.exp(level - steps), np.concatenate((closes[:1], closes[:-1])))
    fine = bars_along(
        sessions.open[session] + place * _MINUTE_NS,
        opens,
        closes,
        inside,
        stream(seed, "path"),
        "SESSIONS",
    )
    begins = first | (place % (length // _MINUTE_NS) == 0) if length < _DAY_NS else first
    bars, rows = _joined(fine, begins, sessions.date[session] if length >= _DAY_NS else fine.time)
    kept = _outside_breaks(bars.time, sessions) if length < _DAY_NS else np.ones(len(bars), dtype=np.bool_)
    truth = SessionTruth(
        session[rows][kept], np.sqrt(np.add.reduceat(inside * inside, rows))[kept], gap[rows][kept], shape
    )
    kept_bars = {"SESSIONS": _only(bars, kept)}
    return simulated("session_market", seed, law, kept_bars, truth, timeframe=timeframe)


def _checked_length(sessions: Sessions, timeframe: str) -> int:
    length = Timeframe.of(timeframe).ns
    if length % _MINUTE_NS or length > _DAY_NS:
        raise InvalidInput(f"sessions are made of bars of 1m to 1d, not {timeframe}", fix='use "5m"')
    if not len(sessions):
        raise InvalidInput("there is no session", fix="give one session or more")
    return length


def _parabola(longest: int, edge: float) -> FloatArray:
    """Variance by minute, `edge` times as high at both ends as in the middle, with mean 1."""
    along = (np.arange(longest) + 0.5) / longest
    shape = 1.0 + (edge - 1.0) * (2.0 * along - 1.0) ** 2
    return np.asarray(shape / shape.mean(), dtype=np.float64)


def _joined(fine: Bars, begins: BoolArray, time: IntArray) -> tuple[Bars, IntArray]:
    """The bars that begin at some of the finer ones, and the rows at which they do."""
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(fine)) - 1
    joined = Bars(
        time[first],
        fine.open[first],
        np.maximum.reduceat(fine.high, first),
        np.minimum.reduceat(fine.low, first),
        fine.close[last],
        np.add.reduceat(fine.volume, first),
        fine.symbol,
    )
    return joined, first


def _outside_breaks(time: IntArray, sessions: Sessions) -> BoolArray:
    kept = np.ones(len(time), dtype=np.bool_)
    for start, stop in sessions.breaks.tolist():
        kept &= (time < start) | (time >= stop)
    return kept


def _only(bars: Bars, kept: BoolArray) -> Bars:
    columns = {name: getattr(bars, name)[kept] for name in ("time", "open", "high", "low", "close", "volume")}
    return Bars(**columns, symbol=bars.symbol)


def _month_start(days: np.ndarray, month: int) -> np.ndarray:
    return (days.astype("datetime64[Y]") + np.timedelta64(month - 1, "M")).astype("datetime64[D]")


def _day_of_year(days: np.ndarray, month: int, day: int) -> np.ndarray:
    return _month_start(days, month) + np.timedelta64(day - 1, "D")


def _nth_weekday(days: np.ndarray, *, month: int, number: int, weekday: str) -> np.ndarray:
    """The second Sunday of March and its like, in the year of each day."""
    return np.busday_offset(_month_start(days, month), number - 1, roll="forward", weekmask=weekday)
