"""What would a market be if we knew its law? Synthetic bars from a seed, with the truth beside them."""

from autonomous_trading.testing.markets._actions import ActionLaw, ActionTruth, dividends_and_splits
from autonomous_trading.testing.markets._catalogue import MARKETS, MarketLaw
from autonomous_trading.testing.markets._order_driven import (
    LIMIT_ORDER,
    MARKET_ORDER,
    ORDER_CANCELLED,
    BookLaw,
    BookTruth,
    OrderFlow,
    order_driven,
)
from autonomous_trading.testing.markets._plain import (
    clustered,
    foretold,
    mean_reverting,
    random_walk,
    switching,
    trending,
)
from autonomous_trading.testing.markets._sessions import SessionLaw, SessionTruth, made_up_sessions, session_market
from autonomous_trading.testing.markets._several import (
    FactorLaw,
    FactorTruth,
    PairLaw,
    PairTruth,
    cointegrated_pair,
    factor_market,
)
from autonomous_trading.testing.markets._simulated import SimulatedMarket
from autonomous_trading.testing.markets._single import (
    GarchLaw,
    GarchTruth,
    JumpLaw,
    JumpTruth,
    RegimeLaw,
    RegimeTruth,
    garch,
    jump_diffusion,
    regime_switching,
)

__all__ = [
    "LIMIT_ORDER",
    "MARKETS",
    "MARKET_ORDER",
    "ORDER_CANCELLED",
    "ActionLaw",
    "ActionTruth",
    "BookLaw",
    "BookTruth",
    "FactorLaw",
    "FactorTruth",
    "GarchLaw",
    "GarchTruth",
    "JumpLaw",
    "JumpTruth",
    "MarketLaw",
    "OrderFlow",
    "PairLaw",
    "PairTruth",
    "RegimeLaw",
    "RegimeTruth",
    "SessionLaw",
    "SessionTruth",
    "SimulatedMarket",
    "clustered",
    "cointegrated_pair",
    "dividends_and_splits",
    "factor_market",
    "foretold",
    "garch",
    "jump_diffusion",
    "made_up_sessions",
    "mean_reverting",
    "order_driven",
    "random_walk",
    "regime_switching",
    "session_market",
    "switching",
    "trending",
]
