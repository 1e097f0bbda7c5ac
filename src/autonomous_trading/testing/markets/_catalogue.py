"""Every market with known truth, by the name of its law."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, final

from autonomous_trading.testing.markets._actions import dividends_and_splits
from autonomous_trading.testing.markets._order_driven import order_driven
from autonomous_trading.testing.markets._sessions import SessionTruth, made_up_sessions, session_market
from autonomous_trading.testing.markets._several import cointegrated_pair, factor_market
from autonomous_trading.testing.markets._simulated import SimulatedMarket
from autonomous_trading.testing.markets._single import garch, jump_diffusion, regime_switching

__all__ = ["MARKETS", "MarketLaw"]


@final
@dataclass(frozen=True, slots=True)
class MarketLaw:
    """One law: its name, what it is in a sentence, and `make(n, seed)` with the parameters it has by default.

    `n` is the number of bars; of `order_driven` the number of minutes, and of `session_market` that of sessions.
    """

    name: str
    what: str
    make: Callable[[int, int], SimulatedMarket[Any]]


def _sessions(n: int, seed: int) -> SimulatedMarket[SessionTruth]:
    return session_market(made_up_sessions(n), seed, timeframe="30m")


_ALL: Final = (
    MarketLaw("regime_switching", "a Markov chain of regimes with moments of their own", regime_switching),
    MarketLaw("garch", "GARCH(1,1) with t innovations: clusters of volatility", garch),
    MarketLaw("jump_diffusion", "Merton's jump diffusion", jump_diffusion),
    MarketLaw("factor_market", "five instruments with one factor, a t copula and moving correlations", factor_market),
    MarketLaw("cointegrated_pair", "two instruments whose spread comes back", cointegrated_pair),
    MarketLaw("order_driven", "a limit order book driven by Poisson arrivals", order_driven),
    MarketLaw("session_market", "sessions with gaps, loud edges, half days and summer time", _sessions),
    MarketLaw("dividends_and_splits", "raw prices of a share that pays dividends and splits", dividends_and_splits),
)

MARKETS: Final[Mapping[str, MarketLaw]] = MappingProxyType({each.name: each for each in _ALL})
"""Every market with known truth."""
