"""Data other than bars loads, is what its description says, and joins onto bars.

Trades, quotes, a full order book, tweets, macro series, the VIX and facts about futures, from the folder that
AUTOTRADE_REAL_DATA names. The order book is replayed and compared with the best prices that the exchange sent apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from autonomous_trading.adapters import load_many, sample
from autonomous_trading.adapters.series import (
    load_series,
    read_book_updates,
    read_instruments,
    read_news,
    read_quotes,
    read_series,
    read_trades,
)
from autonomous_trading.adapters.text import VaderScorer
from autonomous_trading.app.market_data import news_series
from autonomous_trading.core import Timeframe, time_text
from autonomous_trading.data.knowable import (
    closes_of,
    currency_strength,
    join,
    national_best,
    receipt_delay,
    replay_book,
    session_profiles,
    trades_to_bars,
)
from proofs.claims import Figure, at_least, equals, holds, not_measured, run
from proofs.data._real_data import WHY_NOT, real_data

TITLE = "Other data loads, checks and joins"
BINANCE = "ticks/binance_btcusdt_perp_2024-08-08_{}.parquet"
IBM = "ticks/ibm_{}_2013-10-07_11_lean.parquet"
MINUTE = Timeframe.of("1m")
DAY_NS = 86_400_000_000_000


def measure() -> list[Figure]:
    """Each kind of data, from the file it is in."""
    kinds: tuple[tuple[str, str, Callable[[Path], list[Figure]]], ...] = (
        ("order book", BINANCE.format("L2"), _book),
        ("crypto trades", BINANCE.format("trades"), _crypto_trades),
        ("share trades", IBM.format("trades"), _share_trades),
        ("quotes", IBM.format("quotes"), _quotes),
        ("tweets", "text/stocknet_tweets_2014_2015.parquet", _tweets),
        ("macro series", "macro/macro_series_long.parquet", _macro),
        ("VIX", "macro/vix_daily_ohlc.parquet", _vix),
        ("futures", "futures/futures_instruments.csv", _futures),
        ("currencies", "fx/fx_daily_lean_oanda.parquet", _currencies),
    )
    figures: list[Figure] = []
    for words, name, look in kinds:
        path = real_data(name)
        figures += [not_measured(words, "loads", WHY_NOT)] if path is None else look(path)
    return figures


def _book(path: Path) -> list[Figure]:
    import pandas as pd

    updates = read_book_updates(path)
    rows = pd.read_parquet(path, columns=["timestamp", "last_id", "is_snapshot"])
    best = pd.read_parquet(str(path).replace("_L2", "_L1"))
    after = rows.loc[np.flatnonzero(rows.is_snapshot)[-1] + 1 :].groupby("timestamp", sort=True)["last_id"].max()
    when = np.array(pd.DatetimeIndex(after.index).as_unit("ns").asi8, dtype=np.int64)
    book = replay_book(updates, when)
    # The last best price that the exchange sent for a state of the book no newer than the message.
    at = np.searchsorted(best["update_id"].to_numpy(), after.to_numpy(), side="right") - 1
    same = np.ones(len(when), dtype=np.bool_)
    for ours, theirs in (("bid", "bid"), ("bid_size", "bid_qty"), ("ask", "ask"), ("ask_size", "ask_qty")):
        same &= getattr(book, ours) == best[theirs].to_numpy()[at]
    quotes = read_quotes(str(path).replace("_L2", "_L1"))
    return [
        equals("order book: rows of the snapshot", int(updates.snapshot.sum()), 2_000, digits=0),
        equals("order book: messages that leave it crossed", book.crossed, 0, digits=0),
        holds(
            "order book: best prices and sizes as the exchange sent them apart",
            bool(same.all()),
            bound="all messages",
            figure=f"{np.count_nonzero(same):,} of {len(same):,}",
        ),
        equals("order book: received, seconds behind the exchange's clock", -receipt_delay(updates), 1.27, digits=2),
        equals("best prices: received, seconds behind the exchange's clock", -receipt_delay(quotes), 1.27, digits=2),
    ]


def _crypto_trades(path: Path) -> list[Figure]:
    received, later = read_trades(path), read_trades(path, clock="later")
    bars = trades_to_bars(later, MINUTE).bars
    early = int(np.count_nonzero(later.time < later.events))
    return [
        equals("crypto trades: rows", len(received), 21_313, digits=0),
        equals("crypto trades: by the later clock known before they happened", early, 0, digits=0),
        equals("crypto trades: whole minutes", len(bars), 5, digits=0),
    ]


def _share_trades(path: Path) -> list[Figure]:
    trades = read_trades(path)
    hours = trades_to_bars(trades, Timeframe.of("1h"))
    by_volume = trades_to_bars(trades, "volume", 100_000.0)
    full = by_volume.bars.volume
    control, low, high = session_profiles(trades, 0.01)
    joined = join(hours.bars, control, low, high, decide_at=hours.ended_at)
    within = hours.ended_at % DAY_NS != 0  # at midnight the profile of the day that ends is known
    days = np.unique(joined.time[within & ~np.isnan(joined.extra["profile_poc"])] // DAY_NS)
    return [
        equals("share trades: rows", len(trades), 126_395, digits=0),
        holds("share trades: volume in hours is all but the last one's", hours.bars.volume.sum() <= trades.size.sum()),
        at_least("share trades: smallest of the bars of 100,000 shares", float(full.min()), 100_000.0, "shares"),
        equals("volume profile: days on which that of the day before is known", len(days), 4, digits=0),
    ]


def _quotes(path: Path) -> list[Figure]:
    quotes = read_quotes(path)
    one_sided = float(np.mean((quotes.bid == 0.0) | (quotes.ask == 0.0)))
    carried, newest = national_best(quotes), national_best(quotes, newest_wins=True)
    share = float(np.mean(carried.crossed))
    return [
        equals("quotes: share that says one side only", one_sided, 1.0, digits=3),
        holds("quotes: crossed where old sides stay, and counted", share > 0.0, bound="> 0", figure=f"{share:.1%}"),
        equals("quotes: crossed where the newest wins", int(newest.crossed.sum()), 0, digits=0),
        equals(
            "quotes: median spread of the national best, dollars", float(np.nanmedian(newest.spread)), 0.01, digits=2
        ),
    ]


def _tweets(path: Path) -> list[Figure]:
    items = read_news(path)
    symbols = {symbol for item in items for symbol in item.symbols}
    sentiment, count = news_series(items, "AAPL", VaderScorer())
    bars = sample("sp500")
    joined = join(bars, sentiment, count)
    early = bars.time + DAY_NS <= sentiment.knowable_at[0]
    return [
        equals("tweets: rows", len(items), 105_740, digits=0),
        equals("tweets: tickers", len(symbols), 87, digits=0),
        holds("tweets: scores within -1 to 1", bool((np.abs(sentiment.value) <= 1.0).all())),
        holds("tweets: no sentiment before the first", bool(np.isnan(joined.extra["sentiment"][early]).all())),
    ]


def _macro(path: Path) -> list[Figure]:
    held = read_series(path)
    wti = held["WTI"]
    lowest = int(np.argmin(wti.value))
    early = sum(bool((series.knowable_at <= series.reference).any()) for series in held.values())
    inflation = load_series(f"{path}:CPIAUC@yoy", name="cpi_yoy")
    joined = join(sample("sp500"), *held.values(), inflation)
    told = sum(not np.isnan(joined.extra[series.name]).all() for series in held.values())
    return [
        equals("macro: series", len(held), 44, digits=0),
        equals("macro: series with a value known on the date it is about", early, 0, digits=0),
        holds(
            "macro: oil below zero",
            wti.value[lowest] < 0.0 and time_text(int(wti.reference[lowest])).startswith("2020-04-20"),
            bound="2020-04-20",
            figure=f"{wti.value[lowest]:g} on {time_text(int(wti.reference[lowest]))[:10]}",
        ),
        equals("macro: series with values on the bars of the bundled index", told, 44, digits=0),
        holds("macro: inflation on every bar of it", not np.isnan(joined.extra["cpi_yoy"]).any()),
    ]


def _vix(path: Path) -> list[Figure]:
    vix = load_series(path, name="vix")
    joined = join(sample("sp500"), vix)
    known = float(np.mean(~np.isnan(joined.extra["vix"])))
    at = int(np.searchsorted(vix.reference, np.datetime64("2008-11-20", "ns").astype(np.int64)))
    return [
        equals("VIX: days", len(vix), 9_235, digits=0),
        equals("VIX: close of 2008-11-20", float(vix.value[at]), 80.86, digits=2),
        equals("VIX: share of the bars of the bundled index with a value", known, 1.0, digits=3),
    ]


def _futures(path: Path) -> list[Figure]:
    held = read_instruments(path)
    return [
        equals("futures: contracts described", len(held), 162, digits=0),
        holds("futures: each with a currency", all(facts["currency"] for facts in held.values())),
    ]


def _currencies(path: Path) -> list[Figure]:
    bars = load_many(path)
    pairs = [closes_of(each, symbol) for symbol, each in bars.items() if not symbol.startswith("XAU")]
    strength = currency_strength(pairs)
    return [
        equals("currencies: with a strength index", len(strength), 4, digits=0),
        holds("currencies: every index has values", all(len(series) > 1_000 for series in strength.values())),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
