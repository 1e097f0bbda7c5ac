"""The whole evidence on a set: the same for the same seed, blind for the hold-out until it is opened, last and once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from autonomous_trading.app import (
    Evaluator,
    Found,
    Market,
    Objective,
    Rules,
    Search,
    backtest,
    run_search,
    walk_forward,
)
from autonomous_trading.app.evidence import (
    Evidence,
    SensitivitySettings,
    StressSizes,
    ValidationPlan,
    gathered,
    least_sobol_sets,
)
from autonomous_trading.app.evidence._out_of_sample import sharpes_of_both
from autonomous_trading.core import FloatArray, InvalidInput, NothingToReport, Space
from autonomous_trading.strategies import Columns, SignalsLike, Strategy
from autonomous_trading.testing.markets import random_walk, trending
from autonomous_trading.validation import (
    LEAST_TRADES,
    Decision,
    Outcome,
    SelectionPlan,
    periods_to_tell,
    return_moments,
    walk_forward_windows,
)
from tests.small_strategies import Changeable, Cross, Never, Sized, bars, spliced

N, SPLIT = 320, 256
GOOD = trending(N, seed=3, drift=0.006)
"""So good that nothing before the hold-out speaks against the best set."""
OTHER_FUTURE = spliced(GOOD, random_walk(N, seed=77, start=float(GOOD.close[SPLIT - 1])), SPLIT)
BAD = random_walk(N, seed=5)
SIZES = StressSizes(factors=(0.0, 1.0, 2.0), delays=(0, 1), damaged=2, neighbours=4, tickets=60, markets=0, paths=20)


class Plain(Strategy):
    """Nothing to choose."""

    def signals(self, see: Columns) -> SignalsLike:
        return see.close > see.sma(10)


class Case(NamedTuple):
    """A search, and how its best set is judged."""

    evaluator: Evaluator
    space: Space
    found: Found
    plan: ValidationPlan


def case(
    strategy: type[Strategy], data: Any, objective: str = "sharpe_ratio", *, trials: int = 10, **plan: Any
) -> Case:
    """A small search of the bars before the hold-out."""
    market = Market.of(data)
    evaluator = Evaluator.of(strategy, market, Rules())
    goal = Objective.of(objective)
    space = strategy.space()

    def measure(table: Any) -> dict[str, FloatArray]:
        return evaluator.measure(table, (goal.name, "trade_count"), 0, SPLIT)

    chosen = ValidationPlan(
        development=(0, SPLIT),
        windows=walk_forward_windows(market.bars.time[:SPLIT], train=64, test=16, step=16, unit="bars"),
        objective=goal,
        selection=SelectionPlan(folds=4, test_folds=2, blocks=6, repetitions=100),
        holdout=(SPLIT, market.n_bars) if market.n_bars > SPLIT else None,
        stress=SIZES,
        sensitivity=SensitivitySettings(points=3, neighbours=6, sobol_sets=0),
        seed=1,
    )
    return Case(
        evaluator, space, run_search(space, measure, [goal], Search("random", trials, 3)), replace(chosen, **plan)
    )


def evidence(given: Case, opening: Any = lambda: True, **more: Any) -> Evidence:
    """What is gathered on it."""
    count = more.pop("n_trials", len(given.found.trials))
    return gathered(*given, n_trials=count, opening=opening, **more)


def known_before(found: Evidence) -> str:
    """Everything that is known before the hold-out is opened, to the last bit."""
    choice, record = found.choice, found.out_of_sample
    numbers = (
        found.parameters,
        found.in_sample.metrics,
        found.held.metrics,
        choice.traded,
        choice.beyond,
        choice.design,
        choice.periods,
        [(fold.window, fold.parameters, fold.out_of_sample) for fold in found.walk_forward.folds],
        record.returns.tolist(),
        record.market.tolist(),
        (record.traded, record.beyond),
        found.stress.to_dict(),
        None if found.sensitivity is None else found.sensitivity.to_dict(),
        found.causality.clean,
    )
    with np.printoptions(threshold=100_000, floatmode="unique"):
        return repr(numbers)


@pytest.fixture(scope="module")
def good() -> Evidence:
    return evidence(case(Cross, GOOD))


def test_the_same_seed_gives_the_same_evidence(good: Evidence) -> None:
    again = evidence(case(Cross, GOOD))
    assert known_before(again) == known_before(good)
    assert repr(again.figures) == repr(good.figures)
    assert again.judgement == good.judgement
    other = evidence(case(Cross, GOOD, seed=2))
    assert (
        other.stress.jitter.nearby.values["sharpe_ratio"].tolist()
        != good.stress.jitter.nearby.values["sharpe_ratio"].tolist()
    )


def test_evidence_before_the_hold_out_is_that_of_bars_that_end_before_it() -> None:
    """The truncation law: what has not happened yet changes nothing, from the search to the rules."""
    closed, short = (evidence(case(Cross, each, holdout=None)) for each in (GOOD, GOOD[:SPLIT]))
    assert known_before(short) == known_before(closed)
    assert repr(short.figures) == repr(closed.figures)
    assert short.judgement == closed.judgement


def test_other_prices_in_the_hold_out_of_several_instruments_change_nothing_before_it() -> None:
    second = trending(N, seed=9, drift=0.006)
    calm, wild = (evidence(case(Cross, {"A": each, "B": second})) for each in (GOOD, OTHER_FUTURE))
    assert known_before(wild) == known_before(calm)
    assert repr(wild.holdout) != repr(calm.holdout) or calm.holdout is None


def test_other_prices_in_the_hold_out_change_the_hold_out_alone(good: Evidence) -> None:
    other = evidence(case(Cross, OTHER_FUTURE))
    assert good.holdout is not None
    assert other.holdout is not None
    assert known_before(other) == known_before(good)
    assert other.holdout.performance.metrics != good.holdout.performance.metrics
    assert other.figures != good.figures


def test_the_hold_out_is_opened_once() -> None:
    opened: list[int] = []

    def opening() -> bool:
        opened.append(1)
        return True

    assert evidence(case(Cross, GOOD), opening).holdout is not None
    assert opened == [1]


def test_what_could_not_be_recorded_ends_there() -> None:
    class Full(Exception):
        """No room for the ledger."""

    def opening() -> bool:
        raise Full

    with pytest.raises(Full):
        evidence(case(Cross, GOOD), opening)


def test_the_hold_out_is_the_backtest_of_the_set_there(good: Evidence) -> None:
    assert good.holdout is not None
    plain = backtest(Cross(**good.parameters), Market.of(GOOD), Rules(), (SPLIT, N)).performance
    np.testing.assert_array_equal(good.holdout.performance.equity, plain.equity)
    assert good.holdout.performance.span == (SPLIT, N)
    assert good.figures.holdout is not None
    assert good.figures.holdout.sharpe.traded == pytest.approx(plain.metrics["sharpe_ratio"], rel=1e-9)


def test_bars_nobody_had_seen_lengthen_the_record(good: Evidence) -> None:
    assert good.holdout is not None
    record = good.out_of_sample
    figures = good.figures
    assert figures.trades == len(record.performance.trades) + len(good.holdout.performance.trades)
    assert figures.periods == len(record.returns) + N - SPLIT
    traded, _ = sharpes_of_both(record, good.holdout, np.random.default_rng(0))
    assert figures.out_of_sample.traded == traded.estimate
    assert figures.out_of_sample_lower.traded == pytest.approx(traded.lower, abs=0.3)


def test_bars_seen_before_tell_nothing_new(good: Evidence) -> None:
    seen = evidence(case(Cross, GOOD), lambda: False)
    closed = evidence(case(Cross, GOOD, holdout=None))
    assert seen.figures.holdout is not None
    assert seen.figures.holdout.fresh is False
    assert repr(replace(seen.figures, holdout=None)) == repr(closed.figures)
    (finding,) = [each for each in seen.judgement.findings if each.rule == "holdout"]
    assert finding.outcome is Outcome.UNDECIDED
    assert "it had been opened before: only newer bars can tell" in finding.words
    assert closed.holdout is None
    assert repr(closed.figures) != repr(good.figures)


def test_what_is_rejected_keeps_the_hold_out_closed() -> None:
    def opening() -> bool:
        pytest.fail("it was opened")

    found = evidence(case(Cross, BAD), opening)
    assert found.judgement.decision is Decision.REJECT
    assert found.holdout is None
    assert found.figures.holdout is None


def test_what_stays_closed_is_not_opened() -> None:
    def opening() -> bool:
        pytest.fail("it was opened")

    assert evidence(case(Cross, GOOD, holdout=None), opening).holdout is None


def test_the_whole_life_of_a_project_deflates(good: Evidence) -> None:
    later = evidence(case(Cross, GOOD), n_trials=1_000)
    assert (good.n_trials, later.n_trials) == (10, 1_000)
    for name in ("traded", "beyond"):
        before, after = getattr(good.choice, name), getattr(later.choice, name)
        assert after.dsr < before.dsr
        assert after.dsr_effective <= before.dsr_effective
        assert after.moments == before.moments
    assert later.figures.dsr_effective.lowest() <= good.figures.dsr_effective.lowest()


def test_figures_are_those_of_the_evidence() -> None:
    found = evidence(case(Cross, GOOD, holdout=None))
    figures, choice = found.figures, found.choice
    assert found.sensitivity is not None
    assert choice.traded.overfitting is not None
    assert choice.beyond.ability is not None
    assert figures.clean is True
    assert figures.trades == len(found.walk_forward.stitched.trades)
    assert figures.periods == len(found.out_of_sample.returns) == 192
    assert figures.out_of_sample == found.out_of_sample.estimates
    assert figures.pbo.traded == choice.traded.overfitting.pbo
    assert figures.ability.beyond == choice.beyond.ability.consistent
    assert figures.dsr_effective == (choice.traded.dsr_effective, choice.beyond.dsr_effective)
    assert figures.random_entry == found.stress.entry.p_values["sharpe_ratio"]
    assert figures.delayed == found.stress.delays.metrics["sharpe_ratio"][1]
    assert figures.break_even == found.stress.costs.break_even
    assert figures.plateau == found.sensitivity.neighbourhood.plateau_score
    assert figures.costs_on is True
    assert found.evaluated == found.stress.evaluated + found.sensitivity.evaluated


def test_in_sample_is_what_the_search_found(good: Evidence) -> None:
    given = case(Cross, GOOD)
    best = float(np.nanmax(given.found.trials.metric("sharpe_ratio")))
    assert good.in_sample.metrics["sharpe_ratio"] == pytest.approx(best, rel=1e-12)
    assert good.in_sample.span == good.held.span == (0, SPLIT)
    root = math.sqrt(good.choice.periods_per_year)
    assert good.choice.traded.moments.sharpe * root == pytest.approx(best, rel=1e-9)


def test_without_the_delay_of_a_bar_nothing_is_known_of_it() -> None:
    found = evidence(case(Cross, BAD, stress=replace(SIZES, delays=(0, 2))))
    assert math.isnan(found.figures.delayed)


def test_without_parameters_there_is_nothing_to_choose() -> None:
    found = evidence(case(Plain, GOOD, trials=5))
    assert (found.choice.traded.n_sets, found.sensitivity, found.choice.design) == (1, None, None)
    assert found.figures.plateau is None
    assert math.isnan(found.figures.pbo.traded)
    # One set is one test: whether it earns, and in which halves it loses, can be asked all the same.
    assert 0.0 < found.figures.ability.traded <= 1.0
    assert 0.0 <= found.figures.losing.traded <= 1.0
    outcomes = {each.rule: each.outcome for each in found.judgement.findings}
    assert outcomes["plateau"] is Outcome.PASSED
    assert found.evaluated == found.stress.evaluated


def test_one_parameter() -> None:
    found = evidence(case(Changeable, GOOD))
    assert found.sensitivity is not None
    assert [curve.name for curve in found.sensitivity.curves] == ["window"]


def test_always_long_is_rejected_in_a_market_that_rises() -> None:
    rising = random_walk(N, seed=3, drift=0.003)
    found = evidence(case(Sized, rising, trials=4))
    assert found.out_of_sample.estimates.traded > 1.0
    assert found.judgement.decision is Decision.REJECT


@pytest.mark.parametrize("objective", ["max_drawdown", "total_return", "calmar_ratio"])
def test_other_objectives_choose_other_sets(objective: str) -> None:
    given = case(Cross, GOOD, objective)
    found = evidence(given)
    column = given.found.trials.metric(objective)
    best = np.nanmin(column) if objective == "max_drawdown" else np.nanmax(column)
    assert found.in_sample.metrics[objective] == pytest.approx(float(best), rel=1e-12)
    assert {objective} <= set(found.walk_forward.folds[0].in_sample)


def test_where_no_set_trades_there_is_nothing_to_judge() -> None:
    with pytest.raises(NothingToReport, match=r"none of the 8 evaluated sets traded.*widen the bounds"):
        evidence(case(Never, GOOD))


def test_a_best_set_that_never_traded_passes_nothing() -> None:
    """Its return is as good as that of the others: 0."""
    found = evidence(case(Never, GOOD, "total_return"))
    assert found.judgement.decision is Decision.REJECT
    passed = {each.rule for each in found.judgement.of(Outcome.PASSED)}
    assert passed == {"look_ahead"}
    assert found.years_needed == math.inf


def test_fewer_periods_than_bars() -> None:
    found = evidence(case(Cross, GOOD, most_periods=100))
    assert found.choice.periods.bars == 3
    assert len(found.choice.periods.ends) == 86
    assert found.choice.design is None  # too few periods for other windows
    assert found.choice.periods_per_year == 84.0
    assert len(found.out_of_sample.returns) == 64
    assert found.years_needed >= 0.0


def test_too_few_periods_are_refused() -> None:
    with pytest.raises(InvalidInput, match="10 periods are too few to judge a choice, 16 are needed"):
        evidence(case(Cross, GOOD, most_periods=10))


def test_the_windows_used_have_their_place_among_others(good: Evidence) -> None:
    design = good.choice.design
    assert design is not None
    assert 0.0 <= design.own_percentile <= 1.0
    long = walk_forward_windows(GOOD.time[:SPLIT], train=200, test=50, step=50, unit="bars")
    wide = evidence(case(Cross, GOOD, windows=long)).choice.design
    assert wide is not None
    assert math.isfinite(wide.own_percentile)


def test_years_needed_count_what_there_is(good: Evidence) -> None:
    seen = evidence(case(Cross, GOOD), lambda: False)
    for found in (good, seen):
        undecided = {each.rule for each in found.judgement.of(Outcome.UNDECIDED)}
        have, trades = found.figures.periods, found.figures.trades
        rate = have * LEAST_TRADES / trades if trades < LEAST_TRADES else 0.0
        needed = max(
            found.periods_needed if "out_of_sample" in undecided else 0.0,
            rate if "sample" in undecided else 0.0,
        )
        assert found.years_needed == max(0.0, needed - have) / 252.0
    assert good.figures.periods == seen.figures.periods + N - SPLIT
    record = seen.out_of_sample
    each_needs = [
        periods_to_tell(sharpe, skew=skew, kurtosis=kurtosis)
        for sharpe, _, skew, kurtosis in map(return_moments, (record.returns, record.left))
    ]
    assert seen.periods_needed == max(each_needs)


def test_a_method_that_learns_searches_every_window_anew() -> None:
    search = Search("tpe", 6, 3)
    given = case(Cross, GOOD, search=search)
    found = evidence(given)
    plain = walk_forward(given.evaluator, given.space, given.plan.windows, search, given.plan.objective)
    assert found.learned is True
    assert found.walk_forward.evaluated == 6 * len(given.plan.windows)
    np.testing.assert_array_equal(found.walk_forward.stitched.equity, plain.stitched.equity)


@pytest.mark.parametrize("dimension", [1, 2, 40])
def test_the_least_number_of_sets_for_indices(dimension: int) -> None:
    assert least_sobol_sets(dimension) == 16 * (dimension + 2)


def test_a_market_without_a_pattern_is_what_it_is() -> None:
    assert evidence(case(Cross, bars(seed=8, n=N))).judgement.decision is not Decision.PAPER
