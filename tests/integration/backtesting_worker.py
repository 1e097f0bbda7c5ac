"""Runs in the environment of backtesting.py: python backtesting_worker.py question.npz answer.npz.

Knows nothing of our engine: it reads bars and target exposures and lets backtesting.py trade them.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

Question = dict[str, Any]
# backtesting.py trades whole units. In a currency this small, rounding to a whole one moves equity by less than 1e-12.
TINY = 1e-9


def levels(question: Question, price: float, side: float) -> dict[str, float]:
    """Prices of the protective orders of a position entered at `price`."""
    found = {"sl": 1.0 - side * question["stop_loss"], "tp": 1.0 + side * question["take_profit"]}
    return {name: float(price * factor) for name, factor in found.items() if np.isfinite(factor)}


def strategy_of(question: Question, number: int, base: Any) -> Any:
    """A strategy that goes where the targets of one market point, with protective orders from the entry bar on."""
    target, opens = question["target"][number], question["open"][number] * TINY
    fees = float(question["commission"])

    class Follow(base):  # type: ignore[misc]
        def init(self) -> None:
            self.last = 0.0

        def next(self) -> None:
            bar = len(self.data) - 1
            wanted = float(target[bar])
            if wanted == self.last or bar + 1 == len(target):
                return
            self.last = wanted
            if wanted == 0.0:
                self.position.close()
                return
            order = self.buy if wanted > 0.0 else self.sell
            # A share of equity that includes the fee; the order is filled at the next open.
            order(size=abs(wanted) * (1.0 + fees), **levels(question, opens[bar + 1], np.sign(wanted)))

    return Follow


def run(question: Question, number: int, frame: Any) -> tuple[Any, Any]:
    """Equity and closed positions of one market."""
    from backtesting import Backtest, Strategy

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Some trades remain open")
        warnings.filterwarnings("error", message=".*insufficient margin.*")
        result = Backtest(
            frame,
            strategy_of(question, number, Strategy),
            cash=float(question["cash"]),
            commission=float(question["commission"]),
            exclusive_orders=True,
        ).run()
    closed = result["_trades"].sort_values("EntryBar", kind="stable")
    columns = [closed[name].to_numpy(dtype=float) for name in ("EntryBar", "ExitBar", "EntryPrice", "ExitPrice", "PnL")]
    columns[2], columns[3] = columns[2] / TINY, columns[3] / TINY
    positions = np.column_stack([np.full(len(closed), float(number)), *columns])
    return result["_equity_curve"]["Equity"].to_numpy(), positions


def answer_of(question: Question) -> dict[str, Any]:
    """Equity at every close and the closed positions of one scenario."""
    import pandas as pd

    equity, positions = [], []
    for number in range(len(question["target"])):
        frame = pd.DataFrame(
            {name.capitalize(): question[name][number] * TINY for name in ("open", "high", "low", "close")}
        )
        frame.index = pd.date_range("2000-01-01", periods=len(frame), freq="h")
        curve, closed = run(question, number, frame)
        equity.append(curve)
        positions.append(closed)
    return {"equity": np.stack(equity), "positions": np.concatenate(positions)}


def main(asked: str, answered: str) -> None:
    """Answer every scenario of one question."""
    with np.load(asked, allow_pickle=False) as file:
        everything = {name: file[name] for name in file.files}
    answer: dict[str, Any] = {}
    for number in range(int(everything["scenarios"])):
        start = f"{number}."
        question = {name.removeprefix(start): each for name, each in everything.items() if name.startswith(start)}
        answer |= {start + name: each for name, each in answer_of(question).items()}
    np.savez(answered, **answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
