"""How do we know? The kit we test ourselves with: synthetic markets, law checks and contract suites."""

from autonomous_trading.testing.causality import LooksAhead, check_causal
from autonomous_trading.testing.markets import mean_reverting, random_walk, trending

__all__ = ["LooksAhead", "check_causal", "mean_reverting", "random_walk", "trending"]
