"""The door to rankings: several instruments in an order, day by day, and whether the order meant anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, final

import numpy as np

from autonomous_trading.adapters import as_panel
from autonomous_trading.core import FloatArray, InvalidInput, Panel, inspect_bars
from autonomous_trading.data.ranking import (
    RankedInstrument,
    Ranking,
    RankingEvidence,
    RankingRules,
    evaluate_ranking,
    rank_instruments,
)
from autonomous_trading.interfaces.python._inputs import moment_of

_DAY_NS = 86_400_000_000_000
_MOMENTS = (str, date, np.datetime64)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Instruments in an order at every bar. `places()` is the order at the last one, best first.

    `warnings`: a sentence for each instrument whose price leaps.
    """

    panel: Panel
    ranking: Ranking
    warnings: tuple[str, ...] = ()

    def places(self, position: int = -1) -> tuple[RankedInstrument, ...]:
        """The instruments ranked at one bar, the best first."""
        return self.ranking.places(position)

    def evidence(self, horizon: int = 21, *, quantiles: int = 5, confidence: float = 0.95) -> RankingEvidence:
        """Whether the order said anything about the returns of the next `horizon` bars: see `evaluate_ranking`."""
        return evaluate_ranking(self.ranking, self.panel, horizon, quantiles=quantiles, confidence=confidence)

    def to_dict(self) -> dict[str, Any]:
        """The order at the last bar, the weights used, and what was left out."""
        return {
            "time": str(np.datetime64(int(self.ranking.time[-1]), "ns").astype("datetime64[s]")) + "Z",
            "weights": dict(self.ranking.weights),
            "left_out": list(self.ranking.left_out),
            "instruments": len(self.ranking.symbols),
            "places": [
                {
                    "rank": place.rank,
                    "symbol": place.symbol,
                    "total": place.total,
                    "scores": dict(place.scores),
                    "coverage": place.coverage,
                }
                for place in self.places()
            ],
        }


def rank(
    data: object,
    *,
    on: object = None,
    size: FloatArray | None = None,
    sentiment: FloatArray | None = None,
    weights: Mapping[str, float] | None = None,
    rules: RankingRules | None = None,
) -> Ranked:
    """Instruments by volatility-adjusted momentum, size, liquidity and sentiment, at every bar up to `on`.

    data: several instruments (a mapping by symbol, a folder, a frame or file with several tickers), daily bars,
    adjusted for splits and dividends: an unadjusted split looks like a return. on: a date (that day included) or a
    moment; later bars are not looked at. size (market capitalisation) and sentiment: arrays [instruments, times of the
    common clock] of what was knowable at each close, NaN where nothing was; components not given are left out. weights:
    {"momentum": 0.5, "size": 0.15, "liquidity": 0.2, "sentiment": 0.15} by default. rules: everything else that can be
    chosen. Raises InvalidInput.
    """
    if rules is not None and weights is not None:
        raise InvalidInput("weights are part of the rules, and both were given", fix="give one of the two")
    panel = Panel.of(as_panel(data))
    if len(panel.symbols) < 2:
        raise InvalidInput(
            f"{panel.symbols[0] or 'this'} is one instrument, and a ranking needs two or more",
            fix="give a mapping by symbol, a folder, or a file with several tickers",
        )
    chosen = rules or (RankingRules() if weights is None else RankingRules(weights=weights))
    rows = _rows_until(panel, on)
    known = [None if values is None else np.asarray(values, dtype=np.float64) for values in (size, sentiment)]
    ranking = rank_instruments(panel, np.arange(rows), size=known[0], sentiment=known[1], rules=chosen)
    return Ranked(panel[:rows], ranking, _leaps(panel[:rows]))


def _leaps(panel: Panel) -> tuple[str, ...]:
    """A sentence for each instrument whose price leaps: a split that is not adjusted looks like a return."""
    found = []
    for symbol in panel.symbols:
        if not panel.present[panel.row_of(symbol)].any():
            continue
        leaps = [each.message for each in inspect_bars(panel.bars(symbol)) if each.code == "leap"]
        found += [
            f"{symbol}: {message}; rank adjusted prices (--adjust, at.load_many(..., adjust=True))" for message in leaps
        ]
    return tuple(found)


def _rows_until(panel: Panel, on: object) -> int:
    """How many times of the common clock lie at or before a moment, or on or before a day."""
    if on is None:
        return len(panel)
    if isinstance(on, bool) or not isinstance(on, _MOMENTS):
        raise InvalidInput(f"on is no date; got {on!r}", fix='use a date such as "2024-05-31"')
    moment = moment_of("on", on)
    rows = int(np.searchsorted(panel.time, moment + _DAY_NS if moment % _DAY_NS == 0 else moment + 1))
    if rows == 0:
        first = np.datetime64(int(panel.time[0]), "ns").astype("datetime64[D]")
        raise InvalidInput(f"no bar lies on or before {on}", fix=f"choose a date from {first} on")
    return rows
