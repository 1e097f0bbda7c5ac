"""What a validation found, in the report's nouns."""

from dataclasses import dataclass
from typing import final

from autonomous_trading.core import FloatArray

__all__ = ["EvidencePart", "OverfittingChart", "Validation"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePart:
    """A question and what was found on it, a sentence each."""

    title: str
    lines: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverfittingChart:
    """The winners of all halves of history: `logits` of their ranks in the other half (below 0: the worse half).

    `in_sample` and `out_of_sample` are their annualised Sharpe ratios; `label` says of which returns.
    """

    label: str
    logits: FloatArray
    in_sample: FloatArray
    out_of_sample: FloatArray
    probability: float
    loss: float
    slope: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The page in parts, and the charts of the probability of overfitting."""

    parts: tuple[EvidencePart, ...]
    overfitting: OverfittingChart | None = None
