"""Every shape of prices a person may hold in memory becomes the same Bars."""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from autonomous_trading.adapters import as_bars, as_panel, bars_to_frame, read_bars, read_many
from autonomous_trading.core import Bars, InvalidBars, InvalidInput

HOUR = 3_600_000_000_000
START = 1_704_067_200_000_000_000  # 2024-01-01
COLUMNS = {
    "open": [1.0, 2.0, 3.0, 4.0],
    "high": [2.0, 3.0, 4.0, 5.5],
    "low": [0.5, 1.0, 2.0, 3.0],
    "close": [1.5, 2.0, 3.25, 4.0],
    "volume": [10.0, 20.0, 0.0, 40.5],
}
TIME = START + HOUR * np.arange(4)
NAIVE = "times without a zone are taken as UTC"
NO_VOLUME = "no volume column, so volume is 0 on every bar"


def expected(*, symbol: str = "", volume: bool = True) -> Bars:
    columns: dict[str, Any] = {name: np.array(values) for name, values in COLUMNS.items()}
    if not volume:
        columns["volume"] = np.zeros(4)
    return Bars(time=TIME, symbol=symbol, **columns)


def index() -> pd.DatetimeIndex:
    return pd.DatetimeIndex(TIME.view("datetime64[ns]"))


def frame() -> pd.DataFrame:
    return pd.DataFrame(COLUMNS, index=index())


def same(bars: Bars, other: Bars) -> bool:
    return bars.content_id == other.content_id and bars.symbol == other.symbol


