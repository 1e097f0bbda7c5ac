"""`see`: what its attributes are, what they refuse, and how series and functions of one's own come in."""

import typing
from collections.abc import Callable

import numpy as np
import pytest
import talib

from autonomous_trading.core import (
    Bars,
    Expression,
    FloatArray,
    InvalidExpression,
    InvalidParameter,
    ParameterRef,
    UnknownName,
    as_expression,
    evaluate,
)
from autonomous_trading.features import ColumnStore, catalogue
from autonomous_trading.strategies import ColumnFunction, ColumnOutputs, Columns, OutputsFunction
from autonomous_trading.testing.markets import random_walk


def with_extra(bars: Bars, **extra: FloatArray) -> Bars:
    names = ("open", "high", "low", "close", "volume")
    return Bars(time=bars.time, **{name: getattr(bars, name) for name in names}, extra=extra)


BARS = with_extra(random_walk(120, seed=5), vix=np.linspace(10.0, 20.0, 120), vwap=np.full(120, 7.0))


@pytest.fixture
def see() -> Columns:
    return Columns(ColumnStore(BARS))


def test_every_entry_is_an_attribute_of_the_annotated_kind(see: Columns) -> None:
    annotated = typing.get_type_hints(Columns)
    for entry in catalogue():
        made = getattr(see, entry.name)
        expected: type = ColumnFunction
        if not entry.callable:
            expected = Expression
        elif entry.outputs:
            expected = OutputsFunction
        assert isinstance(made, expected), entry.name
        assert annotated.get(entry.name, ColumnFunction) is expected, entry.name
    assert {entry.name for entry in catalogue()} >= set(annotated)


def test_columns_are_plain_arrays_for_numpy(see: Columns) -> None:
    np.testing.assert_array_equal(np.asarray(see.close), BARS.close)
    np.testing.assert_array_equal(np.asarray(see.sma(20)), talib.SMA(BARS.close, 20))
    assert np.asarray(see.close > see.open).dtype == np.bool_
    assert see.n_bars == 120


def test_arguments_by_position_by_name_and_by_default(see: Columns) -> None:
    assert see.rsi(14).same(see.rsi(timeperiod=14))
    assert see.rsi().same(see.rsi(14))
    assert see.rsi(14.0).same(see.rsi(14))
    assert see.rsi(np.float64(14)).same(see.rsi(14))
    assert see.rsi(as_expression(7) * 2).same(see.rsi(14))
    assert not see.rsi(15).same(see.rsi(14))
    assert see.ma(20, "ema").same(see.ma(20, matype=1))


def test_parameters_stay_symbols(see: Columns) -> None:
    fast = ParameterRef("fast")
    average = see.sma(fast)
    assert average.parameters == {"fast"}
    np.testing.assert_array_equal(evaluate(average, see.store, {"fast": 7}), talib.SMA(BARS.close, 7))
    np.testing.assert_array_equal(evaluate(see.sma(fast * 2), see.store, {"fast": 7}), talib.SMA(BARS.close, 14))
    with pytest.raises(InvalidParameter, match=r"sma: timeperiod must lie in \[1, 100000\], got 0"):
        evaluate(average, see.store, {"fast": 0})
    with pytest.raises(InvalidParameter, match=r"sma: timeperiod must be a whole number, got 3.5"):
        evaluate(see.sma(fast / 2), see.store, {"fast": 7})


def test_another_source(see: Columns) -> None:
    smooth = see.sma(5, source=see.rsi(14))
    np.testing.assert_array_equal(np.asarray(smooth), talib.SMA(talib.RSI(BARS.close, 14), 5))
    array = np.asarray(see.sma(5, source=BARS.volume))
    np.testing.assert_array_equal(array, talib.SMA(BARS.volume, 5))
    average_range = see.atr(14, high=see.close * 2.0)
    np.testing.assert_array_equal(np.asarray(average_range), talib.ATR(BARS.close * 2.0, BARS.low, BARS.close, 14))
    pair = see.correl(20, price0=see.close, price1=see.volume)
    np.testing.assert_array_equal(np.asarray(pair), talib.CORREL(BARS.close, BARS.volume, 20))


def test_the_default_source_given_by_hand_is_the_same_column(see: Columns) -> None:
    assert see.sma(20, source=see.close).same(see.sma(20))
    assert not see.sma(20, source=see.open).same(see.sma(20))


def test_a_series_that_has_no_default(see: Columns) -> None:
    with pytest.raises(InvalidExpression, match=r"mavp needs the series periods.*periods=\.\.\."):
        see.mavp(2, 30)
    periods = see.day_of_week + 2.0
    expected = talib.MAVP(BARS.close, np.asarray(periods, np.float64), 2, 30)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.asarray(see.mavp(2, 30, periods=periods)), expected)


