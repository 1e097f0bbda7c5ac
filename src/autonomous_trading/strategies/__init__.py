"""What do we want? The contract of a strategy, what it sees and answers, and the library."""

from autonomous_trading.strategies._columns import Columns
from autonomous_trading.strategies._indicators import ColumnFunction, ColumnOutputs, OutputsFunction
from autonomous_trading.strategies._library import STRATEGIES
from autonomous_trading.strategies._signals import SETTING_NAMES, ResolvedSignals, Signals
from autonomous_trading.strategies._strategy import SignalsLike, Strategy
from autonomous_trading.strategies._tracing import TracedGroup, signals_of, trace_signals

__all__ = [
    "SETTING_NAMES",
    "STRATEGIES",
    "ColumnFunction",
    "ColumnOutputs",
    "Columns",
    "OutputsFunction",
    "ResolvedSignals",
    "Signals",
    "SignalsLike",
    "Strategy",
    "TracedGroup",
    "signals_of",
    "trace_signals",
]
