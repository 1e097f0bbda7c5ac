"""autotrade data fetch: from a local Alpaca into a catalogue, and what is said about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autonomous_trading as at
from autonomous_trading.adapters.providers import ProviderSettings
from autonomous_trading.core import InvalidInput, SourceDenied, UnknownName
from autonomous_trading.testing.servers.alpaca import AlpacaMarket, AlpacaServer, WireAnswer, demo_market
from tests.unit.interfaces.commands import autotrade

DATES = ("--start", "2023-01-01", "--stop", "2023-03-01")


@pytest.fixture(scope="module")
def market() -> AlpacaMarket:
    return demo_market(days=45)


@pytest.fixture
def server(market: AlpacaMarket, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AlpacaServer]:
    """A server that the environment knows, and an empty folder to be in."""
    assert folder == Path.cwd()
    with AlpacaServer(market) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def test_new_then_there(server: AlpacaServer, market: AlpacaMarket) -> None:
    first = autotrade("data", "fetch", "alpaca:AAPL,MSFT:1h", *DATES)
    assert first.code == 0, first.err
    assert "alpaca:AAPL:1h   294" in first.out
    assert "Asked for 2023-01-01 to 2023-03-01. Kept in market-data." in first.out
    assert "Next: autotrade backtest --data alpaca:AAPL,MSFT:1h" in first.out
    asked = len(server.seen)
    again = autotrade("data", "fetch", "alpaca:AAPL,MSFT:1h", *DATES)
    assert again.code == 0
    assert "Everything was there already." in again.out
    assert len(server.seen) == asked
    bars = at.load_bars("alpaca:AAPL:1h")
    assert len(bars) == 294
    assert bars.close[0] == market.bars["AAPL", "1h"].close[0]


def test_as_json(server: AlpacaServer) -> None:
    elsewhere = (*DATES, "--catalogue", "kept")
    answer = autotrade("data", "fetch", "alpaca:AAPL:1d", *elsewhere, "--json", "--adjustment", "split")
    document = answer.document
    assert (document["command"], document["catalogue"]) == ("data fetch", "kept")
    (series,) = document["series"]
    assert series["series"] == "alpaca:AAPL:1d@split"
    assert (series["received"], series["new"], series["revised"], series["refused"]) == (42, 42, 0, 0)
    assert series["asked"] == [{"start": "2023-01-01T00:00:00Z", "stop": "2023-03-01T00:00:00Z"}]
    assert series["coverage"]["measure"] == "sessions of XNYS"
    assert series["two_years"] is None
    assert server.seen[0].parameters["adjustment"] == "split"
    refreshed = autotrade("data", "fetch", "alpaca:AAPL:1d@split", *elsewhere, "--json", "--refresh")
    assert refreshed.document["series"][0]["repeated"] == 42
    shown = autotrade("data", "fetch", "alpaca:AAPL:1d@split", *elsewhere)
    assert "--data alpaca:AAPL:1d@split" in shown.out


def test_what_is_put_aside_is_told(server: AlpacaServer) -> None:
    def wrong(answer: object) -> object:
        document = answer.document  # type: ignore[attr-defined]
        document["bars"]["AAPL"][3]["h"] = 0.01
        return answer.with_document(document)  # type: ignore[attr-defined]

    server.spoil([wrong])  # type: ignore[list-item]
    answer = autotrade("data", "fetch", "alpaca:AAPL:1h", *DATES)
    assert answer.code == 0
    assert "alpaca:AAPL:1h: put aside 1 high_below_low" in answer.out


@pytest.mark.usefixtures("server")
def test_nothing_in_that_time() -> None:
    answer = autotrade("data", "fetch", "alpaca:AAPL:1h", "--start", "2022-01-01", "--stop", "2022-02-01")
    assert answer.code == 3
    assert answer.complaint == "error: there are no bars of alpaca:AAPL:1h in that time. Fix: choose an earlier --start"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("AAPL",), "'AAPL' is no series of a provider"),
        (
            ("alpaca:AAPL:1h", "--start", "2023-03-01", "--stop", "2023-02-01"),
            "start 2023-03-01T00:00:00Z is not before stop 2023-02-01T00:00:00Z",
        ),
        (
            ("alpaca:AAPL:1h", "--start", "2100-01-01", "--stop", "2100-02-01"),
            "is over yet",
        ),
        (("alpaca:AAPL:1h", "--start", "soon"), "--start takes a date such as 2010-01-31"),
        (("alpaca:AAPL:1h", "--adjustment", "both"), "unknown adjustment 'both'"),
        (("alpaca:AAPL:1h", "--feed", "six"), "unknown feed of Alpaca 'six'"),
        (("alpaca:AAPPL:1h", *DATES), "unknown symbol of Alpaca 'AAPPL'"),
        (("alpaca:AAPL:90m", *DATES), "Alpaca makes no bars of 90m"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], message: str) -> None:
    answer = autotrade("data", "fetch", *arguments)
    assert answer.code == 2
    assert message in answer.complaint
    assert not any(Path.cwd().rglob("*.parquet"))


def test_settings_and_flags(server: AlpacaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag stands above the settings, and those above the provider's own choice."""
    iex = "feed = 'iex'"
    for written, flag, feed in (("", (), "sip"), (iex, (), "iex"), (iex, ("--feed", "sip"), "sip")):
        Path("autotrade.toml").write_text(f"[alpaca]\n{written}\n[data]\ncatalogue = 'shared-{feed}'\n")
        assert autotrade("data", "fetch", "alpaca:AAPL:1h", *DATES, "--refresh", *flag).code == 0
        assert server.seen[-1].parameters["feed"] == feed
    assert Path("shared-iex").is_dir()
    other = autotrade("data", "fetch", "alpaca:AAPL:1h", *DATES, "--refresh", "--feed", "iex")
    assert (other.code, "holds bars of the feed sip" in other.complaint) == (4, True)
    answer = autotrade("backtest", "--data", "alpaca:AAPL:1h", "--json", "--quiet")
    assert answer.document["data"]["instruments"][0]["bars"] == 294
    monkeypatch.setenv("AUTOTRADE__ALPACA__TIMEOUT", "-1")
    assert autotrade("data", "fetch", "alpaca:AAPL:1h").code == 2


