"""Drift of features against their training distribution: stability index, Kolmogorov-Smirnov, moments, missing values.

Values of one feature resemble their neighbours, so a window of 250 days holds far fewer than 250 independent ones: the
test counts effective observations, or it would call every quiet month a drift.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from scipy.stats import kstwobign

from autonomous_trading.core import FloatArray, InvalidInput

_FLOOR = 1e-4
_LEAST = 20
_USUAL = {"watch": "watch=0.1, drift=0.25", "level": "0.05", "missing": "0.05"}


@final
@dataclass(frozen=True, slots=True)
class DriftLimits:
    """From where on a feature is watched, or has drifted.

    The stability index as Siddiqi, Credit Risk Scorecards (2006), reads it: below 0.1 stable, above 0.25 shifted. It
    counts only where the Kolmogorov-Smirnov test, corrected for the number of features (Holm), is below `level`.
    `missing`: the growth of the share of missing values that is a drift by itself. `bins`: groups of training values of
    about the same size; a value that fills one alone has a bin of its own. Raises InvalidInput for what is no limit.
    """

    watch: float = 0.1
    drift: float = 0.25
    level: float = 0.05
    missing: float = 0.05
    bins: int = 10

    def __post_init__(self) -> None:
        checked_bins(self.bins)
        for name, fits, words in (
            ("watch", 0.0 <= self.watch <= self.drift < math.inf, "at least 0 and at most `drift`"),
            ("level", 0.0 < self.level < 1.0, "above 0 and below 1"),
            ("missing", 0.0 < self.missing <= 1.0, "above 0 and at most 1"),
        ):
            if not fits:
                raise InvalidInput(f"{name} must be {words}, got {getattr(self, name)}", fix=f"use {_USUAL[name]}")


@final
@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """How far a feature has moved: the figures, and "stable", "watch", "drifted" or "unknown" (too few values).

    `shift` is the change of the mean in standard deviations of training, `spread` the ratio of standard deviations,
    `missing` the share of missing values now minus then, `p_value` that of Kolmogorov-Smirnov with effective counts,
    corrected for the number of features.
    """

    name: str
    stability_index: float
    distance: float
    p_value: float
    shift: float
    spread: float
    missing: float
    state: Literal["stable", "watch", "drifted", "unknown"]


def feature_drift(
    train: FloatArray, recent: FloatArray, names: Sequence[str], *, limits: DriftLimits | None = None
) -> tuple[FeatureDrift, ...]:
    """The drift of every feature, in order. `train` and `recent` are [rows, features], NaN where nothing is known.

    Rows are in order of time. A feature that never changes in one of the two and does in the other, or is another
    number in both, has drifted by itself: a constant counts as one observation, which no test can weigh. Raises
    InvalidInput where shapes and names do not fit.
    """
    chosen = limits or DriftLimits()
    if train.ndim != 2 or recent.ndim != 2 or not train.shape[1] == recent.shape[1] == len(names):
        raise InvalidInput(
            f"{len(names)} names, training values {train.shape} and recent values {recent.shape} do not fit",
            fix="give two arrays [rows, features] of the same features",
        )
    tests = [_distance(train[:, number], recent[:, number]) for number in range(len(names))]
    corrected = _holm([p for _, p in tests])
    return tuple(
        _judged(name, (train[:, number], recent[:, number]), (tests[number][0], corrected[number]), chosen)
        for number, name in enumerate(names)
    )


def population_stability(train: FloatArray, recent: FloatArray, bins: int = 10) -> float:
    """Sum of (q - p) log(q / p) over the deciles of training: 0 where nothing moved; NaN for too few values.

    Shares of 0 count as 0.0001. A value that fills a bin alone (a constant, the zeros of a count) has a bin of its own,
    from itself to the next larger number, so what leaves it is seen. Raises InvalidInput for fewer than two bins.
    Source: Siddiqi (2006); the bins of single values are our own.
    """
    checked_bins(bins)
    then, now = train[np.isfinite(train)], recent[np.isfinite(recent)]
    if len(then) < _LEAST or len(now) < _LEAST:
        return math.nan
    edges = _edges(then, bins)
    shares = [
        np.maximum(
            np.bincount(np.searchsorted(edges, each, side="right"), minlength=len(edges) + 1) / len(each), _FLOOR
        )
        for each in (then, now)
    ]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def checked_bins(bins: object) -> None:
    """Refuse what is no number of bins."""
    if not isinstance(bins, int) or isinstance(bins, bool) or bins < 2:
        raise InvalidInput(f"bins must be a whole number of at least 2, got {bins!r}", fix="use 10")


def _edges(values: FloatArray, bins: int) -> FloatArray:
    """Where bins begin: at the quantiles, and on both sides of each value that is a whole bin's share or more."""
    found = np.quantile(values, np.linspace(0.0, 1.0, bins + 1)[1:-1])
    distinct, counts = np.unique(values, return_counts=True)
    tied = distinct[counts * bins >= len(values)]
    edges: FloatArray = np.unique(np.concatenate((found, tied, np.nextafter(tied, np.inf))))
    return edges


