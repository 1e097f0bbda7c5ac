"""The band: what is put aside, what is left alone, and that it looks no further ahead than one bar."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.data import Band, RawBars, screened
from tests.unit.data.market import DAY, MONDAY, changed, walk

DAYS = MONDAY + np.arange(300, dtype=np.int64) * DAY


def reasons(raw: RawBars, **options: object) -> tuple[str, ...]:
    return screened(raw, band=Band(), **options).reasons  # type: ignore[arg-type]


def test_a_sound_walk_passes_whole() -> None:
    assert reasons(walk(DAYS)) == ()


@pytest.mark.parametrize("factor", [1.2, 0.8])
def test_a_close_that_comes_back_is_put_aside(factor: float) -> None:
    raw = walk(DAYS)
    column = "high" if factor > 1 else "low"
    spiked = changed(raw, 200, close=factor, **{column: factor})
    sound = screened(spiked, band=Band())
    assert sound.reasons == ("outlier",)
    assert sound.refused.time.tolist() == [int(DAYS[200])]


def test_a_wild_open_and_a_wild_high_are_put_aside() -> None:
    raw = walk(DAYS)
    assert reasons(changed(raw, 150, open=1.3, high=1.3)) == ("outlier",)
    assert reasons(changed(raw, 150, high=1.6)) == ("outlier",)
    assert reasons(changed(raw, 150, low=0.6)) == ("outlier",)


def test_a_crash_that_stays_is_none() -> None:
    raw = walk(DAYS)
    fallen = changed(raw, slice(200, None), open=0.6, high=0.6, low=0.6, close=0.6)
    assert reasons(fallen) == ()


def test_a_wild_bar_among_wild_bars_is_none() -> None:
    raw = walk(DAYS)
    assert reasons(changed(changed(raw, 200, high=1.6), 201, high=1.5)) == ("outlier",)  # only the second is alone


def test_without_a_band_nothing_is_judged() -> None:
    assert screened(changed(walk(DAYS), 200, close=1.2, high=1.2)).reasons == ()


def test_new_rows_are_judged_by_the_bars_before_them() -> None:
    spiked = changed(walk(DAYS), 250, close=1.2, high=1.2)
    whole = screened(spiked, band=Band())
    old = screened(spiked.taken(np.arange(240)), band=Band()).bars
    late = screened(spiked.taken(np.arange(240, 300)), band=Band(), before=old)
    assert late.refused.time.tolist() == whole.refused.time.tolist() == [int(DAYS[250])]
    assert screened(spiked.taken(np.arange(249, 252)), band=Band()).reasons == ()  # three bars alone say nothing
    assert screened(spiked.taken(np.arange(249, 252)), band=Band(), before=old).reasons == ("outlier",)


def test_history_that_overlaps_is_cut_at_the_first_new_row() -> None:
    spiked = changed(walk(DAYS), 250, close=1.2, high=1.2)
    old = screened(walk(DAYS)).bars
    assert screened(spiked.taken(np.arange(240, 300)), band=Band(), before=old).reasons == ("outlier",)


def test_the_last_bar_waits_for_the_next() -> None:
    spiked = changed(walk(DAYS), 299, close=1.2, high=1.2)
    assert reasons(spiked) == ()


def test_a_market_that_does_not_move_is_not_judged() -> None:
    ten = np.full(300, 10.0)
    still = RawBars("X", DAYS, ten, ten, ten, ten, np.ones(300), 0)
    assert reasons(changed(still, 200, high=1.5)) == ()


def test_a_long_history_is_judged_in_pieces() -> None:
    time = MONDAY + np.arange(20_300, dtype=np.int64) * 60 * 10**9
    raw = walk(time, volatility=1e-4)
    assert reasons(changed(raw, 20_200, close=1.1, high=1.1)) == ("outlier",)


def test_a_band_has_positive_widths() -> None:
    with pytest.raises(InvalidInput, match="a band of 0"):
        Band(close=0.0)
    with pytest.raises(InvalidInput, match="windows of at least 2"):
        Band(window=1)
