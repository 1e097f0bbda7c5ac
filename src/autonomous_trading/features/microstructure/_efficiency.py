"""How freely does the price move? Returns of zero, the ratio of variances, and how much is traded."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray, InvalidParameter
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import beyond_rounding, change, log_change, ratio, shift
from autonomous_trading.features.microstructure._windows import moments, sums

__all__ = ["COLUMNS"]

_GROUP = "Microstructure"


def zero_return_share(close: FloatArray, period: int) -> FloatArray:
    """Share of the last `period` bars that closed where the one before did."""
    moved = change(close, 1)
    return np.asarray(sums(period, np.where(np.isnan(moved), np.nan, moved == 0.0))[0] / period)


def variance_ratio(close: FloatArray, period: int, lag: int) -> FloatArray:
    """Variance of returns over `lag` bars, over `lag` times that of one bar: 1 in a random walk; NaN without moves."""
    if lag >= period:
        raise InvalidParameter(f"variance_ratio: lag {lag} is not below period {period}", fix="give a longer period")
    single, longer = log_change(close, 1), log_change(close, lag)
    mean, _, squares, _, _ = moments(single, single, period)
    count = period - lag + 1
    mean_longer, _, squares_longer, _, _ = moments(longer, longer, count)
    off = mean_longer - lag * mean
    scaled = lag * count * (1.0 - lag / period)
    deviation = beyond_rounding(np.sqrt(squares / (period - 1)), mean)
    return ratio((squares_longer + count * off * off) / scaled, deviation * deviation)


def relative_turnover(close: FloatArray, volume: FloatArray, period: int) -> FloatArray:
    """Money traded on a bar over its mean in the `period` bars before; NaN where nothing was traded in them."""
    money = close * volume
    return ratio(money, shift(sums(period, money)[0], 1) / period)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "zero_return_share": ColumnDefinition(
        zero_return_share,
        group=_GROUP,
        description="Share of bars that closed where the one before did: prices stand still where trading is dear",
        formula="mean(close = close[-1]) over the last period bars",
        units="fraction",
        source="Lesmond, Ogden and Trzcinka (1999), Rev. Financial Studies 12(5)",
        parameters=(whole("period", 60),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
    "variance_ratio": ColumnDefinition(
        variance_ratio,
        group=_GROUP,
        description="Variance of returns over several bars over that of one, bar for bar: below 1 where prices come "
        "back, above where they go on",
        formula="VR(q) = [sum((r_q - q m)^2) / (q (n - q + 1) (1 - q / n))] / [sum((r - m)^2) / (n - 1)], n = period, "
        "q = lag, r the change of log(close), m its mean",
        units="1",
        source="Lo and MacKinlay (1988), Rev. Financial Studies 1(1), overlapping returns",
        parameters=(whole("period", 120, low=3), whole("lag", 2, low=2, high=1_000)),
        warm_up=lambda period, _lag: period,
        memory=lambda period, _lag: period,
    ),
    "relative_turnover": ColumnDefinition(
        relative_turnover,
        group=_GROUP,
        description="Money traded on a bar, in multiples of its mean over the bars before",
        formula="close volume / mean(close[-1] volume[-1], ..., close[-period] volume[-period])",
        units="1",
        source="Lee and Swaminathan (2000), J. Finance 55(5), with money traded for shares over shares outstanding",
        inputs=("close", "volume"),
        parameters=(whole("period", 20),),
        warm_up=lambda period: period,
        memory=lambda period: period,
    ),
}
