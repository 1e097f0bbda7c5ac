"""The band comes to the same verdicts at every pace: all bars at once, one by one, or in any portions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.app.market_data import BarProvider, Capabilities, sync
from autonomous_trading.core import DataNotFound, IntArray, Timeframe
from autonomous_trading.data import Band, BarsRequest, RawBars, SeriesKey, Span, screened
from autonomous_trading.data._band import Verdicts, verdicts
from autonomous_trading.testing.catalogue import MemoryCatalogue
from tests.twins.band import slow_verdicts
from tests.unit.data.market import DAY, MONDAY, walk

FRAME = Timeframe.of("1d")
KEY = SeriesKey("tape", "X", FRAME)
COLUMNS = ("open", "high", "low", "close")


def a_market(seed: int, bars: int, *, holes: bool = False) -> RawBars:
    """A walk with wild prints, leaps that stay, rows that break rules and, with holes, pauses of up to three weeks."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([1, 1, 1, 1, 1, 1, 1, 3, 11, 21], size=bars) if holes else np.ones(bars, dtype=np.int64)
    raw = walk(MONDAY + np.cumsum(steps) * DAY, seed=seed)
    prices = {name: getattr(raw, name).copy() for name in COLUMNS}
    for row in rng.choice(np.arange(1, bars), size=bars // 20, replace=False):
        names = COLUMNS if rng.random() < 0.3 else (str(rng.choice(COLUMNS)),)
        for name in names:
            prices[name][row] *= float(rng.choice([0.3, 0.8, 1.1, 1.4, 10.0]))
    for row in rng.choice(np.arange(1, bars), size=3, replace=False):
        for name in COLUMNS:
            prices[name][row:] *= float(rng.choice([0.6, 1.5]))
    every = np.vstack(list(prices.values()))
    raw = replace(raw, **{**prices, "high": every.max(axis=0), "low": every.min(axis=0)})
    volume = raw.volume.copy()
    volume[rng.choice(bars, size=bars // 40, replace=False)] = -1.0
    return replace(raw, volume=volume)


@final
class Tape(BarProvider):
    """The same rows for ever, of which those asked for are given."""

    def __init__(self, rows: RawBars) -> None:
        self.rows = rows

    @property
    def name(self) -> str:
        return "tape"

    def capabilities(self) -> Capabilities:
        return Capabilities((FRAME.text,), days_late=0)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        time = self.rows.time
        yield self.rows.taken((time >= request.span.start) & (time < request.span.stop))

    def close(self) -> None:
        """Nothing is open."""


def synced(rows: RawBars, ends: Sequence[int], *, live: bool = True) -> MemoryCatalogue:
    """A catalogue after a sync up to each of these times; live: each at that time, and not long after the last."""
    catalogue = MemoryCatalogue()
    for end in ends:
        asked = BarsRequest(("X",), FRAME, Span(MONDAY, end))
        now = end if live else ends[-1]
        sync(Tape(rows), catalogue, asked, now=partial(int, now))
    return catalogue


def aside(catalogue: MemoryCatalogue) -> list[tuple[int, str]]:
    return sorted(
        (int(time), reason)
        for part in catalogue.quarantined(KEY)
        for time, reason in zip(part.rows.time, part.reasons, strict=True)
    )


def bars_of(catalogue: MemoryCatalogue, known_at: int | None = None) -> IntArray:
    try:
        return catalogue.read(KEY, known_at=known_at).time
    except DataNotFound:
        return np.empty(0, dtype=np.int64)


@pytest.mark.nightly
def test_one_sync_of_800_bars_and_800_of_one_put_aside_the_same() -> None:
    rows = a_market(7, 800)
    ends = (rows.time + DAY).tolist()
    whole, slow = synced(rows, ends[-1:]), synced(rows, ends)
    assert aside(whole) == aside(slow)
    assert bars_of(whole).tolist() == bars_of(slow).tolist()
    assert [reason for _, reason in aside(whole)].count("outlier") > 10


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000), holes=st.booleans(), live=st.booleans(), data=st.data())
def test_syncs_of_any_portions_put_aside_the_same(seed: int, holes: bool, live: bool, data: st.DataObject) -> None:
    rows = a_market(seed, 160, holes=holes)
    stop = int(rows.time[-1]) + DAY
    days = st.lists(st.integers(1, (stop - MONDAY) // DAY - 1), max_size=60, unique=True)
    ends = [MONDAY + day * DAY for day in sorted(data.draw(days))] + [stop]
    whole, slow = synced(rows, [stop]), synced(rows, ends, live=live)
    assert aside(whole) == aside(slow)
    assert bars_of(whole).tolist() == bars_of(slow).tolist()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_read_of_then_has_what_a_sync_of_then_had_but_for_a_newest_bar_in_doubt(seed: int) -> None:
    rows = a_market(seed, 120)
    whole, slow = synced(rows, [int(rows.time[-1]) + DAY]), MemoryCatalogue()
    for end in (rows.time + DAY).tolist():
        asked = BarsRequest(("X",), FRAME, Span(MONDAY, end))
        sync(Tape(rows), slow, asked, now=partial(int, end))
        then, held = bars_of(whole, known_at=end), bars_of(slow)
        assert set(held) <= set(then)
        missing = sorted(set(then) - set(held))
        assert len(missing) <= 1
        assert all(time > held.max(initial=0) for time in missing)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), believed=st.integers(0, 60), narrow=st.booleans())
def test_the_band_equals_its_slow_twin(seed: int, believed: int, narrow: bool) -> None:
    raw = a_market(seed, 200)
    rng = np.random.default_rng(seed)
    prices = np.vstack([getattr(raw, name) for name in COLUMNS])
    prices[:, 60:90] = prices[:, 60:61]  # a market that does not move is not judged
    witnessed = rng.random(200) < 0.9
    band = Band(close=3.0, open=4.0, wick=5.0, window=5, long_window=12) if narrow else Band()
    found: Verdicts = verdicts(prices, band, believed=believed, witnessed=witnessed)
    refused, doubtful = slow_verdicts(prices, band, believed, witnessed)
    assert found.refused.tolist() == refused
    assert found.doubtful.tolist() == doubtful


def test_wild_prints_do_not_hide_each_other() -> None:
    """Forty of them in 800 bars, none beside another: each is found, as if it were the only one."""
    raw = walk(MONDAY + np.arange(800, dtype=np.int64) * DAY)
    wild = 24 + np.arange(40) * 19
    close = raw.close.copy()
    close[wild] *= 1.5
    rows = replace(raw, close=close, high=np.maximum(raw.high, close))
    assert screened(rows, band=Band()).refused.time.tolist() == raw.time[wild].tolist()
