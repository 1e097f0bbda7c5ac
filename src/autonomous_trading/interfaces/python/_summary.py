"""A result as a few lines of plain text: the numbers that a person looks at first, side by side, and their worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from autonomous_trading.core import metric_named

_SHOWN = ("total_return", "cagr", "sharpe_ratio", "max_drawdown", "win_rate", "exposure", "trade_count")
_GAP = "  "


def summary_text(heading: Iterable[str], columns: Mapping[str, Mapping[str, float]], words: Iterable[str]) -> str:
    """Lines above, a table with one column per sample, and lines beneath."""
    return "\n".join([*heading, "", *_table(columns), "", *words])


def _table(columns: Mapping[str, Mapping[str, float]]) -> list[str]:
    rows = [["", *columns]]
    rows += [
        [name.replace("_", " "), *(_number(name, values.get(name, math.nan)) for values in columns.values())]
        for name in _SHOWN
        if any(name in values for values in columns.values())
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        _GAP.join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def _number(name: str, value: float) -> str:
    """A number in the unit of its metric; "n/a" where it has no meaning."""
    if math.isnan(value):
        return "n/a"
    unit = metric_named(name).unit
    if unit.startswith("fraction"):
        return f"{100.0 * value:,.1f} %"
    if unit == "trades":
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return f"{value:,.2f}"
