"""The bars that --data, --start and --stop ask for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from autonomous_trading.interfaces.cli._numbers import nanoseconds
from autonomous_trading.interfaces.cli._options import MarketOptions

if TYPE_CHECKING:
    from autonomous_trading.core import Bars

__all__ = ["MarketData", "read_market", "shown_moment"]

_LAST_NS = 2**63 - 1


@final
@dataclass(frozen=True, slots=True)
class MarketData:
    """Bars by symbol, what was asked for to get them, and what had to be assumed to read them."""

    instruments: "dict[str, Bars]"
    asked: MarketOptions
    notes: tuple[str, ...]

    @property
    def bars(self) -> "Bars | dict[str, Bars]":
        """What the Python face takes: the bars of one instrument, or several by symbol."""
        if len(self.instruments) == 1:
            return next(iter(self.instruments.values()))
        return self.instruments

    def to_dict(self) -> dict[str, object]:
        """What was asked for and what it held, for a JSON document."""
        return {
            "source": self.asked.data,
            "instruments": [
                {
                    "symbol": symbol,
                    "bars": len(bars),
                    "first": _date(int(bars.time[0])),
                    "last": _date(int(bars.time[-1])),
                }
                for symbol, bars in self.instruments.items()
            ],
        }

    def describe(self) -> str:
        """One line for a heading: how many bars of what, and from when to when."""
        counts = [len(bars) for bars in self.instruments.values()]
        first = min(int(bars.time[0]) for bars in self.instruments.values())
        last = max(int(bars.time[-1]) for bars in self.instruments.values())
        names = list(self.instruments)
        what = names[0] if len(names) == 1 else f"{len(names)} instruments ({', '.join(names[:4])}"
        if len(names) > 1:
            what += ", ...)" if len(names) > 4 else ")"
        return f"{what}: {sum(counts):,} bars, {_date(first)} to {_date(last)}"


def read_market(options: MarketOptions, catalogue: str | None = None, *, adjust: bool = False) -> MarketData:
    """The bars between start (included) and stop (left out), with notes. Raises InvalidInput.

    `catalogue` is the folder that series of a provider are read from, where it is not the usual one.
    """
    from autonomous_trading.adapters import notes_together, read_many

    readings = read_many(options.data, adjust=adjust or options.adjust, catalogue=catalogue, known_at=options.known_at)
    instruments = {symbol: _cut(reading.bars, options) for symbol, reading in readings.items()}
    notes = notes_together(note for reading in readings.values() for note in reading.notes)
    return MarketData(instruments, options, notes)


def _cut(bars: "Bars", options: MarketOptions) -> "Bars":
    from autonomous_trading.core import InvalidInput

    if options.start is None and options.stop is None:
        return bars
    start = nanoseconds(options.start) if options.start else 0
    stop = nanoseconds(options.stop) if options.stop else _LAST_NS
    if start >= stop:
        raise InvalidInput(
            f"--start {shown_moment(options.start)} is not before --stop {shown_moment(options.stop)}",
            fix="swap the two dates",
        )
    rows = bars.rows_between(start, stop)
    if rows.start == rows.stop:
        span = f"{_date(int(bars.time[0]))} to {_date(int(bars.time[-1]))}"
        raise InvalidInput(
            f"no bar of {bars.symbol or options.data} lies between --start and --stop",
            fix=f"choose dates inside {span}",
        )
    return bars[rows]


def _date(time_ns: int) -> str:
    import numpy as np

    return str(np.datetime64(time_ns, "ns").astype("datetime64[D]"))


def shown_moment(when: object) -> str:
    """A moment as a person types it: without its zone, and without midnight."""
    return str(when).removesuffix("+00:00").removesuffix(" 00:00:00").replace(" ", "T")
