"""`autotrade optimize`: the best parameters, and what they are worth on bars the search did not see."""

from typing import TYPE_CHECKING, Any

from autonomous_trading.interfaces.cli._assignments import bounds
from autonomous_trading.interfaces.cli._cost_options import CostOptions
from autonomous_trading.interfaces.cli._engine_parameters import searchable
from autonomous_trading.interfaces.cli._failures import NOTHING_TO_REPORT
from autonomous_trading.interfaces.cli._heading import show_heading
from autonomous_trading.interfaces.cli._ledger_options import LedgerOptions
from autonomous_trading.interfaces.cli._ledger_place import again, naming_the_job, recorded, show_replay
from autonomous_trading.interfaces.cli._options import AnswerOptions, MarketOptions, StrategyOptions, fixed
from autonomous_trading.interfaces.cli._output import console, print_document
from autonomous_trading.interfaces.cli._progress import announce_first_run, progress
from autonomous_trading.interfaces.cli._run_document import run_document
from autonomous_trading.interfaces.cli._search_options import OptimizeOptions, SearchOptions, WalkOptions
from autonomous_trading.interfaces.cli._setup import Setup, given, prepared, report_path
from autonomous_trading.interfaces.cli._tables import parameters_text
from autonomous_trading.interfaces.cli._views import (
    next_command,
    show_closing,
    show_funnel,
    show_study,
)

if TYPE_CHECKING:
    from autonomous_trading.app import Explanation
    from autonomous_trading.interfaces.python import Study

__all__ = ["optimize", "run_study", "search_arguments"]


def optimize(
    market: MarketOptions,
    strategy: StrategyOptions,
    costs: CostOptions,
    goals: OptimizeOptions,
    search: SearchOptions,
    ledger: LedgerOptions,
    answer: AnswerOptions,
) -> int:
    """Search for the parameters that do best, keep the last bars out of sight, and say how much of it is luck."""
    page = report_path(answer.report, "--report")
    _check_resolution(goals)
    setup = searchable(prepared(market, strategy, costs), search.space)
    asked = given(
        objectives=goals.objectives or None,
        method=goals.method,
        trials=goals.trials,
        train_fraction=goals.train_fraction,
        resolution=goals.resolution,
        ahead=goals.ahead,
        **robust_arguments(goals),
    )
    arguments = {**search_arguments(setup, search), **asked, **recorded(setup, ledger)}
    if ledger.replay is not None:
        from autonomous_trading.interfaces.python import replay

        return show_replay(replay, setup, arguments, ledger.replay, as_json=answer.json)
    study, speed = run_study(setup, arguments, quiet=answer.quiet)
    if study.nothing is not None:
        return _nothing_shown(setup, study, study.nothing, as_json=answer.json)
    written = study.report(page) if page else None
    warnings = tuple(dict.fromkeys((*study.best_result().warnings, *study.warnings)))
    if answer.json:
        results = {**study.to_dict(), "warnings": list(warnings)}
        print_document(run_document("optimize", setup, results, written))
    else:
        screen = console()
        show_heading(screen, setup, "Optimised")
        show_study(screen, study, speed)
        following = [next_command("walk-forward", setup, fixed(strategy), costs, _walked(goals), search, again(ledger))]
        show_closing(screen, (*setup.market.notes, *warnings), written, following)
    return 0


def _walked(goals: OptimizeOptions) -> WalkOptions:
    """What a walk-forward can take over: one plain metric, how to search, but no grid of other points."""
    from autonomous_trading.core import split_score

    plain = [name for name in goals.objectives if not split_score(name)[0]]
    method = goals.method if goals.resolution is None else None
    return WalkOptions(objectives=plain if len(goals.objectives) == 1 else [], method=method, trials=goals.trials)


def robust_arguments(options: OptimizeOptions) -> dict[str, Any]:
    """Constraints and how robust scores are measured, as the Python face takes them."""
    from autonomous_trading.app import Robustness
    from autonomous_trading.core import InvalidInput

    settings = given(
        folds=options.folds,
        timeframes=tuple(options.timeframes) or None,
        neighbours=options.neighbours,
        radius=options.radius,
        cost_factor=options.cost_factor,
        prune=options.prune,
        prune_after=options.prune_after,
    )
    if options.prune_after is not None and options.prune is None:
        raise InvalidInput("--prune-after says when pruning begins, and nothing is pruned", fix="add --prune 0.5")
    return {"constraints": options.constraints or None, "robust": Robustness(**settings) if settings else None}


def search_arguments(setup: Setup, search: SearchOptions) -> dict[str, Any]:
    """Where and how to search, as the Python face takes it: flags, then settings, then its own defaults.

    What --set names is held still; --space says where to look instead. Raises InvalidInput for a name in both.
    """
    from autonomous_trading.core import InvalidInput

    space, fixed = bounds(setup.strategy, search.space), setup.assigned.parameters
    for name in sorted(space.keys() & (fixed.keys() | setup.assigned.settings.keys())):
        raise InvalidInput(
            f"--set holds {name} still, and --space says where to search it", fix="leave one of the two out"
        )
    return {
        "fixed": fixed,
        "space": space,
        **setup.rules,
        **setup.run,
        **given(seed=search.seed, threads=search.threads),
    }


def run_study(setup: Setup, arguments: dict[str, Any], *, quiet: bool) -> "tuple[Study, float]":
    """The study of the setup's strategy, with a meter while it runs, and how many sets a second it saw."""
    from autonomous_trading.interfaces.python import optimize as run

    announce_first_run(quiet=quiet)
    with naming_the_job(), progress("optimize", "sets", quiet=quiet) as meter:
        study = run(setup.strategy, setup.market.bars, progress=meter, **arguments)
    return study, meter.speed


def _check_resolution(goals: OptimizeOptions) -> None:
    from autonomous_trading.core import InvalidInput

    if goals.resolution is not None and goals.method != "grid":
        raise InvalidInput("--resolution spaces the values of a grid", fix="add --method grid, or leave it out")


def _nothing_shown(setup: Setup, study: "Study", why: "Explanation", *, as_json: bool) -> int:
    """Say why no set is best; where none of them traded on the bars the search saw, with one evaluated set."""
    if as_json:
        print_document(run_document("optimize", setup, study.to_dict(), None))
        return NOTHING_TO_REPORT
    screen = console()
    show_heading(screen, setup, "Optimised")
    if why.stages:
        screen.print(f"None of the {study.n_trials:,} evaluated sets traded where they were searched. One of them:")
        screen.print(f"{parameters_text(study.example)}\n", soft_wrap=True)
        show_funnel(screen, why)
    else:
        screen.print(f"No best set: {why.message}", soft_wrap=True)
        screen.print(f"Fix: {why.fix}", soft_wrap=True)
    show_closing(screen, (*setup.market.notes, *study.warnings), None, [])
    return NOTHING_TO_REPORT
