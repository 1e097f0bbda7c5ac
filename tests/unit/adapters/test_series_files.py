"""Series, ticks, news and figures from files: what is understood, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autonomous_trading.adapters.series import (
    column_name,
    load_series,
    read_book_updates,
    read_fundamentals,
    read_instruments,
    read_news,
    read_quotes,
    read_series,
    read_trades,
)
from autonomous_trading.core import DataNotFound, InvalidInput, UnknownName, time_text
from autonomous_trading.data import Sessions
from autonomous_trading.data.knowable import KnowableSeries, ReleaseLag

HOUR = 3_600_000_000_000


def known(series: KnowableSeries) -> list[str]:
    return [time_text(int(time)) for time in series.knowable_at]


def macro() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "timestamp": pd.to_datetime(
                ["2024-01-01", "2024-02-01", "2024-01-01", "2024-01-02", "2024-01-03"], utc=True
            ),
            "value": [100.0, 110.0, 70.0, np.nan, 71.0],
            "series": ["CPIAUCSL", "CPIAUCSL", "WTI", "WTI", "WTI"],
            "unit": ["index", "index", "USD", "USD", "USD"],
            "freq": ["M", "M", "D", "D", "D"],
        }
    )


@pytest.mark.parametrize("suffix", ["csv", "parquet", "feather"])
def test_a_long_table_holds_several_series(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"macro.{suffix}"
    if suffix == "csv":
        macro().to_csv(path, index=False)
    else:
        getattr(macro(), f"to_{suffix}")(path)
    held = read_series(path)
    assert list(held) == ["CPIAUCSL", "WTI"]
    assert known(held["CPIAUCSL"]) == ["2024-02-24T14:00:00Z", "2024-03-24T14:00:00Z"]
    assert known(held["WTI"]) == ["2024-01-02T00:00:00Z", "2024-01-04T00:00:00Z"]
    assert (held["WTI"].name, held["WTI"].unit, held["WTI"].source) == ("wti", "USD", "WTI")
    assert len(load_series(f"{path}:WTI")) == 2
    assert load_series(f"{path}:wti", name="oil").name == "oil"
    assert load_series(f"{path}:WTI", name="crude oil").name == "crude_oil"
    assert known(load_series(f"{path}:WTI", lag=2))[0] == "2024-01-04T00:00:00Z"
    with pytest.raises(InvalidInput, match=r"holds 2 series\. Fix: name one.*CPIAUCSL, WTI"):
        load_series(path)
    with pytest.raises(UnknownName, match=r"unknown series 'WTX'.*did you mean 'WTI'"):
        load_series(f"{path}:WTX")


def test_inflation_is_asked_for_by_its_ending(tmp_path: Path) -> None:
    months = pd.date_range("2022-01-01", periods=14, freq="MS")
    pd.DataFrame({"date": months, "value": np.linspace(100, 113, 14)}).to_csv(tmp_path / "cpi.csv", index=False)
    inflation = load_series(f"{tmp_path}/cpi.csv@yoy")
    assert (inflation.name, len(inflation)) == ("cpi_yoy", 2)
    assert inflation.value[0] == pytest.approx(0.12)
    assert known(inflation)[0] == "2023-03-04T00:00:00Z"


def test_the_length_of_a_period_is_seen_in_the_dates() -> None:
    for step, days in (("D", 0), ("W", 7), ("MS", 31), ("QS", 92), ("YS", 366)):
        dates = pd.date_range("2021-01-01", periods=5, freq=step)
        (series,) = read_series(pd.DataFrame({"date": dates, "value": 1.0})).values()
        assert series.knowable_at[0] >= series.reference[0] + (days + 1) * 24 * HOUR
    with pytest.raises(InvalidInput, match="one value of value does not say how long"):
        read_series(pd.DataFrame({"date": ["2021-01-01"], "value": [1.0]}))
    assert known(read_series(pd.DataFrame({"date": ["2021-01-01"], "value": [1.0]}), freq="Q")["value"]) == [
        "2021-07-02T00:00:00Z"
    ]


def test_vintages_count_from_when_they_were_published() -> None:
    table = pd.DataFrame(
        {
            "date": ["2024-01-01", "2024-01-01", "2024-01-01"],
            "released": ["2024-02-10", "2024-02-20T13:30:00+00:00", "2024-02-10"],
            "value": [1.0, 2.0, 1.0],
        }
    )
    (series,) = read_series(table).values()
    assert known(series) == ["2024-02-11T00:00:00Z", "2024-02-20T13:30:00Z"]


def test_closes_of_bars_are_known_when_the_bar_is_over(tmp_path: Path) -> None:
    table = pd.DataFrame({"open": 9.0, "close": [20.0, 21.0]}, index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"]))
    table.index.name = "timestamp"
    table.to_csv(tmp_path / "vix.csv")
    assert known(load_series(tmp_path / "vix.csv")) == ["2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z"]
    days = np.array(["2024-01-02", "2024-01-03"], dtype="datetime64[ns]").astype(np.int64)
    sessions = Sessions("X", days, days + 14 * HOUR, days + 21 * HOUR, np.empty((0, 2), dtype=np.int64))
    assert known(read_series(table, sessions=sessions)["value"]) == ["2024-01-02T21:00:00Z", "2024-01-03T21:00:00Z"]
    assert known(read_series(table, lag=ReleaseLag(1, hour=12))["value"])[0] == "2024-01-03T12:00:00Z"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"value": [1.0]}, "no column 'timestamp' or .* for the dates"),
        ({"date": ["2024-01-01"]}, "no column 'value' for the values"),
        ({"date": ["soon"], "value": [1.0]}, "column 'date' holds no times"),
        ({"date": [20240101], "value": [1.0]}, "column 'date' holds numbers, not times"),
        ({"date": ["2024-01-01", None], "value": [1.0, 2.0]}, "column 'date', row 1: there is no time"),
        ({"date": ["2024-01-01"], "value": ["much"]}, "column 'value' holds no numbers"),
        ({"date": ["2024-01-01"], "value": ["."]}, "the table holds no value"),
        ({"date": ["2024-01-01"], "value": [1.0], "Value": [1.0]}, "two columns have the same name"),
    ],
)
def test_what_is_no_series_is_refused(table: dict[str, list[object]], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_series(pd.DataFrame(table), freq="D")


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="there is no file"):
        load_series(tmp_path / "nothing.csv")
    for name, content in (("a.parquet", "no"), ("b.csv", ""), ("c.xlsx", "no"), ("d.feather", "no")):
        (tmp_path / name).write_text(content)
        with pytest.raises(InvalidInput, match=r"cannot be read|is no table of other data"):
            load_series(tmp_path / name)
    with pytest.raises(InvalidInput, match="is no table of other data"):
        read_series("sample:sp500")


def test_names_become_names_of_columns() -> None:
    names = [column_name(text) for text in ("FF_Mkt-RF", "10Y", "Close", "", "  US CPI ")]
    assert names == ["ff_mkt_rf", "series_10y", "series_close", "series", "us_cpi"]


def test_trades_are_read_with_both_clocks() -> None:
    table = pd.DataFrame(
        {
            "timestamp": pd.to_datetime([1_000, 2_000], unit="ms", utc=True),
            "exch_ms": [2_500, 2_400],
            "price": [5.0, 6.0],
            "qty": [1.0, 2.0],
            "buyer_is_maker": [True, False],
        }
    )
    trades = read_trades(table)
    assert trades.sides.tolist() == [-1, 1]
    assert (trades.events - trades.time).tolist() == [1_500_000_000, 400_000_000]
    assert (read_trades(table, clock="later").time // 1_000_000).tolist() == [2_500, 2_500]
    with pytest.raises(InvalidInput, match="clock is 'mine'"):
        read_trades(table, clock="mine")  # type: ignore[arg-type]
    words = table.drop(columns=["buyer_is_maker", "exch_ms"]).assign(side=["Sell", "buy"], symbol="BTC")
    assert (read_trades(words).sides.tolist(), read_trades(words).symbol) == ([-1, 1], "BTC")
    assert read_trades(words.drop(columns="side")).sides.tolist() == [0, 0]
    with pytest.raises(InvalidInput, match="a side is called 'up'"):
        read_trades(words.assign(side="up"))
    with pytest.raises(InvalidInput, match="the ticks are of 2 instruments: A, B"):
        read_trades(words.assign(symbol=["A", "B"]))


def test_quotes_know_their_exchange_and_leave_out_what_is_suspicious(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "timestamp": pd.to_datetime([1, 2, 3], unit="s", utc=True),
            "bid": [5.0, np.nan, 7.0],
            "bid_size": [1, 0, 1],
            "ask": [0.0, 6.0, 9.0],
            "ask_size": [0, 1, 1],
            "exchange": ["N", "Q", None],
            "suspicious": [0, 0, 1],
        }
    )
    table.to_parquet(tmp_path / "ibm.parquet")
    quotes = read_quotes(tmp_path / "ibm.parquet")
    assert (len(quotes), quotes.exchanges, quotes.venues.tolist()) == (2, ("N", "Q"), [0, 1])
    assert (quotes.bid.tolist(), quotes.symbol) == ([5.0, 0.0], "ibm")


def test_changes_that_a_snapshot_holds_already_are_left_out() -> None:
    table = pd.DataFrame(
        {
            "timestamp": pd.to_datetime([1, 2, 3, 4], unit="s", utc=True),
            "side": [1, 1, -1, 1],
            "price": [5.0, 5.0, 6.0, 5.0],
            "qty": [1.0, 2.0, 1.0, 3.0],
            "is_snapshot": [False, True, False, False],
            "last_id": [3, 7, 7, 8],
        }
    )
    assert read_book_updates(table).size.tolist() == [1.0, 2.0, 3.0]
    plain = read_book_updates(table.drop(columns=["last_id", "is_snapshot"]).assign(side="bid"))
    assert not plain.snapshot.any()
    assert plain.side.tolist() == [1, 1, 1, 1]


def test_figures_count_from_the_end_of_the_day_they_were_filed() -> None:
    table = pd.DataFrame(
        {
            "symbol": ["AAPL", "AAPL"],
            "period_end": ["2023-12-30", "2023-12-30"],
            "filed": ["2024-02-02", "2024-03-01"],
            "name": ["shares", "debt"],
            "value": [15e9, np.nan],
        }
    )
    (fact,) = read_fundamentals(table)
    assert (fact.symbol, fact.name, fact.value, time_text(fact.knowable_at)) == (
        "AAPL",
        "shares",
        15e9,
        "2024-02-03T00:00:00Z",
    )
    assert read_fundamentals(table.assign(unit=["USD", ""]))[0].unit == "USD"


def test_news_are_in_order_and_their_words_are_joined() -> None:
    table = pd.DataFrame(
        {
            "timestamp": ["2024-01-02T10:00:00Z", "2024-01-01T00:00:00Z"],
            "symbol": ["AAPL; MSFT", "IBM"],
            "text": ["up 5 % !", None],
            "headline": ["Good", "Bad"],
            "source": ["wire", None],
        }
    )
    first, second = read_news(table)
    assert (first.symbols, first.text, first.headline, first.source) == (("IBM",), "", "Bad", "")
    assert (second.symbols, second.text) == (("AAPL", "MSFT"), "up 5%!")
    lists = pd.DataFrame({"date": ["2024-01-01"], "symbols": [["A", "B"]], "tokens": [["so", "good", "!"]]})
    (item,) = read_news(lists)
    assert (item.symbols, item.text, time_text(item.knowable_at)) == (("A", "B"), "so good!", "2024-01-02T00:00:00Z")
    (none,) = read_news(pd.DataFrame({"date": ["2024-01-01"], "symbol": [None], "title": ["x"]}))
    assert none.symbols == ()
    with pytest.raises(InvalidInput, match="no column 'text' or 'headline' for the words"):
        read_news(table.drop(columns=["text", "headline"]))


def test_contracts_are_read_by_their_symbol() -> None:
    held = read_instruments(pd.DataFrame({"Symbol": ["AEX"], "Pointsize": [200.0], "Currency": ["EUR"]}))
    assert dict(held["AEX"]) == {"pointsize": 200.0, "currency": "EUR"}
