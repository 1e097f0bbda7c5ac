"""What the last returns were like: size, direction, spread, shape, and how each follows the one before."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import (
    beyond_rounding,
    change,
    log_change,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_std,
    rolling_sum,
    shift,
    talib,
)

_GROUP = "Price"
_SOURCE = (("source", "close"),)


def log_return(source: FloatArray, period: int) -> FloatArray:
    """Logarithm of the price over that of `period` bars before."""
    return log_change(source, period)


def acceleration(source: FloatArray, period: int) -> FloatArray:
    """Log return of the last `period` bars minus that of the bars before."""
    moved = log_change(source, period)
    return moved - shift(moved, period)


def return_rank(source: FloatArray, period: int, window: int) -> FloatArray:
    """Share of the last `window` returns over `period` bars that are not above this one, in percent."""
    return talib("percentrank", (log_change(source, period),), (window,))[0]


def hit_rate(source: FloatArray, period: int) -> FloatArray:
    """Share of rising bars minus that of falling ones."""
    return rolling_mean(np.sign(change(source, 1)), period)


def largest_return(source: FloatArray, period: int) -> FloatArray:
    """Largest log return of one bar in the window."""
    return rolling_max(log_change(source, 1), period)


def _centred(returns: FloatArray, window: int) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation (ddof 0) of returns; a deviation that is rounding alone is NaN."""
    mean, deviation = rolling_mean(returns, window), rolling_std(returns, window, 0)
    return mean, beyond_rounding(deviation, mean)


def return_skewness(source: FloatArray, period: int) -> FloatArray:
    """Skewness of the last log returns of one bar; NaN where all are equal."""
    returns = log_change(source, 1)
    mean, deviation = _centred(returns, period)
    square = returns * returns
    third = (
        rolling_mean(square * returns, period) - 3.0 * mean * rolling_mean(square, period) + 2.0 * mean * mean * mean
    )
    return ratio(third, deviation * deviation * deviation)


def return_kurtosis(source: FloatArray, period: int) -> FloatArray:
    """Excess kurtosis of the last log returns of one bar; NaN where all are equal."""
    returns = log_change(source, 1)
    mean, deviation = _centred(returns, period)
    # Powers by multiplication: numpy's own take ten times as long.
    square, mean_square = returns * returns, mean * mean
    fourth = rolling_mean(square * square, period) - 4.0 * mean * rolling_mean(square * returns, period)
    fourth += 6.0 * mean_square * rolling_mean(square, period) - 3.0 * mean_square * mean_square
    variance = deviation * deviation
    return ratio(fourth, variance * variance) - 3.0


def return_autocorrelation(source: FloatArray, period: int, lag: int) -> FloatArray:
    """Correlation of log returns of one bar with those `lag` bars before, over `period` pairs."""
    returns = log_change(source, 1)
    before = shift(returns, lag)
    mean, deviation = _centred(returns, period)
    other_mean, other_deviation = shift(mean, lag), shift(deviation, lag)
    joint = rolling_mean(returns * before, period) - mean * other_mean
    return np.clip(ratio(joint, deviation * other_deviation), -1.0, 1.0)


def sharpe_ratio(source: FloatArray, period: int) -> FloatArray:
    """Mean over deviation of the last returns of one bar, not annualised; NaN where all are equal."""
    returns = ratio(source, shift(source, 1)) - 1.0
    mean, deviation = _centred(returns, period)
    return ratio(mean, deviation * np.sqrt(period / (period - 1.0)))


def sortino_ratio(source: FloatArray, period: int) -> FloatArray:
    """Mean over downside deviation (target 0) of the last returns of one bar; NaN where none fell."""
    returns = ratio(source, shift(source, 1)) - 1.0
    falls = np.minimum(returns, 0.0)
    return ratio(rolling_mean(returns, period), np.sqrt(rolling_mean(falls * falls, period)))


def trend_strength(source: FloatArray, period: int) -> FloatArray:
    """Log return over `period` bars in deviations of its bars: how clear a trend is."""
    returns = log_change(source, 1)
    _, deviation = _centred(returns, period)
    return ratio(log_change(source, period), deviation * np.sqrt(period))


