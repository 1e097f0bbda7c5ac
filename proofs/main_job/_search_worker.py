"""One search in a process of its own: python -m proofs.main_job._search_worker nsga2|tpe TRIALS.

Prints seconds, evaluations and the peak of memory as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import autonomous_trading as at
from autonomous_trading.testing import random_walk

TEN_YEARS = 87_600  # hourly bars
OBJECTIVES = {"nsga2": ("sharpe_ratio", "max_drawdown", "win_rate"), "tpe": ("sharpe_ratio",)}


class SmaCross(at.Strategy):
    """Long while the fast average is above the slow one."""

    fast = at.IntParameter(5, 50, default=10)
    slow = at.IntParameter(20, 200, default=50)
    stop_loss = at.FloatParameter(0.005, 0.05, default=0.02)

    def constraint(self) -> bool:
        return self.fast < self.slow

    def signals(self, see: at.Columns) -> at.Expression:
        return see.sma(self.fast) > see.sma(self.slow)


def main(method: str, trials: int) -> None:
    """Search ten years of hourly bars."""
    bars = random_walk(TEN_YEARS, seed=30, volatility=0.005, timeframe="1h")
    started = time.perf_counter()
    study = at.optimize(
        SmaCross, bars, objectives=OBJECTIVES[method], method=method, trials=trials, seed=7, train_fraction=1.0
    )
    seconds = time.perf_counter() - started
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps({"seconds": seconds, "evaluations": study.n_trials, "peak_bytes": peak}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
