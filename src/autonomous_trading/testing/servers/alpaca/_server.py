"""A server on this machine that answers as Alpaca does, and as badly as it is told to."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, NamedTuple, final
from urllib.parse import parse_qsl, unquote, urlsplit

from autonomous_trading.testing.servers.alpaca._data_api import DATA_ADDRESSES, Asked
from autonomous_trading.testing.servers.alpaca._market import AlpacaMarket
from autonomous_trading.testing.servers.alpaca._trading_api import trading_answer
from autonomous_trading.testing.servers.alpaca._wire import Refusal, WireAnswer, json_answer

__all__ = ["TEST_KEY_ID", "TEST_SECRET_KEY", "AlpacaServer", "Seen", "Subscription"]

TEST_KEY_ID: Final = "PKLOCALSERVERONLY0001"
TEST_SECRET_KEY: Final = "a-secret-that-only-the-local-server-takes"

_MOST_SEEN: Final = 1_000
_PIECES: Final = 20
_UNAUTHORIZED: Final = (
    b"<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n"
    b"<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


@final
@dataclass(frozen=True, slots=True)
class Subscription:
    """What the one key of a server may do: read these feeds beside iex, and ask so often a minute."""

    feeds: frozenset[str] = frozenset()
    calls: int = 10_000
    key_id: str = TEST_KEY_ID
    secret_key: str = TEST_SECRET_KEY


class Seen(NamedTuple):
    """A request that arrived."""

    path: str
    parameters: dict[str, str]


@final
class AlpacaServer:
    """Serves a market until it is closed; a context manager. `url` stands for Alpaca's data and trading addresses.

    `now` is the time the server believes it is, UTC nanoseconds.
    """

    def __init__(
        self,
        market: AlpacaMarket,
        *,
        subscription: Subscription | None = None,
        port: int = 0,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self.market = market
        self.subscription = subscription or Subscription()
        self._now = now
        self._seen: deque[Seen] = deque(maxlen=_MOST_SEEN)
        self._spoilt: deque[Callable[[WireAnswer], WireAnswer]] = deque()
        self._always: Callable[[WireAnswer], WireAnswer] | None = None
        self._calls: deque[float] = deque()
        self._closing = threading.Event()
        self._server = _Listener(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def seen(self) -> tuple[Seen, ...]:
        """The last thousand requests, oldest first."""
        return tuple(self._seen)

    def environment(self) -> dict[str, str]:
        """The variables with which `autotrade` finds this server and is let in."""
        return {
            "APCA_API_KEY_ID": self.subscription.key_id,
            "APCA_API_SECRET_KEY": self.subscription.secret_key,
            "AUTOTRADE__ALPACA__URL": self.url,
        }

    def spoil(self, changes: Iterable[Callable[[WireAnswer], WireAnswer]]) -> None:
        """Change the next answers, one change each; after them the server answers rightly again."""
        self._spoilt.extend(changes)

    def spoil_always(self, change: Callable[[WireAnswer], WireAnswer] | None) -> None:
        """Change every answer from here on; None ends it."""
        self._always = change

    def close(self) -> None:
        """Stop listening. Calling it again does nothing."""
        if not self._closing.is_set():
            self._closing.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def __enter__(self) -> "AlpacaServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        serve = self._serve

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30.0

            def do_GET(self) -> None:
                serve(self)

            def log_message(self, *words: Any) -> None:
                """Nobody reads a log of a server in a test."""

        return Handler

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        path = unquote(parts.path)
        self._seen.append(Seen(path, parameters))
        key = (handler.headers.get("APCA-API-KEY-ID"), handler.headers.get("APCA-API-SECRET-KEY"))
        try:
            answer = self._answer(path, parameters, key)
        except Refusal as refusal:
            answer = refusal.answer
        spoil = self._spoilt.popleft() if self._spoilt else self._always
        self._send(handler, answer if spoil is None else spoil(answer), sound=spoil is None)

    def _answer(self, path: str, parameters: dict[str, str], key: tuple[str | None, str | None]) -> WireAnswer:
        trading = path.startswith(("/v2/clock", "/v2/calendar", "/v2/assets"))
        if key != (self.subscription.key_id, self.subscription.secret_key):
            if trading:
                raise Refusal(401, "request is not authorized", code=40110000)
            return WireAnswer(401, _UNAUTHORIZED, {"Content-Type": "text/html"})
        limits = self._counted()
        asked = Asked("", "", parameters, self.subscription.feeds, self._now())
        if trading and (found := trading_answer(self.market, asked, path)) is not None:
            return json_answer(found, headers=limits)
        for pattern, answers, kind in DATA_ADDRESSES:
            if (matched := pattern.fullmatch(path)) is not None:
                rest = matched[1] if pattern.groups else ""
                return json_answer(answers(self.market, asked._replace(kind=kind, rest=rest)), headers=limits)
        raise Refusal(404, "Not Found")

    def _counted(self) -> dict[str, str]:
        """The headers that say how many calls are left; a refusal where none is."""
        now = time.monotonic()
        while self._calls and now - self._calls[0] >= 60.0:
            self._calls.popleft()
        left = self.subscription.calls - len(self._calls)
        wait = 60.0 - (now - self._calls[0]) if self._calls else 60.0
        headers = {
            "X-RateLimit-Limit": str(self.subscription.calls),
            "X-RateLimit-Remaining": str(max(0, left - 1)),
            "X-RateLimit-Reset": str(math.ceil(time.time() + wait)),
        }
        if left <= 0:
            raise Refusal(
                429, "too many requests.", code=42910000, **{k.replace("-", "_"): v for k, v in headers.items()}
            )
        self._calls.append(now)
        return headers

    def _send(self, handler: BaseHTTPRequestHandler, answer: WireAnswer, *, sound: bool) -> None:
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        if not sound:  # what follows it on the same connection could be anything
            headers["Connection"] = "close"
        handler.close_connection = not sound
        try:
            if answer.seconds == math.inf:
                self._closing.wait()
                return
            handler.send_response(answer.status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            self._write(handler, answer)
        except (ConnectionError, TimeoutError):  # whoever asked has gone
            handler.close_connection = True

    def _write(self, handler: BaseHTTPRequestHandler, answer: WireAnswer) -> None:
        if not answer.seconds:
            handler.wfile.write(answer.body)
            return
        size = max(1, len(answer.body) // _PIECES)
        for first in range(0, len(answer.body), size):
            handler.wfile.write(answer.body[first : first + size])
            handler.wfile.flush()
            if self._closing.wait(answer.seconds / _PIECES):
                return


@final
class _Listener(ThreadingHTTPServer):
    """A server whose threads end with it, and which says nothing when somebody hangs up."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is part of what is tried here."""
