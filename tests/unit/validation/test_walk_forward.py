"""Windows counted by hand, and the errors that say what is missing."""

import math
import re
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import IntArray, InvalidInput, UnknownName
from autonomous_trading.validation import (
    Window,
    walk_forward_efficiency,
    walk_forward_windows,
)
from autonomous_trading.validation._walk_forward import Unit

DAY = 86_400_000_000_000
HOUR = 3_600_000_000_000


def daily(n: int) -> IntArray:
    return np.arange(n, dtype=np.int64) * DAY


def fold(train: tuple[int, int], test_stop: int, stitched_stop: int) -> Window:
    first, split = train
    return Window(slice(first, split), slice(split, test_stop), slice(split, stitched_stop))


def test_windows_in_bars_counted_by_hand() -> None:
    windows = walk_forward_windows(daily(12), train=5, test=3, step=2, unit="bars")
    assert windows == (fold((0, 5), 8, 7), fold((2, 7), 10, 9), fold((4, 9), 12, 12))


def test_windows_in_days_equal_windows_in_bars_on_gapless_daily_data() -> None:
    assert walk_forward_windows(daily(500)) == walk_forward_windows(daily(500), train=365, test=30, step=7, unit="bars")


def test_default_lengths() -> None:
    windows = walk_forward_windows(daily(365 + 30 + 7))
    assert windows == (fold((0, 365), 395, 372), fold((7, 372), 402, 402))


def test_expanding_windows_all_start_at_the_first_bar() -> None:
    windows = walk_forward_windows(daily(12), train=5, test=3, step=2, unit="bars", expanding=True)
    assert windows == (fold((0, 5), 8, 7), fold((0, 7), 10, 9), fold((0, 9), 12, 12))


def test_hours_are_counted_into_days() -> None:
    windows = walk_forward_windows(np.arange(24 * 6, dtype=np.int64) * HOUR, train=3, test=2, step=1)
    assert windows == (fold((0, 72), 120, 96), fold((24, 96), 144, 144))


def test_a_bar_as_long_as_the_others_is_allowed_to_end_the_last_window() -> None:
    assert len(walk_forward_windows(daily(7), train=5, test=2, step=2)) == 1


def test_weekends_leave_out_the_folds_that_would_trade_nothing() -> None:
    weekdays = daily(28)[np.arange(28) % 7 < 5]
    windows = walk_forward_windows(weekdays, train=7, test=7, step=1)
    assert [w.stitched.start for w in windows] == list(range(5, 5 + len(windows)))
    assert windows[-1].stitched.stop == weekdays.size


def days(first: str, last: str) -> IntArray:
    """Midnights from the first day to the last one, without weekends."""
    every = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return every[np.is_busday(every)].astype("datetime64[ns]").astype(np.int64)


def edges(time: IntArray, windows: tuple[Window, ...]) -> list[tuple[str, str, str, str]]:
    """First day of each training and test window, last day of the test, first day after it."""
    day = np.append(time.astype("datetime64[ns]").astype("datetime64[D]"), np.datetime64("NaT"))
    rows = ((day[w.train.start], day[w.test.start], day[w.test.stop - 1], day[w.test.stop]) for w in windows)
    return [(str(a), str(b), str(c), str(d)) for a, b, c, d in rows]


def test_months_begin_and_end_with_the_month() -> None:
    time = days("2024-01-02", "2024-05-10")
    windows = walk_forward_windows(time, train=2, test=1, step=1, unit="months")
    assert edges(time, windows) == [
        ("2024-01-02", "2024-03-01", "2024-03-29", "2024-04-01"),
        ("2024-02-01", "2024-04-01", "2024-04-30", "2024-05-01"),
    ]


def test_quarters_with_all_of_the_past() -> None:
    time = days("2023-02-15", "2024-06-28")
    windows = walk_forward_windows(time, train=2, test=1, step=1, unit="quarters", expanding=True)
    assert edges(time, windows) == [
        ("2023-02-15", "2023-07-03", "2023-09-29", "2023-10-02"),
        ("2023-02-15", "2023-10-02", "2023-12-29", "2024-01-01"),
        ("2023-02-15", "2024-01-01", "2024-03-29", "2024-04-01"),
        ("2023-02-15", "2024-04-01", "2024-06-28", "NaT"),
    ]


def test_years_and_weeks() -> None:
    time = days("2019-01-01", "2022-12-30")
    yearly = walk_forward_windows(time, train=1, test=1, step=1, unit="years")
    assert [row[1:3] for row in edges(time, yearly)] == [
        ("2020-01-01", "2020-12-31"),
        ("2021-01-01", "2021-12-31"),
        ("2022-01-03", "2022-12-30"),
    ]
    weekly = walk_forward_windows(time, train=4, test=1, step=1, unit="weeks")
    monday = time.astype("datetime64[ns]").astype("datetime64[D]")
    assert all((monday[w.test.start].astype(np.int64) + 3) % 7 == 0 for w in weekly[1:])
    assert all(w.test.stop - w.test.start == 5 for w in weekly)


def test_a_month_that_ends_on_a_weekend_is_whole_on_friday() -> None:
    for last, count in (("2024-03-28", 1), ("2024-03-29", 2), ("2024-03-31", 2)):  # the 31st is a Sunday
        windows = walk_forward_windows(days("2024-01-02", last), train=1, test=1, step=1, unit="months")
        assert len(windows) == count


