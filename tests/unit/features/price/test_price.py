"""Returns, shapes and ranges against pandas, scipy and plain loops."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from autonomous_trading.core import FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.contracts.features import column_market
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(500, seed=5)
STORE = ColumnStore(BARS)
FRAME = pd.DataFrame({name: STORE.column(name) for name in ("open", "high", "low", "close")})
OPEN, HIGH, LOW, CLOSE = (FRAME[name] for name in FRAME)
LOGS = np.log(CLOSE).diff()
RETURNS = CLOSE.pct_change()


def column(name: str, *arguments: float, output: str = "") -> FloatArray:
    return STORE.column(name, arguments, None, output)


def agree(found: FloatArray, expected: "FloatArray | pd.Series[float]") -> None:
    wanted = np.asarray(expected, dtype=np.float64)
    np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-8)


def test_returns() -> None:
    agree(column("log_return", 7), np.log(CLOSE).diff(7))
    agree(column("acceleration", 7), np.log(CLOSE).diff(7).diff(7))
    agree(column("hit_rate", 20), pd.Series(np.sign(LOGS)).rolling(20).mean())
    agree(column("largest_return", 21), LOGS.rolling(21).max())
    agree(column("overnight_return", 21), pd.Series(np.log(OPEN / CLOSE.shift())).rolling(21).sum())
    agree(column("intraday_return", 21), pd.Series(np.log(CLOSE / OPEN)).rolling(21).sum())
    rank = LOGS.rolling(61).apply(lambda x: 100 * float((x[:-1] <= x[-1]).mean()), raw=True)
    agree(column("return_rank", 1, 60), rank)
    discrete = np.sign(CLOSE.diff(60)) * ((LOGS < 0).rolling(60).mean() - (LOGS > 0).rolling(60).mean())
    agree(column("information_discreteness", 60), discrete.where(CLOSE.diff(60).notna()))


def test_shapes_of_returns() -> None:
    agree(column("return_skewness", 60), LOGS.rolling(60).apply(lambda x: float(stats.skew(x)), raw=True))
    agree(column("return_kurtosis", 60), LOGS.rolling(60).apply(lambda x: float(stats.kurtosis(x)), raw=True))
    for lag in (1, 5):
        agree(column("return_autocorrelation", 60, lag), LOGS.rolling(60).corr(LOGS.shift(lag)))
    agree(column("sharpe_ratio", 60), RETURNS.rolling(60).mean() / RETURNS.rolling(60).std())
    downside = np.sqrt((RETURNS.clip(upper=0) ** 2).rolling(60).mean())
    agree(column("sortino_ratio", 60), RETURNS.rolling(60).mean() / downside)
    agree(column("trend_strength", 60), np.log(CLOSE).diff(60) / (LOGS.rolling(60).std(ddof=0) * math.sqrt(60)))


def test_regression_momentum() -> None:
    lines = [stats.linregress(np.arange(90), np.log(CLOSE[t - 89 : t + 1])) for t in range(89, 500)]
    agree(column("regression_momentum", 90, output="slope")[89:], np.array([line.slope for line in lines]))
    agree(column("regression_momentum", 90, output="explained")[89:], np.array([line.rvalue**2 for line in lines]))


def test_positions_in_the_range() -> None:
    low, high = LOW.rolling(252).min(), HIGH.rolling(252).max()
    agree(column("range_position", 252), (CLOSE - low) / (high - low))
    agree(column("distance_from_high", 252), CLOSE / high - 1)
    agree(column("distance_from_low", 252), CLOSE / low - 1)
    agree(column("price_zscore", 20), (CLOSE - CLOSE.rolling(20).mean()) / CLOSE.rolling(20).std(ddof=0))
    agree(column("atr_distance", 50, 14), (CLOSE - CLOSE.rolling(50).mean()) / STORE.column("atr", (14,)))
    agree(column("kept_move", 20), CLOSE.diff(20) / (CLOSE.rolling(21).max() - CLOSE.rolling(21).min()))


def test_drawdowns() -> None:
    agree(column("drawdown"), CLOSE / CLOSE.cummax() - 1)
    agree(column("run_up"), CLOSE / CLOSE.cummin() - 1)
    loss = CLOSE / CLOSE.rolling(30).max() - 1
    agree(column("rolling_drawdown", 30), loss)
    agree(column("worst_drawdown", 30), loss.rolling(30).min())
    ulcer = np.sqrt(((100 * loss) ** 2).rolling(30).mean())
    agree(column("ulcer_index", 30), ulcer)
    agree(column("ulcer_performance", 30), 100 * CLOSE.pct_change(30) / ulcer)


def test_bars_since() -> None:
    since = CLOSE.rolling(30).apply(lambda x: float(len(x) - 1 - x.argmax()), raw=True)
    agree(column("bars_since_high", 30), since)
    agree(column("bars_since_low", 30), CLOSE.rolling(30).apply(lambda x: float(len(x) - 1 - x.argmin()), raw=True))
    record = [t - int(np.argmax(CLOSE[: t + 1])) for t in range(500)]
    agree(column("bars_since_record"), np.array(record, dtype=np.float64))


def test_streaks_and_gaps() -> None:
    source = np.array([1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 0.5, 4.0, 5.0, 6.0, 7.0])
    found = ColumnStore(BARS[:11]).column("streak", (3,), (source,))
    np.testing.assert_array_equal(found, [np.nan, 1, 2, 0, -1, -2, -3, 1, 2, 3, 3])
    bars = tuple(
        np.array(each)
        for each in ([10.0, 12.0, 8.0, 8.5], [11.0, 13.0, 8.4, 9.0], [9.0, 11.0, 7.0, 8.0], [10.0, 12.5, 8.0, 8.5])
    )
    gaps = ColumnStore(BARS[:4]).column("gap_fill", (), bars)
    # Up from 10 to 12 and back to 11; down from 12.5 to 8 and back to 8.4; up from 8 to 8.5 and back to 8.
    np.testing.assert_allclose(gaps, [np.nan, 0.5, 0.4 / 4.5, 1.0])


@pytest.mark.parametrize("name", ["return_skewness", "return_kurtosis", "return_autocorrelation", "sharpe_ratio"])
def test_returns_without_spread_have_no_shape(name: str) -> None:
    assert np.isnan(ColumnStore(column_market("constant")).column(name)).all()
    growth = np.asarray(100.0 * 1.001 ** np.arange(600), dtype=np.float64)  # equal returns but for rounding
    assert np.isnan(ColumnStore(column_market("constant")).column(name, (), (growth,))).all()
