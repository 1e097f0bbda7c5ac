"""How Yahoo is asked: with the session of yfinance, which passes for a browser, and with patience of our own.

yfinance gives the address of the chart interface and the session that Yahoo answers. Its `history` is not used: it
drops rows without prices, resamples some lengths of bars, hides failures unless it is told not to, asks for cookies
without regard to a timeout, and keeps those as a pickle on the disk. The chart interface needs no cookie.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, final
from urllib.parse import quote

from autonomous_trading.adapters.providers._body import some_of, whole_body
from autonomous_trading.adapters.providers._patience import Patience, patiently
from autonomous_trading.core import InvalidInput, SourceDenied, SourceUnavailable

__all__ = ["Answered", "YahooSession"]

_LONGEST: Final = 160
_DOWN: Final = "Will be right back"  # Yahoo's page for times when it is down, which comes under status 200


class Answered(NamedTuple):
    """What came: the status and the text."""

    status: int
    text: str


@final
class YahooSession:
    """One session. `url` is a server that speaks as Yahoo does, "" Yahoo. Raises InvalidInput without yfinance."""

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        url: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        try:
            from yfinance._http import HAS_CURL_CFFI, new_session
            from yfinance.const import _BASE_URL_
        except ImportError:
            raise InvalidInput(
                "Yahoo is asked through the package yfinance, which is not installed",
                fix='pip install "autonomous-trading[yahoo]"',
            ) from None
        self._patience, self._sleep = patience or Patience(), sleep
        self._url = (url or str(_BASE_URL_)).rstrip("/")
        self._session: Any = new_session()
        self._curl = bool(HAS_CURL_CFFI)
        self._asked = 0.0

    def chart(self, symbol: str, parameters: Mapping[str, str]) -> Answered:
        """What the chart interface says about a symbol; statuses that mean "not here" or "not so" are handed on.

        Tried again while Yahoo is down, slow, or asks to come more slowly. Raises SourceUnavailable, SourceDenied.
        """
        address = f"{self._url}/v8/finance/chart/{quote(symbol, safe='')}"
        return patiently(
            lambda: self._once(address, parameters), self._patience, again=self._wait_asked, sleep=self._sleep
        )

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _once(self, address: str, parameters: Mapping[str, str]) -> Answered:
        self._asked = 0.0
        try:
            response = self._session.get(address, params=dict(parameters), timeout=self._patience.timeout, stream=True)
            try:
                text = self._body(response)
            finally:
                response.close()
        except OSError as error:  # what curl and requests raise alike: no connection, no answer in time, a cut line
            raise SourceUnavailable(
                f"Yahoo cannot be reached ({type(error).__name__})", fix="look at the connection, or try again later"
            ) from error
        status = int(response.status_code)
        if status in (401, 403, 451):
            raise SourceDenied(
                f"Yahoo refuses to answer: status {status}, {_in_short(text)}",
                fix="it serves neither every country nor every address; use another source",
            )
        if status == 429:
            self._asked = _seconds(response.headers.get("Retry-After"))
            raise SourceUnavailable(
                f"Yahoo says that it is asked too often, and to come back in {self._asked:g} seconds",
                fix="ask for less at a time, or come back later",
            )
        if status >= 500 or _DOWN in text:
            raise SourceUnavailable(f"Yahoo is down: status {status}, {_in_short(text)}", fix="try again later")
        return Answered(status, text)

    def _body(self, response: Any) -> str:
        """The body as text, read in pieces as they come: curl gives its own, requests those of `some_of`."""
        pieces: Iterator[bytes] = response.iter_content() if self._curl else iter(())
        some = (lambda _: next(pieces, b"")) if self._curl else some_of(response)
        return whole_body(some, self._patience.timeout, place="Yahoo").decode("utf-8", "replace")

    def _wait_asked(self, error: Exception) -> float | None:
        """Seconds to wait before another attempt; None where it would not help, or is longer than we wait."""
        patient = isinstance(error, SourceUnavailable) and self._asked <= self._patience.longest_wait
        return self._asked if patient else None


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0


def _in_short(text: str) -> str:
    """A body on one line, without the tags of a page."""
    plain = " ".join(re.sub(r"<[^>]*>", " ", text).split()) or "nothing"
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
