"""What Alpaca or the network says went wrong, as one of our errors with its fix: all of it in one place."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, final

from autonomous_trading.adapters.providers._retry_after import LONGEST_ASKED, seconds_asked
from autonomous_trading.adapters.providers.alpaca._keys import KEY_VARIABLES
from autonomous_trading.core import InvalidInput, SourceCorrupt, SourceDenied, TradingError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alpaca.common.exceptions import APIError
    from requests import RequestException

__all__ = ["Passing", "of_answer", "of_network"]

_KEYS: Final = " and ".join(KEY_VARIABLES)
_SHOWN: Final = 160
_MOMENT: Final = re.compile(r"[0-9]{1,15}")
_TITLE: Final = re.compile(r"<title>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@final
class Passing(Exception):
    """A failure that may pass: `seconds` is how long the source asked us to wait, 0 where it did not say."""

    def __init__(self, words: str, seconds: float = 0.0) -> None:
        super().__init__(words)
        self.seconds = seconds


def of_answer(error: "APIError", now: float, hide: Callable[[str], str]) -> Exception:
    """What an answer with an error status means; `now` is in seconds since 1970, `hide` blots out the keys."""
    response = error.response
    status = int(response.status_code)
    said = _message(response.text, hide)
    if status in _PASSING:
        words = "the limit of requests is used up (429)" if status == 429 else f"status {status}, {said}"
        return Passing(f"Alpaca: {words}", _asked_for(response.headers, now))
    if status in (401, 403):
        return _denied(status, said)
    if status == 404:
        place = response.url.partition("?")[0]
        return InvalidInput(f"{place} is not there (404)", fix="check [alpaca] url and AUTOTRADE__ALPACA__URL")
    if "symbol" in said.lower():
        return UnknownName(f"Alpaca: {said}", fix="write AAPL for a stock, BTC/USD for crypto, as Alpaca lists it")
    return InvalidInput(f"Alpaca refused the request ({status}): {said}", fix="ask for what its documentation allows")


def of_network(error: "RequestException", place: str, timeout: float) -> Exception:
    """What a failure to get any answer means."""
    import requests

    cause = _innermost(error)
    if isinstance(error, requests.Timeout) or isinstance(cause, TimeoutError):
        return Passing(f"{place} did not answer within {timeout:g} s")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return SourceCorrupt(f"{place} sent a compressed answer that cannot be unpacked", fix="try again later")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return Passing(f"the answer of {place} broke off")
    if isinstance(error, requests.exceptions.SSLError):
        return Passing(f"no safe connection to {place} ({_reason(cause)})")
    if isinstance(error, requests.ConnectionError):
        return Passing(f"{place} cannot be reached ({_reason(cause)})")
    return InvalidInput(f"{place} is no address to ask ({type(error).__name__})", fix="correct [alpaca] url")


def _denied(status: int, said: str) -> TradingError:
    if "subscription" in said.lower() or "not permit" in said.lower():
        return SourceDenied(
            f"Alpaca: {said} ({status})",
            fix="use the feed iex (--feed iex), end at least 15 minutes ago (--stop), or subscribe to that feed",
        )
    reason = said if str(status) in said else f"{status}: {said}"
    return SourceDenied(
        f"Alpaca does not accept these keys ({reason})",
        fix=f"check {_KEYS}: both halves of one key, made for the account that is asked",
    )


def _message(body: str, hide: Callable[[str], str]) -> str:
    """What an error body says: its message, the title of a page, or how it begins."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        title = _TITLE.search(body)
        found = body if title is None else title[1]
    words: Any = found.get("message", found) if isinstance(found, dict) else found
    return hide(" ".join(str(words).split()))[:_SHOWN] or "no reason given"  # half a key would not be found any more


def _asked_for(headers: "Mapping[str, str]", now: float) -> float:
    """Seconds until the source wants to hear from us again: Retry-After, or the moment X-RateLimit-Reset."""
    after = seconds_asked(headers.get("Retry-After"), now)
    if after is not None:
        return after
    reset = headers.get("X-RateLimit-Reset", "").strip()
    return min(max(0.0, float(reset) - now), LONGEST_ASKED) if _MOMENT.fullmatch(reset) else 0.0


def _innermost(error: BaseException) -> BaseException:
    """What began it: requests wraps the error of the operating system three deep."""
    found = error
    while isinstance(inner := getattr(found, "reason", None) or found.__cause__ or found.__context__, BaseException):
        found = inner
    return found


def _reason(error: BaseException) -> str:
    """An error in the words of the operating system, or else by its name."""
    return str(getattr(error, "strerror", None) or type(error).__name__)
