"""ColumnStore: values of the basic columns, computed once, kept within a budget."""

import copy

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray, InvalidExpression, UnknownName
from autonomous_trading.features import ColumnStore, UserFunction
from autonomous_trading.testing.markets import random_walk

HOUR_NS = 3_600 * 1_000_000_000


def small_bars() -> Bars:
    start = np.datetime64("2024-02-29T22:30", "ns").astype(np.int64)
    return Bars(
        time=start + np.arange(4, dtype=np.int64) * HOUR_NS,
        open=np.array([10.0, 11.0, 12.0, 9.0]),
        high=np.array([12.0, 13.0, 12.0, 11.0]),
        low=np.array([9.0, 11.0, 8.0, 9.0]),
        close=np.array([11.0, 12.0, 9.0, 10.0]),
        volume=np.array([5.0, 0.0, 2.0, 1.0]),
        extra={"vix": np.array([20.0, 21.0, 22.0, np.nan])},
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("close", [11.0, 12.0, 9.0, 10.0]),
        ("volume", [5.0, 0.0, 2.0, 1.0]),
        ("typical_price", [32 / 3, 12.0, 29 / 3, 10.0]),
        ("median_price", [10.5, 12.0, 10.0, 10.0]),
        ("weighted_close", [43 / 4, 12.0, 38 / 4, 10.0]),
        ("average_price", [42 / 4, 47 / 4, 41 / 4, 39 / 4]),
        ("dollar_volume", [55.0, 0.0, 18.0, 10.0]),
        ("returns", [np.nan, 1 / 11, -0.25, 1 / 9]),
        ("log_returns", [np.nan, np.log(12 / 11), np.log(0.75), np.log(10 / 9)]),
        ("gap", [np.nan, 0.0, 0.0, 0.0]),
        ("true_range", [np.nan, 2.0, 4.0, 2.0]),
        ("minute", [30.0] * 4),
        ("hour", [22.0, 23.0, 0.0, 1.0]),
        ("day_of_week", [3.0, 3.0, 4.0, 4.0]),
        ("day_of_month", [29.0, 29.0, 1.0, 1.0]),
        ("month", [2.0, 2.0, 3.0, 3.0]),
        ("extra:vix", [20.0, 21.0, 22.0, np.nan]),
    ],
)
def test_values(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(ColumnStore(small_bars()).column(name), expected, rtol=1e-15)


def test_years_measure_elapsed_time() -> None:
    years = ColumnStore(small_bars()).column("years")
    np.testing.assert_allclose(np.diff(years) * 365.25 * 24, np.ones(3), rtol=1e-9)
    assert 2024.1 < years[0] + 1970 < 2024.2


def test_calendar_before_1970() -> None:
    bars = small_bars()
    shifted = Bars(  # Sunday 28 December 1969, 23:30
        time=np.array([np.datetime64("1969-12-28T23:30", "ns").astype(np.int64)]),
        **{name: getattr(bars, name)[:1] for name in ("open", "high", "low", "close", "volume")},
    )
    store = ColumnStore(shifted)
    assert [store.column(name)[0] for name in ("day_of_week", "day_of_month", "month", "hour", "minute")] == [
        6.0,
        28.0,
        12.0,
        23.0,
        30.0,
    ]


def test_one_bar_is_enough() -> None:
    store = ColumnStore(small_bars()[:1])
    assert np.isnan(store.column("returns")).all()
    assert np.isnan(store.column("sma", (3,))).all()


def test_columns_are_float64_read_only_and_of_full_length() -> None:
    store = ColumnStore(random_walk(50, seed=1))
    for name in ("close", "hour", "rsi", "cdldoji", "true_range"):
        values = store.column(name)
        assert values.dtype == np.float64
        assert values.shape == (store.n_bars,)
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0


def test_prices_are_the_bars_own_arrays() -> None:
    bars = random_walk(50, seed=1)
    store = ColumnStore(bars)
    assert store.column("close") is bars.close
    assert store.held_bytes == 0
    assert store.bars is bars


class Counted:
    """A user column that knows how often it was computed."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, ...]] = []

    def __call__(self, bars: Bars, *arguments: float) -> FloatArray:
        self.calls.append(arguments)
        return bars.close * sum(arguments)


def test_a_column_is_computed_once() -> None:
    counted = Counted()
    name = UserFunction(counted)
    store = ColumnStore(random_walk(50, seed=1))
    first = store.column(name, (2.0,))
    assert store.column(UserFunction(counted), (2.0,)) is first
    store.column(name, (3.0,))
    assert counted.calls == [(2.0,), (3.0,)]
    assert store.column("sma", (20,)) is store.column("sma", (20.0,))


def test_outputs_of_one_indicator_share_a_computation() -> None:
    store = ColumnStore(random_walk(50, seed=1))
    store.column("macd", (12, 26, 9), None, "macd")
    held = store.held_bytes
    store.column("macd", (12, 26, 9), None, "macdhist")
    assert store.held_bytes == held == 3 * 50 * 8


def test_inputs_are_told_apart_by_content_and_by_origin() -> None:
    bars = random_walk(50, seed=1)
    store = ColumnStore(bars)
    plain = store.column("sma", (5,), (bars.close,))
    assert store.column("sma", (5,), (bars.close,)) is plain
    np.testing.assert_array_equal(store.column("sma", (5,)), plain)
    copy = bars.close.copy()
    from_copy = store.column("sma", (5,), (copy,))
    assert store.column("sma", (5,), (bars.close.copy(),)) is from_copy
    copy[10] += 1.0
    changed = store.column("sma", (5,), (copy,))
    assert changed[10] != plain[10]
    smooth = store.column("rsi", (14,))
    assert store.column("sma", (5,), (smooth,)) is store.column("sma", (5,), (store.column("rsi", (14,)),))


def test_the_least_recently_used_columns_go_first() -> None:
    counted = Counted()
    name = UserFunction(counted)
    store = ColumnStore(random_walk(50, seed=1), budget_bytes=2 * 50 * 8)
    first = store.column(name, (1.0,))
    store.column(name, (2.0,))
    store.column(name, (1.0,))  # used again, so 2.0 is the oldest
    store.column(name, (3.0,))
    assert store.held_bytes <= 2 * 50 * 8
    assert store.column(name, (1.0,)) is first
    store.column(name, (2.0,))
    assert counted.calls == [(1.0,), (2.0,), (3.0,), (2.0,)]


def test_a_column_larger_than_the_budget_is_still_given() -> None:
    store = ColumnStore(random_walk(50, seed=1), budget_bytes=0)
    assert np.isfinite(store.column("sma", (5,))[-1])
    assert np.isfinite(store.column("sma", (5,), (store.column("ema", (3,)),))[-1])
    assert store.held_bytes == 0


def test_unknown_columns() -> None:
    store = ColumnStore(small_bars())
    assert store.extra_names == ("vix",)
    with pytest.raises(UnknownName, match="unknown column 'smaa'"):
        store.column("smaa")
    with pytest.raises(UnknownName, match=r"unknown column of these bars 'vixx'.*did you mean 'vix'"):
        store.column("extra:vixx")


def test_inputs_that_do_not_fit() -> None:
    store = ColumnStore(random_walk(50, seed=1))
    with pytest.raises(InvalidExpression, match="sma is computed from 1 series, got 2"):
        store.column("sma", (5,), (store.column("close"), store.column("open")))
    with pytest.raises(InvalidExpression, match=r"an input of sma has shape \(49,\) for 50 bars"):
        store.column("sma", (5,), (store.column("close")[1:],))


def one_short(bars: Bars) -> FloatArray:
    return bars.close[1:]


def words(bars: Bars) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.full(len(bars), "a")


def rising(bars: Bars) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return bars.close > bars.open


def test_user_columns() -> None:
    bars = small_bars()
    store = ColumnStore(bars)
    np.testing.assert_array_equal(store.column(UserFunction(rising)), [1.0, 1.0, 0.0, 1.0])
    with pytest.raises(InvalidExpression, match=r"custom column one_short returned shape \(3,\) for 4 bars"):
        store.column(UserFunction(one_short))
    with pytest.raises(InvalidExpression, match="custom column words returned <U1 values"):
        store.column(UserFunction(words))


def test_a_user_column_may_tell_whole_numbers_from_others() -> None:
    counted = Counted()
    store = ColumnStore(small_bars())
    for argument in (2, 2.0, 2):
        store.column(UserFunction(counted), (argument,))
    assert [type(call[0]) for call in counted.calls] == [int, float]


def test_the_name_of_a_user_column_travels_with_its_function() -> None:
    name = UserFunction(rising, "v")
    again = copy.deepcopy(name)
    assert again == name
    assert (again.function, again.layout, again.place) == (rising, "v", "rising")


def test_a_user_column_does_not_close_the_array_it_was_given() -> None:
    bars = small_bars()
    own = np.arange(4.0)
    store = ColumnStore(bars)
    store.column(UserFunction(lambda bars: own))  # noqa: ARG005
    own[0] = 7.0
    assert own.flags.writeable
