"""Columns of coarser bars: what they are worth, and that nothing is seen before its bar is closed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import Bars, InvalidExpression, InvalidInput, resample
from autonomous_trading.features import ColumnStore, on_timeframe, split_timeframe
from autonomous_trading.features._timeframes import coarse_view
from autonomous_trading.strategies import Columns
from autonomous_trading.testing.causality import check_causal
from autonomous_trading.testing.markets import random_walk

HOUR = 3_600 * 10**9
DAY = 24 * HOUR


def hourly(n: int, *, seed: int = 3, present: np.ndarray | None = None) -> Bars:
    plain = random_walk(n, seed=seed)
    time = np.arange(n, dtype=np.int64) * HOUR
    rows = np.ones(n, dtype=bool) if present is None else present
    prices = (plain.open[rows], plain.high[rows], plain.low[rows], plain.close[rows])
    return Bars(time[rows], *prices, volume=plain.volume[rows], extra={"vix": plain.close[rows] * 2.0})


def test_names() -> None:
    assert on_timeframe("rsi", "240min") == "240m:rsi"
    assert split_timeframe("4h:rsi") == ("4h", "rsi")
    assert split_timeframe("1d:extra:vix") == ("1d", "extra:vix")
    assert split_timeframe("extra:vix") == ("", "extra:vix")
    assert split_timeframe("rsi") == ("", "rsi")


def test_a_day_is_visible_on_the_hour_that_completes_it() -> None:
    bars = hourly(24 * 6)
    close = ColumnStore(bars).column("1d:close")
    days = resample(bars, "1d")
    assert np.isnan(close[:23]).all()
    for day in range(5):
        np.testing.assert_array_equal(close[24 * day + 23 : 24 * day + 47], days.close[day])
    rsi = ColumnStore(bars).column("4h:rsi", (5,))
    np.testing.assert_array_equal(rsi[3::4], ColumnStore(resample(bars, "4h")).column("rsi", (5,)))


def test_without_a_known_length_a_bar_is_visible_one_bar_later() -> None:
    bars = hourly(3)  # the step of an hour was seen once when the second bar closed
    assert np.isnan(ColumnStore(bars).column("2h:close")[:2]).all()
    assert ColumnStore(bars).column("2h:close")[2] == bars.close[1]


def test_inputs_are_taken_when_a_coarse_bar_closes() -> None:
    bars = hourly(24 * 9)
    store = ColumnStore(bars)
    high = store.column("1d:high")
    given = store.column("1d:sma", (3,), (high,))
    days = resample(bars, "1d").high
    np.testing.assert_allclose(given[71::24], [days[k - 2 : k + 1].mean() for k in range(2, 9)])


def test_extra_columns_and_outputs_and_repeats() -> None:
    bars = hourly(24 * 50)
    store = ColumnStore(bars)
    assert store.column("1d:extra:vix")[30] == bars.extra["vix"][23]
    histogram = store.column("1d:macd", (), None, "macdhist")
    assert np.isfinite(histogram[-1])
    assert store.column("1d:macd", (), None, "macdhist") is histogram


def test_see_on_a_timeframe() -> None:
    bars = hourly(24 * 40)
    see = Columns(ColumnStore(bars))
    days = see.on("1d")
    np.testing.assert_array_equal(np.asarray(days.close), see.store.column("1d:close"))
    np.testing.assert_array_equal(np.asarray(days.rsi(5)), see.store.column("1d:rsi", (5,)))
    np.testing.assert_array_equal(np.asarray(days.macd().macdhist), see.store.column("1d:macd", (), None, "macdhist"))
    np.testing.assert_array_equal(
        np.asarray(days.sma(3, source=days.high)), see.store.column("1d:sma", (3,), (see.store.column("1d:high"),))
    )
    np.testing.assert_array_equal(np.asarray(days.vix), see.store.column("1d:extra:vix"))
    with pytest.raises(InvalidExpression, match="on the bars there are, not on bars of 1d"):
        days.custom(lambda each: each.close)


@pytest.mark.parametrize(
    ("timeframe", "error", "message"),
    [("5m", InvalidExpression, "5m are finer than the bars"), ("soon", InvalidInput, "no timeframe")],
)
def test_what_is_refused(timeframe: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ColumnStore(hourly(50)).column(f"{timeframe}:close")


def test_before_the_first_coarse_bar_closes_nothing_is_known() -> None:
    assert np.isnan(ColumnStore(hourly(10)).column("1w:rsi", (3,))).all()
    assert len(ColumnStore(hourly(1)).column("1d:close")) == 1


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.floats(0.1, 1.0), st.sampled_from(["2h", "4h", "1d", "1w"]))
def test_no_column_of_coarser_bars_looks_ahead(seed: int, share: float, timeframe: str) -> None:
    rng = np.random.default_rng(seed)
    present = rng.random(24 * 12) < share
    present[:1] = True
    bars = hourly(24 * 12, seed=seed, present=present)

    def columns(part: Bars) -> list[np.ndarray]:
        store = ColumnStore(part)
        return [store.column(f"{timeframe}:{name}") for name in ("close", "high", "open", "volume", "rsi")]

    cuts = sorted({int(cut) for cut in rng.integers(1, len(bars), 12)}) if len(bars) > 2 else [1]
    if len(bars) > 1 and int(np.diff(bars.time).min()) <= coarse_ns(timeframe):
        usable = [cut for cut in cuts if cut < 2 or int(np.diff(bars.time[:cut]).min()) <= coarse_ns(timeframe)]
        check_causal(columns, bars, cuts=usable, name=timeframe)


def coarse_ns(timeframe: str) -> int:
    return {"2h": 2 * HOUR, "4h": 4 * HOUR, "1d": DAY, "1w": 7 * DAY}[timeframe]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10**6), st.floats(0.1, 1.0))
def test_a_coarse_bar_is_made_of_what_was_there_when_it_closed(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    present = rng.random(24 * 8) < share
    present[:1] = True
    bars = hourly(24 * 8, seed=seed, present=present)
    if len(bars) < 2 or int(np.diff(bars.time).min()) > DAY:
        return
    view = coarse_view(bars, "1d")
    for number, row in enumerate(view.closed_on):
        assert view.bars is not None
        start = view.bars.time[number]
        inside = [k for k in range(row + 1) if start <= bars.time[k] < start + DAY]
        assert view.bars.open[number] == bars.open[inside[0]]
        assert view.bars.high[number] == max(bars.high[inside])
        assert view.bars.low[number] == min(bars.low[inside])
        assert view.bars.close[number] == bars.close[inside[-1]]
        np.testing.assert_allclose(view.bars.volume[number], sum(bars.volume[inside]))
        assert view.latest[row] >= number  # one row may close two: the one before it, and its own
        assert (view.latest[:row] < number).all()
