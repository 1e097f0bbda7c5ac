"""Who reads the news: scorers of sentiment behind the one port of `app.market_data`."""

from autonomous_trading.adapters.text._finbert import FinBertScorer
from autonomous_trading.adapters.text._vader import VaderScorer
from autonomous_trading.adapters.text._words import joined_words

__all__ = ["FinBertScorer", "VaderScorer", "joined_words"]
