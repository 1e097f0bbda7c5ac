"""Reading from Alpaca through alpaca-py: one page a call, with our own patience in place of the library's."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

from autonomous_trading.adapters.providers._patience import Patience, RateLimit, patiently
from autonomous_trading.adapters.providers.alpaca._door import TimedSession
from autonomous_trading.adapters.providers.alpaca._failures import Passing, of_answer, of_network
from autonomous_trading.adapters.providers.alpaca._keys import AlpacaKeys
from autonomous_trading.core import SourceCorrupt, TradingError

if TYPE_CHECKING:
    from alpaca.common.rest import RESTClient

__all__ = ["DATA_URL", "TRADING_URL", "AlpacaPlace", "AlpacaReader"]

DATA_URL: Final = "https://data.alpaca.markets"
TRADING_URL: Final = "https://paper-api.alpaca.markets"

_CALLS_A_MINUTE: Final = 180
"""Below the 200 a minute that Alpaca allows without a subscription."""


@final
@dataclass(frozen=True, slots=True)
class AlpacaPlace:
    """Where Alpaca is asked, and how patiently.

    `trading_url` answers which symbols there are ("" asks nobody). `calls` is the number of requests a minute, `rows`
    how many bars are asked for on one page (Alpaca allows 10,000), `pages` how many pages one answer may have.
    """

    data_url: str = DATA_URL
    trading_url: str = TRADING_URL
    calls: int = _CALLS_A_MINUTE
    rows: int = 10_000
    pages: int = 10_000
    patience: Patience = field(default_factory=Patience)


@final
class AlpacaReader:
    """Answers of Alpaca as it gave them, checked to be sound JSON objects or lists.

    alpaca-py tries every method again on 429 and 504, waiting 3 s each time, and sets no timeout: its retries are
    switched off and its session is replaced. Nothing here places orders.
    """

    def __init__(
        self, keys: AlpacaKeys, place: AlpacaPlace | None = None, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.place = place or AlpacaPlace()
        self._keys, self._sleep = keys, sleep
        self._session = TimedSession(self.place.patience.timeout, hide=keys.hidden_in)
        self._limit = RateLimit(self.place.calls, 60.0, sleep=sleep)
        self._clients: dict[str, RESTClient] = {}

    def __repr__(self) -> str:
        return f"AlpacaReader({self.place.data_url!r})"

    def data(self, version: str, path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One page of the market data API, e.g. data("v2", "/stocks/bars", {...}). Raises what the provider raises."""
        found = self._read(version, path, parameters)
        if not isinstance(found, dict):
            raise SourceCorrupt(
                f"Alpaca answered {path} with {type(found).__name__}, not an object", fix="try again later"
            )
        return found

    def trading(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """One answer of the trading API that only reads: "/clock", "/calendar", "/assets/AAPL"."""
        return self._read("trading", path, parameters or {})

    def close(self) -> None:
        """Let go of the connections. Calling it again does nothing."""
        self._session.close()

    def _read(self, kind: str, path: str, parameters: Mapping[str, Any]) -> Any:
        client = self._clients.get(kind) or self._clients.setdefault(kind, self._built(kind))
        return patiently(
            lambda: self._once(client, path, parameters),
            self.place.patience,
            failures=Passing,
            again=lambda passing: passing.seconds,
            sleep=self._sleep,
        )

    def _once(self, client: "RESTClient", path: str, parameters: Mapping[str, Any]) -> Any:
        import requests
        from alpaca.common.exceptions import APIError

        self._limit.wait()
        failure: Exception
        try:
            return client.get(path, dict(parameters))
        except APIError as error:
            failure = of_answer(error, time.time(), self._keys.hidden_in)
        except requests.RequestException as error:
            url = self.place.trading_url if client is self._clients.get("trading") else self.place.data_url
            failure = of_network(error, url, self.place.patience.timeout)
        raise self._without_keys(failure) from None  # what the library raised holds the request, and with it the keys

    def _without_keys(self, failure: Exception) -> Exception:
        """The failure with the keys blotted out, should the source have repeated them."""
        if isinstance(failure, Passing):
            return Passing(self._keys.hidden_in(str(failure)), failure.seconds)
        if isinstance(failure, TradingError):
            return type(failure)(self._keys.hidden_in(failure.what), fix=failure.fix)
        return failure

    def _built(self, kind: str) -> "RESTClient":
        """The client of alpaca-py for one of its APIs, with raw answers, our session and no retries of its own."""
        homes = _homes()
        client: Any = homes[kind](
            api_key=self._keys.key_id.reveal(),
            secret_key=self._keys.secret_key.reveal(),
            raw_data=True,
            url_override=(self.place.trading_url if kind == "trading" else self.place.data_url).rstrip("/"),
        )
        client._session.close()
        client._session = self._session
        client._retry = 0  # its constructor takes no 0
        built: RESTClient = client
        return built


def _homes() -> dict[str, Any]:
    """The clients of alpaca-py by the version of the API they speak."""
    with warnings.catch_warnings():
        # alpaca-py imports an older face of websockets for its streams, which nothing here uses.
        warnings.filterwarnings("ignore", message="websockets.legacy is deprecated", category=DeprecationWarning)
        from alpaca.data.historical import CryptoHistoricalDataClient, NewsClient, StockHistoricalDataClient
        from alpaca.data.historical.corporate_actions import CorporateActionsClient
        from alpaca.trading.client import TradingClient
    return {
        "v2": StockHistoricalDataClient,
        "v1beta3": CryptoHistoricalDataClient,
        "v1beta1": NewsClient,  # options too: a client is a base address, a version and keys
        "v1": CorporateActionsClient,
        "trading": TradingClient,
    }
