"""`autotrade backtest` and `autotrade report`: one strategy with one parameter set."""

from pathlib import Path
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._failures import NOTHING_TO_REPORT
from autonomous_trading.interfaces.cli._heading import show_heading
from autonomous_trading.interfaces.cli._options import AnswerOptions, MarketOptions, PageOptions, StrategyOptions, fixed
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import announce_first_run
from autonomous_trading.interfaces.cli._run_document import run_document
from autonomous_trading.interfaces.cli._setup import Setup, prepared, report_path
from autonomous_trading.interfaces.cli._views import next_command, show_closing, show_result

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python import Result
    from autonomous_trading.strategies import Strategy

__all__ = ["backtest", "report", "run_backtest"]


def backtest(market: MarketOptions, strategy: StrategyOptions, costs: CostOptions, answer: AnswerOptions) -> int:
    """What would have happened: one strategy with one parameter set, after costs, beside buy-and-hold."""
    page = report_path(answer.report, "--report")
    setup = prepared(market, strategy, costs)
    result = run_backtest(setup, setup.instance(), quiet=answer.quiet)
    written = result.report(page) if page else None
    following = next_command("optimize", setup, fixed(strategy, setup.assigned.settings), costs)
    return _shown("backtest", setup, result, written, following, as_json=answer.json)


def report(market: MarketOptions, strategy: StrategyOptions, costs: CostOptions, page: PageOptions) -> int:
    """A backtest as one self-contained HTML page: charts, trades, drawdowns, months; no network needed."""
    target = report_path(page.out, "--out")
    setup = prepared(market, strategy, costs)
    result = run_backtest(setup, setup.instance(), quiet=page.quiet)
    written = result.report(target) if target else None
    following = next_command("optimize", setup, fixed(strategy, setup.assigned.settings), costs)
    return _shown("report", setup, result, written, following, as_json=page.json)


def run_backtest(setup: Setup, strategy: "Strategy", *, quiet: bool = True) -> "Result":
    """The result of one strategy on the bars and under the rules of the setup."""
    from autonomous_trading.interfaces.python import backtest as run

    announce_first_run(quiet=quiet)
    return run(strategy, setup.market.bars, **setup.rules)


def _shown(
    command: str, setup: Setup, result: "Result", written: Path | None, following: list[str], *, as_json: bool
) -> int:
    if as_json:
        print_document(run_document(command, setup, result.to_dict(), written))
    else:
        screen = console()
        show_heading(screen, setup, "Backtest of")
        show_result(screen, result)
        commands = [following] if result.trade_count else []
        show_closing(screen, (*setup.market.notes, *result.warnings), written, commands)
    return 0 if result.trade_count else NOTHING_TO_REPORT
