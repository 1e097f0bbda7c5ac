"""The Python door: backtest, simulate, optimize, walk forward, check and validate with what a person has at hand."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.python._doors import (
    backtest,
    optimize,
    replay,
    replay_walk_forward,
    simulate,
    validate,
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

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python._causality import check, check_library
    from autonomous_trading.interfaces.python._data_check import DataCheck, check_data
    from autonomous_trading.interfaces.python._fetching import fetch
    from autonomous_trading.interfaces.python._formulas import formula
    from autonomous_trading.interfaces.python._joining import join
    from autonomous_trading.interfaces.python._ranking import Ranked, rank
    from autonomous_trading.interfaces.python._validation import Validation

_LATER = {
    "DataCheck": "_data_check",
    "Ranked": "_ranking",
    "Validation": "_validation",
    "check": "_causality",
    "check_data": "_data_check",
    "check_library": "_causality",
    "fetch": "_fetching",
    "formula": "_formulas",
    "join": "_joining",
    "rank": "_ranking",
}
"""What most people never ask for is imported when it is asked for."""

__all__ = [
    "DataCheck",
    "FoldView",
    "ParetoPoint",
    "Ranked",
    "Recording",
    "Replay",
    "Result",
    "Study",
    "Trial",
    "Validation",
    "WalkForwardResult",
    "backtest",
    "bars_of",
    "check",
    "check_data",
    "check_library",
    "fetch",
    "formula",
    "goes_up",
    "join",
    "market_of",
    "optimize",
    "rank",
    "replay",
    "replay_walk_forward",
    "report_of_result",
    "report_of_study",
    "report_of_walk_forward",
    "simulate",
    "space_of",
    "strategy_class",
    "strategy_instance",
    "validate",
    "walk_forward",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
