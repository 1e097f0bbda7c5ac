"""A stream by the name of its source; clocks, and the provider that tests ask."""

from __future__ import annotations

import pytest

from autonomous_trading.adapters.providers import ProviderSettings
from autonomous_trading.adapters.streams import AlpacaStream, ExchangeStream, SystemClock, stream_named
from autonomous_trading.core import InvalidInput, SourceDenied, Timeframe, UnknownName
from autonomous_trading.data import BarsRequest, Span, around_the_clock
from autonomous_trading.testing.clocks import SimulatedClock
from autonomous_trading.testing.memory_provider import MemoryProvider
from tests.unit.adapters.streams.listening import MINUTES, SYMBOL, arrivals, bars_of
from tests.unit.data.streamed_bars import MINUTE, START

KEYS = {"APCA_API_KEY_ID": "PKTEST", "APCA_API_SECRET_KEY": "hush-hush"}
LENGTHS = ("1m", "5m", "1h", "4h", "1d")
CLOCK = SimulatedClock(START)


def test_sources_that_send_have_a_stream() -> None:
    given = ProviderSettings(environment=KEYS, options={"crypto": {"stream_url": "ws://127.0.0.1:1"}})
    assert isinstance(stream_named("alpaca", given, CLOCK, timeframe=MINUTES), AlpacaStream)
    assert isinstance(stream_named("binance", given, CLOCK, timeframe=Timeframe.of("1h")), ExchangeStream)
    assert stream_named("alpaca", given, CLOCK, timeframe=Timeframe.of("1h")) is None
    asked = MemoryProvider({}, CLOCK.now), around_the_clock(START, START + MINUTE)
    longer = {text: stream_named("alpaca", given, CLOCK, timeframe=Timeframe.of(text), asked=asked) for text in LENGTHS}
    assert [type(each).__name__ for each in longer.values()] == [
        "AlpacaStream",
        *["AssembledStream"] * 2,
        *["NoneType"] * 2,
    ]
    assert stream_named("binance", given, CLOCK, timeframe=Timeframe.of("1d")) is None
    assert stream_named("yahoo", given, CLOCK, timeframe=MINUTES) is None
    with pytest.raises(SourceDenied, match="APCA_API_KEY_ID"):
        stream_named("alpaca", ProviderSettings(), CLOCK, timeframe=MINUTES)


@pytest.mark.parametrize(("name", "length"), [("alpaca", "1m"), ("alpaca", "5m"), ("binance", "1h")])
def test_what_is_sent_is_raw_and_enters_no_adjusted_series(name: str, length: str) -> None:
    given = ProviderSettings(environment=KEYS)
    asked = MemoryProvider({}, CLOCK.now), around_the_clock(START, START + MINUTE)
    with pytest.raises(InvalidInput, match=rf"{name} sends raw prices.*adjustment split.*Fix: leave out @split"):
        stream_named(name, given, CLOCK, timeframe=Timeframe.of(length), asked=asked, adjustment="split")


def test_bars_that_are_asked_for_may_be_adjusted() -> None:
    given = ProviderSettings(environment=KEYS)
    assert stream_named("alpaca", given, CLOCK, timeframe=Timeframe.of("1d"), adjustment="split") is None
    assert stream_named("yahoo", given, CLOCK, timeframe=MINUTES, adjustment="split") is None


def test_keys_meant_for_a_server_of_ones_own_are_not_sent_to_alpaca() -> None:
    given = ProviderSettings(environment=KEYS, options={"alpaca": {"url": "http://127.0.0.1:1"}})
    with pytest.raises(InvalidInput, match=r"nothing says where it streams.*stream_url"):
        stream_named("alpaca", given, CLOCK, timeframe=MINUTES)


def test_the_clocks_of_this_machine_go_forward() -> None:
    clock = SystemClock()
    first = clock.read()
    assert first.wall <= clock.now()
    assert first.monotonic <= clock.monotonic()


def test_a_simulated_clock_goes_as_it_is_told() -> None:
    clock = SimulatedClock(START)
    clock.pass_by(5)
    clock.jump(-100)
    assert (clock.now(), clock.monotonic()) == (START - 95, 5)
    with pytest.raises(InvalidInput, match="does not pass by -1"):
        clock.pass_by(-1)


def test_a_provider_in_memory_keeps_to_the_span_and_the_time() -> None:
    clock = SimulatedClock(START + 3 * MINUTE)
    provider = MemoryProvider({SYMBOL: bars_of(arrivals(9))}, clock.now)
    request = BarsRequest((SYMBOL,), MINUTES, Span(START + MINUTE, START + 9 * MINUTE))
    assert [page.time.tolist() for page in provider.pages(request)] == [[START + MINUTE, START + 2 * MINUTE]]
    assert (provider.name, provider.capabilities().calendar) == ("memory", "24/7")
    with pytest.raises(UnknownName, match="unknown symbol 'X'"):
        list(provider.pages(BarsRequest(("X",), MINUTES, request.span)))
    provider.close()
