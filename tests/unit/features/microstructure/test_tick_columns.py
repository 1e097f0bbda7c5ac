"""Columns from ticks: by hand, against plain loops, and nothing received later changes what a bar knew."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import pytest

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.data.knowable import BookUpdates, Quotes, Trades, national_best, trade_intensity, volume_profile
from autonomous_trading.features.microstructure.ticks import (
    book_columns,
    flow_columns,
    intensity_column,
    profile_columns,
    quote_columns,
    quoted_middles,
    sides_of_trades,
    spread_columns,
    spreads_paid,
    vpin_column,
    with_columns,
)
from autonomous_trading.testing.markets import BookTruth, SimulatedMarket, order_driven, random_walk
from tests.twins import microstructure as twin

SECOND = 1_000_000_000
_Ticks = TypeVar("_Ticks", Trades, Quotes, BookUpdates)


@pytest.fixture(scope="module")
def market() -> SimulatedMarket[BookTruth]:
    return order_driven(20, seed=5)


@pytest.fixture(scope="module")
def trades(market: SimulatedMarket[BookTruth]) -> Trades:
    flow = market.truth.published
    return Trades("X", flow.trade_time, flow.trade_price, flow.trade_size, side=market.truth.aggressor)


@pytest.fixture(scope="module")
def quotes(market: SimulatedMarket[BookTruth]) -> Quotes:
    flow = market.truth.published
    return Quotes("X", flow.quote_time, flow.bid, flow.bid_size, flow.ask, flow.ask_size)


@pytest.fixture(scope="module")
def book(market: SimulatedMarket[BookTruth]) -> BookUpdates:
    flow = market.truth.published
    opening = np.concatenate((flow.opening_bids, flow.opening_asks))
    first = np.full(len(opening), flow.level_time[0] - 1, dtype=np.int64)
    sides = np.where(np.arange(len(opening)) < len(flow.opening_bids), 1, -1)
    return BookUpdates(
        "X",
        np.concatenate((first, flow.level_time)),
        np.concatenate((sides, flow.level_side)).astype(np.int64),
        np.concatenate((opening[:, 0], flow.level_price)),
        np.concatenate((opening[:, 1], flow.level_size)),
        np.concatenate((np.ones(len(opening)), np.zeros(len(flow.level_time)))).astype(np.bool_),
    )


@pytest.fixture(scope="module")
def ends(quotes: Quotes) -> IntArray:
    first, last = int(quotes.time[0]), int(quotes.time[-1])
    return np.arange(first - 7 * SECOND, last + 90 * SECOND, 61 * SECOND, dtype=np.int64)


def some_trades(time: list[int], price: list[float], size: list[float], side: list[int] | None = None) -> Trades:
    sides = None if side is None else np.array(side, dtype=np.int64)
    return Trades("X", np.array(time, dtype=np.int64), np.array(price), np.array(size), side=sides)


def some_quotes(time: list[int], bid: list[float], ask: list[float]) -> Quotes:
    units = np.ones(len(time))
    return Quotes("X", np.array(time, dtype=np.int64), np.array(bid), units, np.array(ask), units)


def times(*values: int) -> IntArray:
    return np.array(values, dtype=np.int64)


def test_quotes_as_they_stood_and_their_mean_over_time() -> None:
    best = national_best(some_quotes([10, 14, 30], [99.0, 99.0, 98.0], [101.0, 100.0, 103.0]))
    found = quote_columns(best, times(10, 20, 30, 40))
    assert found["bid"].tolist() == [99.0, 99.0, 98.0, 98.0]
    assert found["ask_size"].tolist() == [1.0] * 4
    # A spread of 2 for 4 nanoseconds and of 1 for 6, then 1 for all 10, then 5.
    assert found["spread_mean"] == pytest.approx([math.nan, 1.4, 1.0, 5.0], nan_ok=True)
    assert np.isnan(quote_columns(best, times(40, 50), max_age=15)["bid"][1])


def test_a_trade_pays_against_the_quote_before_it() -> None:
    best = national_best(some_quotes([10, 20], [99.0, 109.0], [101.0, 111.0]))
    trades = some_trades([10, 15, 20, 25], [101.0] * 3 + [110.5], [1.0, 1.0, 3.0, 2.0])
    # Nothing was known at 10; the quote of the moment 20 came after what was traded then.
    assert spreads_paid(trades, best) == pytest.approx([math.nan, 0.02, 0.02, 1.0 / 110.0], nan_ok=True)
    found = spread_columns(trades, best, times(5, 19, 30, 40))["spread_paid"]
    assert found == pytest.approx([math.nan, 0.02, (3.0 * 0.02 + 2.0 / 110.0) / 5.0, math.nan], nan_ok=True)


def test_the_quote_before_a_trade_is_that_of_the_exchange() -> None:
    # Made at 100, 107 and 108 there, received at 10, 16 and 30 here.
    quotes = some_quotes([10, 16, 30], [99.0, 109.0, 119.0], [101.0, 111.0, 121.0])
    there = Quotes("X", quotes.time, quotes.bid, quotes.bid_size, quotes.ask, quotes.ask_size, times(100, 107, 108))
    trades = some_trades([17, 20], [101.0, 101.0], [1.0, 1.0])
    apart = Trades("X", trades.time, trades.price, trades.size, event_time=times(106, 109))
    # The first came before the quote that arrived ahead of it; the second cannot know what was received after it.
    assert quoted_middles(apart, national_best(there)).tolist() == [100.0, 110.0]
    # Clocks are not mixed.
    assert quoted_middles(trades, national_best(there)).tolist() == [110.0, 110.0]
    assert quoted_middles(apart, national_best(quotes)).tolist() == [110.0, 110.0]


def test_sides_of_lee_and_ready() -> None:
    best = national_best(some_quotes([0], [99.0], [101.0]))
    trades = some_trades([1, 2, 3, 4, 5], [100.0, 100.5, 100.0, 100.0, 99.5], [1.0] * 5, [0, 0, 0, 1, 0])
    assert sides_of_trades(trades, best).tolist() == [0, 1, -1, 1, -1]
    assert sides_of_trades(trades).tolist() == [0, 1, -1, 1, -1]
    assert sides_of_trades(some_trades([], [], [])).tolist() == []


def test_most_sides_of_a_simulated_book_are_found(
    trades: Trades, quotes: Quotes, market: SimulatedMarket[BookTruth]
) -> None:
    unsigned = Trades("X", trades.time, trades.price, trades.size)
    found = sides_of_trades(unsigned, national_best(quotes))
    # A market order always trades at the best price of the other side, away from the middle.
    assert (found == market.truth.aggressor)[1:].all()


def test_flow_is_the_sum_of_its_quotes(quotes: Quotes, ends: IntArray) -> None:
    found = flow_columns(national_best(quotes), ends)["order_flow"]
    wanted = [0.0] * len(ends)
    for row in range(1, len(quotes)):
        add = 0.0
        if quotes.bid[row] >= quotes.bid[row - 1]:
            add += float(quotes.bid_size[row])
        if quotes.bid[row] <= quotes.bid[row - 1]:
            add -= float(quotes.bid_size[row - 1])
        if quotes.ask[row] <= quotes.ask[row - 1]:
            add -= float(quotes.ask_size[row])
        if quotes.ask[row] >= quotes.ask[row - 1]:
            add += float(quotes.ask_size[row - 1])
        bar = next((at for at, end in enumerate(ends) if quotes.time[row] <= end), None)
        if bar is not None:
            wanted[bar] += add
    assert found[1:] == pytest.approx(np.array(wanted[1:]))
    assert np.isnan(found[0])


def test_vpin_of_trades_is_the_twin(trades: Trades, ends: IntArray) -> None:
    found = vpin_column(trades, ends, 700.0, 5)
    bought = trades.size * (trades.sides > 0)
    after, _ = twin.buckets_of_volume(trades.size.tolist(), bought.tolist(), [700.0] * len(trades), 5)
    wanted = [math.nan if trades.time[0] > end else after[int((trades.time <= end).sum()) - 1] for end in ends]
    assert found == pytest.approx(np.array(wanted), nan_ok=True)
    one_sided = vpin_column(trades, ends, 700.0, 5, sides=np.ones(len(trades), dtype=np.int64))
    assert one_sided[-1] == pytest.approx(1.0)


def test_intensity_fades_and_adds_up_to_the_trades(trades: Trades, ends: IntArray) -> None:
    half_life = 30 * SECOND
    found = intensity_column(trades, ends, half_life)
    step = math.log(2.0) / 30.0
    for end, rate in zip(ends.tolist(), found.tolist(), strict=True):
        ages = (end - trades.time[trades.time <= end]) / half_life
        assert rate == pytest.approx(step * float((0.5**ages).sum()) if len(ages) else math.nan, nan_ok=True)
    # Between two trades the rate fades: its integral is what it lost, over the speed of fading.
    rate = trade_intensity(trades, half_life)
    lost = rate[:-1] * (1.0 - np.exp2(-np.diff(trades.time) / half_life)) / step
    assert lost.sum() + rate[-1] / step == pytest.approx(len(trades))


def test_profiles_of_a_window(trades: Trades, ends: IntArray) -> None:
    window = 300 * SECOND
    found = profile_columns(trades, ends, 0.01, window=window)
    for at, end in enumerate(ends.tolist()):
        inside = (trades.time <= end) & (trades.time > end - window)
        if not inside.any():
            assert np.isnan(found["profile_poc"][at])
            continue
        wanted = volume_profile(trades.price[inside], trades.size[inside], 0.01)
        assert found["profile_poc"][at] == wanted.point_of_control
        assert (found["profile_low"][at], found["profile_high"][at]) == (wanted.value_area_low, wanted.value_area_high)


def test_a_book_as_it_stood(market: SimulatedMarket[BookTruth], book: BookUpdates) -> None:
    events = [40, 200, 399]
    when = market.truth.published.level_time[events]
    found = book_columns(book, when, depth=3)
    for at, event in enumerate(events):
        bids, asks = market.truth.book_at(event)
        best_bids, best_asks = sorted(bids, reverse=True)[:3], sorted(asks)[:3]
        assert found["bid"][at] == best_bids[0]
        assert found["ask_far"][at] == best_asks[-1]
        depth = sum(bids[price] for price in best_bids), sum(asks[price] for price in best_asks)
        assert found["depth_imbalance"][at] == pytest.approx((depth[0] - depth[1]) / sum(depth))
        slopes = depth[0] / (best_bids[0] - best_bids[-1]), depth[1] / (best_asks[-1] - best_asks[0])
        assert found["depth_slope"][at] == pytest.approx(sum(slopes) / 2.0)


def cut(ticks: _Ticks, end: int) -> _Ticks:
    """What was received up to a time."""
    kept = int(np.searchsorted(ticks.time, end, side="right"))
    changed: dict[str, Any] = {}
    for field in fields(ticks):
        value = getattr(ticks, field.name)
        changed[field.name] = value[:kept] if isinstance(value, np.ndarray) else value
    return type(ticks)(**changed)


def all_columns(trades: Trades, quotes: Quotes, book: BookUpdates, when: IntArray) -> dict[str, FloatArray]:
    best = national_best(quotes)
    return {
        **quote_columns(best, when),
        **flow_columns(best, when),
        **spread_columns(trades, best, when),
        "vpin": vpin_column(trades, when, 500.0, 4, sides_of_trades(trades, best)),
        "intensity": intensity_column(trades, when, 20 * SECOND),
        **profile_columns(trades, when, 0.01, window=200 * SECOND),
        **{f"deep_{name}": values for name, values in book_columns(book, when).items()},
    }


def test_nothing_received_later_changes_a_bar(
    trades: Trades, quotes: Quotes, book: BookUpdates, ends: IntArray
) -> None:
    whole = all_columns(trades, quotes, book, ends)
    for bars in range(1, len(ends)):
        end = int(ends[bars - 1])
        part = all_columns(cut(trades, end), cut(quotes, end), cut(book, end), ends[:bars])
        for name, values in part.items():
            assert np.array_equal(values, whole[name][:bars], equal_nan=True), (name, bars)


def test_columns_beside_prices() -> None:
    bars = random_walk(5, seed=1)
    joined = with_columns(bars, {"spread_paid": np.ones(5)})
    assert joined.extra["spread_paid"].tolist() == [1.0] * 5
    with pytest.raises(InvalidInput, match="there are two columns 'spread_paid'"):
        with_columns(joined, {"spread_paid": np.ones(5)})


def test_what_cannot_be_asked(trades: Trades) -> None:
    with pytest.raises(InvalidInput, match="bar 1 is over no later than the one before it"):
        vpin_column(trades, times(5, 5), 10.0)
    with pytest.raises(InvalidInput, match=r"bucket is 0\.0"):
        vpin_column(trades, times(5), 0.0)
    with pytest.raises(InvalidInput, match="window is 0"):
        profile_columns(trades, times(5), 0.01, window=0)
    with pytest.raises(InvalidInput, match="half_life is 0"):
        intensity_column(trades, times(5), 0)


def test_no_ticks_at_all() -> None:
    nothing, best = some_trades([], [], []), national_best(some_quotes([], [], []))
    when = times(1, 2)
    assert np.isnan(quote_columns(best, when)["bid"]).all()
    assert np.isnan(quote_columns(best, when)["spread_mean"]).all()
    assert np.isnan(intensity_column(nothing, when, 5)).all()
    assert np.isnan(vpin_column(nothing, when, 5.0)).all()
    assert np.isnan(profile_columns(nothing, when, 0.01, window=5)["profile_poc"]).all()
    assert np.isnan(spreads_paid(some_trades([1], [5.0], [1.0]), best)).all()
