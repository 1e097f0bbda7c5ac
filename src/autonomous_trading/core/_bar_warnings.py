"""Suspicious but legal: what a person should know about bars before trusting a backtest on them."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core._arrays import BoolArray, IntArray
from autonomous_trading.core._bars import Bars
from autonomous_trading.core._calendar import DAY_NS, day_number, trades_every_day

_STALE_SHARE = 0.2
_LONG_STEP = 1.5
_USUAL_SHARE = 0.05
_FEWEST_DAYS = 5  # fewer do not show what is usual
_SESSION_DAYS_APART = 4  # Good Friday to Easter Monday, Christmas beside a weekend
_FEWEST_FOR_VOLUME = 10


@final
@dataclass(frozen=True, slots=True)
class BarWarning:
    """One thing to know: a short code, one sentence, and how many bars it concerns."""

    code: str
    message: str
    count: int


def inspect_bars(bars: Bars) -> tuple[BarWarning, ...]:
    """Warnings about bars that passed the door: stale opens, gaps, constant volume.

    Codes: "stale_open" (open equals the previous close on at least 20 % of bars: the opens may be made
    up), "gap" (bars are missing where the calendar expects them), "constant_volume".
    """
    found = (_stale_opens(bars), _gaps(bars), _constant_volume(bars))
    return tuple(warning for warning in found if warning is not None)


def _stale_opens(bars: Bars) -> BarWarning | None:
    count = int(np.count_nonzero(bars.open[1:] == bars.close[:-1]))
    if count == 0 or count < _STALE_SHARE * (len(bars) - 1):
        return None
    share = count / (len(bars) - 1)
    message = f"open equals the previous close on {share:.0%} of bars: fills at the open may flatter"
    return BarWarning("stale_open", message, count)


def _gaps(bars: Bars) -> BarWarning | None:
    if len(bars) < 3:
        return None
    missing = _long_breaks(bars.time) | _unusual_pauses(bars.time)
    count = int(np.count_nonzero(missing))
    if count == 0:
        return None
    longest = float(np.max(np.diff(bars.time)[missing])) / DAY_NS
    return BarWarning("gap", f"{count} gaps between bars, the longest {longest:.1f} days", count)


def _long_breaks(time: IntArray) -> BoolArray:
    """Steps over more days than the calendar leaves out: none in a market that never closes."""
    step = np.diff(time)
    allowed = 1 if trades_every_day(time) else _SESSION_DAYS_APART
    days_apart = np.diff(day_number(time))
    usual_days = float(np.median(step)) / DAY_NS
    return days_apart > max(float(allowed), _LONG_STEP * usual_days)


def _unusual_pauses(time: IntArray) -> BoolArray:
    """Steps longer than a bar that begin or end at an unusual time of day.

    Nights, lunch breaks and weekends begin and end at hours that come back on many days; a lost hour
    does not. Says nothing about daily and slower bars, nor about a few days of data.
    """
    step = np.diff(time)
    unusual = np.zeros(len(step), dtype=np.bool_)
    days = len(np.unique(day_number(time)))
    usual_step = float(np.median(step))
    if usual_step >= DAY_NS or days < _FEWEST_DAYS:
        return unusual
    long: BoolArray = step > _LONG_STEP * usual_step
    fewest = max(2.0, _USUAL_SHARE * days)
    for hour in (time[:-1][long] % DAY_NS, time[1:][long] % DAY_NS):
        _, kind, times = np.unique(hour, return_inverse=True, return_counts=True)
        unusual[long] |= times[kind] < fewest
    return unusual


def _constant_volume(bars: Bars) -> BarWarning | None:
    if len(bars) < _FEWEST_FOR_VOLUME or np.any(bars.volume != bars.volume[0]):
        return None
    message = f"volume is {bars.volume[0]:g} on every bar: it says nothing"
    return BarWarning("constant_volume", message, len(bars))
