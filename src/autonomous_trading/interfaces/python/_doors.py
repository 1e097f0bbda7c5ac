"""The functions a person calls: backtest, simulate, optimize, walk_forward, and replays of what was recorded."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from autonomous_trading.app import backtest as run_backtest
from autonomous_trading.app import simulate as run_simulation
from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.python._checks import (
    refuse_unknown,
    text,
)
from autonomous_trading.interfaces.python._inputs import market_of, span_of, strategy_instance
from autonomous_trading.interfaces.python._prepared import Prepared, prepared_function, prepared_strategy
from autonomous_trading.interfaces.python._prepared_walk import prepared_walk
from autonomous_trading.interfaces.python._provenance import source_of
from autonomous_trading.interfaces.python._recording import Recorder
from autonomous_trading.interfaces.python._replays import Replay
from autonomous_trading.interfaces.python._result import Result
from autonomous_trading.interfaces.python._settings import (
    ReplaySettings,
    RuleSettings,
    SearchSettings,
    SpanSettings,
    ValidationSettings,
    WalkForwardSettings,
    progress_from,
    rules_from,
    search_from,
    searched_with,
)
from autonomous_trading.interfaces.python._study import Study
from autonomous_trading.interfaces.python._targets import targets_of
from autonomous_trading.interfaces.python._walk_forward import WalkForwardResult
from autonomous_trading.search import ALIASES

if TYPE_CHECKING:
    from autonomous_trading.interfaces.python._validation import Validation

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


def backtest(strategy: object, data: object, **settings: Unpack[SpanSettings]) -> Result:
    """What would have happened: one strategy with one parameter set on one market, after costs.

    strategy: an instance, a class (its defaults), or a name of the library. data: bars, a frame, a path, a data
    string such as "sample:sp500", or several instruments (a mapping of symbols to such, a folder, a frame of several
    tickers), which then share one account in equal parts.
    Settings: costs, exits, execution, initial_cash, start, stop (the bars traded: ISO dates or row numbers; columns
    may look at the bars before), threads; and, for series of a catalogue, adjust ("splits", "all") and known_at as for
    `load_bars`: fills and costs are those of the adjusted prices, and with "all" a dividend buys shares on its ex date,
    no cash is paid. Raises InvalidInput.
    """
    _refuse_unknown(backtest, settings, SpanSettings.__annotations__)
    chosen = strategy_instance(strategy)
    rules = rules_from(settings)
    market = market_of(data, settings)
    outcome = run_backtest(chosen, market, rules, span_of(market, settings.get("start"), settings.get("stop")))
    kind = type(chosen)
    return Result(kind.name, chosen.parameters, market, rules, outcome, source_of(kind), kind)


def simulate(data: object, target: object, **settings: Unpack[RuleSettings]) -> Result:
    """What any target would have done: one exposure per bar (fraction of equity, NaN holds), no strategy needed.

    target: [bars], or a mapping of symbols to such (or [instruments, bars]) for several instruments; a pandas series
    with times of its own must have those of the bars. Settings: costs, exits, execution, initial_cash, threads, adjust
    and known_at as for `backtest`. Raises InvalidInput.
    """
    _refuse_unknown(simulate, settings, RuleSettings.__annotations__)
    rules = rules_from(settings)
    market = market_of(data, settings)
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
    costs, exits, execution, initial_cash, metrics (kept for every set), threads, resolution, options, ahead (batches
    open beside the one that is evaluated: workers never wait for the method), train_fraction, robust (how scores such
    as worst_fold_sharpe_ratio are measured), constraints ("trade_count >= 30"), progress, adjust and known_at as for
    `backtest`.
    ledger: a file or database that records every trial, so that a search that was stopped goes on when it is asked for
    again; with it project, executor ("inline", "processes", "ray"), workers, resume. Raises InvalidInput.
    """
    _refuse_unknown(optimize, settings, SearchSettings.__annotations__)
    started = time.perf_counter()
    prepared = _prepared((strategy, data, objectives, objective), method, trials, settings)
    recorder, progress = Recorder.of(settings), progress_from(settings)
    found, recording = prepared.searched(recorder, progress)
    return Study(
        objectives=prepared.names,
        found=found,
        space=prepared.space,
        method=prepared.search.method,
        seed=prepared.search.seed,
        seconds=time.perf_counter() - started,
        sweep=prepared.sweep,
        asked=prepared.facts,
        recording=recording,
    )


def replay(
    job: str,
    strategy: object = None,
    data: object = None,
    *,
    trial: int | None = None,
    objectives: Sequence[str] | str | None = None,
    method: str = "tpe",
    **settings: Unpack[ReplaySettings],
) -> Replay:
    """Evaluate one trial of a recorded search once more, and compare every bit with what the ledger holds.

    job: the id of the search in `ledger=`; trial: its number, by default the best one. Everything else as it was given
    to `optimize`. Raises InvalidInput, and Refused where the search is another one by now.
    """
    _refuse_unknown(replay, settings, (*ReplaySettings.__annotations__, *SearchSettings.__annotations__))
    searched = searched_with(settings)
    recorder = _recorder_of(searched, job)
    what = (strategy, data, objectives, settings.get("objective"))
    return recorder.replay(_prepared(what, method, settings.get("trials"), searched), trial)


_What = tuple[object, object, object, Callable[..., float | Sequence[float]] | None]


