"""Bars of lengths that a local Alpaca was not given, made of the shorter ones it was given."""

from collections.abc import Mapping

import numpy as np

from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data import RawBars
from autonomous_trading.testing.servers.alpaca._wire import Refusal

__all__ = ["coarser"]


def coarser(held: Mapping[str, Bars | RawBars], timeframe: str, symbol: str) -> Bars:
    """Bars of a length that the bars held (by length) are put together to, by the clock.

    Raises a refusal where they cannot be: where all of them are longer, or no multiple fits.
    """
    wanted = Timeframe.of(timeframe)
    fitting = [length for length in map(Timeframe.of, held) if _fits(length, wanted)]
    if not fitting:
        lengths = ", ".join(sorted(held, key=lambda text: Timeframe.of(text).ns))
        raise Refusal(
            400, f"this local server makes bars of {symbol} from {lengths}, and {timeframe} is no multiple of these"
        )
    bars = held[max(fitting).text]
    starts = wanted.starts(bars.time)
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    return Bars(
        starts[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[np.append(first[1:], len(starts)) - 1],
        np.add.reduceat(bars.volume, first),
        symbol,
    )


def _fits(length: Timeframe, wanted: Timeframe) -> bool:
    if wanted.is_intraday:
        return length.is_intraday and wanted.ns % length.ns == 0
    return length.text == "1d"
