"""Volume that says nothing, or begins to say something else."""

from typing import Final

import numpy as np

from autonomous_trading.core import Bars, Timeframe
from autonomous_trading.data.quality._findings import Finding, shown_time, spans_at
from autonomous_trading.data.quality._prices import runs_of

__all__ = ["volume_findings"]

_FEWEST: Final = 10
_BLOCK: Final = 50
_OTHER_LEVEL: Final = 20.0
_ZERO_RUN: Final = 5
_MOSTLY: Final = 0.9


def volume_findings(bars: Bars, timeframe: Timeframe) -> list[Finding]:
    """At most one finding of each kind: none at all, always the same, stretches of zeros, another level."""
    if len(bars) < _FEWEST:
        return []
    if not bars.volume.any():
        fix = "columns of volume, liquidity limits and volume bars mean nothing here"
        return [Finding("no_volume", "note", "the volume is 0 on every bar: not recorded", len(bars), fix=fix)]
    if bool((bars.volume == bars.volume[0]).all()):
        message = f"volume is {bars.volume[0]:g} on every bar: it says nothing"
        return [Finding("constant_volume", "warning", message, len(bars), fix="do not use columns of volume")]
    return [*_zero_runs(bars, timeframe), *_other_level(bars, timeframe)]


def _zero_runs(bars: Bars, timeframe: Timeframe) -> list[Finding]:
    if float(np.mean(bars.volume > 0.0)) < _MOSTLY:
        message = f"the volume is 0 on {float(np.mean(bars.volume == 0.0)):.0%} of the bars"
        count = int(np.count_nonzero(bars.volume == 0.0))
        return [Finding("zero_volume", "warning", message, count, fix="columns of volume mean little here")]
    shortest = 12 * _ZERO_RUN if timeframe.is_intraday else _ZERO_RUN
    first, length = runs_of(bars.volume == 0.0, shortest)
    if not len(first):
        return []
    when = shown_time(int(bars.time[first[np.argmax(length)]]), timeframe)
    message = f"{int(length.sum()):,} bars without volume in {len(first):,} stretches, the longest from {when} on"
    fix = "the market was halted, or the source lost it: leave these times out"
    return [Finding("zero_volume", "warning", message, int(length.sum()), spans_at(bars.time[first], timeframe), fix)]


def _other_level(bars: Bars, timeframe: Timeframe) -> list[Finding]:
    """A median of 50 bars that is 20 times that of the 50 before, or a twentieth: another unit or another feed."""
    blocks = len(bars) // _BLOCK
    if blocks < 2:
        return []
    level = np.median(bars.volume[-blocks * _BLOCK :].reshape(blocks, _BLOCK), axis=1)
    with np.errstate(all="ignore"):
        change = np.abs(np.log(level[1:] / level[:-1]))
    found = np.flatnonzero(np.isfinite(change) & (change >= np.log(_OTHER_LEVEL)))
    if not len(found):
        return []
    top = int(found[np.argmax(change[found])])
    rows = len(bars) - blocks * _BLOCK + (found + 1) * _BLOCK
    when = shown_time(int(bars.time[len(bars) - blocks * _BLOCK + (top + 1) * _BLOCK]), timeframe)
    message = f"the volume goes from about {level[top]:,.4g} to {level[top + 1]:,.4g} a bar near {when}"
    fix = "shares became lots, or one exchange became all: do not compare volume across that time"
    return [Finding("volume_level", "warning", message, len(found), spans_at(bars.time[rows], timeframe), fix)]
