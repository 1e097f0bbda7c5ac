"""Where the compiled engine and its twin differ on one example: nowhere, when both obey the contract.

Counts, bars, sides and reasons have to be the same. Numbers may differ by rounding, although today they do not differ
at all: both evaluate the formulas of the contract in the order in which they are written there. That is also why no
example has to be left out: where a rounding error would decide (an order that just fills, equity of exactly zero), it
decides for both in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.twins.fill_contract import simulate_twin, simulate_twin_portfolio
from tests.twins.kernel import measure_kernel, measure_kernel_portfolio
from tests.twins.markets import Case, PortfolioCase
from tests.twins.metrics import RunRecord, mean, statistics_of, twin_metrics
from tests.twins.records import TwinMarket, TwinTotals, TwinTrade

TOLERANCE = 1e-9
BARS_PER_YEAR = 252.0
EXACT = ("fills", "signals", "cuts", "ruined")
SUMS = ("costs_paid", "turnover", "financing")
SAME_IN_TRADES = ("entry_bar", "exit_bar", "side", "reason", "instrument")


@dataclass
class Comparison:
    """One example answered twice: what differs, whether even the bits agree, and the answer of the twin."""

    differences: list[str]
    same_bits: bool
    twin: TwinTotals


def compare(case: Case) -> Comparison:
    """Both answers for one instrument."""
    arguments = (case.market, case.target, case.costs, case.exits, case.run)
    ours, our_metrics = measure_kernel(*arguments, BARS_PER_YEAR)
    theirs = simulate_twin(*arguments)
    differences = _totals(ours, theirs) + _series("units", ours.units, theirs.units)
    their_metrics = twin_metrics(case.market, case.run, theirs, bars_per_year=BARS_PER_YEAR)
    same_bits = _same_bits(ours, theirs) and ours.units == theirs.units
    return Comparison(differences + _metrics(our_metrics, their_metrics), same_bits, theirs)


def compare_portfolio(case: PortfolioCase) -> Comparison:
    """Both answers for several instruments on one account."""
    arguments = (case.markets, case.present, case.targets, case.costs, case.exits, case.run)
    ours, our_metrics = measure_kernel_portfolio(*arguments, BARS_PER_YEAR)
    theirs = simulate_twin_portfolio(*arguments)
    differences = _totals(ours, theirs)
    for number, (mine, other) in enumerate(zip(ours.units, theirs.units, strict=True)):
        differences += _series(f"units of {number}", mine, other)
    record = RunRecord(
        time=case.markets[0].time,
        start=case.run.start,
        initial_cash=case.run.initial_cash,
        totals=theirs,
        held=[any(units != 0 for units in bar) for bar in zip(*theirs.units, strict=True)],
        benchmark=[mean([_change(market, t) for market in case.markets]) for t in range(case.run.start, case.run.stop)],
        bars_per_year=BARS_PER_YEAR,
    )
    same_bits = _same_bits(ours, theirs) and ours.units == theirs.units
    return Comparison(differences + _metrics(our_metrics, statistics_of(record)), same_bits, theirs)


def _change(market: TwinMarket, t: int) -> float:
    """Return of holding one instrument over bar t; nothing before it has a price."""
    if t == 0 or math.isnan(market.close[t - 1]):
        return 0.0
    return market.close[t] / market.close[t - 1] - 1


def _totals(ours: TwinTotals, theirs: TwinTotals) -> list[str]:
    found = [
        f"{name}: engine {getattr(ours, name)}, twin {getattr(theirs, name)}"
        for name in EXACT
        if getattr(ours, name) != getattr(theirs, name)
    ]
    for name in SUMS:
        found += number_differs(name, getattr(ours, name), getattr(theirs, name))
    found += _series("equity", ours.equity, theirs.equity) + _series("cash", ours.cash, theirs.cash)
    return found + _trades(ours.trades, theirs.trades)


def _trades(ours: list[TwinTrade], theirs: list[TwinTrade]) -> list[str]:
    if len(ours) != len(theirs):
        return [f"trades: engine {len(ours)}, twin {len(theirs)}"]
    found = []
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        for name, value in vars(mine).items():
            expected = getattr(other, name)
            what = f"{name} of trade {number}"
            if name not in SAME_IN_TRADES:
                found += number_differs(what, value, expected)
            elif value != expected:
                found.append(f"{what}: engine {value}, twin {expected}")
    return found


def _metrics(ours: dict[str, float], theirs: dict[str, float]) -> list[str]:
    if ours.keys() != theirs.keys():
        return [f"metrics: {sorted(ours.keys() ^ theirs.keys())} on one side only"]
    return [line for name in ours for line in number_differs(name, ours[name], theirs[name])]


def _series(name: str, ours: Sequence[float], theirs: Sequence[float]) -> list[str]:
    """The first bar on which two curves differ."""
    if len(ours) != len(theirs):
        return [f"{name}: engine has {len(ours)} bars, twin {len(theirs)}"]
    pairs = enumerate(zip(ours, theirs, strict=True))
    return [line for t, pair in pairs for line in number_differs(f"{name} at bar {t}", *pair)][:1]


def number_differs(name: str, ours: float, theirs: float) -> list[str]:
    """What to say where two numbers are not the same up to rounding."""
    both_unknown = math.isnan(ours) and math.isnan(theirs)
    if both_unknown or math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        return []
    return [f"{name}: engine {ours!r}, twin {theirs!r}"]


def _same_bits(ours: TwinTotals, theirs: TwinTotals) -> bool:
    """Equal without any tolerance, but for the statistics: those are sums here and loops there."""
    return all(getattr(ours, name) == getattr(theirs, name) for name in (*SUMS, "equity", "cash", "trades"))