def test_from_python(server: AlpacaServer) -> None:
    settings = ProviderSettings(server.environment(), {"alpaca": {"url": server.url}})
    seen: list[object] = []
    january: dict[str, Any] = {"start": "2023-01-01", "stop": "2023-02-01"}
    reports = at.fetch("alpaca:AAPL:1d", **january, providers=settings, progress=seen.append, catalogue="kept")
    assert [report.new for report in reports] == [22]
    assert len(seen) == 1
    assert len(at.load_bars("alpaca:AAPL:1d", catalogue="kept")) == 22
    with pytest.raises(SourceDenied, match="holds no APCA_API_KEY_ID"):
        at.fetch("alpaca:AAPL:1d", providers=ProviderSettings())
    with pytest.raises(UnknownName, match="unknown setting of fetch 'since'"):
        at.fetch("alpaca:AAPL:1d", since=1)  # type: ignore[call-arg]
    with pytest.raises(InvalidInput, match="start is no date; got 7"):
        at.fetch("alpaca:AAPL:1d", start=7, providers=settings)


def test_two_years_where_nothing_else_is_said(server: AlpacaServer) -> None:
    assert autotrade("data", "fetch", "alpaca:AAPL,MSFT:1d").code == 3  # the demo market ended before
    start, end = server.seen[0].parameters["start"], server.seen[0].parameters["end"]
    assert int(end[:4]) - int(start[:4]) in (2, 3)


