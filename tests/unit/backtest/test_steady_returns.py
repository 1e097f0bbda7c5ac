"""Returns that hardly vary keep their digits: the spread is compared with exact fractions of the very same returns."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest

from autonomous_trading.backtest import Costs, Execution, Exits, Request, SetOptions, Simulator, metrics_of
from autonomous_trading.core import Bars, FloatArray, Panel
from tests.twins.kernel import direct

N = 3_000
DAY_NS = 86_400_000_000_000
YEAR = 252.0


def climbing(spread: float) -> Bars:
    """Prices that grow by 1e-3 a bar, give or take `spread`."""
    change = 1e-3 + spread * np.random.default_rng(8).standard_normal(N)
    close = np.asarray(100.0 * np.cumprod(1.0 + change), dtype=np.float64)
    opening = np.append(100.0, close[:-1])
    time = np.arange(N, dtype=np.int64) * DAY_NS
    return Bars(time, opening, np.maximum(opening, close), np.minimum(opening, close), close, np.full(N, 1e9))


def measured(bars: Bars | Panel, targets: FloatArray, costs: Costs) -> tuple[float, list[Fraction]]:
    """The Sharpe ratio of one row of targets from the second bar on, and the returns of its equity as exact fractions.

    A target of the first bar is filled at the open of the second one, so that every bar of the run may move.
    """
    execution = Execution(initial_cash=1024.0)
    simulator = Simulator(bars, costs, Exits(), execution)
    programs = [direct(targets[None, :])] * simulator.instruments
    share = 1.0 / simulator.instruments
    sets = SetOptions.of(1, Exits(), execution).scaled(share)
    result = simulator.run(programs, sets, 1, len(bars), request=Request(curves=True, extended=True))
    assert result.curves is not None
    equity = [1024.0, *result.curves.equity[0].tolist()]
    # As the engine rounds them: what is tested is how they are added up.
    returns = [Fraction(now / before - 1.0) for before, now in pairwise(equity)]
    return float(metrics_of(result.statistics.at(YEAR), ["sharpe_ratio"])["sharpe_ratio"][0]), returns


def exact_sharpe(returns: list[Fraction]) -> float:
    """Mean over standard deviation (ddof 1), without a rounding before the root."""
    mean = sum(returns, Fraction(0)) / len(returns)
    variance = sum(((each - mean) ** 2 for each in returns), Fraction(0)) / (len(returns) - 1)
    return float(mean) / sqrt(float(variance)) * sqrt(YEAR)


ALWAYS = np.ones(N)
IN_AND_OUT = np.where(np.arange(N) % 300 < 290, 1.0, 0.0)
RARELY = np.where(np.arange(N) % 1500 == 700, 1.0, 0.0)


@pytest.mark.parametrize("spread", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("targets", [ALWAYS, IN_AND_OUT, RARELY], ids=["always", "in and out", "rarely"])
@pytest.mark.parametrize("costs", [Costs.free(), Costs(cash_rate=0.03)], ids=["free", "interest on cash"])
def test_the_spread_of_steady_returns_has_all_its_digits(spread: float, targets: FloatArray, costs: Costs) -> None:
    sharpe, returns = measured(climbing(spread), targets, costs)
    assert sharpe == pytest.approx(exact_sharpe(returns), rel=1e-10)


def test_an_account_of_several_instruments_keeps_them_too() -> None:
    panel = Panel.of({"A": climbing(1e-9), "B": climbing(1e-9)})
    sharpe, returns = measured(panel, ALWAYS, Costs.free())
    assert sharpe == pytest.approx(exact_sharpe(returns), rel=1e-10)


def test_returns_that_do_not_vary_have_no_ratio() -> None:
    time = np.arange(64, dtype=np.int64) * DAY_NS
    close = np.exp2(np.arange(64.0))
    opening = np.append(1.0, close[:-1])
    bars = Bars(time, opening, close, opening, close, np.full(64, 1e9))
    sharpe, returns = measured(bars, np.ones(64), Costs.free())
    assert set(returns) == {Fraction(1)}
    assert np.isnan(sharpe)
