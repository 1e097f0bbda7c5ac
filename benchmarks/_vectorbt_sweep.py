"""Runs in the environment of vectorbt: python _vectorbt_sweep.py question.npz answer.npz.

The sweep as its users write it: all pairs of averages in one call, signals moved to the next open, one broadcast
simulation, four statistics. The first call compiles and is not counted.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np


def sweep(question: dict[str, Any], prices: dict[str, Any], vbt: Any) -> dict[str, Any]:
    """One sweep; its statistics, in the order of the pairs."""
    windows = [int(window) for window in question["windows"]]
    fast, slow = vbt.MA.run_combs(prices["close"], window=windows, r=2, short_names=["fast", "slow"])
    entries = fast.ma_crossed_above(slow).vbt.signals.fshift(1)
    exits = fast.ma_crossed_below(slow).vbt.signals.fshift(1)
    portfolio = vbt.Portfolio.from_signals(
        prices["close"],
        entries,
        exits,
        price=prices["open"],
        open=prices["open"],
        high=prices["high"],
        low=prices["low"],
        sl_stop=float(question["stop_loss"]),
        tp_stop=float(question["take_profit"]),
        stop_entry_price="fillprice",
        fees=float(question["commission"]),
        slippage=float(question["slippage"]),
        init_cash=100_000.0,
        freq="1h",
    )
    return {
        "total_return": portfolio.total_return(),
        "sharpe_ratio": portfolio.sharpe_ratio(),
        "max_drawdown": portfolio.max_drawdown(),
        "win_rate": portfolio.trades.win_rate(),
    }


def main(asked: str, answered: str) -> None:
    """Time the sweep."""
    import pandas as pd
    import vectorbt as vbt

    with np.load(asked, allow_pickle=False) as file:
        question = {name: file[name] for name in file.files}
    index = pd.to_datetime(question["time"])
    prices = {name: pd.Series(question[name], index=index) for name in ("open", "high", "low", "close")}
    sweep(question, prices, vbt)
    seconds, found = [], {}
    for _ in range(int(question["repetitions"])):
        started = time.perf_counter()
        found = sweep(question, prices, vbt)
        seconds.append(time.perf_counter() - started)
    columns: dict[str, Any] = {name: np.asarray(column, dtype=float) for name, column in found.items()}
    np.savez(answered, seconds=np.array(seconds), **columns)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
