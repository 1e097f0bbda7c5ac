"""What else was known, and from when on? Series, ticks, books, options, news: each with the time it was knowable."""

from autonomous_trading.data.knowable._as_of import DecideAt, as_of, decision_times, join
from autonomous_trading.data.knowable._facts import Fundamental, NewsItem, fundamental_series
from autonomous_trading.data.knowable._options import CALL, PUT, OptionChain
from autonomous_trading.data.knowable._series import KnowableSeries
from autonomous_trading.data.knowable._ticks import BookUpdates, Quotes, Trades

__all__ = [
    "CALL",
    "PUT",
    "BookUpdates",
    "DecideAt",
    "Fundamental",
    "KnowableSeries",
    "NewsItem",
    "OptionChain",
    "Quotes",
    "Trades",
    "as_of",
    "decision_times",
    "fundamental_series",
    "join",
]