def test_splits_and_dividends_are_fetched_and_taken_out(server: AlpacaServer, market: AlpacaMarket) -> None:
    """From the command line alone: what holding MSFT earned over its split is what its owner saw, not half of it."""
    first = autotrade("data", "fetch", "alpaca:AAPL,MSFT:1d", *DATES, "--actions")
    assert first.code == 0, first.err
    assert "Corporate actions: AAPL 1 new, 0 there already; MSFT 1 new, 0 there already." in first.out
    assert "Next: autotrade backtest --data alpaca:AAPL,MSFT:1d --adjust splits" in first.out
    asked = [each for each in server.seen if each.path == "/v1/corporate-actions"]
    assert [each.parameters["symbols"] for each in asked] == ["AAPL", "MSFT"]
    assert (asked[0].parameters["start"], asked[0].parameters["end"]) == ("2023-01-01", "2023-02-28")
    document = autotrade("data", "fetch", "alpaca:MSFT:1d", *DATES, "--actions", "--json").document
    assert document["series"][0]["actions"] == {"new": 0, "repeated": 1, "withdrawn": 0}
    shown = autotrade("data", "show", "alpaca:MSFT:1d")
    assert "MSFT split 2 on 2023-02-01, known 2023-02-01" in shown.out
    raw, adjusted = (at.load_bars("alpaca:MSFT:1d", adjust=how) for how in ("none", "splits"))
    leap = int(np.argmax(np.abs(np.diff(np.log(raw.close)))))
    assert np.diff(np.log(raw.close))[leap] < -0.5
    assert abs(np.diff(np.log(adjusted.close))[leap]) < 0.1
    closes = market.bars["MSFT", "1d"].close[: len(raw)]
    ask = ("backtest", "--data", "alpaca:MSFT:1d", "--json", "--quiet", "--commission", "0", "--slippage", "0")
    held = [autotrade(*ask, "--adjust", how).document["benchmark"]["total_return"] for how in ("none", "splits")]
    assert (1.0 + held[1]) / (1.0 + held[0]) == pytest.approx(2.0, rel=1e-6)
    assert closes[-1] == raw.close[-1] == pytest.approx(adjusted.close[-1] / 2.0)


def test_a_split_that_is_taken_back_is_told(server: AlpacaServer) -> None:
    assert autotrade("data", "fetch", "alpaca:MSFT:1d", *DATES, "--actions").code == 0

    def without(answer: WireAnswer) -> WireAnswer:
        return answer.with_document({"corporate_actions": {}, "next_page_token": None})

    server.spoil([without])
    again = autotrade("data", "fetch", "alpaca:MSFT:1d", *DATES, "--actions")
    assert "Corporate actions: MSFT 0 new, 0 there already, 1 taken back." in again.out


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ("alpaca:BTC/USD:1d", "Alpaca has corporate actions of stocks, and BTC/USD is none"),
        ("sample:sp500:1d", "sample tells of no corporate actions"),
    ],
)
def test_what_has_no_actions_is_refused_before_anything_is_fetched(
    server: AlpacaServer, series: str, message: str
) -> None:
    answer = autotrade("data", "fetch", series, *DATES, "--actions")
    assert (answer.code, message in answer.complaint) == (2, True)
    assert not server.seen
    assert not Path("market-data").exists()


def test_lengths_that_the_local_server_makes(server: AlpacaServer, market: AlpacaMarket) -> None:
    assert server.market is market
    for length, bars in (("3h", 126), ("1w", 9), ("1M", 2)):
        fetched = autotrade("data", "fetch", f"alpaca:AAPL:{length}", *DATES, "--json").document["series"][0]
        assert (fetched["new"], fetched["refused"]) == (bars, 0), length
    hours, weeks = (at.load_bars(f"alpaca:AAPL:{length}") for length in ("3h", "1w"))
    within = hours.time < weeks.time[8]
    assert weeks.high[:8].max() == hours.high[within].max()
    assert weeks.close[7] == hours.close[within][-1]
    assert weeks.volume[:8].sum() == hours.volume[within].sum()
    short = autotrade("data", "fetch", "alpaca:AAPL:15m", *DATES)
    assert short.code == 2
    assert "this local server makes bars of AAPL from 1h, 1d, and 15m is no multiple of these" in short.complaint


@pytest.mark.parametrize("text", ["", "time,open\n2024-01-01,1\n", "date,open,high,low,close\nsoon,1,1,1,1\n"])
def test_a_file_that_cannot_be_used_is_bad_input(folder: Path, text: str) -> None:
    (folder / "X.csv").write_text(text)
    answer = autotrade("data", "fetch", "file:X.csv:1d")
    assert answer.code == 2
    assert "X.csv" in answer.complaint
    assert not (folder / "market-data").exists()


@pytest.mark.parametrize("adjustment", ["raw", "split"])
def test_a_length_that_is_not_to_be_had_is_said_first(adjustment: str) -> None:
    answer = autotrade("data", "fetch", "yahoo:AAPL:30m", "--adjustment", adjustment)
    assert answer.code == 2
    assert answer.complaint.startswith(
        "error: Yahoo gives no bars of 30m: it answers with bars of an hour instead. Fix: use one of 1m, 2m, 5m"
    )
