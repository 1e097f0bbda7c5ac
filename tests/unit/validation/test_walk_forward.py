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
