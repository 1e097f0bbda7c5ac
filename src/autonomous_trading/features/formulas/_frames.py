"""Columns of another timeframe: how `rsi(14)@4h` is named for those who compute it."""

from autonomous_trading.core import Timeframe

FRAME_MARK = ":"
"""Stands between the timeframe and the name of a column: "4h:rsi"."""


def framed(name: str, timeframe: str) -> str:
    """The name of a column of another timeframe; InvalidInput for a timeframe that is none.

    >>> framed("rsi", "4h"), framed("close", "5min")
    ('4h:rsi', '5m:close')
    """
    return f"{Timeframe.of(timeframe).text}{FRAME_MARK}{name}"


def unframed(name: str) -> tuple[str, str]:
    """The timeframe of a column ("" for that of the bars), and its name without it.

    >>> unframed("4h:rsi"), unframed("rsi")
    (('4h', 'rsi'), ('', 'rsi'))
    """
    timeframe, mark, rest = name.partition(FRAME_MARK)
    return (timeframe, rest) if mark and timeframe[:1].isdigit() else ("", name)