def rows() -> list[list[float]]:
    return [[START // 1_000_000 + 3_600_000 * row, *(COLUMNS[name][row] for name in COLUMNS)] for row in range(4)]


def structured() -> npt.NDArray[Any]:
    array = np.zeros(4, dtype=[("time", "M8[s]"), *((name, ">f8") for name in COLUMNS)])
    array["time"] = TIME.view("datetime64[ns]").astype("datetime64[s]")
    for name, values in COLUMNS.items():
        array[name] = values
    return array


def moments(zone: dt.tzinfo | None) -> list[dt.datetime]:
    return [dt.datetime(2024, 1, 1, hour, tzinfo=zone) for hour in range(4)]


def renamed(names: str) -> pd.DataFrame:
    return frame().set_axis(names.split(), axis=1)


SILENT: dict[str, Any] = {
    "zone": lambda: frame().tz_localize("UTC"),
    "another zone": lambda: frame().tz_localize("UTC").tz_convert("America/New_York"),
    "index name": lambda: frame().tz_localize("UTC").rename_axis("Date"),
    "zone in seconds": lambda: frame().tz_localize("UTC").set_axis(index().tz_localize("UTC").as_unit("s")),
    "ccxt rows": rows,
    "ccxt tuples": lambda: tuple(tuple(row) for row in rows()),
    "ccxt frame without names": lambda: pd.DataFrame(rows()),
    "Binance rows of text": lambda: [[row[0], *(str(value) for value in row[1:]), 0, "x"] for row in rows()],
    "array": lambda: np.array(rows()),
    "epoch seconds": lambda: {"t": TIME // 10**9, **COLUMNS},
    "epoch milliseconds": lambda: {"ts": TIME // 10**6, **COLUMNS},
    "epoch microseconds": lambda: {"unix": TIME // 10**3, **COLUMNS},
    "epoch nanoseconds": lambda: {"open_time": TIME, **COLUMNS},
    "epoch floats": lambda: {"time": (TIME // 10**9).astype(np.float64), **COLUMNS},
    "objects": lambda: {name: np.array(values, dtype=object) for name, values in {"t": TIME, **COLUMNS}.items()},
    "tuples": lambda: {"t": tuple(TIME.tolist()), **{name: tuple(values) for name, values in COLUMNS.items()}},
    "epoch unsigned": lambda: {"time": (TIME // 10**9).astype(np.uint32), **COLUMNS},
    "datetimes with zone": lambda: {"datetime": moments(dt.UTC), **COLUMNS},
    "datetimes in another zone": lambda: {
        "datetime": [when.astimezone(dt.timezone(dt.timedelta(hours=-5))) for when in moments(dt.UTC)],
        **COLUMNS,
    },
    "text with zone": lambda: {"timestamp": [f"2024-01-01T0{hour}:00:00Z" for hour in range(4)], **COLUMNS},
    "records": lambda: [dict(zip("tohlcv", row, strict=True)) for row in rows()],
    "polars": lambda: pl.DataFrame({"time": moments(dt.UTC), **COLUMNS}),
    "lazy polars": lambda: pl.DataFrame({"time": moments(dt.UTC), **COLUMNS}).lazy(),
    "mapping of polars": lambda: {"time": pl.Series(TIME), **COLUMNS},
    "mapping of pandas": lambda: {"time": pd.Series(index().tz_localize("UTC")), **COLUMNS},
    "mapping of Arrow": lambda: {"time": pa.array(TIME), **COLUMNS},
    "Arrow table": lambda: pa.table({"time": pa.array(TIME, pa.timestamp("ns", "UTC")), **COLUMNS}),
    "Arrow record batch": lambda: pa.record_batch(
        {"time": pa.array(TIME), **{k: pa.array(v) for k, v in COLUMNS.items()}}
    ),
    "Arrow dictionary": lambda: pa.table(
        {"time": pa.array([f"2024-01-01T0{hour}:00Z" for hour in range(4)]).dictionary_encode(), **COLUMNS}
    ),
    # One of the two says UTC, which settles it.
    "two times that agree": lambda: frame().assign(unix=TIME // 10**9).assign(date=[str(when) for when in index()]),
    "Bars": expected,
    "frame of Bars": lambda: bars_to_frame(expected()),
}

NAIVE_SHAPES: dict[str, Any] = {
    "naive index": frame,
    "capitals": lambda: renamed("Open High Low Close Volume"),
    "shouting": lambda: renamed("OPEN HIGH LOW CLOSE VOLUME"),
    "letters": lambda: renamed("o h l c v"),
    "brackets": lambda: renamed("<OPEN> <HIGH> <LOW> <CLOSE> <VOL>"),
    "blanks": lambda: frame().set_axis([" open ", "high ", " Low", "Close/Last", "volume"], axis=1),
    "column of dates": lambda: frame().reset_index(names="Date"),
    "column of text": lambda: frame().reset_index(names="date").astype({"date": str}),
    "column of objects": lambda: frame().reset_index(names="date").astype({"date": object}),
    "index of text": lambda: frame().set_axis(index().astype(str)),
    "periods": lambda: frame().set_axis(index().to_period("h")),
    "numbers as text": lambda: frame().astype(str).reset_index(names="time"),
    "numbers as objects": lambda: frame().astype(object),
    "yfinance, price first": lambda: frame().set_axis(
        pd.MultiIndex.from_product([[name.title() for name in COLUMNS], [""]], names=["Price", "Ticker"]),
        axis=1,
    ),
    "structured array": structured,
    "naive datetimes": lambda: {"datetime": moments(None), **COLUMNS},
    "numpy days": lambda: {"t": TIME.view("datetime64[ns]").astype("datetime64[h]"), **COLUMNS},
    "naive polars": lambda: pl.DataFrame({"time": moments(None), **COLUMNS}),
}


@pytest.mark.parametrize("shape", SILENT)
def test_shape_is_read_without_a_note(shape: str) -> None:
    reading = read_bars(SILENT[shape]())
    assert same(reading.bars, expected())
    assert reading.notes == ()


@pytest.mark.parametrize("shape", NAIVE_SHAPES)
def test_shape_without_a_zone_is_read_as_utc_and_says_so_once(shape: str) -> None:
    reading = read_bars(NAIVE_SHAPES[shape]())
    assert [note.partition(": ")[2] for note in reading.notes] == [NAIVE]
    assert same(reading.bars, expected())


def test_an_adjusted_close_is_left_aside_and_said() -> None:
    data = frame().tz_localize("UTC").assign(**{"Adj Close": COLUMNS["close"]})
    reading = read_bars(data)
    assert same(reading.bars, expected())
    assert reading.notes == (
        "the DataFrame: column 'Adj Close' left aside, because it knows later dividends"
        " (at.load_bars: adjust=True scales by it)",
    )
    assert read_bars(data, adjust=True).notes == ()


def test_missing_volume_is_zero_and_said() -> None:
    reading = read_bars(frame().tz_localize("UTC").drop(columns="volume"))
    assert same(reading.bars, expected(volume=False))
    assert reading.notes == (f"the DataFrame: {NO_VOLUME}",)


def test_other_numbers_are_kept_under_snake_case_names() -> None:
    given = frame().assign(quoteVolume=[0.5, np.nan, 1, 2])
    given["Open Interest"] = [1, 2, 3, 4]
    given["200ma"] = 7.0
    extra = read_bars(given).bars.extra
    assert list(extra) == ["quote_volume", "open_interest", "column_200ma"]
    np.testing.assert_array_equal(extra["quote_volume"], [0.5, np.nan, 1, 2])
    np.testing.assert_array_equal(extra["open_interest"], [1.0, 2.0, 3.0, 4.0])


def test_other_text_is_left_out_and_said() -> None:
    reading = read_bars(frame().tz_localize("UTC").assign(venue="X", closed=[True] * 4))
    assert dict(reading.bars.extra) == {}
    assert [note.partition(" (")[0] for note in reading.notes] == [
        "the DataFrame: column 'venue' ignored",
        "the DataFrame: column 'closed' ignored",
    ]


def test_adjusting_scales_all_prices_and_keeps_the_rules() -> None:
    adjusted = np.array(COLUMNS["close"]) * [0.3, 0.7, 0.9, 1.0]
    bars = as_bars(frame().assign(**{"Adj Close": adjusted}), adjust=True)
    np.testing.assert_array_equal(bars.close, adjusted)
    np.testing.assert_allclose(bars.open, np.array(COLUMNS["open"]) * [0.3, 0.7, 0.9, 1.0], rtol=1e-15)
    assert "adj_close" not in bars.extra
    with pytest.raises(InvalidBars, match="no adjusted close"):
        as_bars(frame(), adjust=True)


def test_symbol_is_taken_from_the_argument_then_the_data() -> None:
    given = frame().assign(Ticker="SPY")
    assert as_bars(given).symbol == "SPY"
    assert as_bars(given, symbol="QQQ").symbol == "QQQ"
    assert as_bars(expected(symbol="SPY")).symbol == "SPY"
    assert as_bars(expected(symbol="SPY"), symbol="QQQ").symbol == "QQQ"
    assert as_bars(frame().assign(symbol=600519)).symbol == "600519"


def test_bars_come_back_as_they_are() -> None:
    bars = expected()
    assert as_bars(bars) is bars


def yfinance(*, price_first: bool = True) -> pd.DataFrame:
    spy = frame().set_axis(pd.MultiIndex.from_product([[name.title() for name in COLUMNS], ["SPY"]]), axis=1)
    qqq = spy.rename(columns={"SPY": "QQQ"}).iloc[1:]
    both = pd.concat([spy, qqq], axis=1).rename_axis(columns=["Price", "Ticker"])
    return both if price_first else both.swaplevel(axis=1)


@pytest.mark.parametrize("price_first", [True, False])
def test_yfinance_of_one_and_of_several_tickers(price_first: bool) -> None:
    both = yfinance(price_first=price_first)
    one = both.xs("SPY", axis=1, level="Ticker", drop_level=False)
    assert same(as_bars(one), expected(symbol="SPY"))
    with pytest.raises(
        InvalidBars, match=r"the DataFrame holds 2 instruments \(SPY, QQQ\).*pick one of them; at.backtest, at.opt"
    ):
        as_bars(both)
    panel = as_panel(both)
    assert list(panel) == ["SPY", "QQQ"]
    assert same(panel["SPY"], expected(symbol="SPY"))
    # QQQ did not trade in the first hour: a row of nothing is no bar.
    assert same(panel["QQQ"], as_bars(frame().iloc[1:], symbol="QQQ"))


def test_alpaca_of_one_and_of_several_symbols() -> None:
    one = pd.concat({"SPY": frame().tz_localize("UTC")}, names=["symbol", "timestamp"])
    both = pd.concat([one, one.rename(index={"SPY": "QQQ"})])
    assert same(as_bars(one), expected(symbol="SPY"))
    with pytest.raises(InvalidBars, match=r"2 instruments \(SPY, QQQ\)"):
        as_bars(both)
    assert [same(bars, expected(symbol=name)) for name, bars in as_panel(both).items()] == [True, True]


def test_errors_in_one_of_several_name_it_and_its_own_row() -> None:
    one = pd.concat({"SPY": frame().tz_localize("UTC")}, names=["symbol", "timestamp"])
    both = pd.concat([one, one.rename(index={"SPY": "QQQ"}).assign(low=9.0)])
    with pytest.raises(InvalidBars, match=r"the DataFrame \(QQQ\), row 4 \(counting from 0\).*below low 9"):
        as_panel(both)


def test_mapping_of_instruments() -> None:
    readings = read_many({"V": frame(), "T": rows(), "C": expected(), "O": "sample:sp500"})
    assert list(readings) == ["V", "T", "C", "O"]
    assert [reading.bars.symbol for reading in readings.values()] == ["V", "T", "C", "O"]
    assert same(readings["T"].bars, expected(symbol="T"))
    assert list(as_panel(frame())) == [""]
    assert list(as_panel(expected(symbol="X"))) == ["X"]
    with pytest.raises(InvalidBars, match="'V' holds a DataFrame, not a column"):
        as_bars({"V": frame()})


@pytest.mark.parametrize("thing", [None, 7, object(), b"open,high", {1, 2}, pd.Series([1.0])])
def test_other_things_are_refused_with_the_shapes_that_work(thing: object) -> None:
    with pytest.raises(InvalidInput, match=r"cannot be read as bars\. Fix: give a DataFrame"):
        as_bars(thing)


def test_frame_of_bars_follows_the_convention_and_owns_its_values() -> None:
    bars = replace(expected(), extra={"vwap": np.arange(4.0)})
    made = bars_to_frame(bars)
    assert list(made.columns) == [*COLUMNS, "vwap"]
    assert made.index.name == "timestamp"
    assert str(made.index.dtype) == "datetime64[ns, UTC]"
    made.loc[made.index[0], "open"] = 99.0
    assert bars.open[0] == 1.0
