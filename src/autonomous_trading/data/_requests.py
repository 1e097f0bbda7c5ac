"""Which bars are meant: whose, of what length, and from when to when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, final

from autonomous_trading.core import InvalidInput, Timeframe, time_text

__all__ = ["ADJUSTMENTS", "BarsRequest", "SeriesKey", "Span", "merged_spans", "missing_spans"]

ADJUSTMENTS: Final = ("raw", "split", "dividend", "all")


class Span(NamedTuple):
    """From `start` (included) to `stop` (left out), UTC nanoseconds."""

    start: int
    stop: int


@final
@dataclass(frozen=True, slots=True)
class SeriesKey:
    """One series of bars: the source, the symbol as the source writes it, the timeframe, the adjustment.

    `adjustment` is "raw" (as traded; corporate actions are stored apart), or what the source adjusted for: "split",
    "dividend", "all".
    """

    source: str
    symbol: str
    timeframe: Timeframe
    adjustment: str = "raw"

    def __post_init__(self) -> None:
        for name in ("source", "symbol"):
            value = getattr(self, name)
            if not value or value != value.strip() or any(not c.isprintable() for c in value):
                raise InvalidInput(f"{value!r} is no {name}", fix=f"give the {name} as the provider writes it")
        if self.adjustment not in ADJUSTMENTS:
            raise InvalidInput(f"unknown adjustment {self.adjustment!r}", fix=f"use one of {', '.join(ADJUSTMENTS)}")

    @property
    def text(self) -> str:
        """As a data string: "alpaca:AAPL:1h", with "@split" behind it where prices are adjusted."""
        behind = "" if self.adjustment == "raw" else f"@{self.adjustment}"
        return f"{self.source}:{self.symbol}:{self.timeframe.text}{behind}"


@final
@dataclass(frozen=True, slots=True)
class BarsRequest:
    """Bars of some symbols at one source, with start <= time < stop (UTC nanoseconds)."""

    symbols: tuple[str, ...]
    timeframe: Timeframe
    span: Span
    adjustment: str = "raw"
    feed: str = ""

    def __post_init__(self) -> None:
        if not self.symbols or len(set(self.symbols)) < len(self.symbols):
            raise InvalidInput(f"symbols are {list(self.symbols)}", fix="name at least one, and each once")
        if self.span.start >= self.span.stop:
            raise InvalidInput(
                f"the start {time_text(self.span.start)} is not before the end {time_text(self.span.stop)}",
                fix="swap the two",
            )


def merged_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times in as few spans as possible, in order: those that touch or overlap become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.stop:
            continue
        if merged and span.start <= merged[-1].stop:
            merged[-1] = Span(merged[-1].start, max(merged[-1].stop, span.stop))
        else:
            merged.append(span)
    return tuple(merged)


def missing_spans(wanted: Span, held: Iterable[Span]) -> tuple[Span, ...]:
    """What of `wanted` is in none of the spans held, in order."""
    missing: list[Span] = []
    start = wanted.start
    for span in merged_spans(held):
        if span.stop <= start or span.start >= wanted.stop:
            continue
        if span.start > start:
            missing.append(Span(start, span.start))
        start = max(start, span.stop)
    if start < wanted.stop:
        missing.append(Span(start, wanted.stop))
    return tuple(missing)
