"""`autotrade demo`: the whole job on bundled real data, offline: backtest, search, walk forward, report."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._backtest import run_backtest
from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._heading import show_heading
from autonomous_trading.interfaces.cli._optimize import run_study
from autonomous_trading.interfaces.cli._options import MarketOptions, StrategyOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._run_document import run_document
from autonomous_trading.interfaces.cli._search_options import DemoOptions
from autonomous_trading.interfaces.cli._setup import given, prepared, report_path
from autonomous_trading.interfaces.cli._views import (
    show_closing,
    show_result,
    show_study,
    show_walk_forward,
)
from autonomous_trading.interfaces.cli._walk_forward import run_walk_forward

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python import Study, WalkForwardResult

__all__ = ["demo"]

_TRIALS = 2_000
_OBJECTIVES = ("sharpe_ratio", "max_drawdown")


def demo(options: DemoOptions) -> int:
    """The whole job in one go, offline, on the S&P 500 from 1999 to 2018: backtest, search, walk forward, report."""
    started = time.perf_counter()
    page = report_path(options.report, "--report")
    setup = prepared(MarketOptions(), StrategyOptions(), CostOptions())
    screen = None if options.json else console()
    arguments = {**setup.rules, **setup.run, **given(seed=options.seed, threads=options.threads)}

    result = run_backtest(setup, setup.instance(), quiet=options.quiet)
    if screen:
        show_heading(screen, setup, "1 of 3  Backtest of")
        show_result(screen, result)
    search = {**arguments, "method": "nsga2", "objectives": list(_OBJECTIVES), "trials": _TRIALS}
    study, speed = run_study(setup, search, quiet=options.quiet)
    if screen:
        screen.print("\n2 of 3  The best of many, and what it did on bars the search never saw\n", style="bold")
        show_study(screen, study, speed)
    forward = run_walk_forward(setup, arguments, quiet=options.quiet)
    if screen:
        screen.print("\n3 of 3  Searching again every week, trading what came next\n", style="bold")
        show_walk_forward(screen, forward)
    written = _report(study, forward, page) if page else None
    if screen:
        following = [["strategies", "list"], ["backtest", "--data", "your-prices.csv"]]
        show_closing(screen, (*setup.market.notes, *result.warnings), written, following)
        return 0
    parts = {"backtest": result.to_dict(), "optimize": study.to_dict(), "walk_forward": forward.to_dict()}
    seconds = time.perf_counter() - started
    print_document(run_document("demo", setup, {**parts, "seconds": seconds}, written))
    return 0


def _report(study: "Study", forward: "WalkForwardResult", page: Path) -> Path:
    """One page with the search and the walk-forward: they answer the same question twice."""
    from autonomous_trading.adapters import write_text_atomic
    from autonomous_trading.interfaces.python import report_of_study, report_of_walk_forward
    from autonomous_trading.interfaces.report import render_report

    folds = report_of_walk_forward(forward).walk_forward
    return write_text_atomic(page, render_report(replace(report_of_study(study), walk_forward=folds)))
