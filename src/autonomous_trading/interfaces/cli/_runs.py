"""The four commands that run a strategy: backtest, report, optimize, walk-forward."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._assignments import bounds
from autonomous_trading.interfaces.cli._failures import NOTHING_TO_REPORT
from autonomous_trading.interfaces.cli._options import CostOptions, MarketOptions, OutputOptions, StrategyOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import announce_first_run, progress
from autonomous_trading.interfaces.cli._search_options import (
    ObjectiveOption,
    ObjectiveOptions,
    SearchOptions,
    SweepOptions,
    WindowOptions,
)
from autonomous_trading.interfaces.cli._setup import Setup, prepared

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python import Result, Study, WalkForwardResult

__all__ = []
