"""The part of the trading API that only reads: the clock, the calendar, the list of assets. Orders are not taken."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from autonomous_trading.testing.servers.alpaca._data_api import Asked
from autonomous_trading.testing.servers.alpaca._market import AlpacaMarket
from autonomous_trading.testing.servers.alpaca._wire import NEW_YORK, Refusal

__all__ = ["trading_answer"]

_OPEN: Final = time(9, 30)
_CLOSE: Final = time(16, 0)


def trading_answer(market: AlpacaMarket, asked: Asked, path: str) -> Any:
    """What an address of the trading API answers; None where it is none. Sessions are Mondays to Fridays."""
    if path == "/v2/clock":
        return _clock(asked)
    if path == "/v2/calendar":
        return _calendar(asked)
    if path == "/v2/assets":
        return [_asset(symbol) for symbol in market.listed()]
    if path.startswith("/v2/assets/"):
        symbol = path.removeprefix("/v2/assets/")
        if symbol not in market.listed():
            raise Refusal(404, f"asset not found for {symbol}", code=40410000)
        return _asset(symbol)
    return None


def _clock(asked: Asked) -> dict[str, Any]:
    now = datetime.fromtimestamp(asked.now / 1e9, UTC).astimezone(NEW_YORK)
    today = now.date()
    is_open = today.weekday() < 5 and _OPEN <= now.time() < _CLOSE
    next_open = _following(today if today.weekday() < 5 and now.time() < _OPEN else today + timedelta(days=1))
    next_close = today if today.weekday() < 5 and now.time() < _CLOSE else _following(today + timedelta(days=1))
    return {
        "timestamp": now.isoformat(),
        "is_open": is_open,
        "next_open": datetime.combine(next_open, _OPEN, NEW_YORK).isoformat(),
        "next_close": datetime.combine(next_close, _CLOSE, NEW_YORK).isoformat(),
    }


def _calendar(asked: Asked) -> list[dict[str, str]]:
    try:
        first = date.fromisoformat(asked.text("start", "2023-01-01")[:10])
        last = date.fromisoformat(asked.text("end", "2029-12-31")[:10])
    except ValueError:
        raise Refusal(422, "invalid date format", code=42210000) from None
    days = (first + timedelta(days=at) for at in range((last - first).days + 1))
    return [{"date": day.isoformat(), "open": "09:30", "close": "16:00"} for day in days if day.weekday() < 5]


def _following(day: date) -> date:
    """The day, or the Monday after it where it lies on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _asset(symbol: str) -> dict[str, Any]:
    crypto = "/" in symbol
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, symbol)),
        "class": "crypto" if crypto else "us_equity",
        "exchange": "CRYPTO" if crypto else "NASDAQ",
        "symbol": symbol,
        "name": symbol,
        "status": "active",
        "tradable": True,
        "marginable": not crypto,
        "shortable": not crypto,
        "easy_to_borrow": not crypto,
        "fractionable": True,
        "attributes": [],
    }
