"""The compiled engine gives the answer of its slow independent twin on random markets, targets, costs and exits.

Every example is answered twice: by the kernel and by `tests/twins`, plain Python that shares no line with it and was
written from the contract. Counts, bars, sides and reasons have to be the same, every number to 1e-9; how many agree to
the last bit is told beside it. The examples are new in every run.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autonomous_trading.backtest import REASONS
from proofs.claims import Figure, at_least, holds, run
from tests.twins.agreement import Comparison, compare, compare_portfolio
from tests.twins.markets import Case, cases, long_cases, long_portfolio_cases, portfolio_cases
from tests.twins.sweeps import compare_sets, sets_of

TITLE = "The kernel equals its slow independent twin"
EXAMPLES: Final = 10_000
PORTFOLIO_EXAMPLES: Final = 5_000
LONG_EXAMPLES: Final = 300
SEARCHES: Final = 800
FEWEST: Final = 50  # of every way out of a position, over all examples


class _Seen:
    """What the examples of one kind showed."""

    def __init__(self) -> None:
        self.examples = 0
        self.same_bits = 0
        self.differences: list[str] = []
        self.exits: Counter[str] = Counter()

    def add(self, comparison: Comparison) -> None:
        """Count one example."""
        self.examples += 1
        self.same_bits += comparison.same_bits
        self.differences += comparison.differences
        self.exits.update(trade.reason for trade in comparison.twin.trades)


def measure() -> list[Figure]:
    """Each kind of examples, then how often each exit happened in them."""
    kinds = {
        "one instrument": (EXAMPLES, _answered(cases(), compare, EXAMPLES)),
        "several instruments": (
            PORTFOLIO_EXAMPLES,
            _answered(portfolio_cases(), compare_portfolio, PORTFOLIO_EXAMPLES),
        ),
        "one, several blocks": (LONG_EXAMPLES, _answered(long_cases(250, 600), compare, LONG_EXAMPLES)),
        "several, several blocks": (
            LONG_EXAMPLES,
            _answered(long_portfolio_cases(250, 300), compare_portfolio, LONG_EXAMPLES),
        ),
    }
    figures: list[Figure] = []
    for name, (asked, seen) in kinds.items():
        figures += [at_least(f"{name}: examples", seen.examples, asked), _agreement(name, seen)]
    searched = _searched()
    figures += [
        at_least("searches, bare statistics, many lanes: sets", searched.examples, EXAMPLES),
        _agreement("searches", searched),
    ]
    exits = sum((seen.exits for _, seen in kinds.values()), Counter[str]())
    return figures + [at_least(f"positions closed by: {reason}", exits[reason], FEWEST) for reason in REASONS]


def _answered(examples: SearchStrategy[Any], compared: Callable[[Any], Comparison], how_many: int) -> _Seen:
    seen = _Seen()

    @_at_random(how_many)
    @given(examples)
    def look(case: Any) -> None:
        seen.add(compared(case))

    look()
    return seen


def _searched() -> _Seen:
    """Many sets at once on one market, on several threads, against the twin one by one."""
    seen = _Seen()

    @_at_random(SEARCHES)
    @given(cases(), st.randoms(use_true_random=False), st.integers(1, 3), st.booleans())
    def look(case: Case, dice: random.Random, threads: int, conditions: bool) -> None:
        for comparison in compare_sets(sets_of(case, dice), threads, conditions=conditions):
            seen.add(comparison)

    look()
    return seen


def _at_random(how_many: int) -> settings:
    """New examples in every run."""
    return settings(
        max_examples=how_many,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _agreement(name: str, seen: _Seen) -> Figure:
    """Whether all examples agree; the first difference is shown."""
    bits = f"; {seen.same_bits:,} to the last bit" if seen.same_bits else ""
    found = seen.differences[0] if seen.differences else f"no difference{bits}"
    return holds(f"{name}: engine and twin", not seen.differences, bound="equal to 1e-9", figure=found)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