def test_a_month_is_whole_when_its_last_bar_ends_with_it() -> None:
    hours = np.arange(24 * 91, dtype=np.int64) * HOUR + 365 * DAY  # January to March 1971 have 90 days
    ended, began = hours[: 24 * 90], hours[: 24 * 90 - 1]
    arguments: dict[str, Any] = {"train": 1, "test": 1, "step": 1, "unit": "months"}
    assert len(walk_forward_windows(ended, **arguments)) == 2
    assert len(walk_forward_windows(began, **arguments)) == 1


def test_times_before_1970_lie_in_their_month_and_week() -> None:
    time = days("1968-01-01", "1968-06-10")
    monthly = walk_forward_windows(time, train=2, test=1, step=1, unit="months")
    assert [row[1] for row in edges(time, monthly)] == ["1968-03-01", "1968-04-01", "1968-05-01"]
    weekly = walk_forward_windows(time, train=2, test=1, step=1, unit="weeks")
    assert edges(time, weekly)[0] == ("1968-01-01", "1968-01-15", "1968-01-19", "1968-01-22")


def test_fractions_of_a_day_are_allowed() -> None:
    hours = np.arange(48, dtype=np.int64) * HOUR
    assert walk_forward_windows(hours, train=1, test=0.5, step=0.5)[0] == fold((0, 24), 36, 36)


def test_a_gap_as_long_as_the_training_window_is_refused() -> None:
    time = np.concatenate([daily(30), daily(30) + 100 * DAY])
    with pytest.raises(InvalidInput, match="0 bars to train on: a gap in the data is as long as train"):
        walk_forward_windows(time, train=20, test=5, step=5)


@pytest.mark.parametrize(
    ("n", "arguments", "message"),
    [
        (
            120,
            {},
            r"needs 395 days \(365 to train, 30 to test\) and the data has 120\. "
            "Fix: shorten train or test, or bring more data",
        ),
        (100, {"train": 90, "test": 20, "unit": "bars"}, r"needs 110 bars .* the data has 100\."),
        (99, {"test": 7, "step": 8}, r"step \(8 days\) is longer than test \(7 days\)"),
        (99, {"train": 0}, "train must be a positive number of days, got 0"),
        (99, {"step": -1}, "step must be a positive number of days, got -1"),
        (99, {"test": math.nan}, "test must be a positive number of days, got nan"),
        (
            99,
            {"train": 2.5, "unit": "bars"},
            "train must be a whole number of bars, got 2.5. Fix: use train=3",
        ),
        (99, {"train": 0.5, "unit": "months"}, "train must be a whole number of months, got 0.5. Fix: use train=1"),
        (
            99,
            {"train": 3, "test": 1, "step": 1, "unit": "months"},
            r"needs 4 months \(3 to train, 1 to test\) and the data has 3\.",
        ),
        (1, {}, "at least 2 bars, got 1"),
    ],
)
def test_lengths_that_cannot_be(n: int, arguments: dict[str, float | Unit], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        walk_forward_windows(daily(n), **arguments)  # type: ignore[arg-type]


def test_an_unknown_unit_is_named() -> None:
    unknown: Unit = "day"  # type: ignore[assignment]
    with pytest.raises(UnknownName, match=r"unknown unit 'day'\. Fix: did you mean 'days'\?"):
        walk_forward_windows(daily(9), unit=unknown)


def test_a_test_window_shorter_than_a_bar_is_refused() -> None:
    weekly = daily(3) * 7
    with pytest.raises(InvalidInput, match="no test window holds a bar"):
        walk_forward_windows(weekly, train=14.5, test=1, step=1)


def test_times_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="increase strictly, row 2 does not"):
        walk_forward_windows(np.array([0, DAY, DAY, 2 * DAY], dtype=np.int64))


@pytest.mark.parametrize(
    ("in_sample", "out_of_sample", "expected"),
    [(0.20, 0.10, 0.5), (0.10, 0.12, 1.2), (0.10, -0.05, -0.5), (0.10, 0.0, 0.0)],
)
def test_efficiency_is_the_share_that_survived(in_sample: float, out_of_sample: float, expected: float) -> None:
    assert walk_forward_efficiency(in_sample, out_of_sample) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("in_sample", "out_of_sample"),
    [(0.0, 0.1), (-0.1, 0.1), (-0.1, -0.1), (math.nan, 0.1), (0.1, math.nan), (math.inf, 0.1)],
)
def test_efficiency_has_no_meaning_without_an_in_sample_gain(in_sample: float, out_of_sample: float) -> None:
    assert math.isnan(walk_forward_efficiency(in_sample, out_of_sample))


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ({"train": 1e300}, "train of 1e+300 days is longer than any data"),
        ({"test": 1e6}, "test of 1e+06 days is longer than any data"),
        ({"train": 1e13, "unit": "bars"}, "train of 1e+13 bars is longer than any data"),
        ({"train": 10, "test": 2, "step": 1e-12}, "step is so short that there would be"),
    ],
)
def test_lengths_out_of_any_proportion_are_refused(lengths: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        walk_forward_windows(daily(500), **lengths)
