"""The check of joins finds what looks ahead, and lets the honest one pass."""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.data.knowable import KnowableSeries, as_of, decision_times, join
from autonomous_trading.testing.joins import check_join, random_series, scrambled_after

HOUR = 3_600_000_000_000


def market() -> tuple[Bars, KnowableSeries, np.random.Generator]:
    rng = np.random.default_rng(5)
    flat = np.full(100, 9.0)
    bars = Bars(time=np.arange(100) * HOUR, open=flat, high=flat, low=flat, close=flat, volume=flat)
    return bars, random_series(rng, 0, 100 * HOUR, 40), rng


def test_the_join_passes_and_one_on_reference_dates_does_not() -> None:
    bars, series, rng = market()

    def honest(bars: Bars, series: KnowableSeries) -> FloatArray:
        return join(bars, series).extra["x"]

    def leaky(bars: Bars, series: KnowableSeries) -> FloatArray:
        _, rows = np.unique(series.reference, return_index=True)
        early = KnowableSeries("x", series.reference[rows], series.reference[rows], series.value[rows])
        return as_of(early, decision_times(bars.time))

    decided = decision_times(bars.time)
    passed = check_join(honest, bars, decided, series, rng)
    assert (passed.cuts, passed.looks_ahead) == (100, False)
    found = check_join(leaky, bars, decided, series, rng, cuts=20)
    assert found.looks_ahead
    assert found.changed_by_dropping > 0


def test_the_past_of_a_scrambled_series_is_the_same() -> None:
    _, series, rng = market()
    cut = int(np.median(series.knowable_at))
    other = scrambled_after(series, cut, rng)
    assert np.array_equal(other.known_by(cut).value, series.known_by(cut).value)
    assert len(other) == len(series)
    assert not np.array_equal(other.value, series.value)
    assert len(scrambled_after(series, int(series.knowable_at[-1]), rng)) == len(series)
