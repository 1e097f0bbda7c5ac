"""Answers as they go over the wire, and the values in them as Alpaca writes them."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, final
from zoneinfo import ZoneInfo

__all__ = [
    "NEW_YORK",
    "Refusal",
    "WireAnswer",
    "json_answer",
    "midnight_in_new_york",
    "moment_of",
    "offset_of",
    "time_text",
    "token",
]

NEW_YORK: Final = ZoneInfo("America/New_York")
_NS: Final = 1_000_000_000


@final
@dataclass(frozen=True, slots=True)
class WireAnswer:
    """Status, headers and body of an answer. A Content-Length among the headers is sent as it is, true or not.

    `seconds` is how long the body takes to arrive, in small pieces; infinite where it never does.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def document(self) -> Any:
        """The body, as the JSON it is."""
        return json.loads(self.body)

    def with_document(self, document: Any) -> "WireAnswer":
        """The same answer with another JSON body."""
        return replace(self, body=json.dumps(document, separators=(",", ":")).encode())


@final
class Refusal(Exception):
    """What the server answers in place of data."""

    def __init__(self, status: int, message: str, *, code: int | None = None, **headers: str) -> None:
        super().__init__(message)
        said = {"message": message} if code is None else {"code": code, "message": message}
        self.answer = json_answer(said, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def json_answer(document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> WireAnswer:
    """A JSON document as an answer."""
    kind = {"Content-Type": "application/json; charset=UTF-8", **(headers or {})}
    return WireAnswer(status, json.dumps(document, separators=(",", ":")).encode(), kind)


def time_text(moment: int) -> str:
    """UTC nanoseconds as Alpaca writes them: "2024-01-03T14:00:00Z", with a fraction where there is one."""
    seconds, rest = divmod(moment, _NS)
    begin = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{begin}.{rest:09d}".rstrip("0") + "Z" if rest else f"{begin}Z"


def moment_of(text: str) -> int:
    """UTC nanoseconds of RFC 3339 text or a date. Raises a refusal with Alpaca's words."""
    whole, _, fraction = text.removesuffix("Z").partition(".") if text.endswith("Z") else (text, "", "")
    try:
        when = datetime.fromisoformat(whole)
        nanoseconds = int(fraction.ljust(9, "0")) if fraction else 0
    except ValueError:
        raise Refusal(400, f'Invalid format for parameter: error parsing "{text}" as RFC3339 or 2006-01-02') from None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return int(when.timestamp()) * _NS + when.microsecond * 1_000 + nanoseconds


def midnight_in_new_york(date: int) -> int:
    """When a session date (00:00 UTC of it, nanoseconds) begins in New York."""
    return int(datetime.fromtimestamp(date // _NS, UTC).replace(tzinfo=NEW_YORK).timestamp()) * _NS


def token(offset: int) -> str:
    """A page token: nobody but the server reads it."""
    return base64.urlsafe_b64encode(f"row|{offset}".encode()).decode()


def offset_of(text: str) -> int:
    """The row a page token stands for. Raises a refusal for one that the server never gave."""
    try:
        return int(base64.urlsafe_b64decode(text.encode()).decode().removeprefix("row|"))
    except ValueError:
        raise Refusal(400, "invalid page token") from None
