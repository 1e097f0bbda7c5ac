"""What higher costs make of a set, and how high they must be to kill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._programs import Batch
from autonomous_trading.app._scores import at_cost_factor
from autonomous_trading.app.evidence.stress._replay import METRICS, chosen_batch, measured
from autonomous_trading.backtest import Costs
from autonomous_trading.core import FloatArray, InvalidInput

FACTORS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
_MOST = 1e6
_TOLERANCE = 1e-7
_BASIS_POINTS = 1e4


@final
@dataclass(frozen=True, slots=True)
class CostStress:
    """Metrics [factors] with the costs of trading multiplied, and the factor at which nothing is left.

    break_even: the factor at which the net profit is zero; infinite where none was found that kills it, 0 where it
    earns nothing even without costs. basis_points and break_even_basis_points: what one side of a trade costs on
    average, in 1/10,000 of its value, as assumed and at break-even; NaN where nothing was traded.
    """

    factors: tuple[float, ...]
    metrics: Mapping[str, FloatArray]
    break_even: float
    basis_points: float
    break_even_basis_points: float
    evaluated: int

    @property
    def words(self) -> str:
        """The break-even in one sentence."""
        if self.break_even == 0.0:
            return "it earns nothing even without costs"
        if np.isinf(self.break_even):
            return "no costs were assumed" if self.basis_points == 0.0 else "no multiple of the costs assumed kills it"
        return (
            f"costs that would kill it: {_three_digits(self.break_even)} times those assumed,"
            f" i.e. {_three_digits(self.break_even_basis_points)} bp per side"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data: factors, metrics by factor, break-even, basis points per side, words, evaluated."""
        return {
            "factors": list(self.factors),
            "metrics": {name: values.tolist() for name, values in self.metrics.items()},
            "break_even": self.break_even,
            "basis_points": self.basis_points,
            "break_even_basis_points": self.break_even_basis_points,
            "words": self.words,
            "evaluated": self.evaluated,
        }


def cost_stress(
    evaluator: Evaluator, parameters: Mapping[str, Any], span: tuple[int, int], *, factors: Sequence[float] = FACTORS
) -> CostStress:
    """The set at multiples of the costs of trading, as `stressed` scores multiply them; financing stays as it is.

    Raises InvalidInput for a factor below zero, or one that makes costs no market has.
    """
    wrong = [factor for factor in factors if not 0.0 <= factor < np.inf]
    if wrong or not len(factors):
        raise InvalidInput(f"factors must be numbers of at least 0; got {list(factors)!r}", fix="use factors=(1, 2, 5)")
    costly = _Costly(evaluator, chosen_batch(evaluator, parameters), span)
    found = [costly.metrics(float(factor)) for factor in factors]
    break_even, runs = costly.break_even()
    return CostStress(
        factors=tuple(float(factor) for factor in factors),
        metrics={name: np.array([each[name] for each in found]) for name in METRICS},
        break_even=break_even,
        basis_points=costly.basis_points(1.0),
        break_even_basis_points=costly.basis_points(break_even) if np.isfinite(break_even) else break_even,
        evaluated=len(found) + runs,
    )


@final
@dataclass(frozen=True, slots=True)
class _Costly:
    """One set whose costs can be multiplied."""

    evaluator: Evaluator
    batch: Batch
    span: tuple[int, int]

    def metrics(self, factor: float) -> dict[str, float]:
        found = measured(at_cost_factor(self.evaluator, factor), self.batch, self.span)
        return {name: float(values[0]) for name, values in found.items()}

    def _numbers(self, factor: float, *names: str) -> list[float]:
        found = at_cost_factor(self.evaluator, factor).measure_batch(self.batch, names, *self.span)
        return [float(found[name][0]) for name in names]

    def basis_points(self, factor: float) -> float:
        """Costs of one side of a trade, on average, in 1/10,000 of its value."""
        paid, turnover = self._numbers(factor, "costs_paid", "turnover")
        years = (self.span[1] - self.span[0]) / self.evaluator.market.bars.bars_per_year
        traded = turnover * years * self.evaluator.rules.execution.initial_cash
        return paid / traded * _BASIS_POINTS if traded > 0.0 else float("nan")

    def break_even(self) -> tuple[float, int]:
        """The factor at which the net profit is zero, by doubling and then halving; and how many runs that took."""
        (without,) = self._numbers(0.0, "net_profit")
        if without <= 0.0:
            return 0.0, 1
        most = _largest_factor(self.evaluator.rules.costs)
        low, high, runs = 0.0, min(1.0, most), 2
        while self._numbers(high, "net_profit")[0] > 0.0:
            if high >= most:
                return float("inf"), runs
            low, high, runs = high, min(2.0 * high, most), runs + 1
        while high - low > _TOLERANCE * high:
            middle = 0.5 * (low + high)
            runs += 1
            if self._numbers(middle, "net_profit")[0] > 0.0:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high), runs


def _three_digits(value: float) -> str:
    """Three digits, and whole numbers from a hundred on: 1,420 and not 1.42e+03."""
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def _largest_factor(costs: Costs) -> float:
    """Beyond it a cost would be larger than `Costs` takes; 0 costs stay 0 times anything."""
    spread = float(np.max(costs.half_spread))
    bounds = [(costs.commission, 10.0), (costs.slippage, 10.0), (spread, 1.0)]
    bounds += [(value, 1e9) for value in (costs.per_unit, costs.minimum, costs.slippage_atr, costs.impact)]
    given = [limit / value for value, limit in bounds if value > 0.0]
    # A little less than the limit, which a rounded product could pass.
    return min([_MOST, *(0.999_999 * each for each in given)]) if given else 1.0
