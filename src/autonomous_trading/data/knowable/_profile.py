"""Where volume was traded: the profile of a session, known when the session is over."""

from dataclasses import dataclass
from typing import Final, final

import numpy as np

from autonomous_trading.core import FloatArray, InvalidInput
from autonomous_trading.data._sessions import Sessions, around_the_clock
from autonomous_trading.data.knowable._series import KnowableSeries
from autonomous_trading.data.knowable._ticks import Trades

__all__ = ["VolumeProfile", "session_profiles", "volume_profile"]

_MOST_LEVELS: Final = 1_000_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class VolumeProfile:
    """Volume per price level, the level with most of it, and the value area around that level."""

    price: FloatArray
    volume: FloatArray
    point_of_control: float
    value_area_low: float
    value_area_high: float


def volume_profile(price: FloatArray, size: FloatArray, tick: float, share: float = 0.7) -> VolumeProfile:
    """The histogram of volume over prices rounded to `tick`.

    The point of control is the level with most volume (the lowest of several). The value area grows from it by the
    larger of the two levels next to it, the upper one where they are equal, until it holds `share` of the volume.
    Raises InvalidInput.
    """
    if not tick > 0.0 or not 0.0 < share <= 1.0:
        raise InvalidInput(f"tick is {tick}, share is {share}", fix="give a tick above 0 and a share of 0 to 1")
    if not len(price) or not (size > 0.0).any():
        raise InvalidInput("no volume was traded", fix="give at least one trade with a size")
    level = np.rint(price / tick).astype(np.int64)
    lowest = int(level.min())
    if int(level.max()) - lowest >= _MOST_LEVELS:
        raise InvalidInput("these prices have more than a million levels", fix="take a coarser tick")
    volume = np.asarray(np.bincount(level - lowest, weights=size), dtype=np.float64)
    middle = int(np.argmax(volume))
    low, high = _value_area(volume, middle, share)
    prices = np.asarray((np.arange(len(volume)) + lowest) * tick, dtype=np.float64)
    return VolumeProfile(prices, volume, float(prices[middle]), float(prices[low]), float(prices[high]))


def session_profiles(
    trades: Trades, tick: float, *, sessions: Sessions | None = None, share: float = 0.7
) -> tuple[KnowableSeries, KnowableSeries, KnowableSeries]:
    """Point of control, low and high of the value area, session by session: profile_poc, profile_low, profile_high.

    Each is known at the close of its session, so that a session's own profile is never known in it. Trades outside
    sessions do not count; without sessions every UTC date is one. A session that was not over by the last trade is
    left out.
    """
    held = sessions or around_the_clock(*_span(trades))
    first = np.searchsorted(trades.time, held.open, side="left")
    after = np.searchsorted(trades.time, held.close, side="left")
    rows, values = [], []
    for row in range(len(held)):
        part = slice(int(first[row]), int(after[row]))
        over = len(trades) > 0 and held.close[row] <= trades.time[-1]
        if over and (trades.size[part] > 0.0).any():
            found = volume_profile(trades.price[part], trades.size[part], tick, share)
            rows.append(row)
            values.append((found.point_of_control, found.value_area_low, found.value_area_high))
    columns = np.array(values, dtype=np.float64).reshape(-1, 3)
    at = np.array(rows, dtype=np.int64)
    control, low, high = (
        KnowableSeries(name, held.close[at], held.date[at], columns[:, place], "price", trades.symbol)
        for place, name in enumerate(("profile_poc", "profile_low", "profile_high"))
    )
    return control, low, high


def _value_area(volume: FloatArray, middle: int, share: float) -> tuple[int, int]:
    low = high = middle
    held, wanted = float(volume[middle]), share * float(volume.sum())
    while held < wanted and (low > 0 or high < len(volume) - 1):
        above = volume[high + 1] if high < len(volume) - 1 else -1.0
        below = volume[low - 1] if low > 0 else -1.0
        if above >= below:
            high += 1
            held += float(above)
        else:
            low -= 1
            held += float(below)
    return low, high


def _span(trades: Trades) -> tuple[int, int]:
    return (int(trades.time[0]), int(trades.time[-1]) + 1) if len(trades) else (0, 0)
