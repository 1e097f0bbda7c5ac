"""Markets of one instrument: regimes, clusters of volatility, jumps."""

from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.testing.markets._plain import times_of
from autonomous_trading.testing.markets._simulated import SimulatedMarket, bars_along, simulated, stream

__all__ = [
    "GarchLaw",
    "GarchTruth",
    "JumpLaw",
    "JumpTruth",
    "RegimeLaw",
    "RegimeTruth",
    "garch",
    "jump_diffusion",
    "regime_switching",
]

_START: Final = 100.0


def _check_chain(transition: tuple[tuple[float, ...], ...]) -> None:
    square = all(len(row) == len(transition) for row in transition) and len(transition) > 0
    if not square or any(min(row) < 0.0 or abs(sum(row) - 1.0) > 1e-12 for row in transition):
        raise InvalidInput(
            "a transition matrix is square, without negative entries, and its rows sum to 1",
            fix="use ((0.98, 0.02), (0.05, 0.95))",
        )


@final
@dataclass(frozen=True, slots=True)
class RegimeLaw:
    """Transition probabilities [from, to], whose rows sum to 1, and one drift, volatility and freedom per regime.

    Drift and volatility are mean and deviation of the log return of a bar, freedom the degrees of freedom of its t
    distribution, above 2.
    """

    transition: tuple[tuple[float, ...], ...] = ((0.98, 0.02), (0.05, 0.95))
    drift: tuple[float, ...] = (0.0008, -0.001)
    volatility: tuple[float, ...] = (0.007, 0.018)
    freedom: tuple[float, ...] = (8.0, 5.0)

    def __post_init__(self) -> None:
        _check_chain(self.transition)
        count = len(self.transition)
        if not count == len(self.drift) == len(self.volatility) == len(self.freedom) or min(self.freedom) <= 2.0:
            raise InvalidInput(
                f"{count} regimes need as many drifts, volatilities and freedoms (above 2)", fix="give one for each"
            )


@final
@dataclass(frozen=True, slots=True, eq=False)
class RegimeTruth:
    """`regime` of every bar, and the law: transition probabilities [from, to], stationary ones, moments by regime."""

    regime: IntArray
    transition: FloatArray
    stationary: FloatArray
    drift: FloatArray
    volatility: FloatArray
    freedom: FloatArray


def regime_switching(
    n: int, seed: int, law: RegimeLaw = RegimeLaw(), *, timeframe: str = "1d"
) -> SimulatedMarket[RegimeTruth]:
    """A Markov chain of regimes (Hamilton 1989), each with its drift, volatility and t distribution.

    The first regime is drawn from the stationary distribution.
    """
    chain = np.array(law.transition, dtype=np.float64)
    means, deviations, tails = (np.array(each) for each in (law.drift, law.volatility, law.freedom))
    stationary = _stationary(chain)
    regime = _walk(chain, stationary, stream(seed, "regime").random(n))
    shocks = np.column_stack([_student(stream(seed, f"shock {k}"), each, n) for k, each in enumerate(law.freedom)])
    spread = deviations[regime]
    steps = means[regime] + spread * shocks[np.arange(n), regime]
    closes = _START * np.exp(np.cumsum(steps))
    bars = bars_along(times_of(n, timeframe), _opens(closes), closes, spread, stream(seed, "path"))
    truth = RegimeTruth(regime, chain, stationary, means, deviations, tails)
    return simulated("regime_switching", seed, law, {"SIMULATED": bars}, truth, timeframe=timeframe)


@final
@dataclass(frozen=True, slots=True)
class GarchLaw:
    """Long-run volatility (deviation of the log return of a bar), alpha, beta, degrees of freedom, drift."""

    volatility: float = 0.01
    alpha: float = 0.08
    beta: float = 0.9
    freedom: float = 6.0
    drift: float = 0.0

    def __post_init__(self) -> None:
        if not (self.alpha >= 0.0 and self.beta >= 0.0 and self.alpha + self.beta < 1.0 and self.freedom > 2.0):
            raise InvalidInput(
                f"alpha {self.alpha:g}, beta {self.beta:g} and freedom {self.freedom:g} have no stationary variance",
                fix="choose alpha + beta below 1 and freedom above 2",
            )


@final
@dataclass(frozen=True, slots=True, eq=False)
class GarchTruth:
    """`variance` of every bar given what was before it, and the parameters of the law."""

    variance: FloatArray
    omega: float
    alpha: float
    beta: float
    freedom: float
    drift: float


