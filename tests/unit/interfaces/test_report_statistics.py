"""The numbers a report works out itself agree with each other and with plain arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.interfaces.report._statistics import (
    drawdown,
    histogram,
    monthly_returns,
    rank_correlation,
    slice_of,
)

DAY = 86_400_000_000_000


def days(first: str, count: int) -> np.ndarray:
    start = np.datetime64(first, "ns").astype(np.int64)
    return np.asarray(start + DAY * np.arange(count, dtype=np.int64))


def test_drawdown_is_the_fall_from_the_highest_so_far() -> None:
    np.testing.assert_allclose(drawdown([100, 120, 90, 120, 150, 75]), [0, 0, -0.25, 0, 0, -0.5])


@given(st.lists(st.floats(1.0, 1e6), min_size=1, max_size=900), st.integers(0, 20_000))
def test_months_and_years_compound_to_the_total_return(equity: list[float], first_day: int) -> None:
    time = days("1990-01-01", len(equity)) + first_day * DAY
    returns = monthly_returns(time, equity)
    total = equity[-1] / equity[0]
    assert np.nanprod(1.0 + returns.months) == pytest.approx(total, rel=1e-9)
    assert np.nanprod(1.0 + returns.totals) == pytest.approx(total, rel=1e-9)


def test_months_are_utc_calendar_months() -> None:
    returns = monthly_returns(days("2023-12-30", 64), np.linspace(100.0, 163.0, 64))
    assert returns.years == (2023, 2024)
    assert np.isfinite(returns.months).sum() == 4
    assert returns.months[0, 11] == pytest.approx(101 / 100 - 1)
    assert returns.months[1, 0] == pytest.approx(132 / 101 - 1)
    assert returns.totals[0] == pytest.approx(101 / 100 - 1)


def test_a_month_without_bars_is_nan_and_its_return_falls_to_the_next() -> None:
    time = np.concatenate((days("2020-01-30", 2), days("2020-03-01", 2)))
    returns = monthly_returns(time, [100.0, 110.0, 99.0, 121.0])
    assert np.isnan(returns.months[0, 1])
    assert returns.months[0, 2] == pytest.approx(0.1)
    assert returns.totals[0] == pytest.approx(0.21)


def test_a_month_that_starts_from_nothing_has_no_return() -> None:
    returns = monthly_returns(days("2020-01-31", 30), [100.0] + [0.0] * 28 + [0.0])
    assert returns.months[0, 1] == -1.0
    ruined = monthly_returns(np.append(days("2020-01-31", 2), days("2020-03-01", 1)), [100.0, 0.0, 5.0])
    assert np.isnan(ruined.months[0, 2])
    assert np.isnan(ruined.totals[0])


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=300))
def test_a_histogram_counts_every_trade_and_splits_at_zero(returns: list[float]) -> None:
    counts = histogram(returns)
    assert counts.counts.sum() == len(returns)
    assert len(counts.counts) == len(counts.edges) - 1 <= 62
    losses = int(np.sum(np.asarray(returns) < 0))
    left = counts.edges[:-1] < -1e-12
    assert counts.counts[left].sum() == losses or not left.any()


def test_outliers_are_counted_at_the_ends_and_named() -> None:
    returns = np.concatenate((np.random.default_rng(2).normal(0, 0.01, 1_000), [9.0, -0.99]))
    counts = histogram(returns)
    assert counts.counts.sum() == 1_002
    assert counts.above >= 1
    assert counts.below >= 1
    assert counts.edges[-1] < 0.2


def test_rank_correlation_sees_order_not_size() -> None:
    assert rank_correlation([1, 2, 3, 4], [1, 10, 100, 1_000]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1.0)
    assert rank_correlation([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9486832980505138)


@pytest.mark.parametrize("pair", [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, np.nan], [1, 2, 3])])
def test_rank_correlation_is_nan_where_it_means_nothing(pair: tuple[list[float], list[float]]) -> None:
    assert np.isnan(rank_correlation(*pair))


def test_a_slice_has_the_median_and_best_of_each_value() -> None:
    one = slice_of([5, 10, 5, 10, 20], np.array([1.0, 4.0, 3.0, np.nan, np.nan]), 1.0)
    assert one.groups == (5, 10)
    assert one.median.tolist() == [2.0, 4.0]
    assert one.best.tolist() == [3.0, 4.0]
    assert not one.binned


def test_the_best_of_a_slice_follows_the_direction() -> None:
    assert slice_of(["a", "b", "a"], np.array([0.3, 0.2, 0.1]), -1.0).best.tolist() == [0.1, 0.2]


def test_many_values_are_put_into_bins() -> None:
    column = np.linspace(0.0, 1.0, 500)
    one = slice_of(column, column, 1.0)
    assert one.binned
    assert len(one.groups) == 24
    assert np.all(np.diff(one.median) > 0)
