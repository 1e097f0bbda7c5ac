"""A provider that gives what it was given: for tests of who asks one."""

from collections.abc import Callable, Iterator, Mapping
from typing import final

from autonomous_trading.app.market_data import BarProvider, Capabilities
from autonomous_trading.core import Bars, unknown_name
from autonomous_trading.data import BarsRequest, RawBars

__all__ = ["MemoryProvider"]


@final
class MemoryProvider(BarProvider):
    """Bars of some symbols in memory; those are given that are over at `now` (UTC nanoseconds).

    `late` is how many nanoseconds after its end a bar is there. `fail` is called before each answer, and may raise.
    """

    def __init__(
        self,
        bars: Mapping[str, Bars],
        now: Callable[[], int],
        *,
        late: int = 0,
        fail: Callable[[], None] = lambda: None,
    ) -> None:
        self._bars, self._now, self._late, self._fail = dict(bars), now, late, fail
        self.asked: list[BarsRequest] = []

    @property
    def name(self) -> str:
        return "memory"

    def capabilities(self) -> Capabilities:
        return Capabilities(timeframes=("1m",), calendar="24/7", late=self._late, days_late=self._late)

    def pages(self, request: BarsRequest) -> Iterator[RawBars]:
        self.asked.append(request)
        self._fail()
        for symbol in request.symbols:
            if symbol not in self._bars:
                raise unknown_name("symbol", symbol, self._bars)
            raw = RawBars.of(self._bars[symbol], self._now())
            over = request.timeframe.following(raw.time) + self._late <= self._now()
            inside = (raw.time >= request.span.start) & (raw.time < request.span.stop)
            if (over & inside).any():
                yield raw.taken(over & inside)

    def close(self) -> None:
        """There is nothing to let go of."""
