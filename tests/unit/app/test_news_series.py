"""News as columns, with a scorer that counts words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
import pytest

from autonomous_trading.app.market_data import SentimentScorer, news_series
from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.data.knowable import NewsItem


@final
class WordScorer(SentimentScorer):
    """1 where a text says "up", -1 where it says "down"."""

    @property
    def name(self) -> str:
        return "words"

    def score(self, texts: Sequence[str]) -> FloatArray:
        return np.array([float("up" in text) - float("down" in text) for text in texts])


NEWS = (
    NewsItem(10, ("A", "B"), "up", "and away"),
    NewsItem(20, ("B",), "", "down"),
    NewsItem(30, ("A",), "flat"),
)


def test_items_of_a_symbol_are_scored_and_counted() -> None:
    sentiment, count = news_series(NEWS, "A", WordScorer(), half_life=20, window=25)
    assert sentiment.knowable_at.tolist() == [10, 30]
    assert np.allclose(sentiment.value, [1.0, 1.0 / 3.0])
    assert count.knowable_at.tolist() == [10, 30, 35, 55]
    assert count.value.tolist() == [1.0, 2.0, 1.0, 0.0]


def test_a_symbol_without_news_is_said() -> None:
    with pytest.raises(InvalidInput, match="no news name C"):
        news_series(NEWS, "C", WordScorer())
