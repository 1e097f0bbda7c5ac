"""The compiled engine behind the interface of the twin, so that both answer the same examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autonomous_trading.backtest import (
    BACKTEST_METRICS,
    REASONS,
    Costs,
    Curves,
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

EVERYTHING = Request(extended=True, curves=True, trades=True)
ANY_CALENDAR = 252.0


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
    ours = Costs(**vars(costs), half_spread=np.array(market.half_spread), funding_rate=np.array(market.funding))
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
    return Bars(
        np.array(market.time, dtype=np.int64),
        np.array(market.open),
        np.array(market.high),
        np.array(market.low),
        np.array(market.close),
        np.array(market.volume),
    )


def as_trades(rows: FloatArray, slots: dict[int, int]) -> list[TwinTrade]:
    """The rows of the engine's trade log as records."""
    return [
        TwinTrade(
            entry_bar=int(entry),
            exit_bar=int(leave),
            side=int(side),
            units=units,
            entry_price=bought,
            exit_price=sold,
            costs=costs,
            gross_profit=gross,
            net_profit=net,
            reason=REASONS[int(reason)],
            instrument=slots[int(slot)],
        )
        for entry, leave, side, units, bought, sold, costs, gross, net, reason, slot in rows.tolist()
    ]


def carried(columns: dict[str, FloatArray], present: list[list[bool]]) -> None:
    """Where an instrument has no bar, a panel carries its last close."""
    for number, days in enumerate(present):
        for t, there in enumerate(days):
            if not there:
                last = columns["close"][number, t - 1] if t else np.nan
                for name in ("open", "high", "low", "close"):
                    columns[name][number, t] = last
                columns["volume"][number, t] = 0.0


def _totals(result: RunResult, slots: dict[int, int]) -> dict[str, Any]:
    statistics, curves = result.statistics, _curves(result)
    return {
        "equity": curves.equity[0].tolist(),
        "cash": curves.cash[0].tolist(),
        "trades": as_trades(_trades(result), slots),
        "costs_paid": float(statistics["COSTS_PAID"][0]),
        "turnover": float(statistics["TURNOVER"][0]),
        "fills": int(statistics["FILLS"][0]),
        "signals": int(statistics["SIGNALS"][0]),
        "cuts": int(statistics["CUTS"][0]),
        "financing": float(statistics["FINANCING"][0]),
        "ruined": bool(statistics["RUINED"][0]),
    }


def _curves(result: RunResult) -> Curves:
    assert result.curves is not None
    return result.curves


def _trades(result: RunResult) -> FloatArray:
    assert result.trades is not None
    return result.trades


def _run(simulator: Simulator, targets: Sequence[Sequence[float]], run: TwinRun) -> RunResult:
    """One set with everything recorded; targets [instrument][bar]."""
    programs = [direct(np.array([target], dtype=np.float64)) for target in targets]
    options = SetOptions.of(1, simulator.exits, simulator.execution)
    return simulator.run(programs, options, run.start, run.stop, request=EVERYTHING)


def _metrics(simulator: Simulator, result: RunResult, run: TwinRun, bars_per_year: float) -> dict[str, float]:
    statistics = result.statistics.at(bars_per_year)
    time = simulator.bars.time[run.start : run.stop]
    found = metrics_of(statistics, BACKTEST_METRICS)
    found |= curve_metrics(_curves(result).equity, time, statistics, BACKTEST_METRICS)
    return {name: float(values[0]) for name, values in found.items()}


def simulator_of(market: TwinMarket, costs: TwinCosts, exits: TwinExits, run: TwinRun) -> Simulator:
    """The engine on one instrument."""
    return Simulator(
        as_bars(market), *settings(costs, exits, run, market), np.array(market.atr), np.array(market.sigma)
    )


def portfolio_simulator_of(
    markets: list[TwinMarket], present: list[list[bool]], costs: TwinCosts, exits: TwinExits, run: TwinRun
) -> Simulator:
    """The engine on several instruments."""
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
    ours = Costs(**vars(costs), half_spread=spread, funding_rate=funding)
    atr, sigma = np.array([each.atr for each in markets]), np.array([each.sigma for each in markets])
    return Simulator(panel, ours, their_exits, execution, atr, sigma)


def measure_kernel(
    market: TwinMarket, target: list[float], costs: TwinCosts, exits: TwinExits, run: TwinRun, bars_per_year: float
) -> tuple[TwinResult, dict[str, float]]:
    """Simulate and count with the compiled engine, at the given number of bars per year."""
    simulator = simulator_of(market, costs, exits, run)
    result = _run(simulator, [target], run)
    whole = TwinResult(**_totals(result, simulator.slots), units=_curves(result).units[0, 0].tolist())
    return whole, _metrics(simulator, result, run, bars_per_year)


def measure_kernel_portfolio(
    markets: list[TwinMarket],
    present: list[list[bool]],
    targets: list[list[float]],
    costs: TwinCosts,
    exits: TwinExits,
    run: TwinRun,
    bars_per_year: float,
) -> tuple[TwinPortfolioResult, dict[str, float]]:
    """The same for several instruments on one account."""
    simulator = portfolio_simulator_of(markets, present, costs, exits, run)
    result = _run(simulator, targets, run)
    whole = TwinPortfolioResult(**_totals(result, simulator.slots), units=_curves(result).units[0].tolist())
    return whole, _metrics(simulator, result, run, bars_per_year)


def run_kernel(market: TwinMarket, target: list[float], costs: TwinCosts, exits: TwinExits, run: TwinRun) -> TwinResult:
    """Simulate with the compiled engine."""
    return measure_kernel(market, target, costs, exits, run, ANY_CALENDAR)[0]


def run_kernel_portfolio(
    markets: list[TwinMarket],
    present: list[list[bool]],
    targets: list[list[float]],
    costs: TwinCosts,
    exits: TwinExits,
    run: TwinRun,
) -> TwinPortfolioResult:
    """Simulate several instruments with the compiled engine."""
    return measure_kernel_portfolio(markets, present, targets, costs, exits, run, ANY_CALENDAR)[0]


def run_kernel_metrics(
    market: TwinMarket, target: list[float], costs: TwinCosts, exits: TwinExits, run: TwinRun, bars_per_year: float
) -> dict[str, float]:
    """Count with the compiled engine."""
    return measure_kernel(market, target, costs, exits, run, bars_per_year)[1]
