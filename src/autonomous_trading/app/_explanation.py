"""Why there were as many trades as there were: from bars to fills, and the first stage where nothing is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._reasons import reasons_for_nothing
from autonomous_trading.app._warm_up import FirstKnown, first_known
from autonomous_trading.backtest import Statistics
from autonomous_trading.core import BoolArray, Expression, FloatArray, evaluate
from autonomous_trading.strategies import Strategy, signals_of

Stages = tuple[tuple[str, int], ...]
Words = tuple[str, str]
"""What happened, and what to do about it."""


@final
@dataclass(frozen=True, slots=True)
class Explanation:
    """How many of each stage there were, what that means, and what to do about it ("" when all is well).

    `early`: positions wanted before the strategy's columns have values, in words ("" where there are none).
    """

    stages: Stages
    message: str
    fix: str = ""
    early: str = ""

    def to_dict(self) -> dict[str, object]:
        """Plain data: stages (each a stage and its count), message, fix."""
        stages = [{"stage": stage, "count": count} for stage, count in self.stages]
        return {"stages": stages, "message": self.message, "fix": self.fix}

    def __str__(self) -> str:
        lines = [f"{count:>12,}  {stage}" for stage, count in self.stages]
        return "\n".join([*lines, self.message, *([f"Fix: {self.fix}"] if self.fix else [])])


@final
@dataclass(frozen=True, slots=True)
class _Wish:
    """What is wanted of one instrument: the target as an expression, and the bars of the clock with a position."""

    symbol: str
    target: Expression
    known: FirstKnown
    wanted: BoolArray


def explain(evaluator: Evaluator, strategy: Strategy, statistics: Statistics, span: tuple[int, int]) -> Explanation:
    """The stages of one backtest over the bars of `span`; with several instruments, of all of them together."""
    market, (low, high) = evaluator.market, span
    wishes = [_wish(evaluator, strategy, number) for number in range(len(market.instruments))]
    first = min(_on_clock(evaluator, number, wish.known.row) for number, wish in enumerate(wishes))
    stages = (
        ("bars", high - low),
        ("bars after warm-up", high - max(low, min(first, high))),
        *_counts(np.stack([wish.wanted[low:high] for wish in wishes]), statistics),
    )
    if statistics["FILLS"][0]:
        return Explanation(stages, _success(statistics), early=_early(evaluator, wishes, span))
    counts = dict(stages)
    if counts["bars after warm-up"] == 0:
        return Explanation(stages, *_too_short(wishes[0], high - low))
    if counts["bars with a wanted position"] == 0:
        return Explanation(stages, *_nothing_wanted(evaluator, wishes, span))
    return Explanation(stages, *_nothing_filled(evaluator, statistics, span))


def explain_targets(
    targets: FloatArray, evaluator: Evaluator, statistics: Statistics, span: tuple[int, int]
) -> Explanation:
    """The stages of a run of given targets [instruments, n_bars] over the bars of `span`."""
    rows = targets[:, slice(*span)]
    wanted = np.stack([_holds(row) for row in rows])
    stages = (("bars", rows.shape[1]), *_counts(wanted, statistics))
    if statistics["FILLS"][0]:
        return Explanation(stages, _success(statistics))
    if wanted.any():
        return Explanation(stages, *_nothing_filled(evaluator, statistics, span))
    what = "has no opinion (NaN) on any bar" if np.all(np.isnan(rows)) else "is 0 wherever it has an opinion"
    return Explanation(stages, f"no trades: the target {what}", "give an exposure other than 0, such as 1.0 for long")


def _counts(wanted: BoolArray, statistics: Statistics) -> Stages:
    """The stages after the columns; `wanted` [instruments, bars]."""
    return (
        ("bars with a wanted position", int(np.count_nonzero(wanted.any(axis=0)))),
        ("changes of the target (signals)", int(statistics["SIGNALS"][0])),
        ("orders", int(statistics["ORDERS"][0])),
        ("fills", int(statistics["FILLS"][0])),
    )


def _success(statistics: Statistics) -> str:
    trades, fills = int(statistics["TRADES"][0]), int(statistics["FILLS"][0])
    return f"{_number(trades, 'trade')} from {_number(fills, 'fill')}"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _wish(evaluator: Evaluator, strategy: Strategy, number: int) -> _Wish:
    market = evaluator.market
    instrument = market.instruments[number]
    target = signals_of(strategy, instrument.see).target
    values = market.on_clock(number, evaluate(target, instrument.store))
    return _Wish(market.symbols[number], target, first_known(target, instrument.store), _holds(values))


def _holds(target: FloatArray) -> BoolArray:
    """The bars on which a position is wanted: NaN goes on wanting what was wanted before."""
    said = np.maximum.accumulate(np.where(np.isnan(target), 0, np.arange(len(target))))
    wanted: BoolArray = np.nan_to_num(target[said]) != 0.0
    return wanted


def _early(evaluator: Evaluator, wishes: Sequence[_Wish], span: tuple[int, int]) -> str:
    """Positions wanted while a column has no value yet: `close < sma(200)` is false then, and its opposite true."""
    for number, wish in enumerate(wishes):
        known = min(_on_clock(evaluator, number, wish.known.row), span[1])
        count = int(np.count_nonzero(wish.wanted[span[0] : known]))
        if count:
            return (
                f"positions are wanted on {_number(count, 'bar')} before {wish.known.column} has a value: a comparison"
                " with an unknown value is false, so its opposite is true"
            )
    return ""


def _on_clock(evaluator: Evaluator, number: int, row: int) -> int:
    """A row of an instrument as a row of the common clock; one past the end stays one past the end."""
    rows = evaluator.market.instruments[number].rows
    return int(rows[row]) if row < len(rows) else evaluator.market.n_bars


def _too_short(wish: _Wish, bars: int) -> Words:
    return (
        f"no trades: {wish.known.column} has no value yet on any of the {_number(bars, 'bar')}",
        "use more data, an earlier start of the data, or shorter windows",
    )


def _nothing_wanted(evaluator: Evaluator, wishes: list[_Wish], span: tuple[int, int]) -> Words:
    """Names the conditions that are never true, in the words of the first instrument."""
    instrument, wish = evaluator.market.instruments[0], wishes[0]
    inside = np.searchsorted(instrument.rows, span)
    reasons = reasons_for_nothing(wish.target, instrument.store, slice(*inside.tolist()))
    where = f" on {wish.symbol}" if len(wishes) > 1 else ""
    if reasons:
        return f"no trades: {'; and '.join(each.words for each in reasons)}{where}", reasons[0].fix
    values = evaluate(wish.target, instrument.store)[slice(*inside.tolist())]
    what = "has no opinion (NaN) on any bar" if np.all(np.isnan(values)) else "is 0 wherever it has an opinion"
    return (
        f"no trades: the target {what}{where}",
        "check what `signals` returns: 1.0 is long with all equity, 0.0 is flat",
    )


def _nothing_filled(evaluator: Evaluator, statistics: Statistics, span: tuple[int, int]) -> Words:
    if statistics["SIGNALS"][0] == 0:
        return (
            "no trades: a position is wanted only where no later bar can fill it (a decision is filled one bar later)",
            "use more data, or an earlier start",
        )
    cap = evaluator.rules.costs.participation
    volume = evaluator.market.bars.volume[..., slice(*span)]
    if cap is not None and not np.any(volume):
        return (
            f"no trades: orders may take {cap:g} of the volume of a bar, and the volume is 0 on every bar",
            "leave participation out of the costs, or use data with volume",
        )
    return (
        "no trades: every order was for 0 units",
        "check position_size and leverage (of the strategy, or of the execution) and what the account is left with",
    )
