"""The keyword settings that the doors share, typed once, and what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypedDict

from autonomous_trading.app import Progress, Robustness, Rules, Search
from autonomous_trading.backtest import Costs, Execution, Exits
from autonomous_trading.core import InvalidInput
from autonomous_trading.interfaces.python._checks import callback, instance_of, mapping, positive, text, whole
from autonomous_trading.search import MOST_AHEAD


class MarketSettings(TypedDict, total=False):
    """How series of a catalogue are read, as `load_bars` does; of other data neither can be asked.

    adjust: "none", "splits" or "all" (dividends too): prices in shares of the first bar, no bar knows a later action.
    known_at: only what was known at this time (ISO text or a datetime, with its zone).
    """

    adjust: bool | str
    known_at: object


class RuleSettings(MarketSettings, total=False):
    """What every run shares: how data is read, costs, protective exits, execution, the cash to start with, threads
    (default: cores)."""

    costs: Costs | None
    exits: Exits | None
    execution: Execution | None
    initial_cash: float | None
    threads: int | None


class SpanSettings(RuleSettings, total=False):
    """Rules, and the bars traded: ISO dates, datetimes or row numbers; `stop` is not included."""

    start: object
    stop: object


class RecordSettings(RuleSettings, total=False):
    """Rules, and how a search is recorded.

    ledger: file or database in which every trial is recorded, so that a search that was stopped goes on. project: what
    the trials are counted for. executor: who evaluates ("inline", "processes", "ray"), with so many workers. resume:
    the job that has to go on, or nothing. request: how this was asked for, kept with the job.
    """

    ledger: str | os.PathLike[str] | None
    project: str | None
    executor: str | None
    workers: int | None
    resume: str | None
    request: Mapping[str, Any] | None


class SearchSettings(RecordSettings, total=False):
    """Rules, how to search, and how that is recorded.

    fixed: parameters held still. space: bounds that replace the declared ones. metrics: numbers kept for every set.
    resolution: grid points per parameter. options: of the method. ahead: batches that may be open beside the one that
    is evaluated. train_fraction: share of bars the search may see.
    robust: how robust scores such as worst_fold_sharpe_ratio are measured. constraints: what results have to keep, as
    texts ("trade_count >= 30") or functions of the metrics.
    """

    seed: int
    fixed: Mapping[str, object] | None
    space: object
    metrics: Iterable[str] | None
    resolution: int | None
    options: Mapping[str, object] | None
    ahead: int
    train_fraction: float
    robust: Robustness | None
    constraints: Sequence[object] | str | None
    progress: Progress | None


class ReplaySettings(SearchSettings, total=False):
    """What a search was asked with, to ask for one of its trials again."""

    objective: Callable[..., float | Sequence[float]] | None
    trials: int | None


class WalkForwardSettings(RecordSettings, total=False):
    """Rules, how the windows lie, how each is searched, and how that is recorded."""

    unit: Literal["days", "bars", "weeks", "months", "quarters", "years"]
    expanding: bool
    objective: str
    method: str
    trials: int | None
    seed: int
    fixed: Mapping[str, object] | None
    space: Mapping[str, object] | None
    options: Mapping[str, object] | None
    progress: Progress | None


class ValidationSettings(RecordSettings, total=False):
    """Rules, how to search, how the answer is judged, and how that is recorded.

    holdout: share of the bars at the end that nobody sees before the last step. open_holdout: False leaves it closed.
    train, test, step: windows of the walk-forward, in unit ("days"); parts of the bars where not given.
    cv_folds and cv_test_folds: combinatorial folds. blocks: of the overfitting probability. sensitivity_sets: sets run
    for the shares of variance of its parameters; 0 leaves that out. simulated_markets: histories per model on which the
    best set runs again; 0 leaves that out. The rest as for `optimize`.
    """

    seed: int
    fixed: Mapping[str, object] | None
    space: object
    resolution: int | None
    options: Mapping[str, object] | None
    constraints: Sequence[object] | str | None
    progress: Progress | None
    holdout: float
    open_holdout: bool
    train: float | None
    test: float | None
    step: float | None
    unit: Literal["days", "bars", "weeks", "months", "quarters", "years"] | None
    expanding: bool
    cv_folds: int
    cv_test_folds: int
    blocks: int
    sensitivity_sets: int
    simulated_markets: int


def searched_with(settings: ReplaySettings) -> SearchSettings:
    """Those settings that a search takes."""
    own = ReplaySettings.__annotations__.keys() - SearchSettings.__annotations__.keys()
    found: Any = {name: value for name, value in settings.items() if name not in own}
    searched: SearchSettings = found
    return searched


def rules_from(settings: RuleSettings) -> Rules:
    """The rules among the settings; what is not given has its default."""
    costs, exits, execution = settings.get("costs"), settings.get("exits"), settings.get("execution")
    chosen = (
        Execution()
        if execution is None
        else instance_of("execution", execution, Execution, 'at.Execution(fill="open")')
    )
    cash = settings.get("initial_cash")
    if cash is not None:
        chosen = replace(chosen, initial_cash=positive("initial_cash", cash, "100_000"))
    return Rules(
        Costs() if costs is None else instance_of("costs", costs, Costs, "at.Costs(commission=0.001)"),
        Exits() if exits is None else instance_of("exits", exits, Exits, "at.Exits(stop_loss=0.02)"),
        chosen,
        thread_count(settings.get("threads")),
    )


def thread_count(threads: object) -> int:
    """How many threads may work: as given, or one per core."""
    return max(1, os.cpu_count() or 1) if threads is None else whole("threads", threads, 1)


def search_from(method: object, trials: int | None, settings: SearchSettings | WalkForwardSettings) -> Search:
    """How to look: the method and the settings that steer it."""
    options = mapping("options", settings.get("options"), '{"batch_size": 64}')
    resolution = settings.get("resolution")
    if resolution is not None:
        options["resolution"] = resolution
    seed = whole("seed", settings.get("seed", 0))
    ahead = whole("ahead", settings.get("ahead", 0))
    if ahead > MOST_AHEAD:
        raise InvalidInput(f"ahead must be at most {MOST_AHEAD}; got {ahead}", fix="pass ahead=1, or a few more")
    return Search(text("method", method, "tpe"), trials, seed, options, ahead)


def progress_from(settings: SearchSettings | WalkForwardSettings | ValidationSettings) -> Progress | None:
    """Who is told how far the work is."""
    return callback("progress", settings.get("progress"))
