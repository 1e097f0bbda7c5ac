"""The one door to the network: a whole answer within a time, of a sane size, that says what its status promises."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn, final

from autonomous_trading.adapters.providers._body import MOST_BYTES, blotted, some_of, whole_body
from autonomous_trading.adapters.providers._whole_answer import refused_redirect
from autonomous_trading.core import SourceCorrupt

if TYPE_CHECKING:
    import requests

__all__ = ["MOST_BYTES", "TimedSession", "parsed"]

_SHOWN: Final = 80


@final
class TimedSession:
    """What alpaca-py sends its requests through: it sets no timeout itself, and believes every body.

    `request` takes `timeout` seconds in all, however slowly the bytes drip in; an answer with status 200 is strict
    JSON, a redirect or another status without an error is refused. `hide` blots the keys out of whatever comes, so that
    no error can show one or a half of one. Raises SourceCorrupt and requests.Timeout; answers that are errors are
    handed on.
    """

    def __init__(
        self, timeout: float, *, hide: Callable[[str], str] = str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        import requests

        from autonomous_trading.adapters.providers._sessions import bounded

        self.timeout = timeout
        self._hide, self._clock = hide, clock
        self._session = bounded(requests.Session(), timeout)

    def request(self, method: str, url: str, **options: Any) -> "requests.Response":
        """One request and its whole answer."""
        until = self._clock() + self.timeout
        with self._session.request(method, url, timeout=self.timeout, stream=True, **options) as response:
            # requests' own way to keep a body it has read; reading it by ourselves is what a deadline takes
            response._content = self._body(response, until - self._clock())
        if response.status_code >= 400:
            return response
        if location := response.headers.get("Location"):
            raise refused_redirect(_place(url), response.status_code, self._hide(location))
        if response.status_code != 200:
            raise SourceCorrupt(f"{_place(url)} answered with status {response.status_code}", fix="check [alpaca] url")
        parsed(response.content, _place(url))
        return response

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _body(self, response: "requests.Response", seconds: float) -> bytes:
        import requests

        place = _place(response.url)
        try:
            body = whole_body(some_of(response), seconds, place=place, most=MOST_BYTES, clock=self._clock)
            return blotted(body, self._hide)
        except TimeoutError as error:
            raise requests.Timeout(str(error)) from error


def parsed(body: bytes, place: str) -> Any:
    """The value of a JSON text, which has no NaN, no key twice in one object, and no number beyond all numbers.

    Raises SourceCorrupt that shows how the text begins.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError) as error:
        begin = " ".join(body[:_SHOWN].decode("utf-8", "replace").split())
        reason = str(error).partition(": line")[0]
        raise SourceCorrupt(
            f"{place} answered with status 200 and no sound JSON ({reason}): {begin!r}", fix="try again later"
        ) from None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(name for name in names if names.count(name) > 1)!r} occurs twice in one object")
    return found


def _place(url: str) -> str:
    return url.partition("?")[0]
