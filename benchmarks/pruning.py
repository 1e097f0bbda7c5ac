"""What fold-wise pruning saves, and whether it finds as much: python -m benchmarks.pruning [--seeds 5] [--only tpe]."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, final

import numpy as np

import autonomous_trading as at
from autonomous_trading.core import FloatArray
from benchmarks._sweep import hourly_bars
from proofs.claims import table

FOLDS: Final = 5
SHARE: Final = 0.5
TRIALS: Final = 400
STRATEGIES: Final = ("ma_cross", "atr_breakout")
METHODS: Final = ("random", "tpe", "nsga2")
OBJECTIVES: Final = (
    ("worst_fold_sharpe_ratio",),
    ("worst_fold_sharpe_ratio", "mean_fold_total_return", "worst_fold_max_drawdown"),
)
_EQUAL: Final = 1e-9


@final
@dataclass(frozen=True, slots=True)
class Pair:
    """One search with and without pruning.

    folds, time: with pruning as a share of without. best: the first objective of the best set, without and with. found:
    the hypervolume of the front with pruning as a share of that without; for one objective the same of the best.
    """

    folds: float
    pruned: float
    time: float
    best: tuple[float, float]
    found: float


def searched(
    data: at.Bars, strategy: str, method: str, objectives: tuple[str, ...], seed: int, prune: float | None
) -> Any:
    """A study, and the processor seconds it took."""
    options = {"batch_size": 32} if method == "random" else {}
    began = time.process_time()
    study = at.optimize(
        strategy,
        data,
        objectives=objectives,
        robust=at.Robustness(folds=FOLDS, prune=prune),
        method=method,
        trials=TRIALS,
        seed=seed,
        options=options,
        threads=1,
    )
    return study, time.process_time() - began


def compared(data: at.Bars, strategy: str, method: str, objectives: tuple[str, ...], seed: int) -> Pair:
    """The same search twice."""
    whole, whole_seconds = searched(data, strategy, method, objectives, seed, None)
    pruned, seconds = searched(data, strategy, method, objectives, seed, SHARE)
    evaluated = pruned.found.trials.metrics["folds_evaluated"]
    name = objectives[0]
    losses = (whole.found.losses(), pruned.found.losses())
    known = [each[~np.isnan(each).any(axis=1)] for each in losses]
    corner = np.concatenate(known).max(axis=0) + 1e-3
    without, with_pruning = (_volume(each, corner) for each in known)
    return Pair(
        folds=float(evaluated.sum() / (FOLDS * len(evaluated))),
        pruned=pruned.n_pruned / pruned.n_trials,
        time=seconds / whole_seconds,
        best=(whole.best().metrics[name], pruned.best().metrics[name]),
        found=with_pruning / without,
    )


def _volume(losses: FloatArray, corner: FloatArray) -> float:
    return at.hypervolume(losses, corner)


def row(strategy: str, method: str, objectives: tuple[str, ...], pairs: list[Pair]) -> tuple[str, ...]:
    """The middle of all seeds, and for how many the best set was as good, better and worse."""
    gains = np.array([each.best[1] - each.best[0] for each in pairs])
    equal, better = int((abs(gains) <= _EQUAL).sum()), int((gains > _EQUAL).sum())
    shown = [np.median([getattr(each, name) for each in pairs]) for name in ("pruned", "folds", "time", "found")]
    best = np.median([each.best for each in pairs], axis=0)
    return (
        str(len(objectives)),
        strategy,
        method,
        f"{shown[0]:.0%}",
        f"{1.0 - shown[1]:.0%}",
        f"{shown[2]:.2f}",
        f"{best[0]:.3f}",
        f"{best[1]:.3f}",
        f"{equal} / {better} / {len(pairs) - equal - better}",
        f"{shown[3]:.3f}",
    )


def main() -> int:
    """Search, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=METHODS)
    parser.add_argument("--bars", type=int, help="so many synthetic hourly bars instead of the S&P 500")
    asked = parser.parse_args()
    rows: list[tuple[str, ...]] = [
        (
            "objectives",
            "strategy",
            "method",
            "pruned",
            "folds saved",
            "time",
            "best",
            "best, pruned",
            "= / + / -",
            "found",
        )
    ]
    data = at.sample("sp500") if asked.bars is None else hourly_bars(asked.bars)
    for strategy in STRATEGIES:
        searched(data, strategy, "random", OBJECTIVES[-1], 0, SHARE)  # the first call compiles
    chosen = METHODS if asked.only is None else (asked.only,)
    for objectives, strategy, method in product(OBJECTIVES, STRATEGIES, chosen):
        pairs = [compared(data, strategy, method, objectives, seed) for seed in range(asked.seeds)]
        rows.append(row(strategy, method, objectives, pairs))
    print(
        f"{TRIALS} sets, {FOLDS} folds, prune={SHARE}, the middle of {asked.seeds} seeds; first objective: worst fold"
    )
    print("time: with pruning as a share of without; found: the same of the hypervolume of the front, or of the best")
    print("= / + / -: seeds whose best set is as good as, better and worse than without pruning")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
