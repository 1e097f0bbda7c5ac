"""Does a join look ahead? Whatever becomes knowable later is dropped and replaced, and nothing before may change."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray
from autonomous_trading.data.knowable import KnowableSeries

__all__ = ["Join", "JoinCheck", "check_join", "random_series", "scrambled_after"]

Join = Callable[[Bars, KnowableSeries], FloatArray]
"""One value per bar from bars and a series."""


class JoinCheck(NamedTuple):
    """Of `cuts` moments, how many changed something at or before them: by dropping, and by replacing, what is later."""

    cuts: int
    changed_by_dropping: int
    changed_by_replacing: int

    @property
    def looks_ahead(self) -> bool:
        """Whether anything changed."""
        return self.changed_by_dropping + self.changed_by_replacing > 0


def check_join(
    join: Join, bars: Bars, decided_at: IntArray, series: KnowableSeries, rng: np.random.Generator, cuts: int = 100
) -> JoinCheck:
    """Cut at moments drawn from `decided_at` (the decision on each bar), and right before and after them."""
    joined = join(bars, series)
    moments = rng.choice(decided_at, cuts) + rng.integers(-1, 2, cuts)
    dropped = replaced = 0
    for cut in moments.tolist():
        decided = decided_at <= cut
        for number, other in enumerate((series.known_by(cut), scrambled_after(series, cut, rng))):
            same = np.array_equal(join(bars, other)[decided], joined[decided], equal_nan=True)
            dropped += int(number == 0 and not same)
            replaced += int(number == 1 and not same)
    return JoinCheck(cuts, dropped, replaced)


def scrambled_after(series: KnowableSeries, cut: int, rng: np.random.Generator) -> KnowableSeries:
    """The same up to a moment; after it other values, about other dates, known at other times."""
    later = series.knowable_at > cut
    count = int(np.count_nonzero(later))
    known, reference, value = series.knowable_at.copy(), series.reference.copy(), series.value.copy()
    known[later] = cut + 1 + rng.permutation(max(4 * count, 1))[:count] * 1_000_003
    reference[later] = rng.permutation(reference[later])
    value[later] = rng.normal(0.0, 1e6, count)
    return KnowableSeries(series.name, known, reference, value, series.unit, series.source)


def random_series(rng: np.random.Generator, start: int, stop: int, count: int, name: str = "x") -> KnowableSeries:
    """A series with revisions: dates between two times, each published late, some of them twice and out of order."""
    reference = np.sort(rng.integers(start, stop, count))
    delay = rng.integers(0, max((stop - start) // 8, 2), count)
    again = rng.random(count) < 0.4
    known = np.concatenate([reference + delay, (reference + delay + 1 + rng.integers(0, stop - start, count))[again]])
    dates = np.concatenate([reference, reference[again]])
    _, kept = np.unique(np.stack([known, dates], axis=1), axis=0, return_index=True)
    return KnowableSeries(name, known[kept], dates[kept], rng.normal(size=len(known))[kept])
