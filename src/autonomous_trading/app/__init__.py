"""What shall we do? The use cases: backtest, search, walk forward, and the questions people ask about each."""

from autonomous_trading.app._backtest import (
    Backtest,
    Performance,
    Trades,
    backtest,
    hold_performance,
    moments_of,
    performance_of,
    run_one,
    simulate,
)
from autonomous_trading.app._evaluator import BASIC_METRICS, Evaluator, Rules, checked_metrics
from autonomous_trading.app._explanation import Explanation
from autonomous_trading.app._market import Instrument, Market
from autonomous_trading.app._search import Found, Objective, Progress, Search, run_search
from autonomous_trading.app._walk_forward import Fold, WalkForward, walk_forward

__all__ = [
    "BASIC_METRICS",
    "Backtest",
    "Evaluator",
    "Explanation",
    "Fold",
    "Found",
    "Instrument",
    "Market",
    "Objective",
    "Performance",
    "Progress",
    "Rules",
    "Search",
    "Trades",
    "WalkForward",
    "backtest",
    "checked_metrics",
    "hold_performance",
    "moments_of",
    "performance_of",
    "run_one",
    "run_search",
    "simulate",
    "walk_forward",
]
