"""How Yahoo is asked: with the session of yfinance, which passes for a browser, and with patience of our own.

yfinance gives the address of the chart interface and the session that Yahoo answers. Its `history` is not used: it
drops rows without prices, resamples some lengths of bars, hides failures unless it is told not to, asks for cookies
without regard to a timeout, and keeps those as a pickle on the disk. The chart interface needs no cookie.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, final
from urllib.parse import quote

from autonomous_trading.adapters.providers._body import MOST_BYTES, some_of, whole_body
from autonomous_trading.adapters.providers._patience import Patience, RateLimit, patiently
from autonomous_trading.adapters.providers._retry_after import seconds_asked
from autonomous_trading.adapters.providers._whole_answer import refused_redirect
from autonomous_trading.core import InvalidInput, SourceCorrupt, SourceDenied, SourceUnavailable

__all__ = ["Answered", "YahooSession"]

_LONGEST: Final = 160
_CALLS_A_MINUTE: Final = 60
"""Yahoo does not say how many it allows; it began to refuse at some thousands an hour, when that was last heard of."""
_END: Final = 0xFFFFFFFF  # CURL_WRITEFUNC_ERROR
_DOWN: Final = "Will be right back"  # Yahoo's page for times when it is down, which comes under status 200


class Answered(NamedTuple):
    """What came: the status and the text."""

    status: int
    text: str


@final
class YahooSession:
    """One session. `url` is a server that speaks as Yahoo does, "" Yahoo. Raises InvalidInput without yfinance.

    It asks at most `calls` times a minute, and follows no redirect: an answer comes from where it was asked for.
    """

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        url: str = "",
        calls: int = _CALLS_A_MINUTE,
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
        self._limit = RateLimit(calls, 60.0, sleep=sleep)
        self._session: Any = new_session()
        self._curl = bool(HAS_CURL_CFFI)
        self._asked = 0.0

    def chart(self, symbol: str, parameters: Mapping[str, str]) -> Answered:
        """What the chart interface says about a symbol; statuses that mean "not here" or "not so" are handed on.

        Tried again while Yahoo is down, slow, or asks to come more slowly. Raises SourceUnavailable, SourceDenied.
        """
        address = f"{self._url}/v8/finance/chart/{quote(symbol, safe='')}"
        return patiently(
            lambda: self._once(address, parameters),
            self._patience,
            failures=SourceUnavailable,
            again=self._wait_asked,
            sleep=self._sleep,
        )

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _once(self, address: str, parameters: Mapping[str, str]) -> Answered:
        self._asked = 0.0
        self._limit.wait()
        ask = self._by_curl if self._curl else self._by_requests
        try:
            response, text = ask(address, dict(parameters))
        except OSError as error:  # what curl and requests raise alike: no connection, no answer in time, a cut line
            raise SourceUnavailable(
                f"Yahoo cannot be reached ({type(error).__name__})", fix="look at the connection, or try again later"
            ) from error
        status = int(response.status_code)
        if location := response.headers.get("Location"):
            raise refused_redirect("Yahoo", status, location)
        if status in (401, 403, 451):
            raise SourceDenied(
                f"Yahoo refuses to answer: status {status}, {_in_short(text)}",
                fix="it serves neither every country nor every address; use another source",
            )
        if status == 429:
            self._asked = seconds_asked(response.headers.get("Retry-After"), time.time()) or 0.0
            raise SourceUnavailable(
                f"Yahoo says that it is asked too often, and to come back in {self._asked:g} seconds",
                fix="ask for less at a time, or come back later",
            )
        if status >= 500 or _DOWN in text:
            raise SourceUnavailable(f"Yahoo is down: status {status}, {_in_short(text)}", fix="try again later")
        return Answered(status, text)

    def _by_curl(self, address: str, parameters: dict[str, str]) -> tuple[Any, str]:
        """The answer and its text. Not as a stream: of one curl would limit the pauses alone, not the whole time."""
        body = _Body()
        try:
            response = self._session.get(
                address,
                params=parameters,
                timeout=self._patience.timeout,
                allow_redirects=False,
                content_callback=body.take,
            )
        except OSError:
            if body.too_long:
                raise body.refused() from None
            raise
        return response, b"".join(body.pieces).decode("utf-8", "replace")

    def _by_requests(self, address: str, parameters: dict[str, str]) -> tuple[Any, str]:
        from autonomous_trading.adapters.providers._sessions import bounded

        seconds = self._patience.timeout
        asked = bounded(self._session, seconds).get(address, params=parameters, allow_redirects=False, stream=True)
        with asked as response:
            text = whole_body(some_of(response), seconds, place="Yahoo").decode("utf-8", "replace")
        return response, text

    def _wait_asked(self, _: SourceUnavailable) -> float | None:
        """Seconds to wait before another attempt; None where it is longer than we wait."""
        return self._asked if self._asked <= self._patience.longest_wait else None


@final
class _Body:
    """The pieces of a body as curl hands them over, unpacked, until they are more than a body can be."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._size = 0

    @property
    def too_long(self) -> bool:
        return self._size > MOST_BYTES

    def take(self, piece: bytes) -> int:
        """How much of a piece was taken; the number by which curl is told to end it."""
        self._size += len(piece)
        if self.too_long:
            return _END
        self.pieces.append(piece)
        return len(piece)

    def refused(self) -> SourceCorrupt:
        return SourceCorrupt(f"Yahoo sent more than {MOST_BYTES:,} bytes", fix="try again later")


def _in_short(text: str) -> str:
    """A body on one line, without the tags of a page."""
    plain = " ".join(re.sub(r"<[^>]*>", " ", text).split()) or "nothing"
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."
