"""Where the compiled engine and its twin differ on one example: nothing, when both obey the contract.

Counts, bars, sides and reasons have to be the same; numbers may differ by rounding, which is measured against the
largest amounts that were added up to get them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields

from tests.twins.fill_contract import simulate_twin, simulate_twin_portfolio
from tests.twins.kernel import run_kernel, run_kernel_metrics, run_kernel_portfolio
from tests.twins.markets import Case, PortfolioCase
from tests.twins.metrics import twin_metrics
from tests.twins.records import TwinPortfolioResult, TwinResult, TwinTotals, TwinTrade

TOLERANCE = 1e-9
EXACT = ("fills", "signals", "cuts", "ruined")
SUMS = ("costs_paid", "turnover", "financing")
SAME_IN_TRADES = ("entry_bar", "exit_bar", "side", "reason", "instrument")
BARS_PER_YEAR = 252.0


def disagreements(case: Case) -> list[str]:
    """What the two say differently about one instrument."""
    ours = run_kernel(case.market, case.target, case.costs, case.exits, case.run)
    theirs = simulate_twin(case.market, case.target, case.costs, case.exits, case.run)
    scale = size_of(case, theirs)
    found = _totals(ours, theirs, scale)
    found += _numbers("units", ours.units, theirs.units, scale / min(case.market.low))
    return found or _metrics(case, theirs)


def portfolio_disagreements(case: PortfolioCase) -> list[str]:
    """What the two say differently about several instruments on one account."""
    arguments = (case.markets, case.present, case.targets, case.costs, case.exits, case.run)
    ours = run_kernel_portfolio(*arguments)
    theirs = simulate_twin_portfolio(*arguments)
    found = _totals(ours, theirs, 1.0)
    return found


def size_of(case, theirs):
    return 1.0
