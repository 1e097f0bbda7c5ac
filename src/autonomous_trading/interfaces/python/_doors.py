"""The functions a person calls: backtest, simulate, optimize, walk_forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Unpack

from autonomous_trading.app import (
    BASIC_METRICS,
    Evaluator,
    Found,
    Objective,
    Search,
    checked_metrics,
    run_search,
)
from autonomous_trading.app import backtest as run_backtest
from autonomous_trading.app import simulate as run_simulation
from autonomous_trading.app import walk_forward as run_walk_forward
from autonomous_trading.core import FloatArray, InvalidInput, NothingToReport, ParameterTable
from autonomous_trading.interfaces.python._checks import (
    listed,
    positive,
    refuse_unknown,
    text,
    truth,
)
from autonomous_trading.interfaces.python._inputs import market_of, searched_class, span_of, strategy_instance
from autonomous_trading.interfaces.python._objectives import OwnObjective, goals_of, objective_names
from autonomous_trading.interfaces.python._provenance import (
    code_facts,
    plain,
    search_facts,
    source_of,
    span_facts,
    window_facts,
)
from autonomous_trading.interfaces.python._result import Result
from autonomous_trading.interfaces.python._settings import (
    RuleSettings,
    SearchSettings,
    SpanSettings,
    WalkForwardSettings,
    progress_from,
    rules_from,
    search_from,
)
from autonomous_trading.interfaces.python._spaces import declared_space, strategy_space, with_engine_parameters
from autonomous_trading.interfaces.python._study import Study, Sweep
from autonomous_trading.interfaces.python._targets import targets_of
from autonomous_trading.interfaces.python._walk_forward import WalkForwardResult
from autonomous_trading.search import ALIASES
from autonomous_trading.validation import walk_forward_windows

DEFAULT_TRIALS = {
    "grid": None,
    "random": 500,
    "tpe": 200,
    "gp": 200,
    "random_forest": 200,
    "xgboost": 200,
    "cmaes": 2_000,
    "nsga2": 2_000,
    "nsga3": 2_000,
    "fallback": 200,
    "ensemble": 500,
}
DEFAULT_FOLD_TRIALS = 100
ALWAYS_KEPT = ("sharpe_ratio", "trade_count")
"""Kept for every set whatever is asked for: the verdict needs the first, an explanation the second."""


def backtest(strategy: object, data: object, **settings: Unpack[SpanSettings]) -> Result:
    """What would have happened: one strategy with one parameter set on one market, after costs.

    strategy: an instance, a class (its defaults), or a name of the library. data: bars, a frame, a path, a data
    string such as "sample:sp500", or several instruments (a mapping of symbols to such, a folder, a frame of several
    tickers), which then share one account in equal parts.
    Settings: costs, exits, execution, initial_cash, start, stop (the bars traded: ISO dates or row numbers; columns
    may look at the bars before), threads. Raises InvalidInput.
    """
    refuse_unknown("backtest", settings, SpanSettings.__annotations__)
    chosen = strategy_instance(strategy)
    rules = rules_from(settings)
    market = market_of(data)
    outcome = run_backtest(chosen, market, rules, span_of(market, settings.get("start"), settings.get("stop")))
    return Result(type(chosen).name, chosen.parameters, market, rules, outcome, source_of(type(chosen)))


def simulate(data: object, target: object, **settings: Unpack[RuleSettings]) -> Result:
    """What any target would have done: one exposure per bar (fraction of equity, NaN holds), no strategy needed.

    target: [bars], or a mapping of symbols to such (or [instruments, bars]) for several instruments; a pandas series
    with times of its own must have those of the bars. Settings: costs, exits, execution, initial_cash, threads.
    Raises InvalidInput.
    """
    refuse_unknown("simulate", settings, RuleSettings.__annotations__)
    rules = rules_from(settings)
    market = market_of(data)
    outcome = run_simulation(targets_of(target, market), market, rules)
    return Result("targets", outcome.parameters, market, rules, outcome)


def optimize(
    strategy: object = None,
    data: object = None,
    *,
    objectives: Sequence[str] | str | None = None,
    objective: Callable[..., float | Sequence[float]] | None = None,
    method: str = "tpe",
    trials: int | None = None,
    **settings: Unpack[SearchSettings],
) -> Study:
    """Search for the parameters that do best, and say how much of that is luck.

    With a strategy (a class or a name) and data: `objectives` are metric names, "sharpe_ratio" by default; the first
    `train_fraction` (default 0.7) of the bars are searched and the rest is kept to judge the best set.
    With `objective=function` and `space={...}`: any function of the parameters; `objectives` then names what it
    returns, "minimize" in front where smaller is better ("minimize", "minimize_loss").

    method: "grid", "random", "tpe" ("bayesian"), "gp", "random_forest", "xgboost", "cmaes" (one objective), "nsga2"
    ("genetic"), "nsga3", "fallback" or "ensemble". trials: sets to evaluate (default: all for grid, random and
    ensemble 500, cmaes, nsga2 and nsga3 2,000, the others 200). Settings: seed, fixed, space (bounds to override),
    costs, exits, execution, initial_cash, metrics (kept for every set), threads, resolution, options, train_fraction,
    progress. Raises InvalidInput.
    """
    refuse_unknown("optimize", settings, SearchSettings.__annotations__)
    name = text("method", method, "tpe")
    search = search_from(name, DEFAULT_TRIALS.get(ALIASES.get(name, name)) if trials is None else trials, settings)
    if objective is not None:
        if strategy is not None or data is not None:
            raise InvalidInput(
                "optimize got both a strategy and an objective of your own", fix="leave one of the two out"
            )
        return _optimize_function(objective, goals_of(objective_names(objectives, "objective")), search, settings)
    if strategy is None or data is None:
        raise InvalidInput(
            "optimize needs a strategy and data, or objective= and space=",
            fix='call at.optimize("ma_cross", "sample:sp500")',
        )
    names = checked_metrics(objective_names(objectives, "sharpe_ratio"))
    return _optimize_strategy((strategy, data), names, search, settings)


def _optimize_strategy(
    asked: tuple[object, object], names: tuple[str, ...], search: Search, settings: SearchSettings
) -> Study:
    started = time.perf_counter()
    kept = settings.get("metrics")
    metrics = checked_metrics(
        (*names, *listed("metrics", BASIC_METRICS if kept is None else kept, "cagr"), *ALWAYS_KEPT)
    )
    chosen = with_engine_parameters(searched_class(asked[0]), settings)
    space = strategy_space(chosen, settings.get("space"), settings.get("fixed"))
    rules, progress = rules_from(settings), progress_from(settings)
    market = market_of(asked[1])
    split = _split(market.n_bars, settings.get("train_fraction", 0.7))
    evaluator = Evaluator.of(chosen, market, rules)
    inside = (0, split)

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        return evaluator.measure(table, metrics, *inside)

    found = run_search(space, measure, [Objective.of(name) for name in names], search, progress)
    _refuse_chosen_that_look_ahead(evaluator, found)
    outside = (split, market.n_bars) if split < market.n_bars else None
    facts = {
        "source": dict(source_of(chosen)),
        "objectives": list(names),
        "trials_asked": search.trials,
        "train_fraction": plain(settings.get("train_fraction", 0.7)),
        "searched": span_facts(market, inside),
        "kept_out": None if outside is None else span_facts(market, outside),
        **search_facts(space, search),
    }
    seconds = time.perf_counter() - started
    return Study(names, found, space, search.method, search.seed, seconds, Sweep(evaluator, inside, outside), facts)


def _refuse_chosen_that_look_ahead(evaluator: Evaluator, found: Found) -> None:
    """A search looks at one set of each kind for look-ahead; what it found best is looked at for itself."""
    for objective in found.objectives:
        with suppress(NothingToReport):
            evaluator.refuse_look_ahead(found.trials.parameters.row(found.best(objective.name)))


def _split(n_bars: int, fraction: object) -> int:
    """Row where the optimiser's sight ends: at least one bar is kept unless all are asked for."""
    if positive("train_fraction", fraction, "0.7") > 1.0:
        raise InvalidInput(
            f"train_fraction must be above 0 and at most 1; got {fraction!r}",
            fix="use 0.7 to keep the last 30 % out of sight, 1.0 to search all bars",
        )
    share = float(positive("train_fraction", fraction, "0.7"))
    rows = n_bars if share == 1.0 else min(round(n_bars * share), n_bars - 1)
    if rows < 2:
        raise InvalidInput(
            f"{share:g} of {n_bars:,} bars leaves {max(rows, 0)} to search, at least 2 are needed", fix="use more data"
        )
    return rows


