"""Runs in the environment of vectorbt: python vectorbt_worker.py question.npz answer.npz.

Knows nothing of our engine: it reads bars and target exposures and lets vectorbt trade them.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

Question = dict[str, Any]


def changes_of(target: Any) -> Any:
    """The new exposure on bars where it changes, NaN elsewhere; the exposure before the first bar is 0."""
    before = np.concatenate((np.zeros((len(target), 1)), target[:, :-1]), axis=1)
    return np.where(target != before, target, np.nan)


def executed(question: Question) -> tuple[Any, Any]:
    """New and previous exposure at the bar where the order is filled: one bar after the decision."""
    target = question["target"]
    late = np.concatenate((np.zeros((len(target), 1)), target[:, :-1]), axis=1)
    before = np.concatenate((np.zeros((len(target), 1)), late[:, :-1]), axis=1)
    return changes_of(late), before


def by_targets(question: Question, vbt: Any) -> Any:
    """Orders toward a percentage of equity at the open, one row per bar, or two when positions flip."""
    new, before = executed(question)
    rows, n = int(question["rows"]), new.shape[1]
    price = np.repeat(question["open"], rows, axis=1)
    size = np.full((len(new), n * rows), np.nan)
    size[:, rows - 1 :: rows] = new
    if rows == 2:
        flips = new * before < 0.0
        size[:, ::2] = np.where(flips, 0.0, np.nan)
        before = np.where(flips, 0.0, before)
    # Sized at the price that will be paid.
    side = np.where(np.isnan(new), 0.0, np.sign(np.nan_to_num(new) - before))
    value = np.repeat(question["open"] * (1.0 + side * question["slippage"]), rows, axis=1)
    close = price.copy()
    close[:, rows - 1 :: rows] = question["close"]
    return vbt.Portfolio.from_orders(
        close.T,
        size=size.T,
        size_type="targetpercent",
        price=price.T,
        val_price=value.T,
        fees=float(question["commission"]),
        fixed_fees=float(question["minimum"]),
        slippage=float(question["slippage"]),
        init_cash=float(question["cash"]),
        freq="1h",
    )


def by_signals(question: Question, vbt: Any) -> Any:
    """Entries and exits with stops: at the close of a bar (one row), or at its open (three rows, the last the bar)."""
    new, before = executed(question)
    rows = int(question["rows"])
    shape = (new.shape[0], new.shape[1] * rows)
    bars = {name: np.repeat(question["open"], rows, axis=1) for name in ("open", "high", "low", "close")}
    for name, column in bars.items():
        column[:, rows - 1 :: rows] = question[name]
    opening = 1 if rows == 3 else 0
    changed = ~np.isnan(new)
    signals = {name: np.zeros(shape, dtype=bool) for name in ("long", "long_out", "short", "short_out")}
    signals["long"][:, opening::rows] = changed & (new > 0.0)
    signals["short"][:, opening::rows] = changed & (new < 0.0)
    signals["long_out"][:, ::rows] = changed & (before > 0.0)
    signals["short_out"][:, ::rows] = changed & (before < 0.0)
    fees, exposure = float(question["commission"]), float(np.max(np.abs(question["target"])))
    trailing = float(question["trailing_stop"])
    stop = trailing if np.isfinite(trailing) else float(question["stop_loss"])
    profit = float(question["take_profit"])
    return vbt.Portfolio.from_signals(
        bars["close"].T,
        entries=signals["long"].T,
        exits=signals["long_out"].T,
        short_entries=signals["short"].T,
        short_exits=signals["short_out"].T,
        # A percentage of cash that includes the fee.
        size=exposure * (1.0 + fees),
        size_type="percent",
        price=(bars["close"] if rows == 1 else bars["open"]).T,
        open=bars["open"].T,
        high=bars["high"].T,
        low=bars["low"].T,
        fees=fees,
        slippage=float(question["slippage"]),
        sl_stop=stop,
        sl_trail=bool(np.isfinite(trailing)),
        tp_stop=profit,
        stop_entry_price="fillprice",
        # Slippage belongs to a stop and not to a profit, and vectorbt has one switch for both.
        stop_exit_price="stopmarket" if np.isfinite(stop) else "stoplimit",
        init_cash=float(question["cash"]),
        freq="1h",
    )


def answer_of(question: Question, vbt: Any) -> dict[str, Any]:
    """Equity at every close and the closed positions of one scenario."""
    stops = any(np.isfinite(question[name]) for name in ("stop_loss", "take_profit", "trailing_stop"))
    portfolio = by_signals(question, vbt) if stops else by_targets(question, vbt)
    rows = int(question["rows"])
    found = portfolio.positions.values
    found = found[found["status"] == 1]
    columns = [
        found["col"],
        found["entry_idx"] // rows,
        found["exit_idx"] // rows,
        found["entry_price"],
        found["exit_price"],
        found["pnl"],
    ]
    # Several rows per bar would count as several returns.
    counted = np.column_stack([portfolio.total_return(), portfolio.sharpe_ratio(), -portfolio.max_drawdown()])
    return {
        "statistics": counted if rows == 1 else counted[:0],
        "equity": np.asarray(portfolio.value()).T[:, rows - 1 :: rows],
        "positions": np.column_stack([column.astype(float) for column in columns]),
    }


def main(asked: str, answered: str) -> None:
    """Answer every scenario of one question."""
    import vectorbt as vbt

    with np.load(asked, allow_pickle=False) as file:
        everything = {name: file[name] for name in file.files}
    answer: dict[str, Any] = {}
    for number in range(int(everything["scenarios"])):
        start = f"{number}."
        question = {name.removeprefix(start): each for name, each in everything.items() if name.startswith(start)}
        answer |= {start + name: each for name, each in answer_of(question, vbt).items()}
    np.savez(answered, **answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