def test_several_outputs(see: Columns) -> None:
    macd = see.macd(8, 20, 5)
    line, signal, histogram = macd
    assert macd.macd.same(line)
    assert macd.macdsignal.same(signal)
    assert macd[2].same(histogram)
    assert len(macd) == 3
    assert {"macd", "macdsignal", "macdhist"} <= set(dir(macd))
    np.testing.assert_array_equal(np.asarray(histogram), talib.MACD(BARS.close, 8, 20, 5)[2])
    with pytest.raises(UnknownName, match=r"unknown output of macd 'macdhits'.*did you mean 'macdhist'"):
        _ = macd.macdhits
    with pytest.raises(AttributeError):
        _ = macd._private
    assert isinstance(see.bbands(), ColumnOutputs)


def test_what_is_refused_when_it_is_written(see: Columns) -> None:
    with pytest.raises(UnknownName, match=r"unknown column 'clsoe'.*did you mean 'close'"):
        _ = see.clsoe
    with pytest.raises(UnknownName, match=r"unknown argument of sma 'timeperoid'.*did you mean 'timeperiod'"):
        see.sma(timeperoid=3)
    with pytest.raises(InvalidParameter, match=r"rsi: timeperiod must lie in \[2, 100000\], got 1"):
        see.rsi(1)
    with pytest.raises(InvalidParameter, match="rsi: timeperiod must be a number, got None"):
        see.rsi(None)  # type: ignore[arg-type]
    with pytest.raises(InvalidExpression, match=r"sma takes numbers as arguments, got a column.*source=close"):
        see.sma(see.close, 20)
    with pytest.raises(InvalidExpression, match="sma takes numbers as arguments, got a column"):
        see.sma(BARS.close)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        _ = see._something


def test_columns_that_came_with_the_bars(see: Columns) -> None:
    np.testing.assert_array_equal(np.asarray(see.vix), np.linspace(10.0, 20.0, 120))
    assert isinstance(see.vwap, ColumnFunction), "an indicator means the same whatever the bars bring"
    np.testing.assert_array_equal(np.asarray(see.extra("vwap")), np.full(120, 7.0))
    with pytest.raises(UnknownName, match=r"unknown column of these bars 'vxi'.*did you mean 'vix'"):
        see.extra("vxi")


def test_everything_is_listed(see: Columns) -> None:
    listed = dir(see)
    assert {"close", "sma", "macd", "custom", "vix", "hour"} <= set(listed)
    assert "SYNTHETIC" not in repr(see)
    assert repr(see.sma) == "<sma(timeperiod=30, source=close): Simple Moving Average>"
    assert "-> macd, macdsignal, macdhist" in repr(see.macd)
    assert repr(see.macd()) == "<outputs of macd: macd, macdsignal, macdhist>"
    assert repr(see).startswith("<columns of Bars(")


def spread(bars: Bars, window: int, other: FloatArray, kind: str) -> FloatArray:
    assert kind == "close"
    gap: FloatArray = getattr(bars, kind) - other
    return np.concatenate((np.full(window, np.nan), gap[:-window]))


def test_a_function_of_ones_own_gets_its_arguments_in_order(see: Columns) -> None:
    made = see.custom(spread, ParameterRef("lag"), see.sma(5), "close")
    expected = spread(BARS, 3, talib.SMA(BARS.close, 5), "close")
    np.testing.assert_array_equal(evaluate(made, see.store, {"lag": 3}), expected)
    same = see.custom(spread, 3, see.sma(5), "close")
    np.testing.assert_array_equal(np.asarray(same), expected)


def test_functions_with_one_name_are_told_apart(see: Columns) -> None:
    first, second = (lambda bars, k=k: bars.close * k for k in (1.0, 2.0))
    assert not see.custom(first).same(see.custom(second))
    np.testing.assert_array_equal(np.asarray(see.custom(second)), BARS.close * 2.0)


def test_several_outputs_cannot_be_compared_and_the_error_names_them() -> None:
    see = Columns(ColumnStore(BARS))
    expected = r"^macd has several outputs: macd, macdsignal, macdhist. Fix: choose one, such as see.macd\(...\).macd"
    uses: list[Callable[[], object]] = [
        lambda: see.macd() > 0,
        lambda: see.close < see.macd(),
        lambda: -see.macd(),
        lambda: see.macd() + 1,
    ]
    for use in uses:
        with pytest.raises(InvalidExpression, match=expected):
            use()
