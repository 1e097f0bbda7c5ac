"""What else was known, and from when on? Series, ticks, books, options, news: each with the time it was knowable."""

from autonomous_trading.data.knowable._as_of import DecideAt, as_of, decision_times, join
from autonomous_trading.data.knowable._derived import (
    closes_of,
    currency_strength,
    market_capitalisation,
    scaled,
    year_on_year,
)
from autonomous_trading.data.knowable._facts import Fundamental, NewsItem, fundamental_series
from autonomous_trading.data.knowable._options import CALL, PUT, OptionChain
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

__all__ = [
    "CALL",
    "FREQUENCIES",
    "PUT",
    "RELEASE_LAGS",
    "BookUpdates",
    "DecideAt",
    "Fundamental",
    "KnowableSeries",
    "NewsItem",
    "OptionChain",
    "Quotes",
    "ReleaseLag",
    "Trades",
    "as_of",
    "closes_of",
    "currency_strength",
    "decision_times",
    "fundamental_series",
    "join",
    "market_capitalisation",
    "news_count",
    "period_ends",
    "release_lag",
    "released",
    "scaled",
    "sentiment_series",
    "year_on_year",
]
