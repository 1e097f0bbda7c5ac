"""The port to whoever sends bars as they are made."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import final

from autonomous_trading.core import Timeframe
from autonomous_trading.data.streaming import Arrival

__all__ = ["BarStream", "Heard", "Subscribed"]


@final
@dataclass(frozen=True, slots=True)
class Subscribed:
    """From here on every bar is sent: what came before has to be asked for."""

    symbols: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Heard:
    """A bar of one symbol, as it was sent."""

    symbol: str
    arrival: Arrival


class BarStream(ABC):
    """A source that sends bars.

    One listening is one connection. It says Subscribed once, when the source has confirmed, then each bar as it came:
    repeated, revised and late ones too, but none that the source calls unfinished. A failure raises, and listening
    again connects anew: SourceUnavailable where the connection cannot be had or is lost, SourceCorrupt for what is no
    message of this source, SourceDenied for keys, subscriptions, and bars it does not send.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """What a data string calls its source: "alpaca"."""

    @property
    def adjustment(self) -> str:
        """The adjustment of its prices, as in a data string: what is sent as it is made is "raw"."""
        return "raw"

    @abstractmethod
    def listen(self, symbols: tuple[str, ...], timeframe: Timeframe) -> AsyncGenerator[Subscribed | Heard, None]:
        """Connect, subscribe, and hand on what comes until it fails or is closed."""
