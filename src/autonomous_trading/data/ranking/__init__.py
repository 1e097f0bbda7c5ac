"""Which instruments first? A daily order by momentum, size, liquidity and sentiment, and whether it meant anything."""

from autonomous_trading.data.ranking._components import MomentumWindow, RankingWindows
from autonomous_trading.data.ranking._evidence import MeanWithError, RankingEvidence, evaluate_ranking
from autonomous_trading.data.ranking._ranking import (
    COMPONENTS,
    RankedInstrument,
    Ranking,
    RankingRules,
    rank_instruments,
)

__all__ = [
    "COMPONENTS",
    "MeanWithError",
    "MomentumWindow",
    "RankedInstrument",
    "Ranking",
    "RankingEvidence",
    "RankingRules",
    "RankingWindows",
    "evaluate_ranking",
    "rank_instruments",
]
