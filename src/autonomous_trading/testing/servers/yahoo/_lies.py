"""Answers of Yahoo that break its promises, each for a reason that has been seen in the wild."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from autonomous_trading.testing.servers.answering import Answer, json_answer

__all__ = ["YAHOO_LIES"]

Lie: TypeAlias = Callable[[Answer], Answer]


def _instead(answer: Answer) -> Lie:
    return lambda _: answer


def _half(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _changed(change: Callable[[dict[str, Any]], Any]) -> Lie:
    """A lie that changes the result in an answer, in place."""

    def told(answer: Answer) -> Answer:
        whole = json.loads(answer.body)
        change(whole["chart"]["result"][0])
        return replace(answer, body=json.dumps(whole).encode())

    return told


def _meta(**said: Any) -> Lie:
    return _changed(lambda result: result["meta"].update(said))


def _times(change: Callable[[int], Any]) -> Lie:
    return _changed(lambda result: result.update(timestamp=[change(each) for each in result.get("timestamp", [])]))


def _quote(change: Callable[[dict[str, Any]], Any]) -> Lie:
    return _changed(lambda result: change(result["indicators"]["quote"][0]))


def _without_last(quote: dict[str, Any]) -> None:
    quote["close"] = quote.get("close", [])[:-1] or [1.0, 2.0]


def _twice(answer: Answer) -> Answer:
    whole = json.loads(answer.body)
    whole["chart"]["result"] *= 2
    return replace(answer, body=json.dumps(whole).encode())


_STRANGE: Final = {"chart": {"result": None, "error": {"code": "Internal Server Error", "description": "Oops"}}}

YAHOO_LIES: Final[Mapping[str, Lie]] = MappingProxyType(
    {
        "error_under_200": _instead(json_answer(_STRANGE)),
        "no_result_and_no_error": _instead(json_answer({"chart": {"result": None, "error": None}})),
        "consent_page_under_200": _instead(Answer(b"<html><body>Before you continue</body></html>", kind="text/html")),
        "nothing_under_200": _instead(Answer(b"")),
        "cut_in_the_middle": _half,
        "two_results": _twice,
        "another_symbol": _meta(symbol="MSFT"),
        "longer_bars": _meta(dataGranularity="1wk"),
        "a_zone_that_is_none": _meta(exchangeTimezoneName="America/Atlantis"),
        "a_column_too_short": _quote(_without_last),
        "a_column_missing": _quote(lambda quote: quote.pop("high", None)),
        "prices_in_words": _quote(lambda quote: quote.update(low=[str(each) for each in quote.get("low", [])])),
        "times_in_milliseconds": _times(lambda seconds: seconds * 1000),
        "times_of_another_month": _times(lambda seconds: seconds - 40 * 86_400),
        "times_in_words": _times(str),
        "no_times": _changed(lambda result: result.pop("timestamp", None)),
    }
)
"""False answers of Yahoo by name, each made from the true one."""
