"""The compiled engine behind the interface of the twin, so that both answer the same examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autonomous_trading.backtest import (
    BACKTEST_METRICS,
    REASONS,
    Costs,
    Execution,
    Exits,
    Request,
    RunResult,
    SetOptions,
    Simulator,
    curve_metrics,
    metrics_of,
)
from autonomous_trading.core import Bars, BoundProgram, FloatArray, Panel
from tests.twins.records import TwinCosts, TwinExits, TwinMarket, TwinPortfolioResult, TwinResult, TwinRun, TwinTrade


def direct(targets: FloatArray) -> BoundProgram:
    """The program that reads targets [n_sets, n_bars] as they are."""
    return BoundProgram(
        code=np.zeros((1, 5), dtype=np.int64),
        n_registers=1,
        result=0,
        is_condition=False,
        halo=0,
        rows=np.arange(len(targets), dtype=np.int64)[:, None],
        scalars=np.empty((len(targets), 0)),
        matrix=targets,
    )


def settings(costs: TwinCosts, exits: TwinExits, run: TwinRun, market: TwinMarket) -> tuple[Costs, Exits, Execution]:
    """The twin's settings in the engine's nouns."""
    theirs = {name: getattr(costs, name) for name in vars(costs)}
    ours = Costs(**theirs, half_spread=np.array(market.half_spread), funding_rate=np.array(market.funding))
    execution = Execution(
        fill=run.fill,
        leverage=run.leverage,
        position_size=run.scale / run.leverage,
        rebalance_band=run.rebalance_band,
        initial_cash=run.initial_cash,
    )
    return ours, Exits(**vars(exits)), execution


def as_bars(market: TwinMarket) -> Bars:
    """The twin's lists as bars."""
    prices = [np.array(values) for values in (market.open, market.high, market.low, market.close, market.volume)]
    return Bars(np.array(market.time, dtype=np.int64), *prices)


def as_trades(rows: FloatArray, slots: dict[int, int]) -> list[TwinTrade]:
    """The rows of the engine's trade log as records."""
    return [
        TwinTrade(
            int(row[0]), int(row[1]), int(row[2]), row[3], row[4], row[5], row[6], row[7], row[8],
            REASONS[int(row[9])], slots[int(row[10])],
        )
        for row in rows
    ]  # fmt: skip


def carried(columns: dict[str, FloatArray], present: list[list[bool]]) -> None:
    """Where an instrument has no bar, a panel carries its last close."""
    for number, days in enumerate(present):
        for t, there in enumerate(days):
            if not there:
                last = columns["close"][number, t - 1] if t else np.nan
                for name in ("open", "high", "low", "close"):
                    columns[name][number, t] = last
                columns["volume"][number, t] = 0.0


def _totals(result: RunResult, slots: dict[int, int]) -> dict[str, object]:
    statistics = result.statistics
    assert result.curves is not None
    assert result.trades is not None
    return {
        "equity": result.curves.equity[0].tolist(),
        "cash": result.curves.cash[0].tolist(),
        "trades": as_trades(result.trades, slots),
        "costs_paid": float(statistics["COSTS_PAID"][0]),
        "turnover": float(statistics["TURNOVER"][0]),
        "fills": int(statistics["FILLS"][0]),
        "signals": int(statistics["SIGNALS"][0]),
        "cuts": int(statistics["CUTS"][0]),
        "financing": float(statistics["FINANCING"][0]),
        "ruined": bool(statistics["RUINED"][0]),
    }


def _play(
    market: TwinMarket, target: Sequence[float], costs: TwinCosts, exits: TwinExits, run: TwinRun
) -> tuple[RunResult, Bars]:
    bars = as_bars(market)
    ours = settings(costs, exits, run, market)
    simulator = Simulator(bars, *ours, np.array(market.atr), np.array(market.sigma))
    programs = [direct(np.array([target], dtype=np.float64))]
    options = SetOptions.of(1, simulator.exits, simulator.execution)
    request = Request(extended=True, curves=True, trades=True)
    return simulator.run(programs, options, run.start, run.stop, request=request), bars


def run_kernel(
    market: TwinMarket, target: list[float], costs: TwinCosts, exits: TwinExits, run: TwinRun
) -> TwinResult:
    """Simulate with the compiled engine."""
    result, _ = _play(market, target, costs, exits, run)
    assert result.curves is not None
    return TwinResult(**_totals(result, {0: 0}), units=result.curves.units[0, 0].tolist())  # type: ignore[arg-type]


def run_kernel_portfolio(
    markets: list[TwinMarket],
    present: list[list[bool]],
    targets: list[list[float]],
    costs: TwinCosts,
    exits: TwinExits,
    run: TwinRun,
) -> TwinPortfolioResult:
    """Simulate several instruments with the compiled engine."""
    columns = {
        name: np.array([getattr(each, name) for each in markets], dtype=np.float64)
        for name in ("open", "high", "low", "close", "volume")
    }
    names = tuple(f"I{number}" for number in range(len(markets)))
    carried(columns, present)
    time = np.array(markets[0].time, dtype=np.int64)
    panel = Panel(names, time, **columns, present=np.array(present))
    _, their_exits, execution = settings(costs, exits, run, markets[0])
    spread = np.array([each.half_spread for each in markets])
    funding = np.array([each.funding for each in markets])
    ours = Costs(**{name: getattr(costs, name) for name in vars(costs)}, half_spread=spread, funding_rate=funding)
    atr, sigma = np.array([each.atr for each in markets]), np.array([each.sigma for each in markets])
    simulator = Simulator(panel, ours, their_exits, execution, atr, sigma)
    programs = [direct(np.array([target], dtype=np.float64)) for target in targets]
    options = SetOptions.of(1, simulator.exits, simulator.execution)
    request = Request(extended=True, curves=True, trades=True)
    result = simulator.run(programs, options, run.start, run.stop, request=request)
    slots = simulator.slots
    assert result.curves is not None
    return TwinPortfolioResult(**_totals(result, slots), units=result.curves.units[0].tolist())  # type: ignore[arg-type]


def run_kernel_metrics(
    market: TwinMarket,
    target: list[float],
    costs: TwinCosts,
    exits: TwinExits,
    run: TwinRun,
    bars_per_year: float,
) -> dict[str, float]:
    """Simulate and count with the compiled engine, at the given number of bars per year."""
    result, bars = _play(market, target, costs, exits, run)
    assert result.curves is not None
    statistics = result.statistics.at(bars_per_year)
    found = metrics_of(statistics, BACKTEST_METRICS)
    found |= curve_metrics(result.curves.equity, bars.time[run.start : run.stop], statistics, BACKTEST_METRICS)
    return {name: float(values[0]) for name, values in found.items()}
