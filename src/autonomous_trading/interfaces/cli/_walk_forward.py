"""`autotrade walk-forward`: search again in every window, trade what comes after it, stitch the answers."""

from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._backtest import run_backtest
from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._engine_parameters import searchable
from autonomous_trading.interfaces.cli._failures import NOTHING_TO_REPORT
from autonomous_trading.interfaces.cli._heading import show_heading
from autonomous_trading.interfaces.cli._optimize import search_arguments
from autonomous_trading.interfaces.cli._options import AnswerOptions, MarketOptions, StrategyOptions
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import announce_first_run, progress
from autonomous_trading.interfaces.cli._run_document import run_document
from autonomous_trading.interfaces.cli._search_options import FoldSearchOptions, SearchOptions, WindowOptions
from autonomous_trading.interfaces.cli._setup import Setup, given, prepared, report_path
from autonomous_trading.interfaces.cli._views import (
    next_command,
    show_closing,
    show_funnel,
    show_walk_forward,
)

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python import Result, WalkForwardResult

__all__ = ["run_walk_forward", "walk_forward"]


def walk_forward(
    market: MarketOptions,
    strategy: StrategyOptions,
    costs: CostOptions,
    windows: WindowOptions,
    goal: FoldSearchOptions,
    search: SearchOptions,
    answer: AnswerOptions,
) -> int:
    """Search again and again on the past and trade what came next: what an honest user would have had."""
    page = report_path(answer.report, "--report")
    objective = _one_objective(goal.objectives)
    setup = searchable(prepared(market, strategy, costs), search.space)
    asked = given(
        train=windows.train,
        test=windows.test,
        step=windows.step,
        unit=windows.unit,
        expanding=windows.expanding,
        objective=objective,
        method=goal.method,
        trials=goal.trials,
    )
    result = run_walk_forward(setup, {**search_arguments(setup, search), **asked}, quiet=answer.quiet)
    written = result.report(page) if page else None
    example = _example(setup, result)
    if answer.json:
        results = {**result.to_dict(), "warnings": list(_warnings(result, example))}
        if not _traded(result):
            results["explanation"] = example.to_dict()["explanation"]
        print_document(run_document("walk-forward", setup, results, written))
    else:
        screen = console()
        show_heading(screen, setup, "Walked forward")
        show_walk_forward(screen, result)
        if not _traded(result):
            screen.print()
            show_funnel(screen, example.explain())
        following = (
            []
            if written or not _traded(result)
            else [[*next_command("walk-forward", setup), "--report", "walk-forward.html"]]
        )
        show_closing(screen, (*setup.market.notes, *_warnings(result, example)), written, following)
    return 0 if _traded(result) else NOTHING_TO_REPORT


def run_walk_forward(setup: Setup, arguments: dict[str, Any], *, quiet: bool) -> "WalkForwardResult":
    """The walk-forward of the setup's strategy, with a meter while it runs."""
    from autonomous_trading.interfaces.python import walk_forward as run

    announce_first_run(quiet=quiet)
    with progress("walk-forward", "folds", quiet=quiet) as meter:
        return run(setup.strategy, setup.market.bars, progress=meter, **arguments)


def _one_objective(names: list[str]) -> str | None:
    from autonomous_trading.core import InvalidInput

    if len(names) > 1:
        raise InvalidInput(
            f"walk-forward takes one --objective, because every window chooses one set; got {', '.join(names)}",
            fix="keep one of them; autotrade optimize takes several",
        )
    return names[0] if names else None


def _traded(result: "WalkForwardResult") -> bool:
    return len(result.outcome.stitched.trades) > 0


def _warnings(result: "WalkForwardResult", example: "Result") -> tuple[str, ...]:
    """What is suspicious about the data, the walk and, by its example, the strategy."""
    return tuple(dict.fromkeys((*result.warnings, *example.warnings)))


def _example(setup: Setup, result: "WalkForwardResult") -> "Result":
    """One plain backtest of the newest parameters: it knows what is suspicious, and where trades are lost."""
    chosen = [fold.parameters for fold in result.folds if fold.parameters is not None]
    strategy = setup.strategy.holding(dict(chosen[-1])) if chosen else setup.instance()
    return run_backtest(setup, strategy)
