"""What ccxt raises, as the errors that every provider raises."""

import re
from typing import Final

from autonomous_trading.adapters.providers.crypto._exchange import LastAnswer
from autonomous_trading.core import (
    InvalidInput,
    SourceCorrupt,
    SourceDenied,
    SourceUnavailable,
    TradingError,
    UnknownName,
)

__all__ = ["failure_of"]

_LONGEST: Final = 200
_TAGS: Final = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NOT_FROM_HERE: Final = (403, 451)  # refused for where we are, or for how often we came: asking again helps neither


def failure_of(name: str, error: Exception, last: LastAnswer) -> TradingError:
    """The error for a failed call to the exchange `name`; `last` is the answer it gave, if it gave one."""
    import ccxt
    import requests

    from autonomous_trading.adapters.providers._sessions import MOST_REDIRECTS

    said = f"{name}: {_in_short(error)}"
    if isinstance(error.__cause__, requests.TooManyRedirects):  # of which ccxt tells no more than what was asked
        return SourceCorrupt(
            f"{said} is redirected more than {MOST_REDIRECTS} times", fix="name the address that answers by itself"
        )
    if last.status in _NOT_FROM_HERE or isinstance(error, ccxt.AuthenticationError | ccxt.RestrictedLocation):
        return SourceDenied(said, fix=f"see which countries, addresses and accounts {name} serves, or use another one")
    if last.status >= 500:  # whatever the body says: ccxt takes some words of a broken server for our mistake
        return SourceUnavailable(said, fix="look at the connection, or try again later")
    if isinstance(error, ccxt.BadSymbol):
        return UnknownName(said, fix='write it as ccxt does: "BTC/USDT", "BTC/USDT:USDT" for a perpetual')
    if isinstance(error, ccxt.BadResponse):
        return SourceCorrupt(said, fix="try again later; nothing of this answer was kept")
    if isinstance(error, ccxt.NetworkError | ccxt.OperationFailed):
        return SourceUnavailable(said, fix="look at the connection, or try again later")
    if isinstance(error, ccxt.BadRequest | ccxt.ArgumentsRequired | ccxt.NotSupported):
        return InvalidInput(said, fix=f"ask for what {name} offers")
    # An error of the exchange's own under a status that says that all is well, or what is no answer of this exchange.
    return SourceCorrupt(said, fix="try again later; nothing of this answer was kept")


def _in_short(error: Exception) -> str:
    """What an error says, on one line and without the tags of a page."""
    text = " ".join(_TAGS.sub(" ", str(error)).split()) or type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
