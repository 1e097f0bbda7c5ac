"""The observations of FRED over HTTP, on a port of 127.0.0.1."""

import json
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, final

__all__ = ["Fault", "FredServer", "Observation"]

_LAST = "9999-12-31"


class Observation(NamedTuple):
    """One vintage of one date: as FRED writes them, the value as text, "." where there is none."""

    realtime_start: str
    date: str
    value: str


@final
@dataclass(frozen=True, slots=True)
class Fault:
    """A bad answer: a status with headers, and a body; `cut` sends less of it than was promised."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@final
class FredServer:
    """Serves `series` to whoever has the key; `faults` are answered first, one a question. Use it with `with`.

    `questions` are those asked so far, without the key.
    """

    def __init__(
        self, series: Mapping[str, Sequence[Observation]], *, key: str = "secret", faults: Sequence[Fault] = ()
    ) -> None:
        self._series, self._key, self._faults = dict(series), key, list(faults)
        self.questions: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def address(self) -> str:
        """Where it listens: http://127.0.0.1:PORT."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FredServer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, asked: dict[str, str]) -> Fault:
        """What is sent back for a question."""
        self.questions.append({name: value for name, value in asked.items() if name != "api_key"})
        if self._faults:
            return self._faults.pop(0)
        if path != "/fred/series/observations":
            return Fault(404, "Not Found")
        if asked.get("api_key") != self._key:
            return _refused("The value for variable api_key is not registered.")
        rows = self._series.get(asked.get("series_id", ""))
        if rows is None:
            return _refused("The series does not exist.")
        return Fault(200, json.dumps(_page(rows, asked)))


def _page(rows: Sequence[Observation], asked: Mapping[str, str]) -> dict[str, Any]:
    low, high = asked.get("realtime_start", ""), asked.get("realtime_end", _LAST)
    held = [row for row in rows if low <= row.realtime_start <= high]
    offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "100000"))
    page = [{**row._asdict(), "realtime_end": _LAST} for row in held[offset : offset + limit]]
    return {"count": len(held), "offset": offset, "limit": limit, "observations": page}


def _refused(words: str) -> Fault:
    return Fault(400, json.dumps({"error_code": 400, "error_message": f"Bad Request.  {words}"}))


def _handler_of(server: FredServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urllib.parse.urlsplit(self.path)
            answer = server.answer(address.path, dict(urllib.parse.parse_qsl(address.query)))
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if answer.cut else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library gives it
            """Say nothing: stderr belongs to the tests."""

    return Handler