def garch(n: int, seed: int, law: GarchLaw = GarchLaw(), *, timeframe: str = "1d") -> SimulatedMarket[GarchTruth]:
    """GARCH(1,1) with t innovations (Bollerslev 1987): variance = omega + alpha * shock^2 + beta * variance.

    Omega is volatility^2 (1 - alpha - beta), and the first variance volatility^2.
    """
    shocks = _student(stream(seed, "shock"), law.freedom, n)
    now = law.volatility * law.volatility
    omega = now * (1.0 - law.alpha - law.beta)
    variance = np.empty(n)
    for row, shock in enumerate(shocks.tolist()):
        variance[row] = now
        now = omega + (law.alpha * shock * shock + law.beta) * now
    closes = _START * np.exp(np.cumsum(law.drift + np.sqrt(variance) * shocks))
    bars = bars_along(times_of(n, timeframe), _opens(closes), closes, np.sqrt(variance), stream(seed, "path"))
    truth = GarchTruth(variance, omega, law.alpha, law.beta, law.freedom, law.drift)
    return simulated("garch", seed, law, {"SIMULATED": bars}, truth, timeframe=timeframe)


@final
@dataclass(frozen=True, slots=True)
class JumpLaw:
    """Drift and volatility of a bar without jumps, the mean number of jumps in it, and a jump's log size."""

    drift: float = 0.0
    volatility: float = 0.01
    intensity: float = 0.02
    jump_mean: float = -0.02
    jump_deviation: float = 0.05

    def __post_init__(self) -> None:
        if not (self.intensity >= 0.0 and self.volatility > 0.0 and self.jump_deviation >= 0.0):
            raise InvalidInput(
                f"intensity {self.intensity:g}, volatility {self.volatility:g} and jump_deviation "
                f"{self.jump_deviation:g} make no jump diffusion",
                fix="volatility lies above 0, the others not below",
            )


@final
@dataclass(frozen=True, slots=True, eq=False)
class JumpTruth:
    """How many `jumps` each bar holds, their `size` together (log), and the diffusive `volatility` of a bar."""

    jumps: IntArray
    size: FloatArray
    volatility: float
    intensity: float
    jump_mean: float
    jump_deviation: float


def jump_diffusion(n: int, seed: int, law: JumpLaw = JumpLaw(), *, timeframe: str = "1d") -> SimulatedMarket[JumpTruth]:
    """Merton's jump diffusion (1976): normal log returns, and Poisson many normal jumps.

    Jumps come right after the open of their bar, so that high and low hold both sides.
    """
    diffusive = law.drift + law.volatility * stream(seed, "diffusion").standard_normal(n)
    jumps = stream(seed, "count").poisson(law.intensity, n).astype(np.int64)
    draws = stream(seed, "size").standard_normal(n)
    size = jumps * law.jump_mean + np.sqrt(jumps) * law.jump_deviation * draws
    closes = _START * np.exp(np.cumsum(diffusive + size))
    opens = _opens(closes)
    after = bars_along(times_of(n, timeframe), opens * np.exp(size), closes, law.volatility, stream(seed, "path"))
    high, low = np.maximum(after.high, opens), np.minimum(after.low, opens)
    truth = JumpTruth(jumps, size, law.volatility, law.intensity, law.jump_mean, law.jump_deviation)
    bars = replace(after, open=opens, high=high, low=low)
    return simulated("jump_diffusion", seed, law, {"SIMULATED": bars}, truth, timeframe=timeframe)


def _student(rng: np.random.Generator, freedom: float, n: int) -> FloatArray:
    """Draws of a t distribution, scaled to variance 1."""
    return np.asarray(rng.standard_t(freedom, n) * np.sqrt((freedom - 2.0) / freedom), dtype=np.float64)


def _opens(closes: FloatArray) -> FloatArray:
    """Every bar opens at the close before it, the first where the market starts."""
    return np.concatenate(([_START], closes[:-1]))


def _stationary(chain: FloatArray) -> FloatArray:
    """The distribution that the chain keeps: the left eigenvector of 1, by least squares."""
    size = len(chain)
    equations = np.vstack([chain.T - np.eye(size), np.ones(size)])
    found: FloatArray = np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]
    clipped = np.clip(found, 0.0, None)
    return np.asarray(clipped / clipped.sum(), dtype=np.float64)


def _walk(chain: FloatArray, stationary: FloatArray, uniforms: FloatArray) -> IntArray:
    """The regime of every bar: the first from the stationary distribution, each next from the row of the last."""
    edges = np.cumsum(chain, axis=1)
    last = len(chain) - 1
    regime = np.empty(len(uniforms), dtype=np.int64)
    row = np.cumsum(stationary)
    for at, uniform in enumerate(uniforms):
        state = min(int(np.searchsorted(row, uniform, side="right")), last)
        regime[at] = state
        row = edges[state]
    return regime
