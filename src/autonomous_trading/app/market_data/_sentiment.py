"""The port to whoever reads news."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from autonomous_trading.core import FloatArray

__all__ = ["SentimentScorer"]


class SentimentScorer(ABC):
    """Says of texts whether they are good news (1), bad news (-1), or something between."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What read the texts: "vader"."""

    @abstractmethod
    def score(self, texts: Sequence[str]) -> FloatArray:
        """One score in [-1, 1] per text; the same text has the same score whatever stands beside it. Empty text: 0."""
