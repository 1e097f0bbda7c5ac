"""Metrics as rows, what they were measured on as columns: the one table every command shows."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "Measured",
    "metrics_table",
    "number",
    "parameters_text",
    "plain_table",
    "print_columns",
    "print_metrics",
    "print_table",
]

_ROWS = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
    "max_drawdown",
    "win_rate",
    "profit_factor",
    "trade_count",
    "exposure",
    "costs_paid",
)
_LABELS = {"cagr": "CAGR", "trade_count": "Trades", "psr": "Probabilistic Sharpe", "dsr": "Deflated Sharpe"}
_NOTHING = "-"
_ANY_WIDTH = 10_000


class Measured(NamedTuple):
    """One column: what its numbers were measured on, and the metrics (None: there are none)."""

    heading: str
    metrics: Mapping[str, float] | None
    strong: bool = False


def metrics_table(columns: Sequence[Measured]) -> "Table":
    """The metrics side by side, at most 80 characters wide with four columns."""
    table = plain_table()
    table.add_column("", no_wrap=True)
    shown = [column for column in columns if column.metrics is not None]
    for column in shown:
        style = "bold" if column.strong else ""
        table.add_column(column.heading, justify="right", style=style, header_style=style or "dim", min_width=10)
    for name in _ROWS:
        values = [(column.metrics or {}).get(name, math.nan) for column in shown]
        if any(value == value for value in values):
            table.add_row(label(name), *(number(name, value) for value in values))
    return table


def print_metrics(console: "Console", columns: Sequence[Measured]) -> None:
    """The metrics side by side where they fit, in tables below each other where they do not: none is left out."""
    shown = [column for column in columns if column.metrics is not None]
    for above, table in enumerate(_fitting(console, shown)):
        if above:
            console.print()
        print_table(console, table)


def _fitting(console: "Console", columns: Sequence[Measured]) -> "list[Table]":
    """As few tables as fit the terminal; at the least one column in each."""
    for beside in range(len(columns), 1, -1):
        tables = [metrics_table(columns[first : first + beside]) for first in range(0, len(columns), beside)]
        if all(_width(console, table) <= console.width for table in tables):
            return tables
    return [metrics_table([column]) for column in columns]


def print_table(console: "Console", table: "Table") -> None:
    """The table; where it is too wide, its cells take more lines: Rich alone would leave out columns."""
    if _width(console, table, least=True) > console.width:
        for column in table.columns:
            column.no_wrap, column.min_width, column.overflow = False, None, "fold"
    console.print(table)


def _width(console: "Console", table: "Table", *, least: bool = False) -> int:
    found = console.measure(table, options=console.options.update(width=_ANY_WIDTH))
    return found.minimum if least else found.maximum


def print_columns(
    console: "Console", headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[str]
) -> None:
    """Rows below headings, `left` naming the columns of words, at any width of the terminal.

    Where they are too wide they stand closer together, then in tables below each other that all begin with the first
    column: none is left out, and no number is broken.
    """
    for above, table in enumerate(_side_by_side(console, headings, rows, left)):
        if above:
            console.print()
        print_table(console, table)


def _side_by_side(
    console: "Console", headings: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[str]
) -> "list[Table]":
    """As few tables as fit the terminal; at the least one column beside the first in each."""
    others = range(1, len(headings))
    for beside in range(len(others), 0, -1):
        groups = [(0, *others[first : first + beside]) for first in range(0, len(others), beside)]
        for gap in (1, 0):
            tables = [_columns_table(headings, rows, (group, gap), left) for group in groups]
            if beside == 1 or all(_width(console, table) <= console.width for table in tables):
                return tables
    return [_columns_table(headings, rows, ((0,), 1), left)]


def _columns_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], shown: tuple[Sequence[int], int], left: Sequence[str]
) -> "Table":
    columns, gap = shown
    table = plain_table(gap=gap)
    for column in columns:
        name = headings[column]
        table.add_column(name, justify="left" if name in left else "right", no_wrap=column > 0, overflow="fold")
    for row in rows:
        table.add_row(*(row[column] for column in columns))
    return table


def plain_table(*, gap: int = 1) -> "Table":
    """An empty table in the house style: one rule under the heading, and room around numbers (`gap` on the left)."""
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim", padding=(0, 1, 0, gap))


def label(name: str) -> str:
    """A metric as a row is called: "sharpe_ratio" is "Sharpe ratio"."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def number(name: str, value: float) -> str:
    """The value of a metric in its declared unit: fractions as percent, money without cents, no value as a dash."""
    from autonomous_trading.core import metric_named

    if value != value:
        return _NOTHING
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    unit = metric_named(name).unit
    if unit.startswith("fraction"):
        return f"{100.0 * value:,.2f} %"
    if unit in ("trades", "currency"):
        return f"{value:,.0f}"
    return f"{value:,.2f}"


def parameters_text(parameters: Mapping[str, object], separator: str = " ") -> str:
    """A parameter set on one line: "fast=20 slow=100 stop_loss=0.02"."""
    shown = ((name, f"{value:.6g}" if isinstance(value, float) else value) for name, value in parameters.items())
    return separator.join(f"{name}={value}" for name, value in shown)
