"""Instruments in an order, day by day, with what put them there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, final

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput, Panel, unknown_name
from autonomous_trading.data.ranking._components import (
    RankingWindows,
    illiquidity,
    median_turnover,
    momenta,
    recently_there,
)
from autonomous_trading.data.ranking._cross_section import Scale, best_first, mean_known, scores_of

__all__ = ["COMPONENTS", "RankedInstrument", "Ranking", "RankingRules", "rank_instruments"]

COMPONENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "momentum": "returns of the past in units of volatility, the last bars left out",
        "size": "log of market capitalisation",
        "liquidity": "median money traded, and little impact of trades (Amihud)",
        "sentiment": "whatever was given as sentiment",
    }
)
"""What instruments are compared by, and what each component is."""

_WEIGHTS: Final = MappingProxyType({"momentum": 0.5, "size": 0.15, "liquidity": 0.2, "sentiment": 0.15})
_LEAST_COVERAGE: Final = 0.5
_BLOCK: Final = 8
_TINY: Final = 1e-300  # nothing was given that has a weight: coverage is 0, not undefined


@final
@dataclass(frozen=True, slots=True)
class RankingRules:
    """How instruments are ranked: windows, weights of the components, and how they are scaled.

    Weights may be negative (small before large) and need not sum to 1; a component of weight 0 is not computed.
    `scale` is "robust" or "rank": see `scores_of`. Raises InvalidInput, UnknownName.
    """

    windows: RankingWindows = field(default_factory=RankingWindows)
    weights: Mapping[str, float] = field(default_factory=lambda: dict(_WEIGHTS))
    scale: Scale = "robust"

    def __post_init__(self) -> None:
        for name in self.weights:
            if name not in COMPONENTS:
                raise unknown_name("component", name, COMPONENTS)
        if not any(self.weights.values()) or not np.isfinite(list(self.weights.values())).all():
            raise InvalidInput("no component has a weight, or one is not finite", fix='use {"momentum": 1.0}')
        if self.scale not in ("robust", "rank"):
            raise unknown_name("scale", self.scale, ("robust", "rank"))
        object.__setattr__(self, "weights", MappingProxyType({k: float(v) for k, v in self.weights.items() if v}))


class RankedInstrument(NamedTuple):
    """One place of a ranking; `scores` has the components that are known, `coverage` the share of weight they have."""

    rank: int
    symbol: str
    total: float
    scores: Mapping[str, float]
    coverage: float


@final
@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The order of instruments at some rows of a panel, known after the close of each.

    Arrays have the shape [instruments, rows]. `rank` is 1 for the best and 0 where an instrument is not ranked,
    `total` and `scores` are NaN there. `coverage` is the share of the weight whose components are known; the total is
    the mean of those. `left_out` names the components that could not be used at all.
    """

    symbols: tuple[str, ...]
    time: IntArray
    rows: IntArray
    scores: Mapping[str, FloatArray]
    total: FloatArray
    rank: IntArray
    coverage: FloatArray
    weights: Mapping[str, float]
    left_out: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def places(self, position: int = -1) -> tuple[RankedInstrument, ...]:
        """The instruments ranked at one row, the best first; `position` counts the rows of the ranking."""
        rank = self.rank[:, position]
        order = sorted(np.flatnonzero(rank).tolist(), key=lambda number: int(rank[number]))
        return tuple(
            RankedInstrument(
                int(rank[number]),
                self.symbols[number],
                float(self.total[number, position]),
                {
                    name: float(each[number, position])
                    for name, each in self.scores.items()
                    if np.isfinite(each[number, position])
                },
                float(self.coverage[number, position]),
            )
            for number in order
        )


