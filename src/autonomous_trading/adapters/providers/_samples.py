"""The samples as a source of bars: a catalogue can be filled without a network."""

import time
from collections.abc import Callable, Iterator
from typing import Final, final

from autonomous_trading.adapters._samples import SAMPLES, sample
from autonomous_trading.adapters.providers._offers import checked_request, due_rows
from autonomous_trading.adapters.providers._settings import ProviderSettings
from autonomous_trading.app.market_data import BarProvider, Capabilities
from autonomous_trading.core import unknown_name
from autonomous_trading.data import BarsRequest, RawBars

__all__ = ["SampleProvider", "sample_provider"]

_OFFER: Final = Capabilities(("1d",), calendar="XNYS", ends_with_last=True)


@final
class SampleProvider(BarProvider):
    """The bundled samples: "sample:sp500:1d", "sample:nasdaq:1d"."""

    def __init__(self, *, now: Callable[[], int] = time.time_ns) -> None:
        self._now = now

    @property
    def name(self) -> str:
        """What a data string calls it."""
        return "sample"

    def capabilities(self) -> Capabilities:
        """Daily bars."""
        return _OFFER

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        """The rows asked for, one page a sample: see `BarProvider`."""
        checked_request(self.name, _OFFER, request)
        for symbol in request.symbols:
            if symbol not in SAMPLES:
                raise unknown_name("sample", symbol, SAMPLES)
        now = self._now()
        for symbol in request.symbols:
            rows = RawBars.of(sample(symbol), now)
            page = rows.taken(due_rows(rows.time, request, now))
            if len(page):
                yield page

    def close(self) -> None:
        """Nothing is held open."""


def sample_provider(_: str, __: ProviderSettings) -> SampleProvider:
    """The samples."""
    return SampleProvider()
