"""The Python door: backtest, simulate, optimize, walk forward and check with what a person has at hand."""

from autonomous_trading.interfaces.python._causality import check, check_library
from autonomous_trading.interfaces.python._doors import (
    backtest,
    optimize,
    replay,
    replay_walk_forward,
    simulate,
    walk_forward,
)
from autonomous_trading.interfaces.python._inputs import bars_of, market_of, strategy_class, strategy_instance
from autonomous_trading.interfaces.python._objectives import goes_up
from autonomous_trading.interfaces.python._recording import Recording
from autonomous_trading.interfaces.python._replays import Replay
from autonomous_trading.interfaces.python._report_content import (
    report_of_result,
    report_of_study,
    report_of_walk_forward,
)
from autonomous_trading.interfaces.python._report_facts import Trial
from autonomous_trading.interfaces.python._result import Result
from autonomous_trading.interfaces.python._spaces import space_of
from autonomous_trading.interfaces.python._study import ParetoPoint, Study
from autonomous_trading.interfaces.python._walk_forward import FoldView, WalkForwardResult

__all__ = [
    "FoldView",
    "ParetoPoint",
    "Recording",
    "Replay",
    "Result",
    "Study",
    "Trial",
    "WalkForwardResult",
    "backtest",
    "bars_of",
    "check",
    "check_library",
    "goes_up",
    "market_of",
    "optimize",
    "replay",
    "replay_walk_forward",
    "report_of_result",
    "report_of_study",
    "report_of_walk_forward",
    "simulate",
    "space_of",
    "strategy_class",
    "strategy_instance",
    "walk_forward",
]
