"""Runs in the environment of backtesting.py: python _backtesting_sweep.py question.npz answer.npz.

Each pair is one run of its bar-by-bar loop; a few pairs are timed, since all of them would take minutes. Its own
`optimize` runs the same loop, in several processes.
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

import numpy as np


def strategy_of(question: dict[str, Any], base: Any) -> Any:
    """The strategy of the sweep, as its users write it."""
    import pandas as pd

    stop, profit = float(question["stop_loss"]), float(question["take_profit"])

    def average(values: Any, window: int) -> Any:
        return pd.Series(values).rolling(window).mean()

    class SmaCross(base):  # type: ignore[misc]
        fast, slow = 10, 50

        def init(self) -> None:
            self.above = self.I(average, self.data.Close, self.fast)
            self.below = self.I(average, self.data.Close, self.slow)

        def next(self) -> None:
            rising = self.above[-1] > self.below[-1]
            before = self.above[-2] > self.below[-2]
            if rising and not before:
                price = self.data.Close[-1]
                self.buy(sl=price * (1.0 - stop), tp=price * (1.0 + profit))
            elif before and not rising:
                self.position.close()

    return SmaCross


def main(asked: str, answered: str) -> None:
    """Time some pairs."""
    import pandas as pd
    from backtesting import Backtest, Strategy

    with np.load(asked, allow_pickle=False) as file:
        question = {name: file[name] for name in file.files}
    names = ("open", "high", "low", "close")
    frame = pd.DataFrame({name.capitalize(): question[name] for name in names}, index=pd.to_datetime(question["time"]))
    engine = Backtest(
        frame,
        strategy_of(question, Strategy),
        cash=1e9,  # it trades whole units
        commission=float(question["commission"]),
        spread=float(question["slippage"]),
        finalize_trades=True,
    )
    warnings.simplefilter("ignore")
    engine.run(fast=5, slow=10)
    seconds = []
    for fast, slow in question["pairs"]:
        started = time.perf_counter()
        engine.run(fast=int(fast), slow=int(slow))
        seconds.append(time.perf_counter() - started)
    np.savez(answered, seconds=np.array(seconds))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
