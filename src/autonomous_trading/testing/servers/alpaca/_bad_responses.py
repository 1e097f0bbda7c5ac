"""Thirty ways in which a source of bars has been seen to lie, each as a change to a true answer.

Every one of them is an answer that a careless reader takes for data. What cannot be told from the answer alone (bars
adjusted though raw ones were asked for, a whole answer in another unit that is consistent in itself) is not here.
"""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from autonomous_trading.core import SourceCorrupt, SourceUnavailable, TradingError
from autonomous_trading.testing.servers.alpaca._wire import WireAnswer, moment_of, time_text, token

__all__ = ["BAD_RESPONSES", "BadResponse"]

_HOUR: Final = 3_600_000_000_000
_HTML: Final = b"<!DOCTYPE html><html><body><h1>Sign in to the wireless network</h1></body></html>"

Row = dict[str, Any]


class BadResponse(NamedTuple):
    """What is wrong with it, how it is made from a true answer, and how a provider has to refuse it."""

    words: str
    change: Callable[[WireAnswer], WireAnswer]
    refused_with: type[TradingError] = SourceCorrupt


def _document(change: Callable[[dict[str, Any]], Any]) -> Callable[[WireAnswer], WireAnswer]:
    """A change to the document: what is returned takes its place, None means that it was changed itself."""

    def changed(answer: WireAnswer) -> WireAnswer:
        document = answer.document
        made = change(document)
        return answer.with_document(document if made is None else made)

    return changed


def _rows(change: Callable[[list[Row]], Any]) -> Callable[[WireAnswer], WireAnswer]:
    """A change to the rows of each symbol."""

    def changed(document: dict[str, Any]) -> None:
        for symbol, rows in document["bars"].items():
            made = change(rows)
            if made is not None:
                document["bars"][symbol] = made

    return _document(changed)


def _each(change: Callable[[Row], Any]) -> Callable[[WireAnswer], WireAnswer]:
    """A change to every row."""

    def changed(rows: list[Row]) -> None:
        for row in rows:
            change(row)

    return _rows(changed)