def rank_instruments(
    panel: Panel,
    as_of_rows: IntArray | None = None,
    *,
    size: FloatArray | None = None,
    sentiment: FloatArray | None = None,
    rules: RankingRules = RankingRules(),
) -> Ranking:
    """The instruments of a panel in order, at some of its rows or at all.

    `size` (market capitalisation) and `sentiment` have the shape [instruments, rows] of the panel: what was knowable
    at the close of each row, NaN where nothing was. Scores at a row come from that row and those before it; rows
    behind the last one asked for are not looked at. An instrument without a bar lately is not ranked, nor one of whose
    weights more than half are unknown. Raises InvalidInput.
    """
    rows = _checked_rows(panel, as_of_rows)
    first, stop = max(0, int(rows.min()) - rules.windows.longest + 1), int(rows.max()) + 1
    part = panel[first:stop]
    given = {"size": _given(panel, "size", size), "sentiment": _given(panel, "sentiment", sentiment)}
    at = rows - first
    eligible = recently_there(part, rules.windows.absent)[:, at]
    scores: dict[str, FloatArray] = {}
    for name in COMPONENTS:
        if name in rules.weights and given.get(name, panel.close) is not None:
            values = _values(name, part, rules.windows, given.get(name), slice(first, stop))
            parts = [scores_of(each[:, at], eligible, rules.scale) for each in values]
            scores[name] = mean_known(parts)
    left_out = tuple(name for name in rules.weights if name not in scores or np.isnan(scores[name]).all())
    return _ranking(panel, rows, scores, rules.weights, left_out)


def _values(
    name: str, panel: Panel, windows: RankingWindows, given: FloatArray | None, rows: slice
) -> list[FloatArray]:
    """What a component compares, one array or several whose scores are averaged."""
    if name in ("momentum", "liquidity"):
        blocks = [_of_own_past(name, block, windows) for block in _blocks(panel)]
        return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    values = np.full(panel.close.shape, np.nan) if given is None else given[:, rows]
    return [np.log(np.where(values > 0.0, values, np.nan))] if name == "size" else [values]


def _of_own_past(name: str, panel: Panel, windows: RankingWindows) -> list[FloatArray]:
    if name == "momentum":
        return momenta(panel, windows)
    return [median_turnover(panel, windows.liquidity), -illiquidity(panel, windows.liquidity)]


def _blocks(panel: Panel) -> Iterator[Panel]:
    """The panel in a few instruments at a time, whose columns fit into a processor's cache."""
    for start in range(0, len(panel.symbols), _BLOCK):
        some = slice(start, start + _BLOCK)
        columns = {name: getattr(panel, name)[some] for name in ("open", "high", "low", "close", "volume", "present")}
        yield Panel(panel.symbols[some], panel.time, **columns)


def _ranking(
    panel: Panel, rows: IntArray, scores: dict[str, FloatArray], weights: Mapping[str, float], left_out: tuple[str, ...]
) -> Ranking:
    shape = (len(panel.symbols), len(rows))
    total, known = np.zeros(shape), np.zeros(shape)
    for name, score in scores.items():
        there = np.isfinite(score)
        total += np.where(there, weights[name] * score, 0.0)
        known += np.where(there, abs(weights[name]), 0.0)
    # What was not given counts for nobody. What was given and is not known yet does: a row does not know who will be.
    coverage = known / max(sum(abs(weights[name]) for name in scores), _TINY)
    total = np.where(known > 0.0, total / np.where(known > 0.0, known, 1.0), np.nan)
    total[coverage < _LEAST_COVERAGE] = np.nan
    kept = {name: each for name, each in scores.items() if name not in left_out}
    return Ranking(
        symbols=panel.symbols,
        time=panel.time[rows],
        rows=rows,
        scores=MappingProxyType(kept),
        total=total,
        rank=best_first(total),
        coverage=coverage,
        weights=MappingProxyType({name: weights[name] for name in kept}),
        left_out=left_out,
    )


def _checked_rows(panel: Panel, as_of_rows: IntArray | None) -> IntArray:
    rows = np.arange(len(panel)) if as_of_rows is None else np.asarray(as_of_rows)
    whole = rows.ndim == 1 and rows.dtype.kind in "iu" and len(rows) > 0
    if not whole or (np.diff(rows) <= 0).any() or rows[0] < 0 or rows[-1] >= len(panel):
        raise InvalidInput(
            f"as_of_rows are no rows of a panel of {len(panel)}", fix="give row numbers in ascending order, each once"
        )
    return rows.astype(np.int64)


def _given(panel: Panel, name: str, values: FloatArray | None) -> FloatArray | None:
    if values is None:
        return None
    array = np.asarray(values, dtype=np.float64)
    if array.shape != panel.close.shape:
        raise InvalidInput(
            f"{name} has shape {list(array.shape)}, the panel {list(panel.close.shape)}",
            fix="give what was knowable at the close of every row, NaN where nothing was",
        )
    return array
