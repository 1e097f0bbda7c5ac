"""Causal wavelets: the maximal-overlap transform with filters that reach backwards only.

Level j sees changes that last about 2^j bars. Details and smooth of the Haar transform add up to the value itself.
"""

import math
from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole
from autonomous_trading.features._primitives import ROUNDING, log_change, ratio, rolling_sum, shift, together

_GROUP = "Spectral"
_ROOT = math.sqrt(3.0)
# Daubechies' four-tap scaling filter for the maximal-overlap transform: divided by the root of 2 once more.
_D4 = tuple(each / 8.0 for each in (1.0 + _ROOT, 3.0 + _ROOT, 3.0 - _ROOT, 1.0 - _ROOT))
_LEVELS = whole("level", 3, high=10)
_SOURCE = "Percival and Walden, Wavelet Methods for Time Series Analysis (2000), ch. 5, MODWT"


def wavelet(close: FloatArray, level: int) -> tuple[FloatArray, ...]:
    """Haar detail of log prices at a level, and the smooth below it (as distance of the log price from it)."""
    logs = np.log(close)
    before, smooth = logs, logs
    for number in range(level):
        before, smooth = smooth, 0.5 * (smooth + shift(smooth, 2**number))
    return together((before - smooth, logs - smooth), 2**level - 1)


def wavelet_d4(close: FloatArray, level: int) -> tuple[FloatArray, ...]:
    """Daubechies-4 detail of log prices at a level, and the distance of the log price from the smooth."""
    smooth, detail = np.log(close), np.zeros(len(close))
    logs = smooth
    for number in range(level):
        taps = [shift(smooth, lag * 2**number) for lag in range(4)]
        detail = _filtered(taps, [_D4[3], -_D4[2], _D4[1], -_D4[0]])
        smooth = _filtered(taps, list(_D4))
    return together((detail, logs - smooth), 3 * (2**level - 1))


def wavelet_energy(close: FloatArray, period: int) -> tuple[FloatArray, ...]:
    """Shares of the energy of log returns at Haar levels 1 to 4 over the last `period` bars, the rest left out."""
    smooth, details = log_change(close, 1), []
    for number in range(4):
        coarser = 0.5 * (smooth + shift(smooth, 2**number))
        details.append(rolling_sum(np.square(smooth - coarser), period))
        smooth = coarser
    total = details[0] + details[1] + details[2] + details[3]
    total = np.where(total > period * ROUNDING**2, total, np.nan)
    return together(tuple(ratio(each, total) for each in details), period + 15)


def _filtered(taps: list[FloatArray], weights: list[float]) -> FloatArray:
    """The weighted sum, in a fixed order."""
    return weights[0] * taps[0] + weights[1] * taps[1] + weights[2] * taps[2] + weights[3] * taps[3]


COLUMNS: Mapping[str, ColumnDefinition] = {
    "wavelet": ColumnDefinition(
        wavelet,
        group=_GROUP,
        description="Haar wavelet detail of log prices at a level, and the log price over its smooth",
        formula="s[j] = (s[j-1] + s[j-1][-2^(j-1)]) / 2, detail = s[j-1] - s[j]",
        units="log price",
        source=_SOURCE + ", Haar filter",
        parameters=(_LEVELS,),
        outputs=("detail", "over_smooth"),
        warm_up=lambda level: 2**level - 1,
        memory=lambda level: 2**level - 1,
    ),
    "wavelet_d4": ColumnDefinition(
        wavelet_d4,
        group=_GROUP,
        description="Daubechies-4 wavelet detail of log prices at a level, and the log price over its smooth",
        formula="MODWT with the D(4) filter, backward taps only",
        units="log price",
        source=_SOURCE + "; filter of Daubechies (1988), Comm. Pure Appl. Math. 41(7)",
        parameters=(_LEVELS,),
        outputs=("detail", "over_smooth"),
        warm_up=lambda level: 3 * (2**level - 1),
        memory=lambda level: 3 * (2**level - 1),
    ),
    "wavelet_energy": ColumnDefinition(
        wavelet_energy,
        group=_GROUP,
        description="Shares of the variance of log returns at four dyadic scales",
        formula="sum(detail_j^2, period) / sum over j, Haar MODWT of log returns",
        units="fraction",
        source=_SOURCE + ", wavelet variance",
        parameters=(whole("period", 64, low=2),),
        outputs=("level_1", "level_2", "level_3", "level_4"),
        warm_up=lambda period: period + 15,
        memory=lambda period: period + 15,
    ),
}
