"""Times in every form that has one reading."""

import numpy as np
import pytest

from autonomous_trading.adapters import as_bars, read_bars
from autonomous_trading.core import InvalidBars


def times(*given: object) -> list[int]:
    flat = [1.0] * len(given)
    bars = as_bars({"time": list(given), "o": flat, "h": flat, "l": flat, "c": flat, "v": flat})
    return [int(moment) for moment in bars.time]


def nanoseconds(*moments: str) -> list[int]:
    return [int(np.datetime64(moment, "ns").astype(np.int64)) for moment in moments]


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2024-03-28", "2024-03-28T00:00:00"),
        ("2024-03-28 14:30", "2024-03-28T14:30:00"),
        ("2024-03-28T14:30:05.123456789", "2024-03-28T14:30:05.123456789"),
        ("2024-03-28T14:30:05Z", "2024-03-28T14:30:05"),
        ("2024-03-28 14:30:05 UTC", "2024-03-28T14:30:05"),
        ("2024-03-28 14:30:05 GMT", "2024-03-28T14:30:05"),
        ("2024-03-28T14:30:05+02:00", "2024-03-28T12:30:05"),
        ("2024-03-28T14:30:05-0530", "2024-03-28T20:00:05"),
        ("2024-3-8 9:30", "2024-03-08T09:30:00"),
        ("2024/03/28", "2024-03-28T00:00:00"),
        ("2024.03.28 14:30", "2024-03-28T14:30:00"),
        ("3/28/2024", "2024-03-28T00:00:00"),
        ("28/3/2024 9:30:15", "2024-03-28T09:30:15"),
        ("28.03.2024 14:30:15.25", "2024-03-28T14:30:15.25"),
        ("03/28/2024 12:05 AM", "2024-03-28T00:05:00"),
        ("03/28/2024 12:05 pm", "2024-03-28T12:05:00"),
        ("03/28/2024, 5:05:01 PM", "2024-03-28T17:05:01"),
        ("28 Mar 2024", "2024-03-28T00:00:00"),
        ("28-March-2024 10:00", "2024-03-28T10:00:00"),
        ("Mar 28, 2024", "2024-03-28T00:00:00"),
        ("Sept 3, 2024", "2024-09-03T00:00:00"),
        ("20240328", "2024-03-28T00:00:00"),
        ("20240328 143000", "2024-03-28T14:30:00"),
        ("20240328143005", "2024-03-28T14:30:05"),
        (20240328, "2024-03-28T00:00:00"),
        (20240328143005, "2024-03-28T14:30:05"),
        (1711636205, "2024-03-28T14:30:05"),
        ("1711636205", "2024-03-28T14:30:05"),
        ("1711636205.0", "2024-03-28T14:30:05"),
        (1711636205.25, "2024-03-28T14:30:05.25"),
        (1711636205123, "2024-03-28T14:30:05.123"),
        (1711636205123456, "2024-03-28T14:30:05.123456"),
        (1711636205123456789, "2024-03-28T14:30:05.123456789"),
        (100_000_000, "1973-03-03T09:46:40"),
        (9_999_999_999_999, "2286-11-20T17:46:39.999"),
        ("1699-12-31", "1699-12-31T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00"),
    ],
)
def test_form(given: object, moment: str) -> None:
    assert times(given) == nanoseconds(moment)


def test_the_whole_column_tells_days_from_months() -> None:
    assert times("1/2/2024", "13/2/2024") == nanoseconds("2024-02-01", "2024-02-13")
    assert times("1/2/2024", "1/13/2024") == nanoseconds("2024-01-02", "2024-01-13")


def test_dates_and_times_of_day_may_share_a_column() -> None:
    assert times("2024-01-01", "2024-01-01 12:00", "2024-01-02T00:00:00.5") == nanoseconds(
        "2024-01-01", "2024-01-01T12:00", "2024-01-02T00:00:00.5"
    )