def _optimize_function(
    function: Callable[..., float | Sequence[float]],
    goals: tuple[Objective, ...],
    search: Search,
    settings: SearchSettings,
) -> Study:
    started = time.perf_counter()
    refuse_unknown(
        "optimize with an objective of your own",
        settings,
        ("seed", "space", "fixed", "resolution", "options", "progress"),
    )
    if not callable(function):
        raise InvalidInput(f"objective must be a function; got {function!r}", fix="pass objective=my_function")
    space = declared_space(settings.get("space"), settings.get("fixed"))
    found = run_search(space, OwnObjective(function, goals), goals, search, progress_from(settings))
    names = tuple(goal.name for goal in goals)
    facts = {
        "source": code_facts(function),
        "objectives": list(names),
        "trials_asked": search.trials,
        **search_facts(space, search),
    }
    return Study(names, found, space, search.method, search.seed, time.perf_counter() - started, asked=facts)


def walk_forward(
    strategy: object,
    data: object,
    *,
    train: float = 365,
    test: float = 30,
    step: float = 7,
    **settings: Unpack[WalkForwardSettings],
) -> WalkForwardResult:
    """Re-optimise on the past of each window and trade the bars after it: what an honest user would have had.

    train, test, step: calendar days, or bars with unit="bars". Settings: expanding (False), objective
    ("sharpe_ratio"), method ("random"), trials (100), seed, fixed, space, costs, exits, execution, initial_cash,
    threads, options, progress. Raises InvalidInput where the data is too short.
    """
    started = time.perf_counter()
    refuse_unknown("walk_forward", settings, WalkForwardSettings.__annotations__)
    chosen = with_engine_parameters(searched_class(strategy), settings)
    (goal,) = checked_metrics([settings.get("objective", "sharpe_ratio")])
    method, trials = text("method", settings.get("method", "random"), "random"), settings.get("trials")
    search = search_from(method, DEFAULT_FOLD_TRIALS if trials is None and method != "grid" else trials, settings)
    space = strategy_space(chosen, settings.get("space"), settings.get("fixed"))
    rules, progress = rules_from(settings), progress_from(settings)
    market = market_of(data)
    lengths = {
        "train": positive("train", train, "365"),
        "test": positive("test", test, "30"),
        "step": positive("step", step, "7"),
    }
    windows = walk_forward_windows(
        market.bars.time,
        **lengths,
        unit=settings.get("unit", "days"),
        expanding=truth("expanding", settings.get("expanding", False)),
    )
    evaluator = Evaluator.of(chosen, market, rules)
    outcome = run_walk_forward(evaluator, space, windows, search, Objective.of(goal), progress)
    facts = {
        "source": dict(source_of(chosen)),
        **window_facts(lengths, settings),
        "trials_per_window": search.trials,
        **search_facts(space, search),
    }
    seconds = time.perf_counter() - started
    return WalkForwardResult(goal, search.method, search.seed, seconds, outcome, evaluator, facts)
