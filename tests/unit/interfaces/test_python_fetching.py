"""What a fetch asks for: nothing that its source may not have in full yet."""

from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace

import pytest

from autonomous_trading.adapters import DataString, data_string_of
from autonomous_trading.adapters.providers import ProviderSettings, provider_named
from autonomous_trading.adapters.providers.alpaca import KEY_VARIABLES
from autonomous_trading.interfaces.python import _fetching

MINUTE = 60_000_000_000
NOW = 1_700_000_000_000_000_000 // (60 * MINUTE) * 60 * MINUTE + 40 * MINUTE


def lateness(wanted: DataString, feed: str) -> int:
    """How late the provider of a data string says that it may be."""
    settings = ProviderSettings(environment=dict.fromkeys(KEY_VARIABLES, "x" * 20))
    with closing(provider_named(wanted.provider, settings)) as provider:
        return provider.capabilities().lateness(wanted.timeframe, feed)


@pytest.mark.parametrize(
    ("data", "feed", "minutes"),
    [
        ("alpaca:AAPL:1m", "sip", 16),
        ("alpaca:AAPL:1m", "iex", 1),
        ("alpaca:AAPL:1m", "overnight", 16),
        ("yahoo:VOD.L:1m@split", "", 31),
        ("binance:BTC/USDT:1m", "", 1),
    ],
)
def test_a_source_that_is_late_is_asked_late(
    monkeypatch: pytest.MonkeyPatch, data: str, feed: str, minutes: int
) -> None:
    """What is asked for counts as answered: a bar that was not there yet would never be asked for again."""
    monkeypatch.setattr(_fetching, "time", SimpleNamespace(time_ns=lambda: NOW))
    wanted = data_string_of(data)
    assert wanted is not None
    assert (NOW - _fetching._span(wanted, lateness(wanted, feed), {}).stop) // MINUTE == minutes


@pytest.mark.parametrize(("hour", "days"), [(6, -1), (7, 0)])
def test_a_day_that_ends_in_the_morning_is_asked_for_an_hour_later(
    monkeypatch: pytest.MonkeyPatch, hour: int, days: int
) -> None:
    """A day of crypto at Alpaca begins and ends at 06:00 UTC in winter."""
    midnight = NOW // (1440 * MINUTE) * 1440 * MINUTE
    moment = midnight + hour * 60 * MINUTE + 1
    monkeypatch.setattr(_fetching, "time", SimpleNamespace(time_ns=lambda: moment))
    wanted = data_string_of("alpaca:BTC/USD:1d")
    assert wanted is not None
    assert _fetching._span(wanted, lateness(wanted, "sip"), {}).stop == midnight + days * 1440 * MINUTE
