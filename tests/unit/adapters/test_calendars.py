"""Calendars of exchanges as sessions: known days by hand, names, and how far they reach."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.adapters import calendar_names, sessions_of
from autonomous_trading.core import InvalidInput, UnknownName, time_text

DAY = 86_400 * 10**9


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def hours(calendar: str, day: str) -> tuple[str, str]:
    """Opening and closing of the session of a date."""
    sessions = sessions_of(calendar, ns(day), ns(day) + DAY)
    (row,) = np.flatnonzero(sessions.date == ns(day))
    return time_text(int(sessions.open[row])), time_text(int(sessions.close[row]))


@pytest.mark.parametrize(
    ("calendar", "day", "opens", "closes"),
    [
        ("XNYS", "2024-01-03", "2024-01-03T14:30:00Z", "2024-01-03T21:00:00Z"),
        ("XNYS", "2024-07-01", "2024-07-01T13:30:00Z", "2024-07-01T20:00:00Z"),
        ("XNYS", "2024-11-29", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z"),  # the day after Thanksgiving
        ("XLON", "2024-12-24", "2024-12-24T08:00:00Z", "2024-12-24T12:30:00Z"),
        ("XETR", "2024-07-01", "2024-07-01T07:00:00Z", "2024-07-01T15:30:00Z"),
        ("CMES", "2024-01-03", "2024-01-02T23:00:00Z", "2024-01-03T22:00:00Z"),  # an hour of pause before the next
        ("24/5", "2024-01-03", "2024-01-02T22:00:00Z", "2024-01-03T22:00:00Z"),
        ("24/5", "2024-07-01", "2024-06-30T21:00:00Z", "2024-07-01T21:00:00Z"),  # from Sunday evening
        ("24/7", "2024-01-06", "2024-01-06T00:00:00Z", "2024-01-07T00:00:00Z"),
    ],
)
def test_known_days(calendar: str, day: str, opens: str, closes: str) -> None:
    assert hours(calendar, day) == (opens, closes)


def test_holidays_have_no_session() -> None:
    sessions = sessions_of("XNYS", ns("2024-12-24"), ns("2024-12-27"))
    assert [time_text(int(date))[:10] for date in sessions.date] == ["2024-12-24", "2024-12-26"]


def test_breaks_lie_inside_sessions() -> None:
    sessions = sessions_of("XHKG", ns("2024-01-02"), ns("2024-01-04"))
    assert len(sessions) == len(sessions.breaks) == 2
    assert (sessions.breaks[:, 0] > sessions.open).all()
    assert (sessions.breaks[:, 1] < sessions.close).all()


def test_aliases_and_any_case() -> None:
    assert sessions_of("nyse", ns("2024-01-02"), ns("2024-01-04")).exchange == "XNYS"
    assert {"XNYS", "NYSE", "XLON", "24/7", "24/5"} <= set(calendar_names())


def test_an_unknown_name_has_the_nearest_ones() -> None:
    with pytest.raises(UnknownName, match="did you mean 'XNYS'"):
        sessions_of("XNSY", ns("2024-01-02"), ns("2024-01-04"))


def test_time_runs_forwards() -> None:
    with pytest.raises(InvalidInput, match="is not before"):
        sessions_of("XNYS", ns("2024-01-04"), ns("2024-01-02"))


def test_a_calendar_that_reaches_back_some_years_only() -> None:
    with pytest.raises(InvalidInput, match="the calendar XSAU is known from 2021"):
        sessions_of("XSAU", ns("1990-01-02"), ns("1990-02-02"))
    part = sessions_of("XSAU", ns("2020-06-01"), ns("2021-02-01"))
    assert time_text(int(part.date[0])) > "2021"


def test_a_calendar_that_the_library_cannot_make(monkeypatch: pytest.MonkeyPatch) -> None:
    import exchange_calendars

    def fails(name: str, **_: object) -> None:
        raise ValueError(name)

    monkeypatch.setattr(exchange_calendars, "get_calendar", fails)
    with pytest.raises(InvalidInput, match="cannot make its calendar XBUD"):
        sessions_of("XBUD", ns("2024-01-02"), ns("2024-01-04"))


def test_a_weekend_has_no_session_of_an_exchange() -> None:
    assert len(sessions_of("XNYS", ns("2024-01-06"), ns("2024-01-07"))) == 0
