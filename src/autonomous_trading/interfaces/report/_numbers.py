"""Numbers, dates and counts as a reader sees them: one place decides how each kind is written."""

from typing import Literal

import numpy as np

from autonomous_trading.core import IntArray

__all__ = [
    "NOT_AVAILABLE",
    "NumberKind",
    "counted",
    "date_text",
    "format_number",
    "format_value",
    "is_daily",
    "period_text",
    "sentence_case",
]

NumberKind = Literal["fraction", "probability", "ratio", "count", "money", "price", "bars", "days", "tenths", "plain"]
NOT_AVAILABLE = "n/a"
_MINUS = "\u2212"
_NS_PER_DAY = 86_400_000_000_000


def format_number(value: float, kind: NumberKind, *, signed: bool = False) -> str:
    """`value` written for people: 0.1234 of kind "fraction" is "12.34%", NaN is "n/a". Minus is a real minus sign."""
    if np.isnan(value):
        return NOT_AVAILABLE
    if np.isinf(value):
        return "\u221e" if value > 0 else _MINUS + "\u221e"
    text = _magnitude(abs(value), kind)
    if value < 0 and any(digit in "123456789" for digit in text):
        return _MINUS + text
    return "+" + text if signed and value > 0 else text


def _magnitude(size: float, kind: NumberKind) -> str:
    match kind:
        case "fraction":
            return f"{size * 100:,.2f}%" if size < 10 else f"{size * 100:,.0f}%"
        case "probability":
            return f"{size * 100:,.1f}%"
        case "count":
            return f"{size:,.0f}" if size == int(size) else f"{size:,.1f}"
        case "money":
            return f"{size:,.2f}" if size < 1_000 else f"{size:,.0f}"
        case "bars" | "days":
            return f"{size:,.1f} {kind}"
        case "tenths":
            return f"{size:,.1f}"
        case "ratio":
            return f"{size:,.2f}" if size < 100 else f"{size:,.0f}"
        case "price":
            return f"{size:,.2f}" if size >= 10 else f"{size:.4f}" if size >= 1 else f"{size:.6g}"
        case "plain":
            return f"{size:,.0f}" if size == int(size) and size < 1e15 else f"{size:,.6g}"


def format_value(value: object) -> str:
    """A parameter value as text: yes or no for booleans, six significant digits for numbers, words as they are."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.integer | np.floating):
        return format_number(float(value), "plain")
    return str(value)


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 trade", "1,234 trades"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def is_daily(time: IntArray) -> bool:
    """Whether every time is midnight UTC, so that dates alone say everything."""
    return bool(np.all(time % _NS_PER_DAY == 0))


def date_text(time_ns: int, *, daily: bool) -> str:
    """UTC time as "2026-11-20", or "2026-11-20 14:30" when hours matter."""
    unit: Literal["D", "m"] = "D" if daily else "m"
    return str(np.datetime_as_string(np.datetime64(int(time_ns), "ns"), unit=unit)).replace("T", " ")


def period_text(start_ns: int, stop_ns: int, *, daily: bool) -> str:
    """A stretch of time as "2001-01-02 to 2004-12-31"."""
    return f"{date_text(start_ns, daily=daily)} to {date_text(stop_ns, daily=daily)}"


def sentence_case(text: str) -> str:
    """Text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]
