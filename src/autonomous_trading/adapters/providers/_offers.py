"""What every provider looks at before it asks: is the request one that it can answer, and which rows are due?"""

import numpy as np

from autonomous_trading.app.market_data import Capabilities
from autonomous_trading.core import BoolArray, IntArray, InvalidInput, Timeframe
from autonomous_trading.data import BarsRequest

__all__ = ["checked_request", "due_rows", "refused_choice"]


def checked_request(name: str, offer: Capabilities, request: BarsRequest) -> None:
    """Nothing, or InvalidInput where the provider `name` has no such timeframe, adjustment or feed."""
    if request.timeframe.text not in offer.timeframes:
        raise refused_choice(name, "timeframe", request.timeframe.text, offer.timeframes)
    if request.adjustment not in offer.adjustments:
        raise refused_choice(name, "adjustment", request.adjustment, offer.adjustments)
    if request.feed and request.feed not in offer.feeds:
        raise refused_choice(name, "feed", request.feed, offer.feeds)


def refused_choice(name: str, kind: str, value: str, known: tuple[str, ...]) -> InvalidInput:
    """The error for a choice that a provider does not offer, with those it does."""
    fix = f"use one of {', '.join(known)}" if known else f"leave the {kind} out"
    return InvalidInput(f"{name} has no {kind} {value!r}", fix=fix)


def due_rows(time: IntArray, request: BarsRequest, now: int) -> BoolArray:
    """Which bars (by their starts) are inside the span asked for and over at `now`."""
    inside = (time >= request.span.start) & (time < request.span.stop)
    due: BoolArray = np.asarray(inside & (ends_of(request.timeframe, time) <= now), dtype=np.bool_)
    return due


def ends_of(timeframe: Timeframe, time: IntArray) -> IntArray:
    """When each bar is over, by the clock alone: times that no calendar holds end where they begin."""
    sound = (time > 0) & (time < np.iinfo(np.int64).max - 2 * timeframe.ns)
    ends = time.copy()
    ends[sound] = timeframe.following(time[sound])
    return ends
