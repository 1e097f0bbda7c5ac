"""Spread, imbalance, intensity, VPIN and profile on real ticks; the rebuilt book agrees with the best prices.

A perpetual contract on one exchange (trades, best prices, every change of the book) and a share on many (trades, quotes
of one side each). The book is rebuilt from the changes alone and compared at every message after the snapshot with the
last row of the file of best prices whose update number is not above the message's. Each column is compared with a loop
written from its definition.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np

from autonomous_trading.adapters.series import read_book_updates, read_quotes, read_trades
from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data.knowable import (
    BookUpdates,
    NationalBest,
    Trades,
    national_best,
    replay_book,
    trade_intensity,
    trades_to_bars,
    volume_profile,
)
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
)
from proofs.claims import Figure, at_least, at_most, equals, holds, not_measured, run
from proofs.data._real_data import WHY_NOT, real_data

TITLE = "Real ticks and a real book as columns"
CRYPTO: Final = "ticks/binance_btcusdt_perp_2024-08-08_{}.parquet"
SHARE: Final = "ticks/ibm_{}_2013-10-07_11_lean.parquet"
SECOND: Final = 1_000_000_000
HALF_LIFE: Final = 10 * SECOND
LEVELS: Final = 10


def measure() -> list[Figure]:
    """The contract with its book, then the share."""
    book, trades, quotes = (real_data(CRYPTO.format(each)) for each in ("L2", "trades", "L1"))
    share_trades, share_quotes = (real_data(SHARE.format(each)) for each in ("trades", "quotes"))
    figures = []
    if book is None or trades is None or quotes is None:
        figures.append(not_measured("a perpetual contract", "agrees", WHY_NOT))
    else:
        figures += [*_rebuilt(book, quotes), *_ticks("contract", trades, quotes, 5 * SECOND, 20.0, 0.1)]
    if share_trades is None or share_quotes is None:
        figures.append(not_measured("a share", "agrees", WHY_NOT))
    else:
        figures += _ticks("share", share_trades, share_quotes, 300 * SECOND, 20_000.0, 0.01)
    return figures


def _rebuilt(path: Path, best_path: Path) -> list[Figure]:
    import pandas as pd

    updates = read_book_updates(path)
    rows = pd.read_parquet(path)
    best = pd.read_parquet(best_path)
    behind = int(np.flatnonzero(rows.is_snapshot)[-1]) + 1
    messages = rows.iloc[behind:].groupby("timestamp", sort=True)["last_id"].max()
    when = np.array(pd.DatetimeIndex(messages.index).as_unit("ns").asi8, dtype=np.int64)
    at = np.searchsorted(best["update_id"].to_numpy(), messages.to_numpy(), side="right") - 1
    comparable = at >= 0
    book = replay_book(updates, when, depth=LEVELS)
    figures = []
    for ours, theirs in (("bid", "bid"), ("ask", "ask"), ("bid_size", "bid_qty"), ("ask_size", "ask_qty")):
        wrong = int(np.count_nonzero(getattr(book, ours)[comparable] != best[theirs].to_numpy()[at[comparable]]))
        figures.append(
            holds(
                f"rebuilt book: {ours} that is not as it was sent apart",
                wrong == 0,
                bound="0",
                figure=f"{wrong} of {int(comparable.sum()):,} messages",
            )
        )
    used = len(np.unique(at[comparable]))
    figures.append(at_least("rebuilt book: different rows of the best prices compared", used, 1_000))
    checked = when[:: max(1, len(when) // 60)]
    return [*figures, *_deep_by_hand(updates, checked)]


def _deep_by_hand(updates: BookUpdates, when: IntArray) -> list[Figure]:
    """Depth, imbalance and slope at some times, from a book of two dictionaries."""
    found = book_columns(updates, when, depth=LEVELS)
    sides: dict[int, dict[float, float]] = {1: {}, -1: {}}
    known, row, away = False, 0, 0.0
    for at, moment in enumerate(when.tolist()):
        while row < len(updates) and updates.time[row] <= moment:
            if updates.snapshot[row] and not updates.snapshot[row - 1]:
                sides, known = {1: {}, -1: {}}, True
            sides[int(updates.side[row])][float(updates.price[row])] = float(updates.size[row])
            row += 1
        bids = sorted(((p, s) for p, s in sides[1].items() if s > 0.0), reverse=True)[:LEVELS]
        asks = sorted((p, s) for p, s in sides[-1].items() if s > 0.0)[:LEVELS]
        depth = math.fsum(s for _, s in bids), math.fsum(s for _, s in asks)
        slope = (depth[0] / (bids[0][0] - bids[-1][0]) + depth[1] / (asks[-1][0] - asks[0][0])) / 2.0
        wanted = {"depth_imbalance": (depth[0] - depth[1]) / sum(depth), "depth_slope": slope}
        away = max(away, *(abs(float(found[name][at]) / value - 1.0) for name, value in wanted.items()))
    inside = bool((np.abs(found["depth_imbalance"]) <= 1.0).all()) and known
    words = f"book: imbalance and slope over {LEVELS} levels at {len(when)} times, against a loop; away by"
    return [
        at_most(words, away, 1e-9, "of it"),
        holds(
            "book: every imbalance within -1 and 1, every slope above 0",
            inside and bool((found["depth_slope"] > 0).all()),
        ),
    ]


def _ticks(name: str, trades_path: Path, quotes_path: Path, step: int, bucket: float, tick: float) -> list[Figure]:
    """What both markets show, on bars of `step` nanoseconds."""
    trades = read_trades(trades_path)
    best = national_best(read_quotes(quotes_path), newest_wins=name == "share")
    start = int(trades.time[0] // SECOND) * SECOND
    when = np.arange(start, int(trades.time[-1]) + step, step, dtype=np.int64)
    return [
        *_spreads(name, trades, best, when),
        *_flow(name, best, when),
        *_vpin(name, trades, best, when, bucket),
        *_intensity(name, trades, when),
        *_profiles(name, trades, when, tick, 20 * step),
    ]


def _spreads(name: str, trades: Trades, best: NationalBest, when: IntArray) -> list[Figure]:
    paid = spreads_paid(trades, best)
    known = ~np.isnan(paid)
    by_hand, away = [], 0.0
    quotes, place = list(zip(best.time.tolist(), best.events.tolist(), strict=True)), 0
    rows = zip(trades.time.tolist(), trades.events.tolist(), trades.price.tolist(), strict=True)
    for row, (time, event, price) in enumerate(rows):
        # Made before the trade by the exchange's clock, and received no later than it.
        while place < len(quotes) and quotes[place][0] <= time and quotes[place][1] < event:
            place += 1
        bid, ask = (float(best.bid[place - 1]), float(best.ask[place - 1])) if place else (math.nan, math.nan)
        if ask >= bid:
            between = (bid + ask) / 2.0
            by_hand.append(2.0 * abs(price - between) / between)
            away = max(away, abs(by_hand[-1] - paid[row]))
    mean = float(np.average(paid[known], weights=trades.size[known]))
    middle = quoted_middles(trades, best)
    sided = known & (trades.sides != 0) & (trades.price != middle)
    beyond = float(np.mean(np.sign(trades.price - middle)[sided] == trades.sides[sided])) if sided.any() else math.nan
    columns = {**quote_columns(best, when), **spread_columns(trades, best, when)}
    quoted = float(np.nanmedian(columns["ask"] - columns["bid"]))
    over_time = float(np.nanmedian(columns["spread_mean"]))
    return [
        holds(f"{name}: quoted spread, median of {len(when):,} bars", quoted > 0.0, bound="> 0",
              figure=f"{quoted:.3f}, weighted by time {over_time:.3f}"),
        holds(f"{name}: spread paid by {int(known.sum()):,} trades, mean by size", mean > 0.0, bound="> 0",
              figure=f"{1e4 * mean:.3f} basis points"),
        holds(f"{name}: trades on the side of the middle on which the exchange says they were", beyond >= 0.95,
              bound=">= 95%", figure=f"{beyond:.1%}")
        if sided.any()
        else not_measured(f"{name}: trades on their side of the middle", ">= 95%", "nobody says who took"),
        holds(f"{name}: trades of which a loop says the same about whether there was a quote",
              len(by_hand) == int(known.sum()), figure=f"{len(by_hand):,}"),
        at_most(f"{name}: spread paid, largest distance from a loop", away, 1e-15),
    ]  # fmt: skip


def _flow(name: str, best: NationalBest, when: IntArray) -> list[Figure]:
    found = flow_columns(best, when)["order_flow"]
    wanted: dict[int, list[float]] = defaultdict(list)
    rows = zip(*(each.tolist() for each in (best.bid, best.ask, best.bid_size, best.ask_size)), strict=True)
    bars = np.searchsorted(when, best.time, side="left").tolist()
    before: tuple[float, ...] = (math.nan,) * 4
    for bar, row in zip(bars, rows, strict=True):
        if not any(math.isnan(each) for each in (*row, *before)):
            (bid, ask, bid_size, ask_size), (old_bid, old_ask, old_bid_size, old_ask_size) = row, before
            came = bid_size if bid > old_bid else -old_bid_size if bid < old_bid else bid_size - old_bid_size
            left = ask_size if ask < old_ask else -old_ask_size if ask > old_ask else ask_size - old_ask_size
            wanted[bar].append(came - left)
        before = row
    by_hand = np.array([math.fsum(wanted[bar]) for bar in range(len(when))])
    scale = float(np.abs(by_hand).mean())
    away = float(np.max(np.abs(found[1:] - by_hand[1:]))) / scale
    middle = quote_columns(best, when)
    moved = np.diff((middle["bid"] + middle["ask"]) / 2.0)
    both = ~np.isnan(moved) & ~np.isnan(found[1:])
    together = float(np.corrcoef(moved[both], found[1:][both])[0, 1])
    return [
        at_most(f"{name}: order flow imbalance of bars, largest distance from a loop", away, 1e-9, "of its mean size"),
        holds(f"{name}: order flow and the move of the middle in the same bar go together", together > 0.0,
              bound="correlation > 0", figure=f"{together:.2f}"),
    ]  # fmt: skip


def _vpin(name: str, trades: Trades, best: NationalBest, when: IntArray, bucket: float) -> list[Figure]:
    sides = sides_of_trades(trades, best)
    found = vpin_column(trades, when, bucket, 20, sides)
    full: list[float] = []
    held = bought = 0.0
    wanted, row = [], 0
    for end in when.tolist():
        while row < len(trades) and trades.time[row] <= end:
            left, side = float(trades.size[row]), int(sides[row])
            while left > 0.0:
                part = min(left, bucket - held)
                held, bought, left = held + part, bought + part * (1 + side) / 2.0, left - part
                if bucket - held <= 1e-9 * bucket:
                    full.append(abs(2.0 * bought - bucket) / bucket)
                    held = bought = 0.0
            row += 1
        wanted.append(math.fsum(full[-20:]) / 20.0 if len(full) >= 20 else math.nan)
    known = ~np.isnan(found)
    inside = bool(((found[known] >= 0.0) & (found[known] <= 1.0)).all()) and bool(known.any())
    away = float(np.nanmax(np.abs(found - np.array(wanted))))
    same = np.array_equal(np.isnan(found), np.isnan(np.array(wanted)))
    figure = f"{np.nanmin(found):.3f} to {np.nanmax(found):.3f} on {int(known.sum()):,} bars"
    return [
        holds(f"{name}: VPIN of {len(full):,} buckets of {bucket:g} units within 0 and 1", inside, figure=figure),
        at_most(f"{name}: VPIN, largest distance from a loop", away if same else math.nan, 1e-6),
    ]


def _intensity(name: str, trades: Trades, when: IntArray) -> list[Figure]:
    step = math.log(2.0) / (HALF_LIFE / SECOND)
    rate = trade_intensity(trades, HALF_LIFE)
    # Between two trades the rate fades; behind the last one for ever.
    lost = rate[:-1] * -np.expm1(-math.log(2.0) * np.diff(trades.time) / HALF_LIFE) / step
    integral = math.fsum(lost.tolist()) + float(rate[-1]) / step
    found = intensity_column(trades, when, HALF_LIFE)
    away = 0.0
    for at in range(0, len(when), max(1, len(when) // 50)):
        ages = (when[at] - trades.time[trades.time <= when[at]]) / HALF_LIFE
        if len(ages):
            away = max(away, abs(found[at] - step * math.fsum((0.5**ages).tolist())) / max(1e-3, float(found[at])))
    return [
        at_most(f"{name}: integral of the intensity over its {len(trades):,} trades; away by",
                abs(integral / len(trades) - 1.0), 1e-9, "of them"),
        at_most(f"{name}: intensity at 50 ends of bars, largest distance from a sum over all trades", away, 1e-9,
                "of it"),
    ]  # fmt: skip


def _profiles(name: str, trades: Trades, when: IntArray, tick: float, window: int) -> list[Figure]:
    found = profile_columns(trades, when, tick, window=window)
    wrong = share_off = 0
    for at, end in enumerate(when.tolist()):
        first, after = np.searchsorted(trades.time, [end - window, end], side="right")
        held: dict[int, float] = defaultdict(float)
        for price, size in zip(trades.price[first:after].tolist(), trades.size[first:after].tolist(), strict=True):
            held[round(price / tick)] += size
        total = math.fsum(held.values())
        control, low, high = (float(found[f"profile_{each}"][at]) for each in ("poc", "low", "high"))
        if not total > 0.0:
            wrong += not math.isnan(control)
            continue
        level, bottom, top = round(control / tick), round(low / tick), round(high / tick)
        wrong += not held[level] >= max(held.values()) * (1.0 - 1e-12) or not bottom <= level <= top
        inside = math.fsum(size for price, size in held.items() if bottom <= price <= top)
        share_off += inside < 0.7 * total * (1.0 - 1e-12)
    whole = volume_profile(trades.price, trades.size, tick)
    bars = trades_to_bars(trades, Timeframe.of("1m"), until=int(trades.time[-1]) + 60 * SECOND)
    sums = float(whole.volume.sum()), float(bars.bars.volume.sum()), math.fsum(trades.size.tolist())
    away = max(abs(each / sums[2] - 1.0) for each in sums)
    return [
        equals(f"{name}: bars whose point of control is not the fullest level, of {len(when):,}", wrong, 0, digits=0),
        equals(f"{name}: bars whose value area holds less than 70%", share_off, 0, digits=0),
        at_most(f"{name}: volume of the whole profile, and of bars, against that of trades; away by", away, 1e-12,
                "of it"),
    ]  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
