"""Markets of several instruments: common factors, and a pair that belongs together."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.testing.markets._plain import times_of
from autonomous_trading.testing.markets._simulated import SimulatedMarket, bars_along, simulated, stream

__all__ = ["FactorLaw", "FactorTruth", "PairLaw", "PairTruth", "cointegrated_pair", "factor_market"]

_START: Final = 100.0
_MOST_LOADING: Final = 0.95


@final
@dataclass(frozen=True, slots=True, eq=False)
class FactorTruth:
    """`factor` return of every bar; `loading` and `beta` [instruments, bars]; deviations and freedom.

    The loading is the correlation of an instrument with the factor, its beta the loading times its volatility over
    that of the factor, both known before the bar.
    """

    factor: FloatArray
    loading: FloatArray
    beta: FloatArray
    volatility: FloatArray
    factor_volatility: float
    freedom: float

    def correlation(self, row: int) -> FloatArray:
        """The correlations of the instruments' returns at one bar, [instruments, instruments]."""
        found: FloatArray = np.outer(self.loading[:, row], self.loading[:, row])
        np.fill_diagonal(found, 1.0)
        return found


@final
@dataclass(frozen=True, slots=True)
class FactorLaw:
    """Usual loadings and volatilities per instrument, the factor's volatility, the tails, and how loadings move.

    Loadings lie between 0 and 0.95; `freedom` is above 2. The logit of the loadings moves with an AR(1) process of
    deviation `variation` and `persistence`; variation=0 keeps them constant.
    """

    loadings: tuple[float, ...] = (0.85, 0.7, 0.55, 0.4, 0.2)
    volatilities: tuple[float, ...] = (0.012, 0.015, 0.01, 0.02, 0.018)
    factor_volatility: float = 0.01
    freedom: float = 5.0
    variation: float = 0.5
    persistence: float = 0.99

    def __post_init__(self) -> None:
        inside = all(0.0 < loading < _MOST_LOADING for loading in self.loadings)
        if not (inside and len(self.loadings) == len(self.volatilities) > 0 and self.freedom > 2.0):
            raise InvalidInput(
                f"loadings lie between 0 and {_MOST_LOADING:g}, as many as volatilities, and freedom is above 2",
                fix="use loadings=(0.8, 0.5), volatilities=(0.01, 0.02)",
            )


def factor_market(
    n: int, seed: int, law: FactorLaw = FactorLaw(), *, timeframe: str = "1d"
) -> SimulatedMarket[FactorTruth]:
    """Instruments that share one factor, with a t copula and correlations that move together over time.

    Log return i is volatility_i (l_i f + sqrt(1 - l_i^2) e_i) with f and e_i standard normal, all of a bar divided by
    the same sqrt(chi^2) (Demarta and McNeil 2005): a t copula with t margins of variance 1.
    """
    usual, spread = np.array(law.loadings), np.array(law.volatilities)
    level = autoregressive(stream(seed, "level").standard_normal(n), law.persistence) * law.variation
    logit = np.log(usual / (_MOST_LOADING - usual))
    loading = _MOST_LOADING / (1.0 + np.exp(-(logit[:, np.newaxis] + level)))
    heavy = np.sqrt((law.freedom - 2.0) / stream(seed, "tail").chisquare(law.freedom, n))
    common = stream(seed, "factor").standard_normal(n) * heavy
    own = stream(seed, "own").standard_normal((n, len(usual))).T * heavy
    steps = spread[:, np.newaxis] * (loading * common + np.sqrt(1.0 - loading * loading) * own)
    closes = _START * np.exp(np.cumsum(steps, axis=1))
    time = times_of(n, timeframe)
    instruments = {
        name: bars_along(time, _opens(each), each, deviation, stream(seed, f"path {name}"), name)
        for name, each, deviation in zip(_names(len(usual)), closes, law.volatilities, strict=True)
    }
    beta = loading * spread[:, np.newaxis] / law.factor_volatility
    truth = FactorTruth(law.factor_volatility * common, loading, beta, spread, law.factor_volatility, law.freedom)
    return simulated("factor_market", seed, law, instruments, truth, timeframe=timeframe)


@final
@dataclass(frozen=True, slots=True, eq=False)
class PairTruth:
    """`spread` is log A - `level` - `hedge_ratio` log B at every close, `half_life` in bars, `deviation` stationary."""

    spread: FloatArray
    hedge_ratio: float
    level: float
    half_life: float
    deviation: float


@final
@dataclass(frozen=True, slots=True)
class PairLaw:
    """The hedge ratio, half-life (bars) and stationary deviation of the spread, and the volatility of B a bar."""

    hedge_ratio: float = 0.8
    half_life: float = 15.0
    deviation: float = 0.03
    volatility: float = 0.012

    def __post_init__(self) -> None:
        if not min(self.half_life, self.deviation, self.volatility) > 0.0:
            raise InvalidInput("half_life, deviation and volatility lie above 0", fix="use half_life=15.0")


def cointegrated_pair(
    n: int, seed: int, law: PairLaw = PairLaw(), *, timeframe: str = "1d"
) -> SimulatedMarket[PairTruth]:
    """Two instruments A and B whose log prices differ by a spread that comes back (Engle and Granger 1987).

    Log B is a random walk; log A is a level plus `hedge_ratio` times log B plus an Ornstein-Uhlenbeck process at the
    times of the bars, exact, whose first value is drawn from its stationary distribution.
    """
    kept = float(0.5 ** (1.0 / law.half_life))
    spread = law.deviation * autoregressive(stream(seed, "spread").standard_normal(n), kept)
    walk = np.log(_START) + np.cumsum(law.volatility * stream(seed, "walk").standard_normal(n))
    level = float(np.log(_START) * (1.0 - law.hedge_ratio))
    first, second = np.exp(level + law.hedge_ratio * walk + spread), np.exp(walk)
    moving = float(np.sqrt((law.hedge_ratio * law.volatility) ** 2 + 2.0 * (1.0 - kept) * law.deviation**2))
    time = times_of(n, timeframe)
    instruments = {
        "A": bars_along(time, _opens(first), first, moving, stream(seed, "path A"), "A"),
        "B": bars_along(time, _opens(second), second, law.volatility, stream(seed, "path B"), "B"),
    }
    truth = PairTruth(spread, law.hedge_ratio, level, law.half_life, law.deviation)
    return simulated("cointegrated_pair", seed, law, instruments, truth, timeframe=timeframe)


def _names(count: int) -> list[str]:
    return [f"F{number + 1}" for number in range(count)]


def autoregressive(shocks: FloatArray, kept: float) -> FloatArray:
    """An AR(1) process of variance 1, the first value drawn from its stationary distribution."""
    found = np.empty(len(shocks))
    last = 0.0
    fresh = float(np.sqrt(1.0 - kept * kept))
    for row, shock in enumerate(shocks.tolist()):
        last = shock if row == 0 else kept * last + fresh * shock
        found[row] = last
    return found


def _opens(closes: FloatArray) -> FloatArray:
    return np.concatenate(([_START], closes[:-1]))
