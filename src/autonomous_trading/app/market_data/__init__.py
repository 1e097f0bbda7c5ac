"""How market data is asked for, kept and checked: the ports, and the use cases over them."""

from autonomous_trading.app.market_data._catalogue import BarCatalogue, Committed, Delivery, Quarantined
from autonomous_trading.app.market_data._news import news_series
from autonomous_trading.app.market_data._provider import BarProvider, Capabilities
from autonomous_trading.app.market_data._sentiment import SentimentScorer

__all__ = [
    "BarCatalogue",
    "BarProvider",
    "Capabilities",
    "Committed",
    "Delivery",
    "Quarantined",
    "SentimentScorer",
    "news_series",
]
