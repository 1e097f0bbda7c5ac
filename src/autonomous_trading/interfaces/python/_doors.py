"""The functions a person calls: backtest, simulate, optimize, walk_forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Unpack, cast

import numpy as np

from autonomous_trading.app import (
    BASIC_METRICS,
    Evaluator,
    Market,
    Objective,
    Search,
    checked_metrics,
    run_search,
)
from autonomous_trading.app import backtest as run_backtest
from autonomous_trading.app import simulate as run_simulation
from autonomous_trading.app import walk_forward as run_walk_forward
from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space, unknown_name
from autonomous_trading.interfaces.python._inputs import market_of, span_of, strategy_class, strategy_instance
from autonomous_trading.interfaces.python._result import Result
from autonomous_trading.interfaces.python._settings import (
    RuleSettings,
    SearchSettings,
    SpanSettings,
    WalkForwardSettings,
    refuse_unknown,
    rules_from,
    whole,
)
from autonomous_trading.interfaces.python._study import Study, Sweep, objective_names
from autonomous_trading.interfaces.python._walk_forward import WalkForwardResult
from autonomous_trading.search import ALIASES
from autonomous_trading.validation import walk_forward_windows

DEFAULT_TRIALS = {"grid": None, "random": 500, "tpe": 200, "nsga2": 2_000}


def backtest(strategy: object, data: object, **settings: Unpack[SpanSettings]) -> Result:
    """What would have happened: one strategy with one parameter set on one market, after costs.

    strategy: an instance, a class (its defaults), or a name of the library. data: bars, a frame, a path, a data
    string such as "sample:sp500", or a mapping of symbols to such, which then share one account in equal parts.
    Settings: costs, exits, execution, initial_cash, start, stop (the bars traded: ISO dates or row numbers; columns
    may look at the bars before), threads. Raises InvalidInput.
    """
    refuse_unknown("backtest", settings, SpanSettings.__annotations__)
    market = market_of(data)
    chosen = strategy_instance(strategy)
    rules = rules_from(settings)
    outcome = run_backtest(chosen, market, rules, span_of(market, settings.get("start"), settings.get("stop")))
    return Result(type(chosen).name, chosen.parameters, market, rules, outcome)


def simulate(data: object, target: object, **settings: Unpack[RuleSettings]) -> Result:
    """What any target would have done: one exposure per bar (fraction of equity, NaN holds), no strategy needed.

    target: [bars], or a mapping of symbols to such (or [instruments, bars]) for several instruments. Settings: costs,
    exits, execution, initial_cash, threads.
    """
    refuse_unknown("simulate", settings, RuleSettings.__annotations__)
    market = market_of(data)
    rules = rules_from(settings)
    outcome = run_simulation(_targets_of(target, market), market, rules)
    return Result("targets", outcome.parameters, market, rules, outcome)


def _targets_of(target: object, market: Market) -> FloatArray:
    """Targets [instruments, bars] on the market's clock."""
    if not isinstance(target, Mapping):
        return np.atleast_2d(np.asarray(target, dtype=np.float64))
    symbols = market.symbols
    if set(target) != set(symbols):
        raise InvalidInput(
            f"target names {', '.join(map(str, target))}, the market {', '.join(symbols)}",
            fix="give one target per instrument, by the same symbols",
        )
    rows = [np.asarray(target[symbol], dtype=np.float64) for symbol in symbols]
    return np.stack([market.on_clock(number, row) for number, row in enumerate(rows)])


def optimize(
    strategy: object = None,
    data: object = None,
    *,
    objectives: Sequence[str] | str = ("sharpe_ratio",),
    objective: Callable[..., float | Sequence[float]] | None = None,
    method: str = "tpe",
    trials: int | None = None,
    **settings: Unpack[SearchSettings],
) -> Study:
    """Search for the parameters that do best, and say how much of that is luck.

    With a strategy and data: `objectives` are metric names; the first `train_fraction` (default 0.7) of the bars are
    searched and the rest is kept to judge the best set. With `objective=function` and `space={...}`: any function of
    the parameters; `objectives` then names what it returns, "minimize" in front where smaller is better.

    method: "grid", "random", "tpe" ("bayesian") or "nsga2" ("genetic"). trials: sets to evaluate (default: all for
    grid, 500, 200, 2,000). Settings: seed, fixed, space (bounds to override), costs, exits, execution, initial_cash,
    metrics, threads, resolution, options, train_fraction, progress. Raises InvalidInput.
    """
    refuse_unknown("optimize", settings, SearchSettings.__annotations__)
    options = dict(settings.get("options") or {})
    if settings.get("resolution") is not None:
        options["resolution"] = settings["resolution"]
    count = trials if trials is not None else _default_trials(method)
    search = Search(method, count, whole("seed", settings.get("seed", 0)), options)
    if objective is not None:
        return _optimize_function(objective, objective_names(objectives), search, settings)
    if strategy is None or data is None:
        raise InvalidInput(
            "optimize needs a strategy and data, or objective= and space=",
            fix='call at.optimize("ma_cross", "sample:sp500")',
        )
    return _optimize_strategy((strategy, data), objective_names(objectives), search, settings)


def _default_trials(method: str) -> int | None:
    return DEFAULT_TRIALS.get(ALIASES.get(method, method))


