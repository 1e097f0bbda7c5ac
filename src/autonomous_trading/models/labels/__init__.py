"""What a bar is asked about: labels with the time at which each was known, and how much each of them is worth."""

from autonomous_trading.models.labels._barriers import Barriers, meta_labels, triple_barrier
from autonomous_trading.models.labels._bootstrap import draw_probabilities, sequential_bootstrap
from autonomous_trading.models.labels._entry import Entry
from autonomous_trading.models.labels._fixed_horizon import fixed_horizon
from autonomous_trading.models.labels._labels import HORIZON, LOWER, UPPER, Labels
from autonomous_trading.models.labels._trend_scanning import trend_scanning
from autonomous_trading.models.labels._weights import (
    concurrent_labels,
    return_attribution_weights,
    time_decay,
    uniqueness_weights,
)

__all__ = [
    "HORIZON",
    "LOWER",
    "UPPER",
    "Barriers",
    "Entry",
    "Labels",
    "concurrent_labels",
    "draw_probabilities",
    "fixed_horizon",
    "meta_labels",
    "return_attribution_weights",
    "sequential_bootstrap",
    "time_decay",
    "trend_scanning",
    "triple_barrier",
    "uniqueness_weights",
]
