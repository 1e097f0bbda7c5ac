"""Sentiment by a lexicon: VADER, which needs no model and reads thousands of short texts a second."""

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from autonomous_trading.app.market_data import SentimentScorer
from autonomous_trading.core import DataNotFound, FloatArray

__all__ = ["VaderScorer"]


@final
class VaderScorer(SentimentScorer):
    """The compound score of VADER (Hutto and Gilbert 2014). Raises DataNotFound where vaderSentiment is missing."""

    def __init__(self) -> None:
        try:
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
        except ImportError:
            raise DataNotFound(
                "the lexicon of VADER is not installed", fix="pip install 'autonomous-trading[sentiment]'"
            ) from None
        self._analyzer: Any = SentimentIntensityAnalyzer()

    @property
    def name(self) -> str:
        """What read the texts."""
        return "vader"

    def score(self, texts: Sequence[str]) -> FloatArray:
        """One score in [-1, 1] per text."""
        return np.array([self._analyzer.polarity_scores(text)["compound"] for text in texts], dtype=np.float64)
