"""The random examples reach every rule: a law tested on examples that never stop out would prove little."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.twins.fill_contract import simulate_twin, simulate_twin_portfolio
from tests.twins.markets import Case, PortfolioCase, cases, portfolio_cases
from tests.twins.records import TwinCosts, TwinResult

EXAMPLES = 1_000
PORTFOLIO_EXAMPLES = 300
# Of so many examples at least this share shows it.
REACHED = {
    "stop_loss": 0.10,
    "stop at a gap": 0.01,
    "take_profit": 0.08,
    "trailing_stop": 0.05,
    "time_stop": 0.05,
    "signal": 0.10,
    "open": 0.10,
    "ruin": 0.005,
    "exit on the entry bar": 0.01,
    "stop and take-profit in one bar": 0.02,
    "nearest is the take-profit": 0.003,
    "partial fill": 0.05,
    "flip": 0.05,
    "cut": 0.05,
    "financing": 0.2,
    "rebalanced": 0.01,
    "no trade": 0.05,
}
AT_RANDOM = settings(
    max_examples=EXAMPLES,
    database=None,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.slow
def test_every_rule_is_reached() -> None:
    seen: Counter[str] = Counter()

    @AT_RANDOM
    @given(cases())
    def look(case: Case) -> None:
        seen.update(found_in(case))

    look()
    missing = {name: seen[name] for name, share in REACHED.items() if seen[name] < share * EXAMPLES}
    assert missing == {}


@pytest.mark.slow
def test_every_rule_of_several_instruments_is_reached() -> None:
    seen: Counter[str] = Counter()

    @settings(AT_RANDOM, max_examples=PORTFOLIO_EXAMPLES)
    @given(portfolio_cases())
    def look(case: PortfolioCase) -> None:
        seen.update(found_in_portfolio(case))

    look()
    for name in ("several held", "missing while held", "sell and buy in one bar", "ruin", "stop_loss"):
        assert seen[name] >= 0.01 * PORTFOLIO_EXAMPLES, (name, seen)


@settings(AT_RANDOM, max_examples=300)
@given(cases())
def test_bars_are_valid(case: Case) -> None:
    market = case.market
    for t in range(len(market.time)):
        assert 0 < market.low[t] <= min(market.open[t], market.close[t])
        assert market.high[t] >= max(market.open[t], market.close[t])
        assert market.volume[t] >= 0
    assert all(earlier < later for earlier, later in pairwise(market.time))
    assert len(case.target) == len(market.time)


@settings(AT_RANDOM, max_examples=300)
@given(cases())
def test_cash_and_units_are_equity(case: Case) -> None:
    result = run(case)
    for offset, equity in enumerate(result.equity):
        value = result.units[offset] * case.market.close[case.run.start + offset]
        scale = max(abs(result.cash[offset]), abs(value), 1.0)
        assert abs(result.cash[offset] + value - equity) <= 1e-12 * scale


@settings(AT_RANDOM, max_examples=300)
@given(cases())
def test_one_instrument_is_a_portfolio_of_one(case: Case) -> None:
    present = [[True] * len(case.market.time)]
    whole = simulate_twin_portfolio([case.market], present, [case.target], case.costs, case.exits, case.run)
    assert whole.equity == run(case).equity


def run(case: Case) -> TwinResult:
    return simulate_twin(case.market, case.target, case.costs, case.exits, case.run)


def found_in(case: Case) -> set[str]:
    """What one example shows."""
    result = run(case)
    trades = result.trades
    found = {trade.reason for trade in trades}
    checks = {
        "stop at a gap": stopped_at_a_gap(case),
        "exit on the entry bar": any(
            trade.exit_bar == trade.entry_bar and trade.reason in ("stop_loss", "time_stop") for trade in trades
        ),
        "stop and take-profit in one bar": differs(case, result, pick="exits", path=other_path(case)),
        "nearest is the take-profit": nearest_is_the_take_profit(case),
        "partial fill": differs(case, result, pick="costs", participation=None),
        "flip": any(
            before.exit_bar == after.entry_bar and before.side != after.side and before.reason == "signal"
            for before, after in pairwise(trades)
        ),
        "cut": result.cuts > 0,
        "financing": result.financing != 0,
        "rebalanced": differs(case, result, pick="run", rebalance_band=None),
        "no trade": not trades,
    }
    return found | {name for name, shown in checks.items() if shown}


def differs(case: Case, result: TwinResult, *, pick: str, **change: str | float | None) -> bool:
    """The answer would be another one with this one setting changed."""
    changed = replace(case, **{pick: replace(getattr(case, pick), **change)})
    return changed != case and run(changed).equity != result.equity


def other_path(case: Case) -> str:
    return "pessimistic" if case.exits.path == "optimistic" else "optimistic"


def nearest_is_the_take_profit(case: Case) -> bool:
    """Where both levels were touched the one nearer to the open was not the stop."""
    if case.exits.stop_loss is None or case.exits.take_profit is None:
        return False
    nearest = replace(case, exits=replace(case.exits, path="nearest"))
    return differs(nearest, run(nearest), pick="exits", path="pessimistic")


def stopped_at_a_gap(case: Case) -> bool:
    """Without costs an exit at a gap is at the very open of a bar that went on from there."""
    market = case.market
    free = run(replace(case, costs=TwinCosts()))
    return any(
        trade.reason in ("stop_loss", "trailing_stop")
        and trade.exit_bar > trade.entry_bar
        and trade.exit_price == market.open[trade.exit_bar]
        for trade in free.trades
    )


def found_in_portfolio(case: PortfolioCase) -> set[str]:
    """What one example of several instruments shows."""
    result = simulate_twin_portfolio(case.markets, case.present, case.targets, case.costs, case.exits, case.run)
    found = {trade.reason for trade in result.trades}
    for offset in range(1, len(result.equity)):
        now = [units[offset] for units in result.units]
        change = [units[offset] - units[offset - 1] for units in result.units]
        here = [present[case.run.start + offset] for present in case.present]
        if sum(1 for units in now if units != 0) > 1:
            found.add("several held")
        if any(units != 0 and not seen for units, seen in zip(now, here, strict=True)):
            found.add("missing while held")
        if min(change) < 0 < max(change):
            found.add("sell and buy in one bar")
    return found