def test_summer_time_is_no_problem_for_times_with_their_offset() -> None:
    before, after = "2024-03-31T01:30:00+01:00", "2024-03-31T03:30:00+02:00"
    assert times(before, after) == nanoseconds("2024-03-31T00:30", "2024-03-31T01:30")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["1/2/2024", "3/4/2024"], "row 0 .*day and month cannot be told apart"),
        (["13/2/2024", "2/14/2024"], "row 1 .*can only be month/day, while row 0 .* is day/month"),
        (["1/2/24", "1/3/24"], "row 0 .*year has two digits"),
        (["2024-01-01", "2024-02-30"], "row 1 .*'2024-02-30', a day that is not in the calendar"),
        (["2024-13-01"], "not in the calendar"),
        (["2023-02-29"], "not in the calendar"),
        (["2024-01-01 24:00"], "an hour that is not on the clock"),
        (["1/13/2024 13:00 PM"], "an hour that is not on the clock"),
        (["1500-01-01"], "outside the years 1678 to 2261"),
        (["2300-01-01"], "outside the years 1678 to 2261"),
        (["28 Mrz 2024"], "names no month in English"),
        (["2024-01-01", "soon"], "row 1 .*cannot be read as a time like '2024-01-01' above it"),
        (["soon"], "cannot be read as a time"),
        (["2024-01-01T00:00Z", "2024-01-02T00:00Zulu"], "row 1 .*has no time zone, while row 0 .*has one"),
        (["2024-01-01T00:00Z", "2024-01-40T00:00Z"], "row 1 .*cannot be read as a time"),
        (["2024-01-01T00:00Z", "2024-01-02T00:00"], "row 1 .*has no time zone, while row 0 .*has one"),
        (["2024-01-01", None], "row 1 .*holds no time"),
        ([1, 2], "row 0 .*holds 1, which counts neither seconds, ms, us nor ns since 1970"),
        ([1711636205, 1711636205123], "row 1 .*as the rows above do"),
        ([1711636205.5, 5.5], "row 1 .*counts neither"),
        ([1e300], "beyond what a time can be"),
        ([2**70], "beyond what a time can be"),
        (["1711636205", "99999999999999999999"], "row 1 .*beyond what a time can be"),
        ([2**63 + 5], "beyond what a time can be"),
        ([True, False], "cannot be read as a time"),
        (np.array([True]), "holds bool values, which are not times"),
        (np.array(["1000-01-01"], "M8[s]"), "beyond what a time can be"),
    ],
)
def test_what_has_no_reading_or_two_is_refused(given: list[object], message: str) -> None:
    flat = [1.0] * len(given)
    with pytest.raises(InvalidBars, match=message):
        as_bars({"time": given, "o": flat, "h": flat, "l": flat, "c": flat, "v": flat})


def test_time_columns_that_disagree_are_refused() -> None:
    flat = [1.0] * 2
    prices = {"open": flat, "high": flat, "low": flat, "close": flat, "volume": flat}
    days = ["2024-01-01", "2024-01-02"]
    with pytest.raises(InvalidBars, match=r"row 1 .*the time columns 'date' and 'unix' disagree"):
        as_bars({"date": days, "unix": [1704067200, 1704067200], **prices})
    reading = read_bars({"date": days, "unix": [1704067200, 1704153600], **prices})
    assert reading.notes == ()  # the second says UTC for both
    assert dict(reading.bars.extra) == {}


def test_a_date_and_a_time_of_day_are_one_time() -> None:
    flat = [1.0] * 2
    prices = {"open": flat, "high": flat, "low": flat, "close": flat, "volume": flat}
    for date, clock in (("2024.01.01", "date"), ("20240101", "date"), ("2024-01-01", "timestamp")):
        bars = as_bars({clock: [date, date], "time": ["09:30", "09:31"], **prices})
        assert [int(moment) for moment in bars.time] == nanoseconds("2024-01-01T09:30", "2024-01-01T09:31")
    swapped = as_bars({"time": ["09:30", "09:31"], "date": ["2024-01-01"] * 2, **prices})
    assert [int(moment) for moment in swapped.time] == nanoseconds("2024-01-01T09:30", "2024-01-01T09:31")
