"""Bars, books and profiles from ticks: small examples by hand, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from autonomous_trading.core import InvalidInput, NothingToReport, Timeframe
from autonomous_trading.data import Sessions
from autonomous_trading.data.knowable import (
    BookUpdates,
    KnowableSeries,
    Quotes,
    Trades,
    join,
    national_best,
    receipt_delay,
    replay_book,
    session_profiles,
    trade_intensity,
    trades_to_bars,
    volume_profile,
)

SECOND = 1_000_000_000
DAY = 86_400 * SECOND


def whole(*values: int) -> npt.NDArray[Any]:
    return np.array(values, dtype=np.int64)


def trades(seconds: list[float], price: list[float], size: list[float] | None = None) -> Trades:
    time = (np.array(seconds) * SECOND).astype(np.int64)
    return Trades("X", time, np.array(price), np.ones(len(price)) if size is None else np.array(size))


def test_bars_by_time_leave_out_what_is_not_over() -> None:
    given = trades([0, 1, 59, 61, 200, 241], [5.0, 7.0, 6.0, 6.5, 8.0, 9.0])
    made = trades_to_bars(given, Timeframe.of("1m"))
    assert (made.bars.time // SECOND).tolist() == [0, 60, 180]
    assert made.bars.high.tolist() == [7.0, 6.5, 8.0]
    assert made.bars.extra["trades_per_second"].tolist() == [3 / 60, 1 / 60, 1 / 60]
    assert (made.ended_at // SECOND).tolist() == [60, 120, 240]
    until = trades_to_bars(given, Timeframe.of("1m"), until=120 * SECOND)
    assert len(until.bars) == 2
    assert len(trades_to_bars(given, Timeframe.of("1m"), until=300 * SECOND).bars) == 4


def test_bars_that_begin_together_are_a_nanosecond_apart() -> None:
    made = trades_to_bars(trades([1, 1, 1], [5.0, 6.0, 7.0], [0.0, 1.0, 1.0]), "ticks", 1)
    assert made.bars.time.tolist() == [SECOND, SECOND + 1, SECOND + 2]
    assert made.bars.extra["vwap"].tolist() == [5.0, 6.0, 7.0]
    assert np.isnan(made.bars.extra["trades_per_second"]).all()
    series = KnowableSeries("x", whole(SECOND + 1), whole(0), np.array([3.0]))
    joined = join(made.bars, series, decide_at=made.ended_at)
    assert np.array_equal(joined.extra["x"], [np.nan, 3.0, 3.0], equal_nan=True)


def test_a_bar_is_full_whatever_rounding_makes_of_its_sum() -> None:
    tenths = trades([float(second) for second in range(30)], [5.0] * 30, [0.1] * 30)
    made = trades_to_bars(tenths, "volume", 1.0)
    assert made.bars.extra["trade_count"].tolist() == [10.0, 10.0, 10.0]


def test_what_makes_no_bar_is_said() -> None:
    with pytest.raises(NothingToReport, match="2 trades of X make no whole bar"):
        trades_to_bars(trades([0, 1], [5.0, 6.0]), Timeframe.of("1m"))
    with pytest.raises(NothingToReport, match="0 trades of X"):
        trades_to_bars(trades([], []), Timeframe.of("1m"))
    with pytest.raises(InvalidInput, match=r"bars by 'volume' of size 0\.0"):
        trades_to_bars(trades([0], [5.0]), "volume")
    with pytest.raises(InvalidInput, match=r"bars by 'range' of size 1\.0"):
        trades_to_bars(trades([0], [5.0]), "range", 1.0)  # type: ignore[arg-type]


def test_trades_that_come_evenly_have_their_number_a_second() -> None:
    even = trades([at / 10 for at in range(1000)], [5.0] * 1000)
    assert trade_intensity(even, SECOND * 10)[-1] == pytest.approx(10.0, rel=0.01)
    with pytest.raises(InvalidInput, match="half_life is 0"):
        trade_intensity(even, 0)


def test_a_profile_grows_to_the_larger_side() -> None:
    price = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    found = volume_profile(price, np.array([1.0, 6.0, 10.0, 5.0, 1.0]), 1.0)
    assert (found.value_area_low, found.point_of_control, found.value_area_high) == (2.0, 3.0, 4.0)
    assert found.volume.tolist() == [1.0, 6.0, 10.0, 5.0, 1.0]
    everything = volume_profile(price, np.array([1.0, 6.0, 10.0, 5.0, 1.0]), 1.0, share=1.0)
    assert (everything.value_area_low, everything.value_area_high) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("price", "size", "tick", "share", "words"),
    [
        ([1.0], [1.0], 0.0, 0.7, "tick is 0.0"),
        ([1.0], [1.0], 1.0, 1.1, "share is 1.1"),
        ([1.0], [0.0], 1.0, 0.7, "no volume was traded"),
        ([1.0, 9e6], [1.0, 1.0], 1.0, 0.7, "more than a million levels"),
    ],
)
def test_what_has_no_profile_is_refused(
    price: list[float], size: list[float], tick: float, share: float, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        volume_profile(np.array(price), np.array(size), tick, share)


def test_the_profile_of_a_session_is_known_when_it_is_over() -> None:
    hours = [10, 11, 12, 34, 58, 73]
    given = trades([hour * 3600 for hour in hours], [5.0, 6.0, 6.0, 9.0, 4.0, 4.0])
    control, low, high = session_profiles(given, 1.0)
    assert control.knowable_at.tolist() == [DAY, 2 * DAY, 3 * DAY]
    assert control.value.tolist() == [6.0, 9.0, 4.0]
    assert low.value.tolist() == [5.0, 9.0, 4.0]
    assert (control.name, low.name, high.name) == ("profile_poc", "profile_low", "profile_high")
    eleven = 11 * 3600 * SECOND
    sessions = Sessions(
        "X", whole(0, 4 * DAY), whole(eleven, 4 * DAY), whole(DAY, 5 * DAY), np.empty((0, 2), dtype=np.int64)
    )
    control, low, _ = session_profiles(given, 1.0, sessions=sessions)
    assert (control.value.tolist(), low.value.tolist()) == ([6.0], [6.0])
    assert [len(each) for each in session_profiles(trades([], []), 1.0)] == [0, 0, 0]


def test_a_book_before_its_snapshot_is_not_known() -> None:
    updates = BookUpdates(
        "X", whole(1, 2, 2, 3), whole(1, 1, -1, -1), np.array([9.0, 8.0, 10.0, 8.0]), np.array([1.0, 3.0, 1.0, 2.0]),
        np.array([False, True, True, False]),
    )  # fmt: skip
    book = replay_book(updates, whole(0, 1, 2, 3, 9))
    assert np.array_equal(book.bid, [np.nan, np.nan, 8.0, 8.0, 8.0], equal_nan=True)
    assert np.array_equal(book.ask, [np.nan, np.nan, 10.0, 8.0, 8.0], equal_nan=True)
    assert (book.messages, book.crossed) == (2, 1)
    assert (book.spread[2], book.mid[2], book.imbalance[2]) == (2.0, 9.0, 0.5)
    with pytest.raises(InvalidInput, match="depth is 0"):
        replay_book(updates, whole(0), depth=0)
    with pytest.raises(InvalidInput, match="row 1 is earlier"):
        replay_book(updates, whole(1, 0))


def test_one_sided_quotes_are_carried_on_per_exchange() -> None:
    def column(*values: float) -> npt.NDArray[Any]:
        return np.array(values, dtype=np.float64)

    quotes = Quotes(
        "X", whole(1, 1, 2, 9), column(5.0, 0.0, 5.0, 0.0), column(1, 0, 2, 0), column(0.0, 6.0, 0.0, 4.5),
        column(0, 1, 0, 1), event_time=whole(0, 0, 1, 8), exchange=whole(0, 0, 1, 1), exchanges=("N", "Q"),
    )  # fmt: skip
    best = national_best(quotes)
    assert best.bid.tolist() == [5.0, 5.0, 5.0, 5.0]
    assert best.bid_size.tolist() == [1.0, 1.0, 3.0, 3.0]
    assert np.array_equal(best.ask, [np.nan, 6.0, 6.0, 4.5], equal_nan=True)
    assert best.crossed.tolist() == [False, False, False, True]
    assert best.series("spread").value.tolist() == [1.0, 1.0, -0.5]
    assert np.isnan(national_best(quotes, max_age=5).bid[-1])
    assert receipt_delay(quotes) == pytest.approx(1e-9)
    with pytest.raises(InvalidInput, match="max_age is -1"):
        national_best(quotes, max_age=-1)


def test_no_quotes_have_no_best() -> None:
    none = np.empty(0)
    quotes = Quotes("X", whole(), none, none, none, none)
    assert len(national_best(quotes).series("bid")) == 0
    assert np.isnan(receipt_delay(quotes))
