"""What kind of thing a symbol names: a stock, a pair of currencies, or a contract of an option."""

import re
from typing import Final

from autonomous_trading.core import UnknownName

__all__ = ["CRYPTO", "OPTIONS", "STOCKS", "kind_of"]

STOCKS: Final = "stocks"
CRYPTO: Final = "crypto"
OPTIONS: Final = "options"

_PATTERNS: Final = {
    OPTIONS: re.compile(r"[A-Z]{1,6}\d{0,1}\d{6}[CP]\d{8}"),
    CRYPTO: re.compile(r"[A-Z0-9]{2,10}/[A-Z]{3,5}"),
    STOCKS: re.compile(r"[A-Z][A-Z0-9.\-]{0,11}"),
}


def kind_of(symbol: str) -> str:
    """The kind of a symbol as Alpaca writes it. Raises UnknownName for what cannot be one, before anybody is asked."""
    for kind, pattern in _PATTERNS.items():
        if pattern.fullmatch(symbol):
            return kind
    fix = f"write {symbol.upper()!r}" if symbol != symbol.upper() else "write AAPL, BTC/USD or AAPL240119C00190000"
    raise UnknownName(f"{symbol!r} is no symbol of Alpaca", fix=fix)
