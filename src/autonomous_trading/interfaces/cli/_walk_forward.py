"""`autotrade walk-forward`: search again in every window, trade what comes after it, stitch the answers."""

from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._backtest import run_backtest
from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._engine_parameters import searchable
from autonomous_trading.interfaces.cli._failures import NOTHING_TO_REPORT
from autonomous_trading.interfaces.cli._heading import show_heading
from autonomous_trading.interfaces.cli._ledger_options import LedgerOptions
from autonomous_trading.interfaces.cli._ledger_place import again, naming_the_job, recorded, show_replay
from autonomous_trading.interfaces.cli._optimize import search_arguments
from autonomous_trading.interfaces.cli._options import AnswerOptions, MarketOptions, StrategyOptions, fixed
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import announce_first_run, progress
from autonomous_trading.interfaces.cli._run_document import run_document
from autonomous_trading.interfaces.cli._search_options import SearchOptions, WalkOptions
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
    walk: WalkOptions,
    search: SearchOptions,
    ledger: LedgerOptions,
    answer: AnswerOptions,
) -> int:
    """Search again and again on the past and trade what came next: what an honest user would have had."""
    page = report_path(answer.report, "--report")
    objective = _one_objective(walk.objectives)
    setup = searchable(prepared(market, strategy, costs), search.space)
    asked = given(
        train=walk.train,
        test=walk.test,
        step=walk.step,
        unit=walk.unit,
        expanding=walk.expanding,
        objective=objective,
        method=walk.method,
        trials=walk.trials,
    )
    arguments = {**search_arguments(setup, search), **asked, **recorded(setup, ledger)}
    if ledger.replay is not None:
        from autonomous_trading.interfaces.python import replay_walk_forward

        return show_replay(replay_walk_forward, setup, arguments, ledger.replay, as_json=answer.json)
    result = run_walk_forward(setup, arguments, quiet=answer.quiet)
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
        command = next_command("walk-forward", setup, fixed(strategy), costs, walk, search, again(ledger))
        following = [] if written or not _traded(result) else [[*command, "--report", "walk-forward.html"]]
        show_closing(screen, (*setup.market.notes, *_warnings(result, example)), written, following)
    return 0 if _traded(result) else NOTHING_TO_REPORT


def run_walk_forward(setup: Setup, arguments: dict[str, Any], *, quiet: bool) -> "WalkForwardResult":
    """The walk-forward of the setup's strategy, with a meter while it runs."""
    from autonomous_trading.interfaces.python import walk_forward as run

    announce_first_run(quiet=quiet)
    what = "sets" if arguments.get("ledger") else "folds"
    with naming_the_job(), progress("walk-forward", what, quiet=quiet) as meter:
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
