"""Answers of an exchange that break its promises, each for a reason that has been seen in the wild."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, final

from autonomous_trading.testing.servers.answering import Answer, json_answer

__all__ = ["BINANCE_LIES", "KRAKEN_LIES", "Lie", "page_of_html"]

_KLINES: Final = "/api/v3/klines"
_MARKETS: Final = "/api/v3/exchangeInfo"
_OHLC: Final = "/0/public/OHLC"


def page_of_html(text: str, status: int = 200) -> Answer:
    """What a proxy or a firewall in front of an exchange sends instead of it."""
    body = f"<!DOCTYPE html><html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(body.encode(), status, kind="text/html")


@final
@dataclass(frozen=True, slots=True)
class Lie:
    """A false answer to questions at one path, made from the true one."""

    told: Callable[[Callable[[], Answer]], Answer]
    path: str = _KLINES


def _changed(change: Callable[[Any], Any], path: str = _KLINES) -> Lie:
    """A lie made from a true answer: `change` gets what it holds, and gives back what is sent."""

    def told(true: Callable[[], Answer]) -> Answer:
        answer = true()
        return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())

    return Lie(told, path)


def _instead(answer: Answer, path: str = _KLINES) -> Lie:
    return Lie(lambda _: answer, path)


def _half(true: Callable[[], Answer]) -> Answer:
    answer = true()
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _row(row: list[Any], at: int, value: Any) -> list[Any]:
    return [*row[:at], value, *row[at + 1 :]]


def _short_row(rows: list[Any]) -> Any:
    return [*rows[:-1], rows[-1][:3]]


BINANCE_LIES: Final[Mapping[str, Lie]] = MappingProxyType(
    {
        "error_under_200": _instead(json_answer({"code": -9999, "msg": "Something is wrong here."})),
        "html_under_200": _instead(page_of_html("Scheduled maintenance")),
        "nothing_under_200": _instead(Answer(b"")),
        "null": _instead(json_answer(None)),
        "a_word": _instead(json_answer("maintenance")),
        "an_empty_mapping": _instead(json_answer({})),
        "rows_in_a_mapping": _changed(lambda rows: {"data": rows}),
        "cut_in_the_middle": Lie(_half),
        "a_row_cut_short": _changed(_short_row),
        "times_in_seconds": _changed(lambda rows: [_row(row, 0, row[0] // 1000) for row in rows]),
        "times_in_microseconds": _changed(lambda rows: [_row(row, 0, row[0] * 1000) for row in rows]),
        "another_time_zone": _changed(lambda rows: [_row(row, 0, row[0] + 19_800_000) for row in rows]),
        "an_hour_early": _changed(lambda rows: [_row(row, 0, row[0] - 3_600_000) for row in rows]),
        "rows_without_times": _changed(lambda rows: [_row(row, 0, None) for row in rows]),
        "prices_in_words": _changed(lambda rows: [_row(row, 4, "n/a") for row in rows]),
        "prices_missing": _changed(lambda rows: [_row(row, 2, None) for row in rows]),
        "no_markets": _instead(json_answer({"timezone": "UTC", "symbols": []}), _MARKETS),
        "html_for_markets": _instead(page_of_html("Access denied"), _MARKETS),
        "markets_cut_in_the_middle": Lie(_half, _MARKETS),
    }
)
"""False answers of Binance by name."""


def _of_pair(change: Callable[[list[Any]], Any]) -> Lie:
    """A lie about the rows of Kraken's answer."""

    def changed(answer: Any) -> Any:
        result = {name: change(rows) if name != "last" else rows for name, rows in answer["result"].items()}
        return {**answer, "result": result}

    return _changed(changed, _OHLC)


KRAKEN_LIES: Final[Mapping[str, Lie]] = MappingProxyType(
    {
        "an_error_nobody_knows": _instead(json_answer({"error": ["EWhatever:Something"]}), _OHLC),
        "no_error_and_no_result": _instead(json_answer({"error": []}), _OHLC),
        "an_empty_result": _instead(json_answer({"error": [], "result": {}}), _OHLC),
        "html_under_200": _instead(page_of_html("Just a moment..."), _OHLC),
        "cut_in_the_middle": Lie(_half, _OHLC),
        "a_row_cut_short": _of_pair(_short_row),
        "times_in_milliseconds": _of_pair(lambda rows: [_row(row, 0, row[0] * 1000) for row in rows]),
        "another_time_zone": _of_pair(lambda rows: [_row(row, 0, row[0] + 1_800) for row in rows]),
        "prices_in_words": _of_pair(lambda rows: [_row(row, 4, "") for row in rows]),
    }
)
"""False answers of Kraken by name."""
