"""A ccxt exchange as we want it: its own retries off, a timeout set, and every answer looked at."""

import importlib.util
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final
from urllib.parse import urljoin

from autonomous_trading.adapters.providers._body import some_of, whole_body
from autonomous_trading.adapters.providers._retry_after import seconds_asked
from autonomous_trading.adapters.providers._whole_answer import refused_redirect, same_site
from autonomous_trading.core import InvalidInput, unknown_name

if TYPE_CHECKING:
    import requests

__all__ = ["LastAnswer", "is_exchange", "open_exchange"]

_ONLY_SPOT: Final = ("binance", "binanceus")  # perpetuals are binanceusdm: their lists are not loaded for spot symbols
_SITE: Final = re.compile(r"^https?://[^/]+")


@final
@dataclass(slots=True)
class LastAnswer:
    """The answer that came last: its status (0 where none came), and its headers by their names in lower case."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """As if nothing had come."""
        self.status, self.headers = 0, {}

    @property
    def asked_to_wait(self) -> float:
        """Seconds of a Retry-After header; 0.0 where there is none."""
        return seconds_asked(self.headers.get("retry-after"), time.time()) or 0.0


def is_exchange(name: str) -> bool:
    """Whether ccxt has an exchange of this name; nothing is imported to find out."""
    found = importlib.util.find_spec("ccxt") if re.fullmatch(r"[a-z][a-z0-9]*", name) else None
    return any((Path(folder) / f"{name}.py").is_file() for folder in (found and found.submodule_search_locations) or ())


def open_exchange(name: str, *, timeout: float, url: str, within_rate: bool) -> tuple[Any, LastAnswer]:
    """The exchange, and where its last answer can be looked up.

    `timeout` in seconds for every call. `url` is another server that speaks as the exchange does, "" for the exchange
    itself. Raises UnknownName for a name that ccxt does not have, InvalidInput without ccxt.
    """
    try:
        import ccxt

        from autonomous_trading.adapters.providers._sessions import bounded
    except ImportError:
        raise InvalidInput(
            f"{name} is asked through the package ccxt, which is not installed",
            fix='pip install "autonomous-trading[crypto]"',
        ) from None
    if name not in ccxt.exchanges:
        raise unknown_name("exchange", name, ccxt.exchanges)
    options: dict[str, Any] = {"maxRetriesOnFailure": 0}  # we have patience of our own, and count the attempts
    if name in _ONLY_SPOT:
        options["fetchMarkets"] = {"types": ["spot"]}
    exchange = getattr(ccxt, name)(
        {"enableRateLimit": within_rate, "timeout": max(1, round(timeout * 1000)), "options": options}
    )
    exchange.enableLastJsonResponse = True
    bounded(exchange.session, timeout).hooks["response"].append(_within(timeout))
    if url:
        exchange.urls["api"] = _elsewhere(exchange.urls["api"], url.rstrip("/"))
    return exchange, _watched(exchange)


def _elsewhere(place: Any, url: str) -> Any:
    """The addresses of an interface, each with another site in front of its path."""
    if isinstance(place, Mapping):
        return {key: _elsewhere(each, url) for key, each in place.items()}
    return _SITE.sub(url, place) if isinstance(place, str) else place


def _within(seconds: float) -> Callable[..., None]:
    """What reads each body before requests does, which would read whatever comes and follow it wherever it leads."""

    def read(response: "requests.Response", **_: Any) -> None:
        import requests

        place = response.url.partition("?")[0]
        location = urljoin(response.url, response.headers.get("Location", ""))
        if response.is_redirect and not same_site(response.url, location):
            response.close()
            raise refused_redirect(place, response.status_code, location)
        try:
            # requests' own way to keep a body that was read
            response._content = whole_body(some_of(response), seconds, place=place)
        except TimeoutError as error:
            raise requests.Timeout(str(error)) from error

    return read


def _watched(exchange: Any) -> LastAnswer:
    """What `on_rest_response` sees: ccxt calls it for every answer, before it judges its status."""
    last, pass_on = LastAnswer(), exchange.on_rest_response

    def look(code: int, reason: str, url: str, method: str, headers: Mapping[str, str], *rest: Any) -> Any:
        last.status = code
        last.headers = {name.lower(): value for name, value in headers.items()}
        return pass_on(code, reason, url, method, headers, *rest)

    exchange.on_rest_response = look
    return last
