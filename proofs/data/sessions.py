"""Every session of 2015 to 2030 once, opening and closing when the clock on the exchange's wall says so.

The check is another path to the same times: the hours that each exchange publishes, put on its wall clock by the time
zone database of Python, against the sessions in UTC. Half days and late openings are compared with the hours that are
allowed for them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from autonomous_trading.adapters import sessions_of
from autonomous_trading.data import Sessions
from proofs.claims import Figure, holds, run

TITLE = "Sessions at daylight saving, half days, leap days and year ends"
FIRST, LAST = date(2015, 1, 1), date(2030, 12, 31)
_DAY_NS = 86_400_000_000_000

# zone, opening (on the day before where it is later than the closing), closing, closings allowed on short days
HOURS = {
    "XNYS": ("America/New_York", time(9, 30), time(16, 0), {time(13, 0)}),
    "XLON": ("Europe/London", time(8, 0), time(16, 30), {time(12, 30)}),
    "XETR": ("Europe/Berlin", time(9, 0), time(17, 30), {time(14, 0)}),
    "CMES": ("America/Chicago", time(17, 0), time(16, 0), {time(12, 0), time(12, 15), time(8, 15)}),
    "24/5": ("America/New_York", time(17, 0), time(17, 0), set()),
    "24/7": ("UTC", time(0, 0), time(0, 0), set()),
}


def measure() -> list[Figure]:
    """For each exchange: sessions once each, wall-clock hours, and the special days among them."""
    return [figure for name in HOURS for figure in _figures(name)]


def _figures(name: str) -> list[Figure]:
    zone, opens, closes, short = HOURS[name]
    sessions = sessions_of(name, _ns(FIRST), _ns(LAST) + _DAY_NS)
    dates = [_date(int(each)) for each in sessions.date]
    inside = [FIRST <= each <= LAST for each in dates]
    wrong, shorter = 0, 0
    for row in np.flatnonzero(inside):
        opened, closed = _moment(int(sessions.open[row])), _moment(int(sessions.close[row]))
        usual = _usual(dates[row], ZoneInfo(zone), opens, closes)
        if closed != usual[1]:
            shorter += 1
            wrong += closed.astimezone(ZoneInfo(zone)).time() not in short
        wrong += opened != usual[0]
    changes = _changes(zone)
    weekdays = [_weekdays_missing(dates, day) for day in (date(2016, 2, 29), date(2024, 2, 29), date(2028, 2, 29))]
    count = sum(inside)
    return [
        holds(
            f"{name}: sessions scheduled once each, in order, none overlapping",
            len(set(dates)) == len(dates) and _ordered(sessions),
            figure=f"{count:,} sessions",
        ),
        holds(
            f"{name}: openings and closings that are not the wall clock's ({changes} clock changes)",
            wrong == 0,
            bound="0",
            figure=f"{wrong} of {2 * count:,}, {shorter} short days",
        ),
        holds(
            f"{name}: leap days that are weekdays have a session; years begin and end with their own",
            not any(weekdays) and _year_ends(dates, name),
        ),
    ]


def _usual(day: date, zone: ZoneInfo, opens: time, closes: time) -> tuple[datetime, datetime]:
    """The usual hours of a session date on the wall clock, as UTC moments."""
    if zone.key == "UTC":
        start = datetime.combine(day, opens, UTC)
        return start, start + timedelta(days=1)
    first = day - timedelta(days=1) if opens >= closes else day
    opened, closed = (datetime.combine(d, t, zone) for d, t in ((first, opens), (day, closes)))
    return opened.astimezone(UTC), closed.astimezone(UTC)


def _ordered(sessions: Sessions) -> bool:
    return bool((np.diff(sessions.date) > 0).all() and (sessions.close[:-1] <= sessions.open[1:]).all())


def _changes(zone: str) -> int:
    """How often the clock is changed in these years."""
    days = [datetime.combine(FIRST + timedelta(days=n), time(12), ZoneInfo(zone)) for n in range((LAST - FIRST).days)]
    offsets = [day.utcoffset() for day in days]
    return sum(a != b for a, b in pairwise(offsets))


def _weekdays_missing(dates: list[date], day: date) -> bool:
    return day.weekday() < 5 and day not in dates


def _year_ends(dates: list[date], name: str) -> bool:
    """Each year has as many sessions as its weekdays less at most 12 holidays; a market without holidays has all."""
    for year in range(FIRST.year, LAST.year + 1):
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(366 if year % 4 == 0 else 365)]
        open_days = sum(each.year == year for each in dates)
        if name == "24/7" and open_days != len(days):
            return False
        weekdays = sum(day.weekday() < 5 for day in days)
        if name != "24/7" and not weekdays - 12 <= open_days <= weekdays:
            return False
    return True


def _ns(day: date) -> int:
    return int(np.datetime64(day, "ns").astype(np.int64))


def _date(ns: int) -> date:
    return _moment(ns).date()


def _moment(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