def effective_count(values: FloatArray) -> float:
    """How many independent values a series in order of time is worth: n / (1 + 2 sum of autocorrelations).

    The sum ends before the first pair of lags whose autocorrelations add up to nothing (Geyer 1992, initial positive
    sequence), so noise at long lags does not count.
    """
    n = len(values)
    if n < 3:
        return float(min(n, 1))
    centred = values - values.mean()
    total = float(np.square(centred).sum())
    if total <= 1e-24 * n * float(np.square(values).max()):
        return 1.0
    size = 1 << (2 * n - 1).bit_length()
    power = np.square(np.abs(np.fft.rfft(centred, size)))
    correlation = np.fft.irfft(power, size)[:n] / total
    pairs = correlation[1 : n - n % 2 - 1 : 2] + correlation[2 : n - n % 2 : 2]
    ends = np.flatnonzero(pairs <= 0.0)
    kept = pairs[: ends[0]] if len(ends) else pairs
    return float(min(n, max(1.0, n / (1.0 + 2.0 * float(kept.sum())))))


def _distance(train: FloatArray, recent: FloatArray) -> tuple[float, float]:
    """The Kolmogorov-Smirnov distance, and how likely one so large is among that many effective values."""
    then, now = train[np.isfinite(train)], recent[np.isfinite(recent)]
    if len(then) < _LEAST or len(now) < _LEAST:
        return math.nan, math.nan
    both = np.concatenate((then, now))
    shares = [np.searchsorted(np.sort(each), both, side="right") / len(each) for each in (then, now)]
    distance = float(np.abs(shares[0] - shares[1]).max())
    first, second = effective_count(then), effective_count(now)
    root = math.sqrt(first * second / (first + second))
    # Stephens (1970): the limit law fits small counts with this correction.
    return distance, float(kstwobign.sf((root + 0.12 + 0.11 / root) * distance))


def _holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for their number; NaN stays and does not count."""
    known = sorted((p, number) for number, p in enumerate(values) if not math.isnan(p))
    corrected, most = [math.nan] * len(values), 0.0
    for rank, (p, number) in enumerate(known):
        most = max(most, min(1.0, p * (len(known) - rank)))
        corrected[number] = most
    return corrected


def _judged(
    name: str, values: tuple[FloatArray, FloatArray], test: tuple[float, float], limits: DriftLimits
) -> FeatureDrift:
    train, recent = values
    then, now = train[np.isfinite(train)], recent[np.isfinite(recent)]
    missing = float(np.isnan(recent).mean() - np.isnan(train).mean()) if len(train) and len(recent) else math.nan
    index = population_stability(train, recent, limits.bins)
    deviation = float(then.std()) if len(then) else math.nan
    state: Literal["stable", "watch", "drifted", "unknown"] = "stable"
    if missing >= limits.missing or _stopped_or_began(then, now):
        state = "drifted"
    elif math.isnan(index):
        state = "unknown"
    elif test[1] < limits.level and index >= limits.watch:
        state = "drifted" if index >= limits.drift else "watch"
    return FeatureDrift(
        name=name,
        stability_index=index,
        distance=test[0],
        p_value=test[1],
        shift=(float(now.mean()) - float(then.mean())) / deviation if len(now) and deviation > 0.0 else math.nan,
        spread=float(now.std()) / deviation if len(now) and deviation > 0.0 else math.nan,
        missing=missing,
        state=state,
    )


def _stopped_or_began(then: FloatArray, now: FloatArray) -> bool:
    """Whether a feature never changes in one of two samples, and is something else in the other."""
    if len(then) < _LEAST or len(now) < _LEAST:
        return False
    constant = [_is_constant(each) for each in (then, now)]
    return any(constant) and not (all(constant) and _is_constant(np.concatenate((then, now))))


def _is_constant(values: FloatArray) -> bool:
    """Whether values differ by no more than rounding does."""
    return float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max())
