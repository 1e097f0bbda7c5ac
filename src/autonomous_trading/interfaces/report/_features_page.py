"""The page of features: each column under the price it was computed from."""

from typing import Final

import numpy as np

from autonomous_trading.core import Bars
from autonomous_trading.features import FeatureMatrix
from autonomous_trading.interfaces.report._downsample import extreme_rows
from autonomous_trading.interfaces.report._figures import ChartFrame, chart_figure, legend
from autonomous_trading.interfaces.report._markup import JsonValue, Markup, Section, element, number_list, stepped
from autonomous_trading.interfaces.report._numbers import counted, is_daily, period_text
from autonomous_trading.interfaces.report._page import assembled

__all__ = ["render_features"]

_MOST_POINTS: Final = 4_000
_SECOND_NS: Final = 1_000_000_000


def render_features(bars: Bars, found: FeatureMatrix) -> str:
    """One HTML page that needs nothing else: every feature as a line, with the close above it on the same axis.

    `found` are features of these bars, row by row. The same bars and features give the same page; lines of more than
    4,000 bars are thinned so that every peak stays.
    """
    sections = [_section(at, bars, found) for at in range(len(found.names))]
    title = f"Features of {bars.symbol}" if bars.symbol else "Features"
    lead = f"{counted(len(found.names), 'feature')}, {counted(len(bars), 'bar')}, {_period(bars)}"
    heading = element("div", element("h1", title), element("p", lead, class_="lead"), class_="title")
    return assembled(title, heading, "", sections, "")


def _section(at: int, bars: Bars, found: FeatureMatrix) -> Section:
    name, formula, values = found.names[at], found.formulas[at], found.values[:, at]
    rows = extreme_rows([bars.close, values], _MOST_POINTS)
    payload: dict[str, JsonValue] = {
        "time": stepped(bars.time[rows] // _SECOND_NS),
        "daily": is_daily(bars.time),
        "close": number_list(bars.close[rows], digits=6),
        "name": name,
        "values": number_list(values[rows], digits=6),
    }
    known = np.isfinite(values)
    share = f"known on {known.mean():.1%} of the bars"
    thinned = "" if len(rows) == len(bars) else f" {len(rows):,} of {len(bars):,} bars are drawn, peaks kept."
    subtitle = f"{formula}: {share}.{thinned}"
    ends = f"from {values[known].min():.4g} to {values[known].max():.4g}" if known.any() else "never known"
    frame = ChartFrame(f"feature-{at}", "feature", name, subtitle, f"The close, and {name} below it, {ends}.", True)
    body = chart_figure(frame, legend(("line strategy", "Close"), ("line chosen", name)))
    return Section(f"feature-section-{at}", name, Markup(body), {f"feature-{at}": payload})


def _period(bars: Bars) -> str:
    return period_text(int(bars.time[0]), int(bars.time[-1]), daily=is_daily(bars.time))
