"""Find trading strategies, prove or reject them, and say honestly what the search was worth.

    import autonomous_trading as at

    study = at.optimize("ma_cross", at.sample("sp500"), objectives=["sharpe_ratio", "max_drawdown"], method="nsga2")
    print(study.best().parameters, study.verdict.words)

Names are imported when first used, so that `import autonomous_trading` costs nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autonomous_trading.adapters import load_bars, sample
    from autonomous_trading.adapters.series import load_series
    from autonomous_trading.app import Robustness
    from autonomous_trading.backtest import Costs, Execution, Exits
    from autonomous_trading.core import (
        Bars,
        BoolParameter,
        CategoricalParameter,
        Expression,
        FloatParameter,
        IntParameter,
        ParameterSet,
        Space,
        TradingError,
        crossed_above,
        crossed_below,
        where,
    )
    from autonomous_trading.interfaces.python import (
        Result,
        Study,
        Validation,
        WalkForwardResult,
        backtest,
        check,
        check_data,
        fetch,
        formula,
        join,
        optimize,
        rank,
        replay,
        replay_walk_forward,
        simulate,
        validate,
        walk_forward,
    )
    from autonomous_trading.search import hypervolume
    from autonomous_trading.strategies import STRATEGIES, Columns, Signals, Strategy

_HOMES = {
    "adapters": ("load_bars", "sample"),
    "adapters.series": ("load_series",),
    "app": ("Robustness",),
    "backtest": ("Costs", "Execution", "Exits"),
    "core": (
        "Bars",
        "BoolParameter",
        "CategoricalParameter",
        "Expression",
        "FloatParameter",
        "IntParameter",
        "ParameterSet",
        "Space",
        "TradingError",
        "crossed_above",
        "crossed_below",
        "where",
    ),
    "interfaces.python": (
        "Result",
        "Study",
        "Validation",
        "WalkForwardResult",
        "backtest",
        "check",
        "check_data",
        "fetch",
        "formula",
        "join",
        "optimize",
        "rank",
        "replay",
        "replay_walk_forward",
        "simulate",
        "validate",
        "walk_forward",
    ),
    "search": ("hypervolume",),
    "strategies": ("STRATEGIES", "Columns", "Signals", "Strategy"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "STRATEGIES",
    "Bars",
    "BoolParameter",
    "CategoricalParameter",
    "Columns",
    "Costs",
    "Execution",
    "Exits",
    "Expression",
    "FloatParameter",
    "IntParameter",
    "ParameterSet",
    "Result",
    "Robustness",
    "Signals",
    "Space",
    "Strategy",
    "Study",
    "TradingError",
    "Validation",
    "WalkForwardResult",
    "backtest",
    "check",
    "check_data",
    "crossed_above",
    "crossed_below",
    "fetch",
    "formula",
    "hypervolume",
    "join",
    "load_bars",
    "load_series",
    "optimize",
    "rank",
    "replay",
    "replay_walk_forward",
    "sample",
    "simulate",
    "validate",
    "walk_forward",
    "where",
]


def __getattr__(name: str) -> Any:
    """The public names, imported from their rooms on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Face(ModuleType):
    """This package as a module on which `backtest` stays the function people call.

    Importing a room sets an attribute with its name here, and one of the rooms is called `backtest`.
    `from autonomous_trading.backtest import ...` reaches the room all the same.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOME_OF or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
