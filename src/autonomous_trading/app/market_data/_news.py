"""From news to a column: which items, scored by whom, fading how fast."""

from collections.abc import Iterable

import numpy as np

from autonomous_trading.app.market_data._sentiment import SentimentScorer
from autonomous_trading.core import InvalidInput
from autonomous_trading.data.knowable import KnowableSeries, NewsItem, news_count, sentiment_series

__all__ = ["news_series"]

_DAY_NS = 86_400_000_000_000


def news_series(
    items: Iterable[NewsItem],
    symbol: str,
    scorer: SentimentScorer,
    *,
    half_life: int = _DAY_NS,
    window: int = _DAY_NS,
) -> tuple[KnowableSeries, KnowableSeries]:
    """What the news about one symbol said so far, and how many there were: the series sentiment and news_count.

    The headline and the text of an item are scored as one; its score fades by half in `half_life` nanoseconds, and it
    is counted for `window`. Raises InvalidInput where no item names the symbol.
    """
    found = [item for item in items if symbol in item.symbols]
    if not found:
        raise InvalidInput(f"no news name {symbol}", fix="give the symbol as the news write it")
    known = np.array([item.knowable_at for item in found], dtype=np.int64)
    scores = scorer.score([f"{item.headline} {item.text}".strip() for item in found])
    return sentiment_series(known, scores, half_life), news_count(known, window)
