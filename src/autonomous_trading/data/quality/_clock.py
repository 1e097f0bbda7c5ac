"""Times in another zone than they claim: found by when the exchange is open."""

from collections import Counter
from typing import Final

import numpy as np

from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data._sessions import Sessions
from autonomous_trading.data.quality._expected import DAY_NS, expected_starts, inside
from autonomous_trading.data.quality._findings import Finding

__all__ = ["daily_time_note", "zone_findings"]

_HOUR_NS: Final = 3_600_000_000_000
_SHIFTS: Final = tuple(sorted(range(-14, 15), key=lambda hours: (abs(hours), hours)))
_FITS: Final = 0.9  # so many bars of a month lie in the sessions when its hours are right, holidays or not
_GAIN: Final = 0.05
_FEWEST_IN_MONTH: Final = 20
_SHARE_OF_MONTHS: Final = 0.15
_MOST_MONTHS: Final = 0.9
_OFTEN, _HARDLY = 0.1, 0.02  # of a weekday's usual fifth: a day that is there, and one that is not


def zone_findings(time: IntArray, sessions: Sessions, timeframe: Timeframe) -> list[Finding]:
    """An error where whole hours, or a day, lie between the times and the sessions."""
    if not len(time) or not len(sessions) or sessions.always_open:
        return []
    if timeframe.is_intraday:
        return _hours_off(time, sessions, timeframe)
    return _days_off(time, sessions) if timeframe == Timeframe(1, "d") else []


def daily_time_note(time: IntArray, timeframe: Timeframe) -> list[Finding]:
    """A note where daily or longer bars do not begin at 00:00 UTC: which date is meant has to be guessed then."""
    if timeframe.is_intraday:
        return []
    other = time % DAY_NS != 0
    count = int(other.sum())
    if not count:
        return []
    clock = Counter((time[other] % DAY_NS // 60_000_000_000).tolist()).most_common(2)
    hours = " and ".join(f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes, _ in clock)
    message = f"{count:,} daily bars begin at {hours} UTC; midnight of another zone, read as its date here"
    return [Finding("daily_time", "warning", message, count, fix="write 00:00 UTC of the session date")]


def _hours_off(time: IntArray, sessions: Sessions, timeframe: Timeframe) -> list[Finding]:
    """The whole hours that bring most bars of a month into the sessions, month by month."""
    month = time.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    month -= month[0]
    counts = np.bincount(month)
    known = counts >= _FEWEST_IN_MONTH

    def share(hours: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        fits = inside(time + hours * _HOUR_NS, sessions, timeframe)
        return np.bincount(month, weights=fits, minlength=len(counts)) / np.maximum(counts, 1)

    unmoved = share(0)
    wrong = known & (unmoved < _FITS)
    if wrong.sum() <= _SHARE_OF_MONTHS * known.sum():
        return []
    shares = np.stack([unmoved if hours == 0 else share(hours) for hours in _SHIFTS])
    best = np.argmax(shares, axis=0)
    gained = shares[best, np.arange(len(counts))]
    fitted = known & (gained >= _FITS)
    moved = np.where(fitted & (gained - unmoved < _GAIN), 0, np.array(_SHIFTS)[best])[fitted]
    return _judged(Counter(moved.tolist()), int(known.sum()), len(time), sessions.exchange)


def _judged(months: "Counter[int]", known: int, bars: int, calendar: str) -> list[Finding]:
    """What the shifts of the months say together: nothing, one shift throughout, or one each for summer and winter."""
    if sum(months.values()) < _MOST_MONTHS * known:
        return []
    usual = [hours for hours, count in months.most_common() if count >= _SHARE_OF_MONTHS * known]
    fix = "read the times again in the zone they were written in; every signal from them is hours early or late"
    if len(usual) == 1 and usual[0]:
        text = f"the hours fit {calendar} when every time is moved by {usual[0]:+d} h"
    elif len(usual) == 2 and abs(usual[0] - usual[1]) == 1:
        low, high = sorted(usual)
        text = f"the hours fit {calendar} when times are moved by {low:+d} h in some months and {high:+d} h in others"
        said = "are local times taken as UTC" if 0 not in usual else "ignore daylight saving"
        text = f"{text}: they {said}"
    else:
        return []
    return [Finding("time_zone", "error", text, bars, fix=fix)]


def _days_off(time: IntArray, sessions: Sessions) -> list[Finding]:
    """Daily bars that carry the date before or after their session's."""
    expected = expected_starts(sessions, Timeframe(1, "d"))
    weekday = (time // DAY_NS + 3) % 7
    there = np.bincount(weekday, minlength=7) / len(time)
    should = np.bincount((expected // DAY_NS + 3) % 7, minlength=7) / max(len(expected), 1)
    strange = (should < _HARDLY) & (there > _OFTEN)
    absent = (should > _OFTEN) & (there < _HARDLY)
    if not (strange.any() and absent.any()):
        return []
    early = bool(strange[6])  # Sunday in place of Friday
    text = f"dates are one day {'early' if early else 'late'}: there are bars on {'Sunday' if early else 'Saturday'}"
    fix = "write 00:00 UTC of the session date; local midnight was moved into another day"
    return [Finding("time_zone", "error", f"{text}, when {sessions.exchange} is closed", len(time), fix=fix)]
