"""What would have happened? The fill contract, the kernel, and the numbers that come out of a run."""

from autonomous_trading.backtest._layout import REASONS
from autonomous_trading.backtest._metrics import (
    BACKTEST_METRICS,
    bar_returns,
    curve_metrics,
    metrics_of,
    month_of,
    needs_curves,
    needs_extended,
)
from autonomous_trading.backtest._runs import Curves, Request, RunResult, RunState, SetOptions, Statistics
from autonomous_trading.backtest._settings import FILLS, PATHS, Costs, Execution, Exits
from autonomous_trading.backtest._simulator import Simulator

__all__ = [
    "BACKTEST_METRICS",
    "FILLS",
    "PATHS",
    "REASONS",
    "Costs",
    "Curves",
    "Execution",
    "Exits",
    "Request",
    "RunResult",
    "RunState",
    "SetOptions",
    "Simulator",
    "Statistics",
    "bar_returns",
    "curve_metrics",
    "metrics_of",
    "month_of",
    "needs_curves",
    "needs_extended",
]
