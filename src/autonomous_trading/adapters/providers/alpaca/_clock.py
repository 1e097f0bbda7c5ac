"""Whether the market is open, as the exchange's own clock has it at Alpaca."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

from autonomous_trading.adapters.providers.alpaca._client import AlpacaReader
from autonomous_trading.core import SourceCorrupt, SourceUnavailable, time_text

__all__ = ["MarketClock", "market_clock", "require_open"]


@final
@dataclass(frozen=True, slots=True)
class MarketClock:
    """The time at the exchange, whether it is open, and when it opens and closes next (UTC nanoseconds)."""

    time: int
    is_open: bool
    next_open: int
    next_close: int


def market_clock(reader: AlpacaReader) -> MarketClock:
    """What the clock of US stocks says now."""
    found = reader.trading("/clock")
    if not isinstance(found, dict) or not isinstance(found.get("is_open"), bool):
        raise SourceCorrupt("the clock of Alpaca does not say whether the market is open", fix="try again later")
    return MarketClock(
        _moment(found.get("timestamp")),
        found["is_open"],
        _moment(found.get("next_open")),
        _moment(found.get("next_close")),
    )


def require_open(reader: AlpacaReader) -> MarketClock:
    """The clock of an open market; for what works in real time alone. Raises SourceUnavailable where it is closed."""
    clock = market_clock(reader)
    if not clock.is_open:
        raise SourceUnavailable(
            f"the market is closed until {time_text(clock.next_open)}",
            fix="wait for it to open, or use bars that are there: autotrade data fetch",
        )
    return clock


def _moment(text: Any) -> int:
    """UTC nanoseconds of a time with its offset, which the trading API writes in the zone of New York."""
    try:
        when = datetime.fromisoformat(str(text)[:19] + str(text)[-6:])  # the fraction may have nine digits
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise SourceCorrupt(f"the clock of Alpaca says {text!r}, which is no time with a zone", fix="try again later")
    return int(when.timestamp()) * 1_000_000_000
