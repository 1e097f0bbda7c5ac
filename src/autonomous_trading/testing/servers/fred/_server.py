"""The observations of FRED over HTTP, on a port of 127.0.0.1."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple, final

from autonomous_trading.testing.servers.answering import Answer, web_server

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
        self._running = ExitStack()
        self.address = ""
        """Where it listens while it is used: http://127.0.0.1:PORT."""

    def __enter__(self) -> "FredServer":
        answering = web_server(lambda asked: _sent(self.answer(asked.path, dict(asked.query))))
        self.address = self._running.enter_context(answering).url
        return self

    def __exit__(self, *error: object) -> None:
        self._running.close()

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


def _sent(fault: Fault) -> Answer:
    """An answer as the server sends it: half of what is promised where it is to be cut."""
    body = fault.body.encode()
    given = body[: len(body) // 2] if fault.cut else body
    return Answer(given, fault.status, headers=fault.headers, cut=len(body) - len(given))
