"""What other data would have said: prices a little off, bars missing, stale opens. Signals are computed anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from autonomous_trading.app._evaluator import Evaluator
from autonomous_trading.app.evidence.stress._distribution import Distribution
from autonomous_trading.app.evidence.stress._replay import (
    bars_of,
    check_count,
    chosen_batch,
    measured,
    on_other_bars,
    own_metrics,
    rules_on_rows,
)
from autonomous_trading.core import Bars, InvalidInput

_Damage = Callable[[Bars, float, np.random.Generator], Bars]


@final
@dataclass(frozen=True, slots=True)
class DataStress:
    """Metrics on damaged bars by kind of damage ("noise", "missing", "stale"), beside those on the bars as they are."""

    own: Mapping[str, float]
    damaged: Mapping[str, Distribution]
    sizes: Mapping[str, float]
    evaluated: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data: own metrics, quantiles by kind of damage, its size, evaluated."""
        return {
            "own": dict(self.own),
            "damaged": {kind: found.to_dict() for kind, found in self.damaged.items()},
            "sizes": dict(self.sizes),
            "evaluated": self.evaluated,
        }


def data_stress(
    evaluator: Evaluator,
    parameters: Mapping[str, Any],
    span: tuple[int, int],
    *,
    sizes: Mapping[str, float] | None = None,
    draws: int = 20,
    seed: int = 0,
) -> DataStress:
    """The set on `draws` damaged copies of the bars of each kind; `sizes` (defaults below) says how bad each kind is.

    noise (0.1): every close moves by a normal number times so much of its bar's range, measured as log(high / low);
    high and low make room for it. missing (0.02): so many of the bars of each instrument are not there. stale (0.4):
    so many opens are the close before, as in free index data (39.8 % of the days of the S&P 500): fills there are at a
    price that was gone, and often look better.

    Raises InvalidInput for another kind of damage, or a size outside 0 .. 1.
    """
    check_count("draws", draws)
    wanted = {**SIZES, **(sizes or {})}
    wrong = [name for name, size in wanted.items() if name not in SIZES or not 0.0 <= size < 1.0]
    if wrong:
        raise InvalidInput(
            f"sizes must say how much of {', '.join(SIZES)} there is, from 0 to below 1; got {wrong[0]}: "
            f"{wanted[wrong[0]]!r}",
            fix='use sizes={"noise": 0.1}',
        )
    own = own_metrics(evaluator, parameters, span)
    damaged = {}
    for number, (kind, damage) in enumerate(_DAMAGES.items()):
        parts = []
        for draw in range(draws):
            rng = np.random.default_rng([seed, number, draw])
            bars = {name: damage(each, wanted[kind], rng) for name, each in bars_of(evaluator).items()}
            parts.append(_measured_on(evaluator, parameters, span, bars))
        damaged[kind] = Distribution.joined(parts)
    return DataStress(own, damaged, {kind: wanted[kind] for kind in _DAMAGES}, len(_DAMAGES) * draws)


def _measured_on(
    evaluator: Evaluator, parameters: Mapping[str, Any], span: tuple[int, int], bars: Mapping[str, Bars]
) -> dict[str, Any]:
    """The set on other bars, over those of them that lie between the first and the last time of the span."""
    clock = evaluator.market.bars.time
    times = np.unique(np.concatenate([each.time for each in bars.values()]))
    start, stop = (int(place) for place in np.searchsorted(times, [clock[span[0]], clock[span[1] - 1] + 1]))
    other = on_other_bars(evaluator, bars, rules_on_rows(evaluator.rules, np.searchsorted(clock, times)))
    return measured(other, chosen_batch(other, parameters), (start, max(stop, start + 1)))


def _noisy(bars: Bars, size: float, rng: np.random.Generator) -> Bars:
    """Closes off by a share of their bar's range."""
    close = bars.close * np.exp(size * np.log(bars.high / bars.low) * rng.standard_normal(len(bars)))
    return replace(bars, close=close, high=np.maximum(bars.high, close), low=np.minimum(bars.low, close))


def _thinned(bars: Bars, size: float, rng: np.random.Generator) -> Bars:
    """Bars missing at random, the first and the last one kept."""
    kept = rng.random(len(bars)) >= size
    kept[[0, -1]] = True
    names = ("time", "open", "high", "low", "close", "volume")
    columns = {name: getattr(bars, name)[kept] for name in names}
    return Bars(**columns, symbol=bars.symbol, extra={name: each[kept] for name, each in bars.extra.items()})


def _stale(bars: Bars, size: float, rng: np.random.Generator) -> Bars:
    """Opens that are the close before, where a random number says so."""
    before = np.concatenate([bars.open[:1], bars.close[:-1]])
    opening = np.where(rng.random(len(bars)) < size, before, bars.open)
    return replace(bars, open=opening, high=np.maximum(bars.high, opening), low=np.minimum(bars.low, opening))


_DAMAGES: dict[str, _Damage] = {"noise": _noisy, "missing": _thinned, "stale": _stale}
SIZES = {"noise": 0.1, "missing": 0.02, "stale": 0.4}