def _prepared(what: _What, method: object, trials: int | None, settings: SearchSettings) -> Prepared:
    """The search of a strategy on data, or of an objective of one's own."""
    strategy, data, objectives, objective = what
    name = text("method", method, "tpe")
    search = search_from(name, DEFAULT_TRIALS.get(ALIASES.get(name, name)) if trials is None else trials, settings)
    if objective is not None:
        if strategy is not None or data is not None:
            raise InvalidInput(
                "optimize got both a strategy and an objective of your own", fix="leave one of the two out"
            )
        return prepared_function(objective, objectives, search, settings)
    if strategy is None or data is None:
        raise InvalidInput(
            "optimize needs a strategy and data, or objective= and space=",
            fix='call at.optimize("ma_cross", "sample:sp500")',
        )
    return prepared_strategy(strategy, data, objectives, search, settings)


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

    train, test, step: days, or as unit says: "bars", "weeks", "months", "quarters", "years". Settings: expanding
    (False), objective ("sharpe_ratio"), method ("random"), trials (100), seed, fixed, space, costs, exits, execution,
    initial_cash, threads, options, progress, adjust and known_at as for `backtest`. ledger: a file or
    database that records and counts every set of every window, so that a walk that was stopped goes on when it is
    asked for again; with it project, executor, workers,
    resume, as for `optimize`. Raises InvalidInput where the data is too short.
    """
    started = time.perf_counter()
    _refuse_unknown(walk_forward, settings, WalkForwardSettings.__annotations__)
    prepared = prepared_walk(strategy, data, {"train": train, "test": test, "step": step}, settings)
    recorder, progress = Recorder.of(settings), progress_from(settings)
    if recorder is None:
        outcome, recording = prepared.walked(progress), None
    else:
        found, recording = recorder.search(prepared, progress)
        outcome = prepared.walked(None, found)
    return WalkForwardResult(
        prepared.objective.name,
        prepared.search.method,
        prepared.search.seed,
        time.perf_counter() - started,
        outcome,
        prepared.evaluator,
        prepared.facts,
        recording,
    )


def validate(
    strategy: object,
    data: object,
    *,
    objective: str = "sharpe_ratio",
    method: str = "random",
    trials: int | None = None,
    **settings: Unpack[ValidationSettings],
) -> Validation:
    """Whether the best set of a search is real: reject, not enough evidence (how much more), or worth paper trading.

    Searches the bars before a final hold-out (method and trials as for `optimize`; by default 200 random sets),
    corrects for every set tried, walks forward, runs the best set at higher costs, later, on other data and beside its
    neighbours, looks for look-ahead, and opens the hold-out last, where it could complete the evidence. The rules
    are `autonomous_trading.validation.RULES`.

    Settings: holdout (0.2 of the bars), open_holdout (True), train, test, step and unit (windows of the walk-forward;
    by default a quarter and a twentieth of the bars), expanding (True), cv_folds (10), cv_test_folds (2), blocks (16),
    sensitivity_sets (600), simulated_markets (100 histories per model), and those of `optimize`: seed, fixed, space,
    constraints, resolution, options, costs, exits, execution, initial_cash, threads, progress, adjust, known_at.
    ledger: counts every set of a project's whole life, and records that the hold-out was opened; with it project,
    executor, workers, resume.
    Raises InvalidInput.
    """
    _refuse_unknown(validate, settings, ValidationSettings.__annotations__)
    # Imported here: a backtest does not wait for it.
    from autonomous_trading.interfaces.python._validating import validated

    name = text("method", method, "random")
    count = DEFAULT_TRIALS.get(ALIASES.get(name, name)) if trials is None and name != "random" else trials
    return validated(strategy, data, (text("objective", objective, "sharpe_ratio"), name, count), settings)


def replay_walk_forward(
    job: str,
    strategy: object,
    data: object,
    *,
    trial: int | None = None,
    train: float = 365,
    test: float = 30,
    step: float = 7,
    **settings: Unpack[WalkForwardSettings],
) -> Replay:
    """Evaluate one set of a recorded walk-forward once more, and compare every bit with what the ledger holds.

    job: the id of the walk in `ledger=`; trial: the number of the set, by default the best one of all windows.
    Everything else as it was given to `walk_forward`. Raises InvalidInput, and Refused where the walk is another one by
    now.
    """
    _refuse_unknown(replay_walk_forward, settings, WalkForwardSettings.__annotations__)
    recorder = _recorder_of(settings, job)
    return recorder.replay(prepared_walk(strategy, data, {"train": train, "test": test, "step": step}, settings), trial)


def _recorder_of(settings: SearchSettings | WalkForwardSettings, job: str) -> Recorder:
    """The recorder of a job. InvalidInput where no ledger is named."""
    named: WalkForwardSettings = {"ledger": settings.get("ledger"), "resume": job}
    recorder = Recorder.of(named) if settings.get("ledger") is not None else None
    if recorder is None:
        raise InvalidInput("a replay needs the ledger that holds the trial", fix='name it: ledger="trials.db"')
    return recorder


def _refuse_unknown(door: Callable[..., Any], settings: Mapping[str, object], known: Collection[str]) -> None:
    """Refuse a keyword the door does not have, with the nearest of its settings and its own named arguments."""
    if all(name in known for name in settings):  # as nearly always: a signature takes a while to read
        return
    own = [each.name for each in inspect.signature(door).parameters.values() if each.kind is not each.VAR_KEYWORD]
    elsewhere = {"optimize": SearchSettings.__annotations__, "backtest": SpanSettings.__annotations__}
    refuse_unknown(door.__name__, settings, (*own, *known), elsewhere)
