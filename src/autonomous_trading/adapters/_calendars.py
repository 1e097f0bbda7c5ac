"""When exchanges are open: the door to exchange_calendars, and two markets of no exchange."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from autonomous_trading.core import IntArray, InvalidInput, time_text, unknown_name
from autonomous_trading.data import Sessions, around_the_clock

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar

__all__ = ["calendar_names", "sessions_of"]

_ALWAYS: Final = "24/7"
_FOREX: Final = "24/5"
_DAY_NS: Final = 86_400_000_000_000
_NEW_YORK: Final = ZoneInfo("America/New_York")
_FOREX_HOUR: Final = 17
_CHICAGO: Final = ZoneInfo("America/Chicago")
_GLOBEX: Final = "CMES"
_GLOBEX_OPENS: Final = 17
_SECOND_NS: Final = 1_000_000_000
_HOUR_NS: Final = 3_600 * _SECOND_NS
_SATURDAY: Final = 5
_YEARS_TOGETHER: Final = 20


def calendar_names() -> tuple[str, ...]:
    """Every name that `sessions_of` knows: codes of exchanges ("XNYS"), their aliases ("NYSE"), "24/7" and "24/5"."""
    with _quiet():
        import exchange_calendars

        return tuple(sorted({*exchange_calendars.get_calendar_names(), _ALWAYS, _FOREX}))


def sessions_of(calendar: str, start_ns: int, stop_ns: int) -> Sessions:
    """The sessions that have a moment in start_ns <= time < stop_ns (UTC nanoseconds), or their date.

    `calendar` is a code of exchange_calendars or one of its aliases, in any case; "24/7" is a market that never closes,
    with one session each UTC day; "24/5" is foreign exchange, from Sunday 17:00 to Friday 17:00 in New York, with a
    session from 17:00 to 17:00 for each weekday and no holidays. "CMES" closes at 16:00 in Chicago, not at 17:00 as
    the library says, because Globex pauses for that hour. Calendars of exchanges know the rules of today and
    past closings; years to come are what is announced. Sessions are missing where the library knows none (some
    calendars reach back 20 years only). Raises UnknownName with the nearest names, InvalidInput where it knows none of
    the time.
    """
    if start_ns >= stop_ns:
        raise InvalidInput(f"the start {time_text(start_ns)} is not before {time_text(stop_ns)}", fix="swap the two")
    name = calendar.strip()
    if name == _ALWAYS:
        return around_the_clock(start_ns, stop_ns)
    if name == _FOREX:
        return _within(_forex(start_ns, stop_ns), start_ns, stop_ns)
    known = {each.lower(): each for each in calendar_names()}
    if name.lower() not in known:
        raise unknown_name("calendar", calendar, known.values())
    return _within(_of_exchange(known[name.lower()], start_ns, stop_ns), start_ns, stop_ns)


def _within(sessions: Sessions, start_ns: int, stop_ns: int) -> Sessions:
    by_date = (sessions.date > start_ns - _DAY_NS) & (sessions.date < stop_ns)
    by_moment = (sessions.close > start_ns) & (sessions.open < stop_ns)
    kept = by_date | by_moment
    opens, closes = sessions.open[kept], sessions.close[kept]
    first, stop = (opens[0], closes[-1]) if len(opens) else (0, 0)
    breaks = sessions.breaks[(sessions.breaks[:, 0] >= first) & (sessions.breaks[:, 1] <= stop)]
    return Sessions(sessions.exchange, sessions.date[kept], opens, closes, breaks)


def _of_exchange(name: str, start_ns: int, stop_ns: int) -> Sessions:
    first, last = _years(start_ns, stop_ns)
    try:
        calendar = _calendar(name, first, last)
    except ValueError as problem:
        raise InvalidInput(
            f"the installed exchange_calendars cannot make its calendar {name}", fix="name another calendar, or none"
        ) from problem
    known = (int(calendar.sessions_nanos[0]), int(calendar.closes_nanos[-1]))
    if stop_ns <= known[0] - _DAY_NS or start_ns >= known[1]:
        raise InvalidInput(
            f"the calendar {name} is known from {time_text(known[0])} to {time_text(known[1])}",
            fix="name another calendar, or none",
        )
    closes = _nanoseconds(calendar.closes_nanos)
    if calendar.name == _GLOBEX:
        closes = _before_the_pause(closes)
    breaks = np.stack([calendar.break_starts_nanos, calendar.break_ends_nanos], axis=1)
    nat = np.iinfo(np.int64).min
    return Sessions(
        exchange=calendar.name,
        date=_nanoseconds(calendar.sessions_nanos),
        open=_nanoseconds(calendar.opens_nanos),
        close=closes,
        breaks=_nanoseconds(breaks[(breaks != nat).all(axis=1)]),
    )


def _before_the_pause(closes: IntArray) -> IntArray:
    """Closings at 17:00 in Chicago an hour earlier: the library joins the sessions of CME Globex, which pause there."""
    hour = np.array([datetime.fromtimestamp(close // _SECOND_NS, _CHICAGO).hour for close in closes.tolist()])
    return closes - np.where(hour == _GLOBEX_OPENS, _HOUR_NS, 0)


def _nanoseconds(values: object) -> IntArray:
    return np.asarray(values, dtype=np.int64)


def _years(start_ns: int, stop_ns: int) -> tuple[int, int]:
    """The years that are built together: rounded, so that many files ask for one calendar."""
    first, last = (int(time_text(moment)[:4]) for moment in (start_ns - _DAY_NS, stop_ns + _DAY_NS))
    return first // _YEARS_TOGETHER * _YEARS_TOGETHER, (last // _YEARS_TOGETHER + 1) * _YEARS_TOGETHER - 1


@lru_cache(maxsize=8)
def _calendar(name: str, first: int, last: int) -> "ExchangeCalendar":
    """The calendar over these years, or over those of them that the library knows of this exchange."""
    with _quiet():
        import exchange_calendars

        try:
            return exchange_calendars.get_calendar(name, start=f"{first}-01-01", end=f"{last}-12-31")
        except ValueError:
            usual = exchange_calendars.get_calendar(name)
        low, high = usual.bound_min(), usual.bound_max()
        start = f"{first}-01-01" if low is None or low.year < first else str(low.date())
        stop = f"{last}-12-31" if high is None or high.year > last else str(high.date())
        try:
            return exchange_calendars.get_calendar(name, start=start, end=stop)
        except ValueError:
            return usual


@contextmanager
def _quiet() -> Iterator[None]:
    """exchange_calendars 4.13 uses names that pandas 3.1 says will go (`.values`, `.weekday`); the values are right."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _forex(start_ns: int, stop_ns: int) -> Sessions:
    """A session for each weekday, from 17:00 in New York the evening before."""
    days = np.arange(start_ns // _DAY_NS - 2, stop_ns // _DAY_NS + 3, dtype=np.int64)
    days = days[(days + 3) % 7 < _SATURDAY]
    close = np.array([_evening(int(day)) for day in days], dtype=np.int64)
    opening = np.array([_evening(int(day) - 1) for day in days], dtype=np.int64)
    return Sessions(_FOREX, days * _DAY_NS, opening, close, np.empty((0, 2), dtype=np.int64))


def _evening(day: int) -> int:
    """17:00 in New York on a day counted from 1970, UTC nanoseconds."""
    date = datetime(1970, 1, 1, _FOREX_HOUR, tzinfo=_NEW_YORK) + timedelta(days=day)  # wall clock: zones are not moved
    return int(date.timestamp()) * _SECOND_NS
