"""The lottery test: the same number of trades, as long and on the same side, put at random times.

A strategy that holds a rising market earns, whenever it holds. So does a lottery ticket that holds it as long. Only
what the strategy earns beyond such tickets is owed to its timing.

One instrument: times in and times out of the market change their order, and the whole is turned around a circle, cut
where nothing is held. Several instruments: all their targets are turned together, so that what they do at the same time
stays together.

Source: lottery trading, Chen and Navet (2007), "Failure of genetic-programming induced trading strategies"; random
entry as a benchmark, Aronson (2006), "Evidence-Based Technical Analysis"; p-values with the +1 of Phipson and Smyth
(2010), "Permutation p-values should never be zero".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app._market import Market
from autonomous_trading.app._programs import Batch
from autonomous_trading.app.evidence.stress._distribution import Distribution
from autonomous_trading.app.evidence.stress._replay import (
    METRICS,
    TARGET_BUDGET,
    check_count,
    chosen_batch,
    measured,
    retargeted,
    targets_of,
)
from autonomous_trading.backtest import Exits, Request
from autonomous_trading.core import FloatArray, IntArray, metric_named

_EXITS = ("stop_loss", "take_profit", "trailing_stop", "max_bars_held")


@final
@dataclass(frozen=True, slots=True)
class RandomEntry:
    """Metrics of lottery tickets, the set's own, and the share of tickets that do at least as well ("p_values").

    A p-value is (1 + tickets at least as good) / (1 + tickets): never zero, and small where timing is worth something.
    1 where the set itself has no value, and where its targets leave nothing to draw (it holds all the time).
    """

    own: Mapping[str, float]
    tickets: Distribution
    p_values: Mapping[str, float]
    evaluated: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: own metrics, quantiles of the tickets', p-values, evaluated."""
        return {
            "own": dict(self.own),
            "tickets": self.tickets.to_dict(),
            "p_values": dict(self.p_values),
            "evaluated": self.evaluated,
        }


