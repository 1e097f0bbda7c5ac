"""What the news said so far: scores of single items made into series that know nothing of later items."""

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable._arrays import floats, integers, same_length
from autonomous_trading.data.knowable._series import KnowableSeries

__all__ = ["news_count", "sentiment_series"]


def sentiment_series(
    knowable_at: IntArray, score: FloatArray, half_life: int, name: str = "sentiment"
) -> KnowableSeries:
    """The mean score so far, one row per moment with items; an item of `half_life` nanoseconds ago counts half.

    Scores lie in [-1, 1]; items without a score (NaN) are left out. Raises InvalidInput.
    """
    _check_span("half_life", half_life)
    time, scores = _items(knowable_at, score)
    if ((scores < -1.0) | (scores > 1.0)).any():
        raise InvalidInput("a score lies outside -1 to 1", fix="scale the scores of this model")
    moments, first = np.unique(time, return_index=True)
    totals = np.add.reduceat(scores, first) if len(first) else scores
    counts = np.diff(np.append(first, len(time))).astype(np.float64)
    decay = np.exp2(-np.diff(moments, prepend=moments[:1]) / half_life)
    mean, weight, sum_ = np.empty(len(moments)), 0.0, 0.0
    for row in range(len(moments)):
        weight = weight * decay[row] + counts[row]
        sum_ = sum_ * decay[row] + totals[row]
        mean[row] = sum_ / weight
    # Rounding may carry a mean of equal scores past the end of the scale.
    return KnowableSeries(name, moments, moments, np.clip(mean, -1.0, 1.0), "score", "news")


def news_count(knowable_at: IntArray, window: int, name: str = "news_count") -> KnowableSeries:
    """How many items became known within the last `window` nanoseconds: a row where one comes and where one leaves."""
    _check_span("window", window)
    time = np.sort(integers("knowable_at", knowable_at))
    moments = np.unique(np.concatenate([time, time + window]))
    come = np.searchsorted(time, moments, side="right")
    gone = np.searchsorted(time + window, moments, side="right")
    return KnowableSeries(name, moments, moments, (come - gone).astype(np.float64), "items", "news")


def _items(knowable_at: IntArray, score: FloatArray) -> tuple[IntArray, FloatArray]:
    time, scores = integers("knowable_at", knowable_at), floats("score", score)
    same_length("news", {"knowable_at": time, "score": scores})
    scored = np.flatnonzero(~np.isnan(scores))
    order = scored[np.argsort(time[scored], kind="stable")]
    return time[order], scores[order]


def _check_span(name: str, nanoseconds: int) -> None:
    if nanoseconds <= 0:
        raise InvalidInput(f"{name} is {nanoseconds}", fix="give nanoseconds, more than 0")
