"""What sets are worth: the same number however it is asked for, in one call or many, with curves or without."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.app import BASIC_METRICS, Evaluator, Market, Rules, _evaluator, checked_metrics
from autonomous_trading.app._programs import Batch
from autonomous_trading.backtest import BACKTEST_METRICS, Costs, Execution, Exits, Request, RunResult
from autonomous_trading.core import InvalidInput, UnknownName
from tests.small_strategies import Cross, EverythingPlain, bars

MARKET = Market.of(bars(seed=6))
TWO_CLOCKS = Market.of({"A": bars(seed=6), "B": bars(seed=7)[60:250]})


def test_metrics_are_named_in_their_own_spelling_each_once() -> None:
    assert checked_metrics(["sharpe", "sharpe_ratio", "Max Drawdown", "minimize_volatility"]) == (
        "sharpe_ratio",
        "max_drawdown",
        "volatility",
    )
    assert checked_metrics(name for name in BASIC_METRICS) == BASIC_METRICS
    assert checked_metrics([]) == ()


@pytest.mark.parametrize("name", ["psr", "dsr", "pbo", "parameter_sensitivity", "parameter_stability_score"])
def test_numbers_of_a_whole_search_are_no_objectives(name: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^{name} is not a number of one backtest.*Fix: choose from total_return"):
        checked_metrics(["sharpe_ratio", name])


@pytest.mark.parametrize("name", [3, None, ["sharpe_ratio"], 1.5])
def test_what_is_no_text_names_no_metric(name: object) -> None:
    with pytest.raises(InvalidInput, match=r"^a metric is named by a text; got .* Fix: write \"sharpe_ratio\""):
        checked_metrics([name])


def test_unknown_metrics_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'sharpe_ratio'"):
        checked_metrics(["sharp_ratio"])


@pytest.mark.parametrize("market", [MARKET, TWO_CLOCKS])
def test_metrics_do_not_depend_on_what_else_is_asked_for(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = Evaluator.of(Cross, market, Rules(exits=Exits(stop_loss=0.03)))
    table = Cross.space().from_unit(np.random.default_rng(2).random((37, 2)))
    together = evaluator.measure(table, BACKTEST_METRICS, 10, 280)
    for name in BACKTEST_METRICS:
        np.testing.assert_array_equal(evaluator.measure(table, [name], 10, 280)[name], together[name])
    monkeypatch.setattr(_evaluator, "CURVE_BUDGET", 270 * 8 * 2 * 5)
    np.testing.assert_equal(evaluator.measure(table, BACKTEST_METRICS, 10, 280), together)
    monkeypatch.setattr(_evaluator, "CURVE_BUDGET", 1)
    np.testing.assert_equal(evaluator.measure(table, BACKTEST_METRICS, 10, 280), together)


def test_bound_batches_are_measured_over_any_span() -> None:
    evaluator = Evaluator.of(EverythingPlain, MARKET, Rules(threads=2))
    table = EverythingPlain.space().from_unit(np.random.default_rng(3).random((20, 8)))
    for span in ((0, 100), (50, 300), (299, 300)):
        found = np.full(20, np.nan)
        for batch in evaluator.batches(table):
            found[batch.rows] = evaluator.measure_batch(batch, ["total_return"], *span)["total_return"]
        np.testing.assert_array_equal(found, evaluator.measure(table, ["total_return"], *span)["total_return"])


@pytest.mark.parametrize("fill", ["open", "close", "same_close"])
@pytest.mark.parametrize("start", [0, 1, 40])
def test_buy_and_hold_buys_on_the_first_bar_it_can(fill: str, start: int) -> None:
    rules = Rules(Costs.free(), Exits(stop_loss=0.001), Execution(fill=fill, leverage=0.3, position_size=0.2))
    held = Evaluator.of(Cross, MARKET, rules).hold(start, 300, Request(curves=True, trades=True))
    assert held.curves is not None
    bought = start if start > 0 or fill == "same_close" else 1
    price = MARKET.bars.open[bought] if fill == "open" else MARKET.bars.close[bought]
    units = held.curves.units[0, 0]
    assert units[bought - start] * price == pytest.approx(100_000.0)
    assert (units[: bought - start] == 0.0).all()
    assert (units[bought - start :] == units[-1]).all()
    assert held.curves.equity[0, -1] == pytest.approx(100_000.0 * MARKET.bars.close[-1] / price)


def test_buy_and_hold_of_several_gives_each_an_equal_part_when_it_appears() -> None:
    held = Evaluator.of(Cross, TWO_CLOCKS, Rules(Costs.free())).hold(0, 300, Request(curves=True, trades=True))
    assert held.curves is not None
    units = held.curves.units[0]
    assert units[0, 1] * TWO_CLOCKS.bars.open[0, 1] == pytest.approx(50_000.0)
    assert (units[1, :60] == 0.0).all()
    row = int(np.flatnonzero(units[1])[0])
    equity = held.curves.cash[0, row - 1] + units[0, row] * TWO_CLOCKS.bars.open[0, row]
    assert row in (60, 61)
    assert units[1, row] * TWO_CLOCKS.bars.open[1, row] == pytest.approx(equity / 2)
    assert (units[1, row:] == units[1, -1]).all()


def test_instruments_share_one_account_in_equal_parts() -> None:
    evaluator = Evaluator.of(Cross, TWO_CLOCKS, Rules(execution=Execution(position_size=0.8)))
    shared = evaluator.options(3, {})
    np.testing.assert_allclose(shared.position_size * shared.leverage, 0.4)
    np.testing.assert_allclose(shared.leverage, 0.5, err_msg="each may take its part of the account, and no more")
    one = Evaluator.of(Cross, MARKET, Rules(execution=Execution(position_size=0.8)))
    np.testing.assert_allclose(one.options(3, {"position_size": np.full(3, 0.5)}).position_size, 0.5)


def test_threads_are_started_for_work_that_is_worth_them(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    run = Evaluator.run

    def counting(self: Evaluator, batch: Batch, start: int, stop: int, request: Request) -> RunResult:
        used.append(request.threads)
        return run(self, batch, start, stop, request)

    monkeypatch.setattr(Evaluator, "run", counting)
    evaluator = Evaluator.of(Cross, MARKET, Rules(threads=3))
    table = Cross.space().from_unit(np.random.default_rng(2).random((2_000, 2)))
    evaluator.measure(table, ["total_return"], 0, 300)
    evaluator.measure(table, ["total_return"], 0, 100)
    evaluator.measure(table, ["value_at_risk"], 0, 300)
    assert used == [3, 1, 3]


@pytest.mark.parametrize("name", ["stop_loss", "trailing_stop"])
def test_a_stop_that_no_price_reaches_is_refused(name: str) -> None:
    far = {name: np.array([0.02, np.nan, 2.5])}
    with pytest.raises(
        InvalidInput, match=rf"^{name} of Cross is 2.5: a fraction of the price is at most 1. Fix: .*atr"
    ):
        Evaluator.of(Cross, MARKET, Rules()).options(3, far)
    in_ranges = Evaluator.of(Cross, MARKET, Rules(exits=Exits(unit="atr"))).options(3, far)
    np.testing.assert_array_equal(getattr(in_ranges, name), far[name])
