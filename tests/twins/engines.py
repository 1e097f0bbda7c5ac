"""Who answers the hand-worked examples: the twin, and whichever engine is added to the three lists below."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.twins.fill_contract import simulate_twin, simulate_twin_portfolio
from tests.twins.kernel import run_kernel, run_kernel_metrics, run_kernel_portfolio
from tests.twins.metrics import twin_metrics
from tests.twins.records import (
    DAY_NS,
    TwinCosts,
    TwinExits,
    TwinMarket,
    TwinPortfolioResult,
    TwinResult,
    TwinRun,
)

Engine = Callable[[TwinMarket, list[float], TwinCosts, TwinExits, TwinRun], TwinResult]
PortfolioEngine = Callable[
    [list[TwinMarket], list[list[bool]], list[list[float]], TwinCosts, TwinExits, TwinRun],
    TwinPortfolioResult,
]
MetricEngine = Callable[[TwinMarket, list[float], TwinCosts, TwinExits, TwinRun, float], dict[str, float]]

MONDAY_NS = 1_704_067_200_000_000_000  # 2024-01-01


def run_twin_metrics(
    market: TwinMarket,
    target: list[float],
    costs: TwinCosts,
    exits: TwinExits,
    run: TwinRun,
    bars_per_year: float,
) -> dict[str, float]:
    """Simulate with the twin and count with the twin."""
    result = simulate_twin(market, target, costs, exits, run)
    return twin_metrics(market, run, result, bars_per_year=bars_per_year)


ENGINES: dict[str, Engine] = {"twin": simulate_twin, "kernel": run_kernel}
PORTFOLIO_ENGINES: dict[str, PortfolioEngine] = {
    "twin": simulate_twin_portfolio,
    "kernel": run_kernel_portfolio,
}
METRIC_ENGINES: dict[str, MetricEngine] = {"twin": run_twin_metrics, "kernel": run_kernel_metrics}

Row = float | tuple[float, float, float, float]


def market(
    *rows: Row,
    volume: Sequence[float] | float = 1e6,
    atr: Sequence[float] | float = math.nan,
    sigma: Sequence[float] | float = math.nan,
    half_spread: Sequence[float] | float = 0.0,
    funding: Sequence[float] | float = 0.0,
    days: Sequence[int] | None = None,
) -> TwinMarket:
    """Bars from (open, high, low, close) rows, a bare number being a bar that stands still; one bar a day."""
    bars = [row if isinstance(row, tuple) else (row, row, row, row) for row in rows]
    n = len(bars)
    return TwinMarket(
        time=[MONDAY_NS + day * DAY_NS for day in (range(n) if days is None else days)],
        open=[bar[0] for bar in bars],
        high=[bar[1] for bar in bars],
        low=[bar[2] for bar in bars],
        close=[bar[3] for bar in bars],
        volume=_per_bar(volume, n),
        atr=_per_bar(atr, n),
        sigma=_per_bar(sigma, n),
        half_spread=_per_bar(half_spread, n),
        funding=_per_bar(funding, n),
    )


def play(
    engine: Engine,
    bars: TwinMarket,
    target: Sequence[float],
    *,
    costs: TwinCosts | None = None,
    exits: TwinExits | None = None,
    run: TwinRun | None = None,
) -> TwinResult:
    """Run one example: no costs, no exits, fill at the open, 1,000 of cash unless given."""
    return engine(bars, list(target), costs or TwinCosts(), exits or TwinExits(), run or TwinRun(stop=len(target)))


def about(expected: object) -> Any:
    """Equal to a number worked out by hand, up to the rounding of the last digits."""
    return pytest.approx(expected, rel=1e-12, abs=1e-9)


def _per_bar(value: Sequence[float] | float, n: int) -> list[float]:
    return [float(value)] * n if isinstance(value, int | float) else [float(v) for v in value]
