"""Ticks: kernels are their slow twins, and nothing received later changes what was seen before."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import FloatArray
from autonomous_trading.data.knowable import (
    BookUpdates,
    Quotes,
    Trades,
    national_best,
    on_the_later_clock,
    replay_book,
    trade_intensity,
    trades_to_bars,
    volume_profile,
)
from tests.twins import ticks as twin

_WHOLE = st.integers(0, 4)


def numbers(values: list[int]) -> FloatArray:
    return np.array(values, dtype=np.float64)


@st.composite
def some_updates(draw: st.DrawFn) -> BookUpdates:
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from([1, -1]), st.integers(1, 8), _WHOLE, st.booleans()),
            max_size=40,
        )
    )
    step, side, price, size, snapshot = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return BookUpdates(
        "X",
        np.cumsum(np.array(step, dtype=np.int64)),
        np.array(side, dtype=np.int64),
        numbers(list(price)),
        numbers(list(size)),
        np.array(snapshot, dtype=np.bool_),
    )


@st.composite
def some_quotes(draw: st.DrawFn) -> Quotes:
    rows = draw(st.lists(st.tuples(_WHOLE, _WHOLE, _WHOLE, _WHOLE, _WHOLE, st.integers(0, 2)), max_size=40))
    step, bid, bid_size, ask, ask_size, venue = zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    return Quotes(
        "X",
        np.cumsum(np.array(step, dtype=np.int64)),
        numbers(list(bid)),
        numbers(list(bid_size)),
        numbers(list(ask)),
        numbers(list(ask_size)),
        exchange=np.array(venue, dtype=np.int64),
        exchanges=("A", "B", "C"),
    )


@st.composite
def some_trades(draw: st.DrawFn) -> Trades:
    rows = draw(st.lists(st.tuples(_WHOLE, st.integers(1, 9), _WHOLE, st.integers(-1, 1)), min_size=1, max_size=40))
    step, price, size, side = zip(*rows, strict=True)
    return Trades(
        "X",
        np.cumsum(np.array(step, dtype=np.int64)) * 1_000_000_000,
        numbers(list(price)),
        numbers(list(size)),
        np.array(side, dtype=np.int64),
    )


def cut(updates: BookUpdates, at: int) -> BookUpdates:
    kept = updates.time <= at
    return BookUpdates(
        "X", updates.time[kept], updates.side[kept], updates.price[kept], updates.size[kept], updates.snapshot[kept]
    )


@given(some_updates(), st.lists(st.integers(-1, 60)), st.integers(1, 4), st.booleans())
def test_a_book_is_what_the_dictionaries_say(
    updates: BookUpdates, when: list[int], depth: int, from_empty: bool
) -> None:
    moments = sorted(when)
    book = replay_book(updates, np.array(moments, dtype=np.int64), depth=depth, from_empty=from_empty)
    names = ("bid", "bid_size", "ask", "ask_size", "bid_depth", "ask_depth", "bid_far", "ask_far")
    seen = np.stack([getattr(book, name) for name in names], axis=1)
    wanted = np.array(twin.book_at(updates, moments, depth, from_empty), dtype=np.float64).reshape(-1, 8)
    assert np.array_equal(seen, wanted, equal_nan=True)
    assert (book.messages, book.crossed) == twin.crossed_messages(updates, from_empty)


@given(some_updates(), st.integers(0, 60))
def test_later_messages_change_nothing_of_a_book(updates: BookUpdates, at: int) -> None:
    when = np.arange(at + 1, dtype=np.int64)
    whole, short = replay_book(updates, when), replay_book(cut(updates, at), when)
    for name in ("bid", "ask", "bid_size", "ask_size", "spread", "mid", "imbalance"):
        assert np.array_equal(getattr(whole, name), getattr(short, name), equal_nan=True)


@given(some_quotes(), st.one_of(st.none(), st.integers(0, 8)), st.booleans())
def test_the_national_best_is_what_the_dictionaries_say(quotes: Quotes, max_age: int | None, newest_wins: bool) -> None:
    best = national_best(quotes, max_age, newest_wins=newest_wins)
    seen = np.stack([best.bid, best.bid_size, best.ask, best.ask_size], axis=1)
    wanted = twin.national_best_after(quotes, np.inf if max_age is None else max_age, newest_wins)
    assert np.array_equal(seen, np.array(wanted, dtype=np.float64).reshape(-1, 4), equal_nan=True)


@given(some_trades(), st.sampled_from(["ticks", "volume", "money"]), st.integers(1, 12))
def test_sized_bars_are_what_the_lists_say(trades: Trades, by: str, size: int) -> None:
    wanted = twin.bars_of(trades, by, float(size))
    if not wanted:
        return
    made = trades_to_bars(trades, by, float(size))  # type: ignore[arg-type]
    bars = made.bars
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(bars, name).tolist() == [bar[name] for bar in wanted]
    for name in ("trade_count", "buy_volume", "sell_volume"):
        assert bars.extra[name].tolist() == [bar[name] for bar in wanted]
    begun, ended = np.array([bar["first"] for bar in wanted]), np.array([bar["last"] for bar in wanted])
    assert ((bars.time >= begun) & (bars.time < begun + len(bars))).all()
    assert (made.ended_at >= np.maximum(ended, bars.time)).all()


@given(some_trades(), st.integers(1, 9))
def test_the_rate_is_the_sum_over_all_trades_so_far(trades: Trades, half_life: int) -> None:
    rate = trade_intensity(trades, half_life * 1_000_000_000)
    assert np.allclose(rate, twin.rate_after(trades, half_life * 1e9), rtol=1e-12)


@given(some_trades(), st.sampled_from([0.3, 0.7, 1.0]), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_profile_is_what_the_dictionary_says(trades: Trades, share: float, tick: float) -> None:
    if not (trades.size > 0.0).any():
        return
    found = volume_profile(trades.price, trades.size, tick, share)
    wanted = twin.profile_of(trades.price.tolist(), trades.size.tolist(), tick, share)
    assert (found.point_of_control, found.value_area_low, found.value_area_high) == wanted


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50))))
def test_the_later_clock_is_later_than_both_and_never_steps_back(rows: list[tuple[int, int]]) -> None:
    pairs = np.array(sorted(rows), dtype=np.int64).reshape(-1, 2)
    later = on_the_later_clock(pairs[:, 0], pairs[:, 1])
    assert (later >= pairs.max(axis=1, initial=0)).all()
    assert (np.diff(later) >= 0).all()
