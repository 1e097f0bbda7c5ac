"""Where trials are evaluated: in this process, in others of this machine, or on a Ray cluster, with the same bits."""

from autonomous_trading.adapters.compute._door import KINDS, open_executor
from autonomous_trading.adapters.compute._function_task import FunctionTask
from autonomous_trading.adapters.compute._inline import InlineExecutor
from autonomous_trading.adapters.compute._processes import ProcessExecutor
from autonomous_trading.adapters.compute._ray import RayExecutor
from autonomous_trading.adapters.compute._strategy_task import StrategyTask

__all__ = [
    "KINDS",
    "FunctionTask",
    "InlineExecutor",
    "ProcessExecutor",
    "RayExecutor",
    "StrategyTask",
    "open_executor",
]
