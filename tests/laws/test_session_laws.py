"""Laws of sessions: coarser bars conserve what is in the finer ones, and gaps are exactly what was taken away."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.core import Bars, IntArray, InvalidInput, Timeframe
from autonomous_trading.data import Band, Sessions, resample_sessions, screened
from autonomous_trading.data.quality import expected_starts, gaps_of
from tests.unit.data.market import MONDAY, walk, weekday_sessions

LUNCH = weekday_sessions(35, lunch=True)
MINUTES = expected_starts(weekday_sessions(4, lunch=True), Timeframe.of("1m"))
COARSE = ("5m", "15m", "1h", "3h", "1d")
LAWS = settings(deadline=None, max_examples=60)


def bars_at(time: IntArray, seed: int = 0) -> Bars:
    bars = screened(walk(time, seed=seed, volatility=0.001)).bars
    assert bars is not None
    return bars


def some(seed: int, share: float) -> IntArray:
    """A part of the minutes: every one with this chance."""
    return MINUTES[np.random.default_rng(seed).random(len(MINUTES)) < share]


def made(bars: Bars, timeframe: str, sessions: Sessions = LUNCH) -> Bars | None:
    try:
        return resample_sessions(bars, timeframe, sessions)
    except InvalidInput:
        return None


@LAWS
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.3, 0.9, 1.0]), timeframe=st.sampled_from(COARSE))
def test_volume_and_envelope_are_conserved(seed: int, share: float, timeframe: str) -> None:
    fine = bars_at(some(seed, share), seed)
    coarse = made(fine, timeframe)
    if coarse is None:
        return
    length = Timeframe.of(timeframe)
    whole = resample_sessions(bars_at(MINUTES), timeframe, LUNCH)
    assert np.isin(coarse.time, whole.time).all()
    rows = slice(0, int(np.searchsorted(fine.time, _end(coarse, length))))
    assert np.isclose(coarse.volume.sum(), fine.volume[rows].sum())
    assert coarse.high.max() == fine.high[rows].max()
    assert coarse.low.min() == fine.low[rows].min()
    assert coarse.open[0] == fine.open[0]
    assert coarse.close[-1] == fine.close[rows][-1]


def _end(coarse: Bars, length: Timeframe) -> int:
    """When the last coarse bar is over."""
    last = int(coarse.time[-1])
    closes = np.sort(np.concatenate((LUNCH.close, LUNCH.breaks[:, 0])))
    if not length.is_intraday:
        return int(LUNCH.close[np.searchsorted(LUNCH.date, last)])
    return int(min(last + length.ns, closes[np.searchsorted(closes, last, side="right")]))


@LAWS
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.5, 1.0]),
    lengths=st.sampled_from([("5m", "15m"), ("5m", "1h"), ("15m", "3h"), ("1h", "1d"), ("5m", "1d"), ("1d", "1w")]),
)
def test_in_one_step_or_in_two(seed: int, share: float, lengths: tuple[str, str]) -> None:
    fine = bars_at(some(seed, share), seed)
    between = made(fine, lengths[0])
    if between is None:
        return
    two, one = made(between, lengths[1]), made(fine, lengths[1])
    assert (two is None) == (one is None)
    if one is not None and two is not None:
        assert one.time.tolist() == two.time.tolist()
        for name in ("open", "high", "low", "close"):
            assert getattr(one, name).tolist() == getattr(two, name).tolist()
        assert np.allclose(one.volume, two.volume)


@LAWS
@given(seed=st.integers(0, 10_000), cut=st.integers(1, len(MINUTES) - 1), timeframe=st.sampled_from([*COARSE, "1w"]))
def test_bars_do_not_change_when_later_ones_arrive(seed: int, cut: int, timeframe: str) -> None:
    fine = bars_at(MINUTES, seed)
    early, late = made(fine[:cut], timeframe), made(fine, timeframe)
    if early is None:
        return
    assert late is not None
    n = len(early)
    assert early.time.tolist() == late.time[:n].tolist()
    assert early.close.tolist() == late.close[:n].tolist()
    assert early.volume.tolist() == late.volume[:n].tolist()


@LAWS
@given(seed=st.integers(0, 10_000), missing=st.integers(1, 200))
def test_gaps_are_what_was_taken_away(seed: int, missing: int) -> None:
    rng = np.random.default_rng(seed)
    expected = expected_starts(LUNCH, Timeframe.of("30m"))
    gone = np.sort(rng.choice(np.arange(1, len(expected) - 1), size=missing, replace=False))
    gaps = gaps_of(np.delete(expected, gone), expected)
    spelled = np.concatenate(
        [
            expected[np.searchsorted(expected, f) : np.searchsorted(expected, f) + n]
            for f, n in zip(gaps.first, gaps.count, strict=True)
        ]
    )
    assert np.array_equal(spelled, expected[gone])
    assert gaps.missing == missing


@LAWS
@given(seed=st.integers(0, 10_000), cut=st.integers(130, 250))
def test_the_band_judges_a_bar_by_no_more_than_the_next(seed: int, cut: int) -> None:
    time = MONDAY + np.arange(300, dtype=np.int64) * 86_400 * 10**9
    raw = walk(time, seed=seed, volatility=0.02)
    rng = np.random.default_rng(seed)
    wild = rng.integers(120, 290, size=6)
    close, high = raw.close.copy(), raw.high.copy()
    close[wild] *= 1.5
    high[wild] = np.maximum(high[wild], close[wild])
    rows = type(raw)("X", raw.time, raw.open, high, raw.low, close, raw.volume, 0)
    whole = screened(rows, band=Band()).refused.time
    part = screened(rows.taken(np.arange(cut)), band=Band()).refused.time
    assert part.tolist() == [each for each in whole.tolist() if each < time[cut - 1]]
