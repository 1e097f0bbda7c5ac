"""Bars as they come: late, twice, out of order or never, put in order once and for all."""

from autonomous_trading.data.streaming._arrivals import ORIGINS, Arrival, Settled
from autonomous_trading.data.streaming._feed_watch import FeedWatch, WatchSettings, watch_feed
from autonomous_trading.data.streaming._grid import BarGrid
from autonomous_trading.data.streaming._merging import merge
from autonomous_trading.data.streaming._outcomes import EMITTED, KINDS, Outcome
from autonomous_trading.data.streaming._state import MergeSettings, MergeState, merge_from
from autonomous_trading.data.streaming._steady_time import Reading, SteadyTime, steady_time, witnessed

__all__ = [
    "EMITTED",
    "KINDS",
    "ORIGINS",
    "Arrival",
    "BarGrid",
    "FeedWatch",
    "MergeSettings",
    "MergeState",
    "Outcome",
    "Reading",
    "Settled",
    "SteadyTime",
    "WatchSettings",
    "merge",
    "merge_from",
    "steady_time",
    "watch_feed",
    "witnessed",
]
