"""A search and everything that speaks for its best set or against it, made ready and run."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, final

from autonomous_trading.app import Found, Objective, Search, checked_metrics
from autonomous_trading.app.evidence import (
    SensitivitySettings,
    StressSizes,
    ValidationPlan,
    gathered,
    least_sobol_sets,
)
from autonomous_trading.core import InvalidInput, split_score
from autonomous_trading.interfaces.python._checks import positive, truth, whole
from autonomous_trading.interfaces.python._holdout import EarlierLooks, earlier_looks, record_validation
from autonomous_trading.interfaces.python._prepared import Prepared, prepared_strategy
from autonomous_trading.interfaces.python._prepared_walk import DEFAULT_FOLD_TRIALS
from autonomous_trading.interfaces.python._provenance import plain, span_facts
from autonomous_trading.interfaces.python._recording import VALIDATED, Recorder, Recording
from autonomous_trading.interfaces.python._settings import (
    SearchSettings,
    ValidationSettings,
    progress_from,
    search_from,
)
from autonomous_trading.interfaces.python._study import Study, Sweep
from autonomous_trading.interfaces.python._validation import HoldoutState, Validation
from autonomous_trading.search import ALIASES, METHODS
from autonomous_trading.validation import LEAST_PERIODS, SelectionPlan, Window, walk_forward_windows

DEFAULT_VALIDATION_TRIALS = 200
DEFAULT_SENSITIVITY_SETS = 600
LEAST_BARS = 300
"""Fewer bars cannot be cut into development, windows and a hold-out that say anything."""
_OWN = (
    "holdout",
    "open_holdout",
    "train",
    "test",
    "step",
    "unit",
    "expanding",
    "cv_folds",
    "cv_test_folds",
    "blocks",
    "sensitivity_sets",
    "simulated_markets",
)
_MOST_SETS = 1_000_000
_TRAINED_PARTS = 4
_TESTED_PARTS = 20


@final
@dataclass(frozen=True, slots=True)
class _Ready:
    """A search on the development bars, the rows of the hold-out, and how the answer will be judged."""

    prepared: Prepared
    sweep: Sweep
    plan: ValidationPlan
    holdout: tuple[int, int] | None
    open_holdout: bool


def validated(
    strategy: object, data: object, choosing: tuple[str, str, int | None], settings: ValidationSettings
) -> Validation:
    """The evidence on the best set of a search, and the judgement. choosing: objective, method, trials."""
    started = time.perf_counter()
    ready = _ready(strategy, data, choosing, settings)
    prepared, progress = ready.prepared, progress_from(settings)
    recorder = Recorder.of(settings)
    if recorder is not None:
        prepared.optimizer()  # what can be refused is refused before a ledger is made
        recorder = recorder.going_on(prepared.asked)
    found, recording = prepared.searched(recorder, progress)
    study = _study(ready, found, recording, time.perf_counter() - started)
    looks = _Looks(recorder, recording, ready)
    evidence = gathered(
        ready.sweep.evaluator,
        prepared.space,
        found,
        ready.plan,
        n_trials=study.lifetime_trials,
        opening=looks.open,
    )
    study = looks.counted(study)
    state = HoldoutState(ready.holdout, evidence.holdout is not None, ready.open_holdout, looks.earlier)
    validation = Validation(study, ready.sweep, evidence, ready.plan, state, time.perf_counter() - started)
    looks.record(validation)
    return validation


@final
class _Looks:
    """What the ledger knows of the hold-out, and is told of it; nothing where nothing is recorded."""

    def __init__(self, recorder: Recorder | None, recording: Recording | None, ready: _Ready) -> None:
        self._recorder, self._recording, self._ready = recorder, recording, ready
        self.earlier: EarlierLooks | None = None
        self._number: int | None = None

    def open(self) -> bool:
        """Record that the hold-out is opened now; whether nobody had seen it before, as far as is known."""
        if self._recorder is None or self._recording is None or self._ready.holdout is None:
            return True
        facts = plain(span_facts(self._ready.sweep.evaluator.market, self._ready.holdout))
        with self._recorder.opened() as ledger:
            job = ledger.job(self._recording.job)
            self.earlier = earlier_looks(ledger, job, facts)
            self._number = ledger.look(job.spec.project, job.id, {"kept_out": facts})
        return not self.earlier.jobs

    def counted(self, study: Study) -> Study:
        """The study with the look counted, where the hold-out was opened."""
        if self._number is None or study.recording is None:
            return study
        return replace(study, recording=replace(study.recording, looks=self._number))

    def record(self, validation: Validation) -> None:
        """Keep the judgement with its job."""
        if self._recorder is None or self._recording is None:
            return
        with self._recorder.opened() as ledger:
            record_validation(ledger, ledger.job(self._recording.job), plain(validation.judgement_facts))


def _ready(
    strategy: object, data: object, choosing: tuple[str, str, int | None], settings: ValidationSettings
) -> _Ready:
    objective, method, trials = choosing
    (goal,) = checked_metrics([objective])
    if split_score(goal)[0]:
        raise InvalidInput(f"a set is judged by one plain metric, not by {goal}", fix="use sharpe_ratio")
    share = _holdout_share(settings.get("holdout", 0.2))
    known: Any = {name: value for name, value in settings.items() if name not in _OWN}
    known["train_fraction"] = 1.0 - share
    searched: SearchSettings = known
    search = search_from(
        method, DEFAULT_VALIDATION_TRIALS if trials is None and method == "random" else trials, searched
    )
    prepared = prepared_strategy(strategy, data, [goal], search, searched)
    whole_sweep = prepared.sweep
    if whole_sweep is None:
        raise InvalidInput("a validation needs a strategy", fix='call at.validate("ma_cross", "sample:sp500")')
    evaluator, development, holdout = whole_sweep.evaluator, whole_sweep.in_sample, whole_sweep.out_of_sample
    _refuse_too_few(evaluator.market.n_bars, holdout)
    opens = truth("open_holdout", settings.get("open_holdout", True))
    sweep = Sweep(evaluator, development, None)
    plan = ValidationPlan(
        development=development,
        windows=_windows(evaluator.market.bars.time[: development[1]], settings),
        objective=Objective.of(goal),
        selection=_selection(settings),
        holdout=holdout if opens else None,
        search=_search_of_windows(search),
        stress=StressSizes(markets=whole("simulated_markets", settings.get("simulated_markets", 100))),
        sensitivity=_sensitivity(settings.get("sensitivity_sets"), prepared.space.dimension),
        seed=search.seed,
    )
    # What is kept out is not shown by the search: it is looked at last, if at all, and that is recorded then.
    asked = replace(prepared.asked, facts={**prepared.asked.facts, VALIDATED: _judging(plan)})
    closed = replace(prepared, sweep=sweep, asked=asked, places=replace(prepared.places, looks_at=None))
    return _Ready(closed, sweep, plan, holdout, opens)


def _refuse_too_few(n_bars: int, holdout: tuple[int, int] | None) -> None:
    """InvalidInput for too few bars to judge a strategy, or to open a hold-out for."""
    if n_bars < LEAST_BARS:
        raise InvalidInput(
            f"{n_bars:,} bars are too few to judge a strategy, at least {LEAST_BARS} are needed",
            fix="use more data; at.backtest says what happened on these",
        )
    kept_out = 0 if holdout is None else holdout[1] - holdout[0]
    if kept_out < LEAST_PERIODS:
        raise InvalidInput(
            f"a hold-out of {kept_out} bars says nothing, at least {LEAST_PERIODS} are needed",
            fix="keep a larger share of them out of sight, or use more data",
        )


def _judging(plan: ValidationPlan) -> dict[str, object]:
    """What decides beside the search: whoever asks with other windows or folds asks something else."""
    return {
        "windows": [[window.train.start, window.train.stop, window.test.stop] for window in plan.windows],
        "folds": plan.selection.folds,
        "test_folds": plan.selection.test_folds,
        "blocks": plan.selection.blocks,
    }


def _holdout_share(share: object) -> float:
    found = positive("holdout", share, "0.2")
    if found > 0.5:
        raise InvalidInput(f"holdout must be above 0 and at most 0.5; got {share!r}", fix="use 0.2, the last fifth")
    return found


def _search_of_windows(search: Search) -> Search | None:
    """How every window is searched: None for methods that propose the same sets whatever they are worth."""
    method = METHODS.get(ALIASES.get(search.method, search.method))
    if method is None or not method.learns:  # an unknown one is refused where it would start
        return None
    trials = DEFAULT_FOLD_TRIALS if search.trials is None else min(search.trials, DEFAULT_FOLD_TRIALS)
    return replace(search, trials=trials, ahead=0)


def _sensitivity(sets: object, dimension: int) -> SensitivitySettings:
    """Without sets for the indices the neighbours are still looked at: a rule asks for them."""
    least = least_sobol_sets(dimension)
    if sets is None:
        return SensitivitySettings(sobol_sets=max(DEFAULT_SENSITIVITY_SETS, least))
    found = whole("sensitivity_sets", sets)
    if found > _MOST_SETS:
        raise InvalidInput(f"sensitivity_sets must be at most {_MOST_SETS:,}; got {found:,}", fix="use 600")
    if dimension and 0 < found < least:
        raise InvalidInput(
            f"sensitivity_sets={found} are too few for {dimension} parameters: {least:,} is the least",
            fix="allow more, or pass 0 to leave the shares of variance out",
        )
    return SensitivitySettings(sobol_sets=found)


def _selection(settings: ValidationSettings) -> SelectionPlan:
    least = {"cv_folds": 3, "cv_test_folds": 1, "blocks": 4}
    usual = SelectionPlan()
    defaults = {"cv_folds": usual.folds, "cv_test_folds": usual.test_folds, "blocks": usual.blocks}
    given = {name: settings.get(name) for name in least}
    folds, tested, blocks = (
        defaults[name] if given[name] is None else whole(name, given[name], smallest)
        for name, smallest in least.items()
    )
    if tested >= folds:
        raise InvalidInput(
            f"cv_test_folds must be fewer than cv_folds, so that some are left to train on; got {tested} of {folds}",
            fix=f"use cv_test_folds={max(1, folds // 5)}",
        )
    return SelectionPlan(folds, tested, blocks, seed=whole("seed", settings.get("seed", 0)))


def _windows(times: Any, settings: ValidationSettings) -> tuple[Window, ...]:
    """Windows of the walk-forward: as asked for, or a quarter of the bars to train on and a twentieth to test.

    The set that is judged was chosen on all of the development bars: so every window chooses on all of its past.
    """
    unit = settings.get("unit")
    expanding = truth("expanding", settings.get("expanding", True))
    asked = {name: settings.get(name) for name in ("train", "test", "step")}
    if all(length is None for length in asked.values()):
        if unit is not None:
            raise InvalidInput(
                f"unit={unit!r} says what train and test count, and they are not given",
                fix="give train and test, or leave unit out",
            )
        train, test = len(times) // _TRAINED_PARTS, max(2, len(times) // _TESTED_PARTS)
        return walk_forward_windows(times, train=train, test=test, step=test, unit="bars", expanding=expanding)
    missing = [name for name in ("train", "test") if asked[name] is None]
    if missing:
        raise InvalidInput(
            f"a walk-forward needs train and test; not given: {' and '.join(missing)}",
            fix="give both, such as train=365 and test=90, or neither",
        )
    lengths = {name: positive(name, asked[name], example) for name, example in (("train", "365"), ("test", "90"))}
    lengths["step"] = lengths["test"] if asked["step"] is None else positive("step", asked["step"], "90")
    return walk_forward_windows(times, **lengths, unit=unit or "days", expanding=expanding)


def _study(ready: _Ready, found: Found, recording: Recording | None, seconds: float) -> Study:
    prepared = ready.prepared
    return Study(
        objectives=prepared.names,
        found=found,
        space=prepared.space,
        method=prepared.search.method,
        seed=prepared.search.seed,
        seconds=seconds,
        sweep=ready.sweep,
        asked=prepared.facts,
        recording=recording,
    )
