"""What an answer of the chart interface holds, if it is one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from autonomous_trading.adapters.providers.yahoo._session import Answered
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, SourceCorrupt, UnknownName
from autonomous_trading.data import Span

__all__ = ["Chart", "chart_of"]

_COLUMNS: Final = ("open", "high", "low", "close", "volume")
_SECOND: Final = 1_000_000_000
_NO_ROWS: Final = "Data doesn't exist for startDate"
_SLACK_DAYS: Final = 7  # a daily bar carries the opening in local time, and Yahoo is generous at the edges


@final
@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Rows as they came: seconds since 1970, five columns with NaN for null; the zone of the exchange; the events."""

    seconds: IntArray
    columns: Mapping[str, FloatArray]
    zone: ZoneInfo
    latest: int
    events: Mapping[str, Any]


def chart_of(answered: Answered, symbol: str, interval: str, asked: Span) -> Chart | None:
    """The chart in an answer, None where Yahoo says that there is nothing for those times.

    Raises UnknownName for a symbol that Yahoo does not have, InvalidInput for times that it does not give in bars of
    that length, SourceCorrupt for what is no chart of what was asked for.
    """
    chart = _mapping(_json(answered.text).get("chart"), "its answer holds no chart")
    if chart.get("error") is not None:
        _refuse(_mapping(chart["error"], "its error is none"), symbol)
        return None
    results = chart.get("result")
    if answered.status != 200 or not isinstance(results, list) or len(results) != 1:
        raise _corrupt(f"its answer for {symbol} under status {answered.status} holds no result")
    result = _mapping(results[0], "its result is none")
    meta = _mapping(result.get("meta"), "its result says nothing about itself")
    _check_meta(meta, symbol, interval)
    seconds, columns = _rows(result)
    _check_times(seconds, meta, asked)
    return Chart(seconds, columns, _zone(meta), int(meta.get("regularMarketTime") or 0), _events(result))


def _json(text: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text), "its answer is no mapping")
    except (ValueError, RecursionError):
        raise _corrupt("its answer is no JSON") from None


def _refuse(error: Mapping[str, Any], symbol: str) -> None:
    """Nothing where the error says that there are no rows; otherwise raises what it is."""
    code, said = str(error.get("code")), " ".join(str(error.get("description")).split())[:200]
    if said.startswith(_NO_ROWS):
        return
    if code == "Not Found":
        raise UnknownName(
            f"Yahoo has no {symbol!r}: {said}", fix="write it as Yahoo does: AAPL, ^GSPC, BTC-USD, EURUSD=X, SAP.DE"
        )
    if code in ("Bad Request", "Unprocessable Entity"):
        raise InvalidInput(f"Yahoo does not give that: {said}", fix="ask for a later start, or for longer bars")
    raise _corrupt(f"it says {code}: {said}")


def _check_meta(meta: Mapping[str, Any], symbol: str, interval: str) -> None:
    if str(meta.get("symbol")).upper() != symbol.upper():
        raise _corrupt(f"{symbol} was asked for, and {meta.get('symbol')!r} came")
    if meta.get("dataGranularity") != interval:
        raise _corrupt(f"bars of {interval} were asked for, and bars of {meta.get('dataGranularity')!r} came")


def _rows(result: Mapping[str, Any]) -> tuple[IntArray, Mapping[str, FloatArray]]:
    indicators = _mapping(result.get("indicators"), "its result has no indicators")
    quotes = indicators.get("quote")
    if not isinstance(quotes, list) or len(quotes) != 1:
        raise _corrupt("its result has no quotes, or several")
    quote = _mapping(quotes[0], "its quotes are none")
    times = result.get("timestamp")
    if times is None and not any(quote.values()):
        times = []
        quote = dict.fromkeys(_COLUMNS, times)
    if not isinstance(times, list) or not all(type(each) is int for each in times):
        raise _corrupt("its times are no whole numbers")
    columns = {name: _column(name, quote.get(name), len(times)) for name in _COLUMNS}
    return np.array(times, dtype=np.int64), columns


def _column(name: str, values: Any, length: int) -> FloatArray:
    if not isinstance(values, list) or len(values) != length:
        held = len(values) if isinstance(values, list) else "no"
        raise _corrupt(f"column {name} has {held} values for {length} times")
    if not all(each is None or type(each) in (int, float) for each in values):
        raise _corrupt(f"column {name} holds something that is no number")
    return np.array([np.nan if each is None else each for each in values], dtype=np.float64)


def _check_times(seconds: IntArray, meta: Mapping[str, Any], asked: Span) -> None:
    """Yahoo may append the latest price to any answer; every other row lies about where it was asked for."""
    slack = _SLACK_DAYS * 86_400
    first, last = asked.start // _SECOND - slack, asked.stop // _SECOND + slack
    outside = (seconds < first) | (seconds > last)
    if len(seconds) and seconds[-1] == meta.get("regularMarketTime"):
        outside[-1] = False
    if outside.any():
        raise _corrupt(f"{int(outside.sum())} of {len(seconds)} rows lie outside the times that were asked for")


def _zone(meta: Mapping[str, Any]) -> ZoneInfo:
    name = str(meta.get("exchangeTimezoneName"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _corrupt(f"its time zone {name!r} is none") from None


def _events(result: Mapping[str, Any]) -> Mapping[str, Any]:
    events = result.get("events")
    return {} if events is None else _mapping(events, "its events are none")


def _mapping(value: Any, otherwise: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _corrupt(otherwise)
    return value


def _corrupt(what: str) -> SourceCorrupt:
    return SourceCorrupt(f"Yahoo: {what}", fix="try again later; nothing of this answer was kept")
