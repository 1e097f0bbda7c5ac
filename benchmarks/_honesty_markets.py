"""Markets with a known truth, and one validation on each: in a process of its own, so that two run at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

import autonomous_trading as at
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing.markets import clustered, foretold, switching

BARS: Final = 2_520
"""Ten years of days."""
SETS: Final = 200
STRENGTH: Final = 0.00145
"""Of the market whose volume foretells returns: the best of 200 sets has an annual Sharpe ratio of 1.5 after costs."""
DWELL, DRIFT = 40.0, 0.0024
"""Of the market that trends: the mean changes its sign every 40 days or so."""
RISE: Final = 0.0003
"""Drift a day of every second market without a pattern: about 7.5 % a year for whoever holds."""
_TRUTH_DAYS: Final = 50_000
_TRUTHS: Final = 4


class Follow(at.Strategy):
    """Long after a rise over some bars, short after a fall, unchanged in between."""

    window = at.IntParameter(3, 60, default=20)
    band = at.FloatParameter(0.0, 1.0, default=0.2)

    def signals(self, see: at.Columns) -> at.Expression:
        returns = see.log_returns
        move = returns.rolling_mean(self.window)
        least = returns.rolling_std(self.window) * self.band / np.sqrt(self.window)
        return at.where(move > least, 1.0, at.where(move < -least, -1.0, np.nan))


class FollowVolume(at.Strategy):
    """Long while the volume is high, short while it is low."""

    window = at.IntParameter(1, 60, default=5)
    level = at.FloatParameter(-1.0, 1.0, default=0.0)

    def signals(self, see: at.Columns) -> at.Expression:
        busy = 2.0 * np.log(see.volume.rolling_mean(self.window) / 1e6)
        return at.where(busy > self.level, 1.0, -1.0)


EDGES: Final[dict[str, type[at.Strategy]]] = {"foretold": FollowVolume, "trends": Follow}
"""Markets with a planted edge, and the strategy that can find it."""


class Verdict(NamedTuple):
    """What was said of one market: the decision, and the rules that did not pass."""

    market: str
    strategy: str
    seed: int
    decision: str
    undecided: tuple[str, ...]
    failed: tuple[str, ...]


def judged(task: tuple[str, int]) -> Verdict:
    """One search of 200 sets and its verdict, on a market of this kind ("noise" or one of EDGES) and seed."""
    kind, seed = task
    strategy, bars = (EDGES[kind], market(kind, BARS, seed)) if kind in EDGES else (_searched(seed), noise(seed))
    found = at.validate(strategy, bars, trials=SETS, seed=seed, threads=1, sensitivity_sets=0, simulated_markets=0)
    rules = {finding.rule: finding.outcome.value for finding in found.findings}
    undecided, failed = (
        tuple(rule for rule, outcome in rules.items() if outcome == wanted) for wanted in ("undecided", "failed")
    )
    return Verdict(kind, found.strategy, seed, found.decision.value, undecided, failed)


def _searched(seed: int) -> object:
    """What is searched on noise: each strategy of the library in turn, and one that is long and short."""
    names = [*STRATEGIES, Follow]
    return names[seed % len(names)]


def market(kind: str, bars: int, seed: int) -> at.Bars:
    """A market with a planted edge."""
    if kind == "foretold":
        return foretold(bars, seed, strength=STRENGTH)
    return switching(bars, seed, drift=DRIFT, dwell=DWELL)


def noise(seed: int) -> at.Bars:
    """A market without a pattern in its direction; every second one rises."""
    return clustered(BARS, 10_000 + seed, drift=RISE if (seed // 2) % 2 else 0.0)


def true_sharpes(kind: str) -> tuple[float, float]:
    """Annual Sharpe ratio after costs of the best and of the middle one of 200 sets, on some 800 years of a market.

    The best by the mean of four long histories: the best of each alone would be luck again.
    """
    found = []
    for seed in range(_TRUTHS):
        bars = market(kind, _TRUTH_DAYS, 1_000_000 + seed)
        study = at.optimize(EDGES[kind], bars, method="random", trials=SETS, train_fraction=1.0, seed=0)
        found.append(np.asarray(study.trials["sharpe_ratio"], dtype=np.float64))
    sharpes = np.mean(found, axis=0)
    return float(sharpes.max()), float(np.median(sharpes))
