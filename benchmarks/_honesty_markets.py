"""Markets with a known truth, and one validation on each: in a process of its own, so that two run at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

import autonomous_trading as at
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing.markets import clustered, switching

BARS: Final = 2_520
"""Ten years of days."""
SETS: Final = 200
DWELL, DRIFT = 40.0, 0.00235
"""Of the market with an edge: the mean changes its sign every 40 days or so."""
RISE: Final = 0.0003
"""Drift a day of every second market without a pattern: about 7.5 % a year for whoever holds."""
_TRUTH_YEARS: Final = 400


class Follow(at.Strategy):
    """Long after a rise over some bars, short after a fall, unchanged in between."""

    window = at.IntParameter(3, 60, default=20)
    band = at.FloatParameter(0.0, 1.0, default=0.2)

    def signals(self, see: at.Columns) -> at.Expression:
        returns = see.log_returns
        move = returns.rolling_mean(self.window)
        least = returns.rolling_std(self.window) * self.band / np.sqrt(self.window)
        return at.where(move > least, 1.0, at.where(move < -least, -1.0, np.nan))


class Verdict(NamedTuple):
    """What was said of one market: the decision, and the rules that did not pass."""

    market: str
    strategy: str
    seed: int
    decision: str
    undecided: tuple[str, ...]
    failed: tuple[str, ...]


def judged(task: tuple[str, int]) -> Verdict:
    """One search of 200 sets and its verdict, on a market of this kind ("noise" or "edge") and seed."""
    kind, seed = task
    names = [*STRATEGIES, "follow"]
    name = "follow" if kind == "edge" else names[seed % len(names)]
    strategy: object = Follow if name == "follow" else name
    bars = switching(BARS, seed, drift=DRIFT, dwell=DWELL) if kind == "edge" else noise(seed)
    found = at.validate(strategy, bars, trials=SETS, seed=seed, threads=1, sensitivity_sets=0, simulated_markets=0)
    rules = {finding.rule: finding.outcome.value for finding in found.findings}
    undecided, failed = (
        tuple(rule for rule, outcome in rules.items() if outcome == wanted) for wanted in ("undecided", "failed")
    )
    return Verdict(kind, name, seed, found.decision.value, undecided, failed)


def noise(seed: int) -> at.Bars:
    """A market without a pattern in its direction; every second one rises."""
    return clustered(BARS, 10_000 + seed, drift=RISE if (seed // 2) % 2 else 0.0)


def true_sharpes(seed: int = 1) -> tuple[float, float]:
    """Annual Sharpe ratio after costs of the best and of the middle one of 200 sets on 400 years of the edge."""
    bars = switching(252 * _TRUTH_YEARS, seed, drift=DRIFT, dwell=DWELL)
    study = at.optimize(Follow, bars, method="random", trials=SETS, train_fraction=1.0, seed=seed)
    sharpes = np.asarray(study.trials["sharpe_ratio"], dtype=np.float64)
    return float(sharpes.max()), float(np.median(sharpes))