def regression_momentum(source: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Slope a bar of the line through log prices, and the share of their variance that it explains."""
    logs = _logs(source)
    slope = talib("linearreg_slope", (logs,), (period,))[0]
    spread = rolling_std(logs, period, 0)
    spread = beyond_rounding(spread, logs)
    explained = (period * period - 1.0) / 12.0 * ratio(slope, spread) ** 2
    return slope, np.minimum(explained, 1.0)


def _logs(source: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.where(source > 0.0, source, np.nan))


def information_discreteness(source: FloatArray, period: int) -> FloatArray:
    """Sign of the return times the share of falling minus rising bars: below 0 where it came in small steps."""
    return np.sign(change(source, period)) * -hit_rate(source, period)


def overnight_return(opening: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Sum of log returns from each close to the next open over the last bars."""
    return rolling_sum(_logs(opening) - shift(_logs(close), 1), period)


def intraday_return(opening: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Sum of log returns from each open to its close over the last bars."""
    return rolling_sum(_logs(close) - _logs(opening), period)


def gap_fill(opening: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Share of the opening gap that the bar went back: 0 none, 1 to the close before; NaN without a gap."""
    before = shift(close, 1)
    gap = opening - before
    back = np.where(gap > 0.0, opening - low, high - opening)
    return np.clip(ratio(back, np.abs(gap)), 0.0, 1.0)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "log_return": ColumnDefinition(
        log_return,
        group=_GROUP,
        description="Log return over some bars",
        formula="log(x / x[-n])",
        units="log",
        source="Campbell, Lo and MacKinlay (1997), The Econometrics of Financial Markets, ch. 1",
        inputs=_SOURCE,
        parameters=(whole("period", 1),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "acceleration": ColumnDefinition(
        acceleration,
        group=_GROUP,
        description="Log return minus that of the bars before",
        formula="log(x / x[-n]) - log(x[-n] / x[-2 n])",
        units="log",
        source="Gettleman and Marks (2006), Acceleration Strategies",
        inputs=_SOURCE,
        parameters=(whole("period", 20),),
        warm_up=lambda period: 2 * period,
        memory=lambda period: 2 * period,
    ),
    "return_rank": ColumnDefinition(
        return_rank,
        group=_GROUP,
        description="Share of the last returns that are not above this one",
        formula="percentrank(log(x / x[-n]), m)",
        units="0..100",
        source="Connors and Alvarez (2012), An Introduction to ConnorsRSI",
        inputs=_SOURCE,
        parameters=(whole("period", 1), whole("window", 252, low=2)),
        warm_up=lambda period, window: period + window,
        memory=lambda period, window: period + window,
    ),
    "hit_rate": ColumnDefinition(
        hit_rate,
        group=_GROUP,
        description="Share of rising bars minus that of falling ones",
        formula="mean(sign(x - x[-1]), n)",
        units="-1..1",
        source="Da, Gurun and Warachka (2014), Frog in the Pan, Rev. Financial Studies 27(7)",
        inputs=_SOURCE,
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "largest_return": ColumnDefinition(
        largest_return,
        group=_GROUP,
        description="Largest log return of one bar in the window",
        formula="max(log(x / x[-1]), n)",
        units="log",
        source="Bali, Cakici and Whitelaw (2011), Maxing Out, J. Financial Economics 99(2)",
        inputs=_SOURCE,
        parameters=(whole("period", 21),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "return_skewness": ColumnDefinition(
        return_skewness,
        group=_GROUP,
        description="Skewness of log returns of one bar",
        formula="mean((r - mean(r))^3) / std(r)^3 over n bars, ddof 0",
        units="1",
        source="Amaya, Christoffersen, Jacobs and Vasquez (2015), J. Financial Economics 118(1)",
        inputs=_SOURCE,
        parameters=(whole("period", 60, low=3),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "return_kurtosis": ColumnDefinition(
        return_kurtosis,
        group=_GROUP,
        description="Excess kurtosis of log returns of one bar",
        formula="mean((r - mean(r))^4) / std(r)^4 - 3 over n bars, ddof 0",
        units="1",
        source="Amaya, Christoffersen, Jacobs and Vasquez (2015), J. Financial Economics 118(1)",
        inputs=_SOURCE,
        parameters=(whole("period", 60, low=4),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "return_autocorrelation": ColumnDefinition(
        return_autocorrelation,
        group=_GROUP,
        description="Correlation of returns with those some bars before",
        formula="corr(r, r[-lag]) over n pairs, r = log(x / x[-1])",
        units="-1..1",
        source="Lo and MacKinlay (1988), Rev. Financial Studies 1(1)",
        inputs=_SOURCE,
        parameters=(whole("period", 60, low=3), whole("lag", 1)),
        warm_up=lambda period, lag: period + lag,
        memory=lambda period, lag: period + lag,
    ),
    "sharpe_ratio": ColumnDefinition(
        sharpe_ratio,
        group=_GROUP,
        description="Mean over deviation of the last returns of one bar",
        formula="mean(r, n) / std(r, n), ddof 1, r = x / x[-1] - 1",
        units="1 per bar",
        source="Sharpe (1994), J. Portfolio Management 21(1)",
        inputs=_SOURCE,
        parameters=(whole("period", 60, low=2),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "sortino_ratio": ColumnDefinition(
        sortino_ratio,
        group=_GROUP,
        description="Mean over downside deviation of the last returns of one bar",
        formula="mean(r, n) / sqrt(mean(min(r, 0)^2, n))",
        units="1 per bar",
        source="Sortino and van der Meer (1991), J. Portfolio Management 17(4)",
        inputs=_SOURCE,
        parameters=(whole("period", 60),),
        sparse=True,  # no fall in the window: no ratio
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "trend_strength": ColumnDefinition(
        trend_strength,
        group=_GROUP,
        description="Return over some bars in deviations of their returns",
        formula="log(x / x[-n]) / (std(r, n) sqrt(n)), r = log(x / x[-1])",
        units="1",
        source="Moskowitz, Ooi and Pedersen (2012), Time Series Momentum, J. Financial Economics 104(2)",
        inputs=_SOURCE,
        parameters=(whole("period", 252, low=2),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "regression_momentum": ColumnDefinition(
        regression_momentum,
        group=_GROUP,
        description="Slope of the line through log prices, and how much of them it explains",
        formula="slope and r^2 of log(x) on 1 .. n",
        units="log per bar; 0..1",
        source="Clenow (2015), Stocks on the Move",
        inputs=_SOURCE,
        parameters=(whole("period", 90, low=2),),
        outputs=("slope", "explained"),
        tolerance=1e-6,  # of running sums
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "information_discreteness": ColumnDefinition(
        information_discreteness,
        group=_GROUP,
        description="Whether a move came in many small steps (below 0) or few large ones",
        formula="sign(x - x[-n]) (share of falling - share of rising bars)",
        units="-1..1",
        source="Da, Gurun and Warachka (2014), Frog in the Pan, Rev. Financial Studies 27(7)",
        inputs=_SOURCE,
        parameters=(whole("period", 231),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "overnight_return": ColumnDefinition(
        overnight_return,
        group=_GROUP,
        description="Log return from closes to opens over the last bars",
        formula="sum(log(open / close[-1]), n)",
        units="log",
        source="Lou, Polk and Skouras (2019), A Tug of War, J. Financial Economics 134(1)",
        inputs=("open", "close"),
        parameters=(whole("period", 21),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "intraday_return": ColumnDefinition(
        intraday_return,
        group=_GROUP,
        description="Log return from opens to closes over the last bars",
        formula="sum(log(close / open), n)",
        units="log",
        source="Lou, Polk and Skouras (2019), A Tug of War, J. Financial Economics 134(1)",
        inputs=("open", "close"),
        parameters=(whole("period", 21),),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
    "gap_fill": ColumnDefinition(
        gap_fill,
        group=_GROUP,
        description="Share of the opening gap that the bar went back",
        formula="min(1, (open - low) / gap) after a gap up, min(1, (high - open) / -gap) after one down",
        units="0..1",
        source="Crabel (1990), Day Trading with Short Term Price Patterns",
        inputs=("open", "high", "low", "close"),
        sparse=True,
        warm_up=1,
        memory=1,
    ),
}
