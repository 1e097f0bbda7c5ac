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

    As FRED does, it refuses a question about more days of publication than `most_vintages`. `questions` are those asked
    so far, without the key.
    """

    def __init__(
        self,
        series: Mapping[str, Sequence[Observation]],
        *,
        key: str = "secret",
        faults: Sequence[Fault] = (),
        most_vintages: int = 2_000,
    ) -> None:
        self._most = most_vintages
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
        if path not in ("/fred/series/observations", "/fred/series/vintagedates"):
            return Fault(404, "Not Found")
        if asked.get("api_key") != self._key:
            return _refused("The value for variable api_key is not registered.")
        rows = self._series.get(asked.get("series_id", ""))
        if rows is None:
            return _refused("The series does not exist.")
        days = sorted({row.realtime_start for row in rows if _first(asked) <= row.realtime_start <= _last(asked)})
        if path.endswith("vintagedates"):
            return Fault(200, json.dumps(_page("vintage_dates", days, asked)))
        if len(days) > self._most:
            return _refused(f"There are {len(days)} vintage dates; at most {self._most} are given.")
        return Fault(200, json.dumps(_page("observations", _observations(rows, asked), asked)))


def _first(asked: Mapping[str, str]) -> str:
    return asked.get("realtime_start", "")


def _last(asked: Mapping[str, str]) -> str:
    return asked.get("realtime_end", _LAST)


def _observations(rows: Sequence[Observation], asked: Mapping[str, str]) -> list[dict[str, str]]:
    """What was known within the days asked for; older values count from the first of those days."""
    found = []
    for row in sorted(rows):
        later = [each.realtime_start for each in rows if each.date == row.date]
        until = min((day for day in later if day > row.realtime_start), default=_LAST)
        if row.realtime_start <= _last(asked) and until > _first(asked):
            begun = max(row.realtime_start, _first(asked))
            found.append({**row._asdict(), "realtime_start": begun, "realtime_end": until})
    return found


def _page(field: str, held: Sequence[Any], asked: Mapping[str, str]) -> dict[str, Any]:
    offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "100000"))
    return {"count": len(held), "offset": offset, "limit": limit, field: list(held[offset : offset + limit])}


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

        def log_message(self, *words: object) -> None:
            """Say nothing: stderr belongs to the tests."""

    return Handler
