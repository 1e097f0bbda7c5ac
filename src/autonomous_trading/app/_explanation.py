"""Why there were as many trades as there were: from bars to fills, and the first stage where nothing is left."""

from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.backtest import Statistics
from autonomous_trading.core import Expression, FloatArray, columns_of, conditions_of, evaluate
from autonomous_trading.strategies import Strategy, signals_of


@final
@dataclass(frozen=True, slots=True)
class Explanation:
    """How many of each stage there were, what that means, and what to do about it ("" when all is well)."""

    stages: tuple[tuple[str, int], ...]
    message: str
    fix: str = ""

    def __str__(self) -> str:
        lines = [f"{count:>12,}  {stage}" for stage, count in self.stages]
        return "\n".join([*lines, self.message, *([f"Fix: {self.fix}"] if self.fix else [])])


def explain(evaluator: Evaluator, strategy: Strategy, statistics: Statistics, span: tuple[int, int]) -> Explanation:
    """The stages of one backtest over the bars of `span`, in the words of the first instrument."""
    instrument = evaluator.market.instruments[0]
    target = signals_of(strategy, instrument.see).target
    low, high = span
    warm = _warm_up(evaluator, target, low, high)
    values = evaluate(target, instrument.store)
    wanted = int(np.count_nonzero(np.nan_to_num(values[low:high]) != 0.0))
    fills = int(statistics["FILLS"][0])
    stages = (
        ("bars", high - low),
        ("bars after warm-up", high - low - warm),
        ("bars with a wanted position", wanted),
        ("changes of the target (signals)", int(statistics["SIGNALS"][0])),
        ("orders", int(statistics["ORDERS"][0])),
        ("fills", fills),
    )
    if fills:
        trades = int(statistics["TRADES"][0])
        return Explanation(stages, f"{trades:,} trade{'s' if trades != 1 else ''} from {fills:,} fills")
    message, fix = _first_empty(stages, target, evaluator, span)
    return Explanation(stages, message, fix)


def _warm_up(evaluator: Evaluator, target: Expression, low: int, high: int) -> int:
    """Bars of the span on which some column the target reads is not known yet."""
    store = evaluator.market.instruments[0].store
    known = [evaluate(column, store) for column in columns_of(target) if not column.parameters]
    firsts = [int(np.argmax(~np.isnan(values))) if np.any(~np.isnan(values)) else len(values) for values in known]
    return int(np.clip(max(firsts, default=0) - low, 0, high - low))


def _first_empty(
    stages: tuple[tuple[str, int], ...], target: Expression, evaluator: Evaluator, span: tuple[int, int]
) -> tuple[str, str]:
    counts = dict(stages)
    if counts["bars after warm-up"] == 0:
        return (
            f"no trades: the indicators need more than the {counts['bars']:,} bars there are",
            "use more data, or shorter windows",
        )
    if counts["bars with a wanted position"] == 0:
        return _never_true(target, evaluator, span)
    if counts["changes of the target (signals)"] == 0:
        return ("no trades: the target never changes before the last bar", "use more data, or start earlier")
    return (
        "no trades: every order was too small, or the account had nothing left to trade with",
        "check position_size, the participation cap, and the volume of the bars",
    )


def _never_true(target: Expression, evaluator: Evaluator, span: tuple[int, int]) -> tuple[str, str]:
    """Names the first condition that holds on no bar, or the pair that never holds together."""
    store = evaluator.market.instruments[0].store
    rows = slice(*span)
    conditions = conditions_of(target) if target.is_condition else ()
    together: FloatArray | None = None
    for position, condition in enumerate(conditions):
        values = evaluate(condition, store)[rows]
        if not values.any():
            return (
                f"no trades: the first condition that is never true is {condition!s}",
                "loosen that condition, or check the scale of what it compares",
            )
        both = values if together is None else together * values
        if not both.any():
            earlier = " & ".join(str(each) for each in conditions[:position])
            return (
                f"no trades: {condition!s} is never true on the same bar as {earlier}",
                "loosen one of them; each alone is true at times",
            )
        together = both
    return ("no trades: the target is 0 or has no opinion on every bar", "check what `signals` returns")
