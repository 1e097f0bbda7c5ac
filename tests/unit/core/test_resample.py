"""Coarser bars from finer ones: by hand, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import Bars, InvalidInput, resample, timeframe_ns

MINUTE = 60 * 10**9


def minutes(*numbers: int) -> Bars:
    """One bar a minute at these minutes of 1970, the price of each its minute + 100."""
    time = np.array(numbers, dtype=np.int64) * MINUTE
    price = np.array(numbers, dtype=np.float64) + 100.0
    return Bars(time, price, price + 0.5, price - 0.5, price + 0.25, np.ones(len(numbers)), "A")


def test_first_open_highest_high_lowest_low_last_close_summed_volume() -> None:
    coarse = resample(minutes(*range(10)), "5m")
    assert coarse.time.tolist() == [0, 5 * MINUTE]
    assert coarse.open.tolist() == [100.0, 105.0]
    assert coarse.high.tolist() == [104.5, 109.5]
    assert coarse.low.tolist() == [99.5, 104.5]
    assert coarse.close.tolist() == [104.25, 109.25]
    assert coarse.volume.tolist() == [5.0, 5.0]
    assert coarse.symbol == "A"


def test_the_last_bar_is_left_out_while_it_may_still_grow() -> None:
    assert len(resample(minutes(*range(9)), "5m")) == 1
    assert len(resample(minutes(*range(10)), "5m")) == 2


def test_gaps_make_no_bars_and_bars_begin_on_multiples() -> None:
    coarse = resample(minutes(3, 4, 11, 12, 13, 14), "5m")
    assert coarse.time.tolist() == [0, 10 * MINUTE]
    assert coarse.open.tolist() == [103.0, 111.0]


def test_the_same_timeframe_gives_the_same_bars() -> None:
    bars = minutes(*range(7))
    assert resample(bars, "1m").content_id == bars.content_id


def test_coarser_bars_do_not_know_later_ones() -> None:
    whole = resample(minutes(*range(60)), "15m")
    for cut in range(15, 60):
        part = resample(minutes(*range(cut)), "15m")
        assert np.array_equal(part.close, whole.close[: len(part)])


@pytest.mark.parametrize("text", ["", "5", "min", "0m", "5 m", "1y", "-5m", "5 w"])
def test_what_is_no_timeframe_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no timeframe"):
        timeframe_ns(text)


def test_weeks_begin_on_mondays_and_months_on_their_first_day() -> None:
    days = np.arange("2024-01-01", "2024-03-02", dtype="datetime64[D]").astype("datetime64[ns]").astype(np.int64)
    price = np.arange(1.0, len(days) + 1.0)
    bars = Bars(days, price, price, price, price, np.ones(len(days)))
    weeks, months = resample(bars, "1w"), resample(bars, "1M")
    assert np.array_equal((weeks.time // (24 * 60 * MINUTE) + 3) % 7, np.zeros(len(weeks)))
    assert weeks.volume.tolist() == [7.0] * 8  # the ninth is not over
    assert months.volume.tolist() == [31.0, 29.0]
    assert months.close.tolist() == [31.0, 60.0]
    assert timeframe_ns("1w") == 7 * timeframe_ns("1d")


def test_finer_bars_cannot_be_made() -> None:
    with pytest.raises(InvalidInput, match="cannot become bars of 30s"):
        resample(minutes(0, 1, 2), "30s")


def test_nothing_whole_is_refused() -> None:
    with pytest.raises(InvalidInput, match="make no whole bar of 1h"):
        resample(minutes(0, 1, 2), "1h")