def _one(**values: Any) -> Callable[[WireAnswer], WireAnswer]:
    """A row in the middle with other values."""
    return _rows(lambda rows: rows[len(rows) // 2].update(values))


def _text(old: str, new: str) -> Callable[[WireAnswer], WireAnswer]:
    """Another text in the body, where it stands first."""
    return lambda answer: replace(answer, body=answer.body.replace(old.encode(), new.encode(), 1))


def _moved(hours: float) -> Callable[[WireAnswer], WireAnswer]:
    return _each(lambda row: row.update(t=time_text(moment_of(row["t"]) + round(hours * _HOUR))))


def _in_new_york(row: Row) -> None:
    row["t"] = time_text(moment_of(row["t"]) - 5 * _HOUR).removesuffix("Z") + "-05:00"


def _in_cents(row: Row) -> None:
    row.update({name: round(row[name] * 100.0, 4) for name in "ohlc"})


def _a_day_apart(rows: list[Row]) -> list[Row]:
    return rows[::24]


def _renamed(document: dict[str, Any]) -> None:
    document["bars"] = {f"{symbol}X": rows for symbol, rows in document["bars"].items()}


def _too_many(document: dict[str, Any]) -> None:
    for symbol, rows in document["bars"].items():
        document["bars"][symbol] = rows * (10_000 // len(rows) + 1)


def _twice_in_one(answer: WireAnswer) -> WireAnswer:
    text = answer.body.decode()
    return replace(answer, body=text.replace('"o":', '"o":1.0,"o":', 1).encode())


def _page(status: int, body: bytes = b"", **headers: str) -> Callable[[WireAnswer], WireAnswer]:
    """Another answer altogether."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    made = WireAnswer(status, body, named)
    return lambda answer: made if answer.body else answer


def _said(document: Any) -> Callable[[WireAnswer], WireAnswer]:
    return _page(200, json.dumps(document).encode(), Content_Type="application/json")


def _headers(**headers: str) -> Callable[[WireAnswer], WireAnswer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: replace(answer, headers={**answer.headers, **named})


def _broken_off(answer: WireAnswer) -> WireAnswer:
    half = answer.body[: len(answer.body) // 2]
    return replace(answer, body=half, headers={**answer.headers, "Content-Length": str(len(answer.body))})


def _cut_short(answer: WireAnswer) -> WireAnswer:
    return replace(answer, headers={**answer.headers, "Content-Length": str(len(answer.body) // 2)})


def _half_gzip(answer: WireAnswer) -> WireAnswer:
    packed = bytearray(gzip.compress(answer.body))
    packed[12:40] = b"\xff" * 28
    return replace(answer, body=bytes(packed), headers={**answer.headers, "Content-Encoding": "gzip"})


BAD_RESPONSES: Final[Mapping[str, BadResponse]] = MappingProxyType(
    {
        "error_under_200": BadResponse(
            "an error, under status 200", _said({"code": 50010000, "message": "internal server error occurred"})
        ),
        "html_under_200": BadResponse(
            "a page to sign in, under status 200", _page(200, _HTML, Content_Type="text/html")
        ),
        "empty_body": BadResponse("status 200 and not a byte", _page(200)),
        "json_null": BadResponse("null in place of an object", _said(None)),
        "no_content": BadResponse("status 204", _page(204)),
        "redirect": BadResponse(
            "a redirect to somewhere else", _page(302, Location="http://127.0.0.1:9/elsewhere", Content_Length="0")
        ),
        "truncated_json": BadResponse("half of the text", lambda answer: replace(answer, body=answer.body[:-40])),
        "content_length_too_long": BadResponse("the connection ends half way", _broken_off, SourceUnavailable),
        "content_length_too_short": BadResponse("half of the text, as long as it says", _cut_short),
        "gzip_garbage": BadResponse("compressed, and not to be unpacked", _half_gzip),
        "nan_token": BadResponse("NaN, which is no JSON", _text('"o":', '"o":NaN,"x":')),
        "number_beyond_all": BadResponse("1e999, which is infinite", _text('"h":', '"h":1e999,"x":')),
        "huge_integer": BadResponse("a volume of 400 digits", _one(v=10**400)),
        "key_twice": BadResponse("two opens in one bar", _twice_in_one),
        "no_page_token": BadResponse(
            "a page that does not say whether another follows",
            _document(lambda found: found.pop("next_page_token") and None),
        ),
        "page_token_loops": BadResponse(
            "a token that leads back to the same page", _document(lambda found: found.update(next_page_token=token(0)))
        ),
        "pages_without_rows": BadResponse(
            "no rows, and a promise of more",
            _document(lambda found: {"bars": {}, "next_page_token": token(len(found) + 7)}),
        ),
        "more_than_asked": BadResponse("more rows than a page may hold", _document(_too_many)),
        "wrong_symbol": BadResponse("bars of another symbol", _document(_renamed)),
        "outside_the_range": BadResponse("bars from before the time asked for", _moved(-24.0 * 365)),
        "zone_of_new_york": BadResponse("times with the offset of New York", _each(_in_new_york)),
        "half_an_hour_off": BadResponse("times that lie inside bars", _moved(0.5)),
        "epoch_seconds": BadResponse(
            "times as seconds since 1970", _each(lambda row: row.update(t=moment_of(row["t"]) // 10**9))
        ),
        "epoch_milliseconds": BadResponse(
            "times as milliseconds since 1970, in text",
            _each(lambda row: row.update(t=str(moment_of(row["t"]) // 10**6))),
        ),
        "not_ascending": BadResponse("newest first", _rows(lambda rows: rows[::-1])),
        "daily_for_hourly": BadResponse("a bar a day where one an hour was asked for", _rows(_a_day_apart)),
        "prices_in_cents": BadResponse("prices in cents beside averages in dollars", _each(_in_cents)),
        "prices_as_text": BadResponse("prices in quotation marks", _each(lambda row: row.update(c=str(row["c"])))),
        "null_price": BadResponse("no price at all", _one(o=None)),
        "volume_negative": BadResponse("a volume below zero", _one(v=-100)),
    }
)
"""Bad answers to a request for hourly bars of one symbol around the clock, at least ten days of them, by name."""
