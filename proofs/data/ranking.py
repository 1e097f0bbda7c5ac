"""The ranking of instruments sees no future, finds what is there, and claims nothing where nothing is.

Truncation: 500 panels with instruments that begin late, stop and have holes are cut at random, and nothing before the
cut may change. Planted momentum: drifts that last (an AR(1) process) are found. Worthless markets: random walks with a
common factor, where every "evidence" is false.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, Panel
from autonomous_trading.data.ranking import (
    MomentumWindow,
    RankingEvidence,
    RankingRules,
    RankingWindows,
    evaluate_ranking,
    rank_instruments,
)
from proofs.claims import Figure, at_least, at_most, holds, run

TITLE = "A daily ranking of instruments"
TRUNCATIONS = 500
WORTHLESS = range(200)
PLANTED = range(10)
_DAY_NS = 86_400_000_000_000
_SHORT = RankingWindows((MomentumWindow(10, 2), MomentumWindow(21, 5)), volatility=15, liquidity=9, absent=3)


def measure() -> list[Figure]:
    """Causality, then power, then false claims."""
    return [_truncations(), *_planted(), *_worthless()]


def _panel(steps: FloatArray, rng: np.random.Generator, present: np.ndarray | None = None) -> Panel:
    close = 100.0 * np.exp(np.cumsum(steps, axis=1))
    opens = np.concatenate((np.full((len(close), 1), 100.0), close[:, :-1]), axis=1)
    return Panel(
        tuple(f"S{number}" for number in range(len(close))),
        np.arange(1, close.shape[1] + 1) * _DAY_NS,
        opens,
        np.maximum(opens, close),
        np.minimum(opens, close),
        close,
        rng.lognormal(13.0, 1.0, close.shape),
        np.ones(close.shape, dtype=np.bool_) if present is None else present,
    )


def _truncations() -> Figure:
    """How many of 500 cuts change any total, rank or coverage before them, bit for bit."""
    changed = 0
    for seed in range(TRUNCATIONS):
        rng = np.random.default_rng(seed)
        there = rng.random((9, 150)) > 0.05
        there[0, :60] = False
        there[1, 90:] = False
        panel = _panel(rng.standard_t(4.0, (9, 150)) * 0.01, rng, there)
        size, feeling = rng.lognormal(20.0, 1.0, (9, 150)), rng.normal(size=(9, 150))
        feeling[rng.random((9, 150)) < 0.3] = np.nan
        rules = RankingRules(windows=_SHORT, scale="rank" if seed % 2 else "robust")
        cut = int(rng.integers(1, 150))
        whole = rank_instruments(panel, size=size, sentiment=feeling, rules=rules)
        part = rank_instruments(panel[:cut], size=size[:, :cut], sentiment=feeling[:, :cut], rules=rules)
        pairs = ((whole.total, part.total), (whole.rank, part.rank), (whole.coverage, part.coverage))
        changed += not all(np.array_equal(one[:, :cut], other, equal_nan=True) for one, other in pairs)
    return holds(
        "truncations that change what came before", changed == 0, bound="0", figure=f"{changed} of {TRUNCATIONS}"
    )


def _evidence(steps: FloatArray, rng: np.random.Generator) -> RankingEvidence:
    panel = _panel(steps, rng)
    return evaluate_ranking(rank_instruments(panel, rules=RankingRules(weights={"momentum": 1.0})), panel)


def _planted() -> list[Figure]:
    """40 instruments, 2,000 days: drifts of 0.1 % a day (deviation) that halve in a year, 1.5 % noise."""
    found = []
    for seed in PLANTED:
        rng = np.random.default_rng(1_000 + seed)
        kept = 0.5 ** (1.0 / 252.0)
        drift = np.empty((40, 2_000))
        drift[:, 0] = 0.001 * rng.standard_normal(40)
        for day in range(1, 2_000):
            drift[:, day] = kept * drift[:, day - 1] + 0.001 * np.sqrt(1.0 - kept**2) * rng.standard_normal(40)
        found.append(_evidence(drift + 0.015 * rng.standard_normal((40, 2_000)), rng))
    times = sum(each.verdict == "evidence" for each in found)
    return [
        holds(
            "planted momentum found",
            times == len(PLANTED),
            bound=f"{len(PLANTED)} of {len(PLANTED)} seeds",
            figure=f"{times}",
        ),
        at_least("smallest lower bound of its rank IC", min(each.coefficient.low for each in found), 0.0),
        at_least("its quantile spread in 21 days, mean", float(np.mean([each.spread.mean for each in found])), 0.0),
    ]


def _worthless() -> list[Figure]:
    """20 instruments, 1,200 days, one factor with betas of 0.5 to 1.5: no instrument is better than another."""
    verdicts = []
    for seed in WORTHLESS:
        rng = np.random.default_rng(5_000 + seed)
        factor = 0.01 * rng.standard_normal(1_200)
        own = 0.015 * rng.standard_t(5.0, (20, 1_200)) * np.sqrt(3.0 / 5.0)
        verdicts.append(_evidence(np.linspace(0.5, 1.5, 20)[:, np.newaxis] * factor + own, rng).verdict)
    count = len(WORTHLESS)
    return [
        at_most(f"false claims on {count} worthless markets", 100.0 * verdicts.count("evidence") / count, 5.0, "%"),
        at_most("the same, claims of the opposite order", 100.0 * verdicts.count("evidence against") / count, 5.0, "%"),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