def _optimize_strategy(
    asked: tuple[object, object], objectives: tuple[str, ...], search: Search, settings: SearchSettings
) -> Study:
    started = time.perf_counter()
    chosen, market = strategy_class(asked[0]), market_of(asked[1])
    names = checked_metrics(objectives)
    kept = checked_metrics(tuple(settings.get("metrics") or BASIC_METRICS))
    metrics = tuple(dict.fromkeys((*names, *kept)))
    space = space_of(chosen.space(), settings.get("space"), settings.get("fixed"))
    split = _split(market.n_bars, settings.get("train_fraction", 0.7))
    evaluator = Evaluator.of(chosen, market, rules_from(settings))
    inside = (0, split)

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        return evaluator.measure(table, metrics, *inside)

    goals = [Objective.of(name) for name in names]
    found = run_search(space, measure, goals, search, settings.get("progress"))
    outside = (split, market.n_bars) if split < market.n_bars else None
    seconds = time.perf_counter() - started
    return Study(names, found, space, search.method, search.seed, seconds, Sweep(evaluator, inside, outside))


def _split(n_bars: int, fraction: object) -> int:
    """Row where the optimiser's sight ends."""
    if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0.0 < fraction <= 1.0:
        raise InvalidInput(
            f"train_fraction must be above 0 and at most 1; got {fraction!r}",
            fix="use 0.7 to keep the last 30 % out of sight, 1.0 to search all bars",
        )
    rows = round(n_bars * fraction)
    if rows < 2:
        raise InvalidInput(f"{fraction:g} of {n_bars} bars leaves too few to search", fix="use more data")
    return rows


def space_of(space: Space, bounds: object, fixed: Mapping[str, object] | None) -> Space:
    """A strategy's space with some bounds replaced and some parameters held still."""
    if bounds:
        if not isinstance(bounds, Mapping):
            raise InvalidInput(
                f"space must map parameters to bounds; got {bounds!r}", fix='pass space={"fast": (5, 50)}'
            )
        replaced = dict(space.parameters)
        for name, parameter in Space.of(dict(bounds)).parameters.items():
            if name not in replaced:
                raise unknown_name("parameter", name, replaced)
            replaced[name] = parameter
        space = Space(replaced, space.constraint, space.fixed)
    return space.fix(dict(fixed)) if fixed else space


def _optimize_function(
    function: Callable[..., float | Sequence[float]],
    objectives: tuple[str, ...],
    search: Search,
    settings: SearchSettings,
) -> Study:
    started = time.perf_counter()
    refuse_unknown(
        "optimize with an objective of your own",
        settings,
        ("seed", "space", "fixed", "resolution", "options", "progress"),
    )
    space = settings.get("space")
    if not space:
        raise InvalidInput("an objective of your own needs a space", fix='pass space={"x": (0.0, 1.0)}')
    declared = space if isinstance(space, Space) else Space.of(dict(cast("Mapping[str, object]", space)))
    fixed = settings.get("fixed")
    declared = declared.fix(dict(fixed)) if fixed else declared
    goals = [_goal(name) for name in objectives]

    def measure(table: ParameterTable) -> Mapping[str, FloatArray]:
        rows = [np.atleast_1d(np.asarray(function(**row), dtype=np.float64)) for row in table.rows()]
        values = np.stack(rows)
        if values.shape[1] != len(goals):
            raise InvalidInput(
                f"the objective returned {values.shape[1]} numbers for {len(goals)} objectives",
                fix="name every number it returns in objectives=[...]",
            )
        return {goal.name: values[:, position] for position, goal in enumerate(goals)}

    found = run_search(declared, measure, goals, search, settings.get("progress"))
    names = tuple(goal.name for goal in goals)
    return Study(names, found, declared, search.method, search.seed, time.perf_counter() - started)


def _goal(name: str) -> Objective:
    """ "minimize" and "minimize_loss" push down, everything else pushes up."""
    return Objective(name, not name.startswith("minimi"))


def walk_forward(
    strategy: object,
    data: object,
    *,
    train: int = 365,
    test: int = 30,
    step: int = 7,
    **settings: Unpack[WalkForwardSettings],
) -> WalkForwardResult:
    """Re-optimise on the past of each window and trade the bars after it: what an honest user would have had.

    train, test, step: calendar days, or bars with unit="bars". Settings: expanding (False), objective
    ("sharpe_ratio"), method ("random"), trials (100), seed, fixed, space, costs, exits, execution, initial_cash,
    threads, options, progress. Raises InvalidInput where the data is too short.
    """
    started = time.perf_counter()
    refuse_unknown("walk_forward", settings, WalkForwardSettings.__annotations__)
    chosen, market = strategy_class(strategy), market_of(data)
    (goal,) = checked_metrics([settings.get("objective", "sharpe_ratio")])
    method = settings.get("method", "random")
    trials = settings.get("trials")
    trials = trials if trials is not None else (None if method == "grid" else 100)
    search = Search(method, trials, whole("seed", settings.get("seed", 0)), settings.get("options") or {})
    space = space_of(chosen.space(), settings.get("space"), settings.get("fixed"))
    windows = walk_forward_windows(
        market.bars.time,
        train=train,
        test=test,
        step=step,
        unit=settings.get("unit", "days"),
        expanding=settings.get("expanding", False),
    )
    evaluator = Evaluator.of(chosen, market, rules_from(settings))
    outcome = run_walk_forward(evaluator, space, windows, search, Objective.of(goal), settings.get("progress"))
    seconds = time.perf_counter() - started
    return WalkForwardResult(goal, search.method, search.seed, seconds, outcome, evaluator)
