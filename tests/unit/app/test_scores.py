"""Robust scores: each equals what measuring its parts one by one gives."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.app import Evaluator, Market, Robustness, Rules, Scorer, sets_per_row
from autonomous_trading.backtest import Costs
from autonomous_trading.core import FloatArray, InvalidInput, ParameterTable, Space, resample
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing import random_walk

BARS = random_walk(1_200, seed=5, volatility=0.004, timeframe="1m")
CHOSEN = STRATEGIES["ma_cross"]
SPACE = CHOSEN.space()
SPAN = (0, 1_000)
EVALUATOR = Evaluator.of(CHOSEN, Market.of(BARS), Rules())
TABLE = SPACE.from_unit(np.random.default_rng(1).random((40, SPACE.dimension)))
TABLE = TABLE.take(SPACE.feasible(TABLE))


def scored(*metrics: str, **settings: object) -> dict[str, FloatArray]:
    """These scores of the table."""
    scorer = Scorer.of(EVALUATOR, SPAN, SPACE, Robustness(**settings), metrics)  # type: ignore[arg-type]
    return dict(scorer.measure(TABLE, metrics))


def same(left: FloatArray, right: FloatArray) -> None:
    np.testing.assert_array_equal(left, right)


def test_plain_metrics_are_those_of_the_evaluator() -> None:
    expected = EVALUATOR.measure(TABLE, ["sharpe_ratio", "max_drawdown"], *SPAN)
    found = scored("sharpe_ratio", "max_drawdown")
    for name, values in expected.items():
        same(found[name], values)


def test_the_worst_the_middle_and_the_mean_of_the_folds() -> None:
    names = ("worst_fold_total_return", "median_fold_total_return", "mean_fold_total_return", "worst_fold_max_drawdown")
    found = scored(*names, folds=4)
    spans = [(0, 250), (250, 500), (500, 750), (750, 1000)]
    parts = [EVALUATOR.measure(TABLE, ["total_return", "max_drawdown"], *span) for span in spans]
    returns = np.stack([part["total_return"] for part in parts])
    same(found["worst_fold_total_return"], returns.min(axis=0))
    same(found["median_fold_total_return"], np.median(returns, axis=0))
    same(found["mean_fold_total_return"], returns.mean(axis=0))
    same(found["worst_fold_max_drawdown"], np.stack([part["max_drawdown"] for part in parts]).max(axis=0))


def test_a_fold_without_a_value_leaves_no_worst_fold() -> None:
    found = scored("worst_fold_win_rate", "median_fold_win_rate", folds=60)
    assert np.isnan(found["worst_fold_win_rate"]).any()


def test_stressed_scores_are_those_at_higher_costs() -> None:
    rules = Rules(costs=Costs(commission=0.0015, slippage=0.0006))
    dear = Evaluator.of(CHOSEN, EVALUATOR.market, rules).measure(TABLE, ["sharpe_ratio"], *SPAN)
    same(scored("stressed_sharpe_ratio", cost_factor=3.0)["stressed_sharpe_ratio"], dear["sharpe_ratio"])


def test_timeframes_see_nothing_after_the_span() -> None:
    metrics = ("worst_timeframe_total_return", "mean_timeframe_total_return")
    found = scored(*metrics, timeframes=("5m", "15m"))
    returns = [EVALUATOR.measure(TABLE, ["total_return"], *SPAN)["total_return"]]
    for timeframe, rows in (("5m", 200), ("15m", 66)):
        coarse = Evaluator.of(CHOSEN, Market.of(resample(BARS, timeframe)), Rules())
        returns.append(coarse.measure(TABLE, ["total_return"], 0, rows)["total_return"])
    same(found[metrics[0]], np.stack(returns).min(axis=0))
    same(found[metrics[1]], np.stack(returns).mean(axis=0))


def test_a_plateau_is_the_middle_of_the_neighbourhood_and_counts_its_sets() -> None:
    metrics = ("plateau_total_return",)
    robustness = Robustness(neighbours=6, radius=0.1)
    scorer = Scorer.of(EVALUATOR, SPAN, SPACE, robustness, metrics)
    assert sets_per_row(metrics, robustness) == 7
    assert sets_per_row(["total_return"], robustness) == 1
    found = scorer.measure(TABLE, metrics)["plateau_total_return"]
    plain = EVALUATOR.measure(TABLE, ["total_return"], *SPAN)["total_return"]
    assert np.isfinite(found).any()
    assert not np.array_equal(found, plain)


def test_every_neighbour_is_another_set_near_by() -> None:
    space = Space.of({"n": (2, 10), "x": (0.0, 1.0), "one": (4, 4), "kind": ["a", "b"]})
    table = space.from_unit(np.random.default_rng(3).random((60, 4)))
    scorer = Scorer(EVALUATOR, SPAN, space, Robustness(neighbours=12, radius=0.05))
    for near, allowed in scorer._neighbours(table):
        assert allowed.all()
        assert (np.abs(near.column("n") - table.column("n")) == 1).all()
        moved = np.abs(near.column("x") - table.column("x"))
        assert (moved > 0.0).all()
        assert (moved <= 0.05).all()
        assert near.column("one").tolist() == table.column("one").tolist()
        assert near.column("kind").tolist() == table.column("kind").tolist()


def test_scores_do_not_depend_on_the_other_sets_of_a_table() -> None:
    metrics = ("worst_fold_sharpe_ratio", "plateau_sharpe_ratio", "stressed_sharpe_ratio")
    scorer = Scorer.of(EVALUATOR, SPAN, SPACE, Robustness(), metrics)
    whole = scorer.measure(TABLE, metrics)
    for row in range(0, len(TABLE), 5):
        alone = scorer.measure(TABLE.take([row]), metrics)
        for name in metrics:
            same(alone[name], whole[name][[row]])


@pytest.mark.parametrize(
    ("metrics", "settings", "match"),
    [
        (("worst_timeframe_sharpe_ratio",), {}, "need timeframes"),
        (("worst_timeframe_sharpe_ratio",), {"timeframes": ("1d",)}, "make no whole bar of 1d"),
        (("worst_fold_sharpe_ratio",), {"folds": 0}, "folds must be a whole number from 2"),
        (("plateau_sharpe_ratio",), {"neighbours": True}, "neighbours must be a whole number"),
        (("plateau_sharpe_ratio",), {"radius": 0.0}, "radius must be above 0"),
        (("stressed_sharpe_ratio",), {"cost_factor": 1.0}, "cost_factor must be above 1"),
        (("worst_timeframe_sharpe_ratio",), {"timeframes": ("5 minutes",)}, "is no timeframe"),
    ],
)
def test_what_cannot_be_scored_is_refused(metrics: tuple[str, ...], settings: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidInput, match=match):
        scored(*metrics, **settings)


def test_too_few_bars_for_the_folds() -> None:
    with pytest.raises(InvalidInput, match="20 bars cannot be cut into 11 folds"):
        Scorer.of(EVALUATOR, (0, 20), SPACE, Robustness(folds=11), ["worst_fold_total_return"])


def test_a_table_of_no_sets_has_no_scores() -> None:
    empty = ParameterTable({name: TABLE.column(name)[:0] for name in TABLE.names})
    scorer = Scorer.of(EVALUATOR, SPAN, SPACE, Robustness(), ["plateau_sharpe_ratio", "mean_fold_sharpe_ratio"])
    found = scorer.measure(empty, ["plateau_sharpe_ratio", "mean_fold_sharpe_ratio"])
    assert [len(values) for values in found.values()] == [0, 0]