def random_entry(
    evaluator: Evaluator, parameters: Mapping[str, Any], span: tuple[int, int], *, tickets: int = 500, seed: int = 0
) -> RandomEntry:
    """The set against tickets with its own targets at random times, under the same costs and sizes.

    Time in the market is that of the set to the bar. Where protective exits may end a trade, what was really held takes
    the place of the targets, for the set and for the tickets, and nothing is stopped again: a stop elsewhere would cut
    other trades, and tickets that are in the market for less time lose to a market that rises. A set that holds at both
    ends of the span may get tickets with one trade less, those two being one.
    Raises InvalidInput where `tickets` is no whole number of at least 1.
    """
    check_count("tickets", tickets)
    batch = chosen_batch(evaluator, parameters)
    lag = 0 if evaluator.rules.execution.fill == "same_close" else 1
    window = slice(max(span[0] - lag, 0), max(span[1] - lag, 1))
    targets = _held_on(targets_of(batch))
    if _may_stop(evaluator, batch):
        targets[:, window] = _really_held(evaluator, batch, span, targets[:, window])
        evaluator = Evaluator.of(evaluator.strategy, evaluator.market, replace(evaluator.rules, exits=Exits()))
        kept = {name: values for name, values in batch.settings.items() if name not in _EXITS}
        batch = retargeted(replace(batch, settings=kept), targets[:, np.newaxis])
    own = {name: float(values[0]) for name, values in measured(evaluator, batch, span).items()}
    draw = _ticket if len(targets) == 1 else _turned
    rng = np.random.default_rng(seed)
    step = max(16, TARGET_BUDGET // targets.nbytes // 16 * 16)
    parts = []
    for low in range(0, tickets, step):
        some = np.repeat(targets[:, np.newaxis], min(step, tickets - low), axis=1)
        for number in range(some.shape[1]):
            some[:, number, window] = draw(targets[:, window], rng)
        parts.append(measured(evaluator, _tradable(evaluator.market, batch, some), span))
    found = Distribution.joined(parts)
    p_values = {name: _p_value(name, own[name], found.values[name]) for name in METRICS}
    return RandomEntry(own, found, p_values, tickets)


def _may_stop(evaluator: Evaluator, batch: Batch) -> bool:
    """Whether something else than a target may end a trade."""
    exits = evaluator.rules.exits
    return any(getattr(exits, name) is not None for name in _EXITS) or any(name in batch.settings for name in _EXITS)


def _really_held(evaluator: Evaluator, batch: Batch, span: tuple[int, int], wanted: FloatArray) -> FloatArray:
    """The targets [instruments, bars] that give what the set held in the end: nothing after it was stopped.

    The size of a position is that of the wish it came from.
    """
    curves = evaluator.run(batch, *span, Request(curves=True)).curves
    if curves is None:
        return wanted
    units = curves.units[0].reshape(len(wanted), -1)
    size = np.abs(wanted)
    rows = np.where(size > 0.0, np.arange(size.shape[1]), 0)
    size = np.take_along_axis(size, np.maximum.accumulate(rows, axis=1), axis=1)
    held: FloatArray = np.sign(units[:, : wanted.shape[1]]) * size
    return held


def _p_value(name: str, own: float, values: FloatArray) -> float:
    """Share of tickets that are at least as good, the set itself counted as one of them."""
    if np.isnan(own):
        return 1.0
    as_good = values >= own if metric_named(name).direction == "maximize" else values <= own
    return (1.0 + float(np.count_nonzero(as_good))) / (1.0 + len(values))


def _held_on(targets: FloatArray) -> FloatArray:
    """The same wishes without gaps: where there is no opinion the last one holds; before the first one, nothing."""
    rows = np.where(np.isnan(targets), 0, np.arange(targets.shape[1]))
    held: FloatArray = np.take_along_axis(targets, np.maximum.accumulate(rows, axis=1), axis=1)
    return np.nan_to_num(held)


def _tradable(market: Market, batch: Batch, targets: FloatArray) -> Batch:
    """Targets as a batch, without an opinion where an instrument has no bar."""
    if not market.one_clock:
        for number, each in enumerate(market.instruments):
            absent = np.ones(market.n_bars, dtype=np.bool_)
            absent[each.rows] = False
            targets[number, :, absent] = np.nan
    return retargeted(batch, targets)


def _turned(targets: FloatArray, rng: np.random.Generator) -> FloatArray:
    """All rows [instruments, bars] turned around the circle by the same number of bars."""
    return np.roll(targets, int(rng.integers(targets.shape[1])), axis=1)


def _ticket(targets: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The spells of one row [1, bars] in another order, turned around the circle."""
    values = targets[0]
    side = np.sign(values)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(side)) + 1])
    stops = np.append(starts[1:], len(values))
    order = _shuffled(side[starts], rng)
    lengths = (stops - starts)[order]
    rows = np.repeat(starts[order] - np.cumsum(lengths) + lengths, lengths) + np.arange(len(values))
    mixed = values[rows]
    cut = _cut(np.sign(mixed), rng)
    return np.concatenate([mixed[cut:], mixed[:cut]])[np.newaxis]


def _shuffled(sides: FloatArray, rng: np.random.Generator) -> IntArray:
    """Another order of spells in which as many trades remain: each takes the place of one of its kind.

    Where flat times part all trades around the circle, long and short ones change places too; otherwise two longs
    would become one trade.
    """
    parted = bool(np.all((sides == 0.0) | (np.roll(sides, 1) == 0.0)))
    kinds = (sides != 0.0).astype(np.float64) if parted else sides
    order = np.arange(len(sides))
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        order[places] = rng.permutation(places)
    return order


def _cut(sides: FloatArray, rng: np.random.Generator) -> int:
    """A bar to begin at, so that no trade is cut in two: one before which nothing, or the other side, is held."""
    before = np.roll(sides, 1)
    allowed = np.flatnonzero((before == 0.0) | (before != sides))
    return int(rng.choice(allowed)) if len(allowed) else 0
