"""Suspicious but legal: what a person should know about bars before trusting a backtest on them."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.core._arrays import BoolArray, IntArray
from autonomous_trading.core._bars import Bars
from autonomous_trading.core._calendar import DAY_NS, day_number, infer_bars_per_year, time_text, trades_every_day

_STALE_SHARE = 0.2
_LONG_STEP = 1.5
_USUAL_SHARE = 0.05
_FEWEST_DAYS = 5  # fewer do not show what is usual
_SESSION_DAYS_APART = 4  # Good Friday to Easter Monday, Christmas beside a weekend
_FEWEST_FOR_VOLUME = 10
_LEAP = 1.7  # a 2:1 split on a day that rises by 17 % still leaps
_FEWEST_FOR_YEARS = 50
_FEWEST_DAYS_FOR_YEARS = 60.0
_DAYS_IN_YEAR = 365.25
_YEARS_APART = 1.5


@final
@dataclass(frozen=True, slots=True)
class BarWarning:
    """One thing to know: a short code, one sentence, and how many bars it concerns."""

    code: str
    message: str
    count: int


def inspect_bars(bars: Bars) -> tuple[BarWarning, ...]:
    """Warnings about bars that passed the door, one of each kind at most.

    Codes: "stale_open" (open equals the previous close on at least 20 % of bars: the opens may be made
    up), "gap" (bars are missing where the calendar expects them), "mixed_bars" (bars of several lengths),
    "leap" (a close 1.7 times the one before, or the reverse), "constant_volume".
    """
    found = (_stale_opens(bars), _gaps(bars), mixed_bars(bars.time), _leaps(bars), _constant_volume(bars))
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
    gaps = "1 gap between bars of" if count == 1 else f"{count:,} gaps between bars, the longest"
    return BarWarning("gap", f"{gaps} {longest:.1f} days", count)


def mixed_bars(time: IntArray) -> BarWarning | None:
    """Warning "mixed_bars" where the calendar holds far more or fewer bars a year than their usual distance says.

    Annual figures (Sharpe ratio, volatility, cagr) count in bars, so they mean little then.
    """
    if len(time) < _FEWEST_FOR_YEARS:
        return None
    days = float(time[-1] - time[0]) / DAY_NS
    if days < _FEWEST_DAYS_FOR_YEARS:
        return None
    counted, assumed = (len(time) - 1) / (days / _DAYS_IN_YEAR), infer_bars_per_year(time)
    if 1.0 / _YEARS_APART <= counted / assumed <= _YEARS_APART:
        return None
    message = (
        f"bars of several lengths, or most are missing: the calendar has {counted:,.0f} bars a year, annual figures"
        f" assume {assumed:,.0f}"
    )
    return BarWarning("mixed_bars", message, len(time))


def _leaps(bars: Bars) -> BarWarning | None:
    """Closes that differ by a factor of 1.7 or more: a split that was not adjusted, or a wrong price."""
    if len(bars) < 2:
        return None
    ratio = bars.close[1:] / bars.close[:-1]
    leaps = np.flatnonzero((ratio >= _LEAP) | (ratio <= 1.0 / _LEAP))
    if not len(leaps):
        return None
    row = int(leaps[np.argmax(np.abs(np.log(ratio[leaps])))]) + 1
    largest = f"{time_text(int(bars.time[row]))}: {bars.close[row - 1]:g} to {bars.close[row]:g}"
    bars_of = "on 1 bar" if len(leaps) == 1 else f"on {len(leaps):,} bars, most"
    message = f"the close leaps {bars_of} at {largest}: a split that is not adjusted, or a wrong price"
    return BarWarning("leap", message, len(leaps))


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
    # Half days end a session early a few times a year; a pause within a day has to come on many days.
    overnight = np.diff(day_number(time))[long] > 0
    fewest = np.where(overnight, 2.0, max(2.0, _USUAL_SHARE * days))
    for hour in (time[:-1][long] % DAY_NS, time[1:][long] % DAY_NS):
        _, kind, times = np.unique(hour, return_inverse=True, return_counts=True)
        unusual[long] |= times[kind] < fewest
    return unusual


def _constant_volume(bars: Bars) -> BarWarning | None:
    if len(bars) < _FEWEST_FOR_VOLUME or np.any(bars.volume != bars.volume[0]):
        return None
    message = f"volume is {bars.volume[0]:g} on every bar: it says nothing"
    return BarWarning("constant_volume", message, len(bars))
