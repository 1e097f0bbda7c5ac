"""What the suite of providers plays with: a source that holds known rows, and the trouble it may be in."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, final

import numpy as np

from autonomous_trading.app.market_data import BarProvider
from autonomous_trading.core import IntArray, Timeframe
from autonomous_trading.data import BarsRequest, RawBars, Span

__all__ = ["ATTEMPTS", "TIMEOUT", "Scene", "Subject", "made_rows", "request_of", "rows_by_symbol"]

ATTEMPTS: Final = 3
TIMEOUT: Final = 0.25
_START: Final = 1_709_510_400_000_000_000  # 2024-03-04T00:00:00Z, a Monday
_COUNT: Final = 260


@final
@dataclass(frozen=True, slots=True)
class Scene:
    """What a source is asked to play: it holds `rows`, its clock (and ours) reads `now`, and something may be wrong.

    `trouble` is "" (none), "fails_twice" (two failures that pass, then answers), "breaks_off" (one good answer that
    holds rows, then nothing but failures), "down" (nothing but failures), "silent" (takes the question and never
    answers), "denied" (refuses the keys), or the name of one of the subject's lies. The provider is to be patient for
    `ATTEMPTS` attempts of `TIMEOUT` seconds, and to wait by calling `sleep`.
    """

    rows: Mapping[str, RawBars]
    timeframe: Timeframe
    now: int
    trouble: str = ""
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Wait, without any time going by."""
        self.waits.append(seconds)


@final
@dataclass(frozen=True, slots=True)
class Subject:
    """The provider under test: how to open one over a source that plays a scene, and what it can be asked to play.

    `symbols` are two that the source lists, `unknown` one it does not. `troubles` are those of `Scene` that it can be
    in, `lies` the names of answers that break its promises. `carries` says which faulty rows its format can hold:
    "nan" (no high), "duplicate" (a row twice), "negative" (a price below zero). `secret` is a key that `open` gave it.
    `holds` are its rows where it cannot play others.
    """

    open: Callable[[Scene], AbstractContextManager[BarProvider]]
    symbols: tuple[str, str]
    unknown: str
    timeframe: str = "1h"
    troubles: frozenset[str] = frozenset({"fails_twice", "breaks_off", "down", "silent"})
    lies: Sequence[str] = ()
    carries: frozenset[str] = frozenset({"nan", "duplicate", "negative"})
    secret: str = ""
    holds: Mapping[str, RawBars] = field(default_factory=dict)

    def rows(self) -> Mapping[str, RawBars]:
        """What the source holds, by symbol."""
        if self.holds:
            return self.holds
        step = Timeframe.of(self.timeframe)
        return {symbol: made_rows(symbol, step, seed) for seed, symbol in enumerate(self.symbols)}

    def scene(self, trouble: str = "", rows: Mapping[str, RawBars] | None = None) -> Scene:
        """A source with these rows, after the last of them was over."""
        held = self.rows() if rows is None else rows
        step = Timeframe.of(self.timeframe)
        last = max(int(each.time.max()) for each in held.values())
        return Scene(held, step, last + 3 * step.ns, trouble)


def made_rows(symbol: str, timeframe: Timeframe, seed: int = 0, count: int = _COUNT) -> RawBars:
    """Bars one after another from Monday, 4 March 2024, with prices in cents and whole volumes; from a seed."""
    rng = np.random.default_rng(seed)
    time: IntArray = _START + np.arange(count, dtype=np.int64) * timeframe.ns
    close = np.round(100.0 + np.cumsum(rng.normal(0.0, 0.3, count)), 2)
    begun = np.concatenate([[100.0], close[:-1]])
    high = np.round(np.maximum(begun, close) + rng.integers(0, 50, count) / 100.0, 2)
    low = np.round(np.minimum(begun, close) - rng.integers(0, 50, count) / 100.0, 2)
    volume = rng.integers(1, 100_000, count).astype(np.float64)
    return RawBars(symbol, time, begun, high, low, close, volume, received_at=_START)


def request_of(scene: Scene, provider: BarProvider, *symbols: str, span: Span | None = None) -> BarsRequest:
    """A request for all that a scene's source holds of some symbols (default: of all), or for a span of it."""
    if span is None:
        first = min(int(each.time.min()) for each in scene.rows.values())
        span = Span(first, scene.now)
    named = symbols or tuple(scene.rows)
    return BarsRequest(named, scene.timeframe, span, adjustment=provider.capabilities().adjustments[0])


def rows_by_symbol(provider: BarProvider, request: BarsRequest) -> dict[str, RawBars]:
    """Everything a request yields, by symbol."""
    parts: dict[str, list[RawBars]] = {}
    for page in provider.pages(request):
        parts.setdefault(page.symbol, []).append(page)
    return {symbol: RawBars.joined(pages) for symbol, pages in parts.items()}
