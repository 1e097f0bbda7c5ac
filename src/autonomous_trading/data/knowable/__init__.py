"""What else was known, and from when on? Series, ticks, books, options, news: each with the time it was knowable."""

from autonomous_trading.data.knowable._as_of import DecideAt, as_of, decision_times, join, over_times
from autonomous_trading.data.knowable._book import OrderBook, replay_book
from autonomous_trading.data.knowable._derived import (
    closes_of,
    currency_strength,
    market_capitalisation,
    scaled,
    year_on_year,
)
from autonomous_trading.data.knowable._facts import Fundamental, NewsItem, fundamental_series
from autonomous_trading.data.knowable._options import CALL, PUT, OptionChain
from autonomous_trading.data.knowable._profile import VolumeProfile, session_profiles, volume_profile
from autonomous_trading.data.knowable._quotes import NationalBest, national_best, on_the_later_clock, receipt_delay
from autonomous_trading.data.knowable._releases import (
    FREQUENCIES,
    RELEASE_LAGS,
    ReleaseLag,
    period_ends,
    release_lag,
    released,
)
from autonomous_trading.data.knowable._sentiment import news_count, sentiment_series
from autonomous_trading.data.knowable._series import KnowableSeries
from autonomous_trading.data.knowable._ticks import BookUpdates, Quotes, Trades
from autonomous_trading.data.knowable._trade_bars import TradeBars, trade_intensity, trades_to_bars

__all__ = [
    "CALL",
    "FREQUENCIES",
    "PUT",
    "RELEASE_LAGS",
    "BookUpdates",
    "DecideAt",
    "Fundamental",
    "KnowableSeries",
    "NationalBest",
    "NewsItem",
    "OptionChain",
    "OrderBook",
    "Quotes",
    "ReleaseLag",
    "TradeBars",
    "Trades",
    "VolumeProfile",
    "as_of",
    "closes_of",
    "currency_strength",
    "decision_times",
    "fundamental_series",
    "join",
    "market_capitalisation",
    "national_best",
    "news_count",
    "on_the_later_clock",
    "over_times",
    "period_ends",
    "receipt_delay",
    "release_lag",
    "released",
    "replay_book",
    "scaled",
    "sentiment_series",
    "session_profiles",
    "trade_intensity",
    "trades_to_bars",
    "volume_profile",
    "year_on_year",
]
