"""A web server on this machine that answers as a function says, and fails in the ways that servers fail."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, BaseServer, ThreadingTCPServer
from typing import Any, Final, final
from urllib.parse import parse_qsl, urlsplit

__all__ = ["SILENCE", "Answer", "Asked", "WebServer", "dripping_server", "in_trouble", "json_answer", "web_server"]


@final
@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the path, the query by name, the headers by their names in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. `cut`: bytes of the body that are promised and not sent, before the line is dropped."""

    body: bytes
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


SILENCE: Final = Answer(b"", status=0)
"""The request is taken and never answered: the line stays open until the server ends."""


@final
@dataclass(slots=True)
class WebServer:
    """A running server: where it is, and what it was asked, in order."""

    url: str
    asked: list[Asked] = field(default_factory=list)


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    """A value as JSON; names of headers are written with "_" for "-". NaN is written as NaN, as some servers do."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(json.dumps(value).encode(), status, headers=named)


def in_trouble(
    answer: Callable[[Asked], Answer],
    trouble: str,
    *,
    of_data: Callable[[Asked], bool],
    failure: Answer,
    denial: Answer,
) -> Callable[[Asked], Answer]:
    """The same answers in one of the troubles that `testing.contracts` names; any other name changes nothing.

    "fails_twice" and "breaks_off" count the questions for which `of_data` is true. `failure` is what the source says
    when it is down, `denial` when it refuses somebody.
    """
    lock, counted = threading.Lock(), 0

    def troubled(asked: Asked) -> Answer:
        nonlocal counted
        if trouble in ("down", "silent", "denied"):
            return {"down": failure, "silent": SILENCE, "denied": denial}[trouble]
        if not of_data(asked):
            return answer(asked)
        with lock:
            counted += 1
            number = counted
        if (trouble == "fails_twice" and number <= 2) or (trouble == "breaks_off" and number > 1):
            return failure
        return answer(asked)

    return troubled


@contextmanager
def web_server(answer: Callable[[Asked], Answer]) -> Iterator[WebServer]:
    """A server for as long as it is needed, on a free port of 127.0.0.1; `answer` is called for every GET."""
    over = threading.Event()
    running = WebServer("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = _asked(self)
            running.asked.append(asked)
            _send(self, answer(asked), over)

        def log_message(self, *words: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.url = f"http://127.0.0.1:{server.server_address[1]}"
    with _serving(server, over):
        yield running


@contextmanager
def dripping_server(body: bytes, *, pieces: int = 100, pause: float = 0.2) -> Iterator[str]:
    """The address of a server whose headers come byte by byte: so many pauses of so many seconds, and then the body.

    Each byte comes well within the time that a single read waits.
    """
    over = threading.Event()

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            try:
                self.request.recv(65_536)
                self.request.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nX-Drip: ")
                for _ in range(pieces):
                    if over.wait(pause):
                        return
                    self.request.sendall(b".")
                self.request.sendall(b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            except ConnectionError:
                return  # whoever asked has gone

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _serving(server, over):
        yield f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def _serving(server: BaseServer, over: threading.Event) -> Iterator[None]:
    """Serve until this ends, then tell those who wait that it is over."""
    # It looks this often whether it should end: the default of half a second would be waited for at every end.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    parts = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers)


def _send(handler: BaseHTTPRequestHandler, answer: Answer, over: threading.Event) -> None:
    handler.close_connection = True
    if answer is SILENCE:
        over.wait()
        return
    try:
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.kind)
        handler.send_header("Content-Length", str(len(answer.body) + answer.cut))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)
    except ConnectionError:
        return  # whoever asked has gone: nothing is left to say
