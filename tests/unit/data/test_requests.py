"""Which bars are meant: what names no series is refused, and spans are put together and taken apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autonomous_trading.core import InvalidInput, Timeframe
from autonomous_trading.data import BarsRequest, SeriesKey, Span, merged_spans, missing_spans

HOUR = Timeframe.of("1h")
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: Span(*pair)), max_size=8)


@pytest.mark.parametrize(
    ("source", "symbol", "words"),
    [("", "A", "'' is no source"), ("x", " A", "' A' is no symbol"), ("x", "A\n", "is no symbol")],
)
def test_a_name_that_is_none(source: str, symbol: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        SeriesKey(source, symbol, HOUR)


def test_an_adjustment_that_is_none() -> None:
    with pytest.raises(InvalidInput, match=r"unknown adjustment 'half'\. Fix: use one of raw, split, dividend, all"):
        SeriesKey("x", "A", HOUR, "half")


@pytest.mark.parametrize("symbols", [(), ("A", "B", "A")])
def test_no_symbol_or_one_twice(symbols: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="name at least one, and each once"):
        BarsRequest(symbols, HOUR, Span(0, 1))


def test_a_span_that_ends_before_it_begins() -> None:
    with pytest.raises(InvalidInput, match="1970-01-01T00:00:00Z is not before the end 1970-01-01T00:00:00Z"):
        BarsRequest(("A",), HOUR, Span(0, 0))


def within(spans: tuple[Span, ...] | list[Span]) -> set[int]:
    return {moment for span in spans for moment in range(span.start, span.stop)}


@given(SPANS)
def test_merged_spans_are_the_same_times_and_lie_apart(spans: list[Span]) -> None:
    merged = merged_spans(spans)
    assert within(merged) == within(spans)
    assert all(one.stop < other.start for one, other in pairwise(merged))
    assert all(span.start < span.stop for span in merged)


@given(SPANS, st.integers(0, 40), st.integers(0, 40))
def test_what_is_missing_and_what_is_held_are_the_whole(spans: list[Span], start: int, stop: int) -> None:
    wanted = Span(start, stop)
    missing = missing_spans(wanted, spans)
    assert within(missing) == within([wanted]) - within(spans)
    assert list(missing) == sorted(missing)
