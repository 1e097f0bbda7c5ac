"""Laws of data in and out: what Bars are written as gives the same Bars back, to the last bit."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
from hypothesis import given, settings
from hypothesis import strategies as st

from autonomous_trading.adapters import as_bars, bars_to_frame, load_bars
from autonomous_trading.core import Bars

PRICE = st.floats(min_value=1e-300, max_value=1e300)
VOLUME = st.floats(min_value=0.0, max_value=1e300)
# Every nanosecond that pandas, Arrow and an int64 agree on.
START = st.integers(min_value=-9_000_000_000_000_000_000, max_value=8_000_000_000_000_000_000)


@st.composite
def some_bars(draw: st.DrawFn) -> Bars:
    count = draw(st.integers(min_value=1, max_value=12))
    prices = np.sort(np.array(draw(st.lists(st.tuples(PRICE, PRICE, PRICE, PRICE), min_size=count, max_size=count))))
    steps = draw(st.lists(st.integers(min_value=1, max_value=10**16), min_size=count, max_size=count))
    volume = np.array(draw(st.lists(VOLUME, min_size=count, max_size=count)))
    bars = Bars(
        time=draw(START) + np.cumsum(np.array(steps, dtype=np.int64)),
        open=prices[:, 1],
        high=prices[:, 3],
        low=prices[:, 0],
        close=prices[:, 2],
        volume=volume,
        symbol="SPY",
    )
    if not draw(st.booleans()):
        return bars
    extra = draw(st.lists(st.floats(allow_infinity=False), min_size=count, max_size=count))
    # Of the many bit patterns that are no number only one survives a file: the usual one.
    gaps = np.where(np.isnan(extra), np.nan, extra)
    return replace(bars, extra={"open_interest": gaps, "vwap": bars.close})


def same(bars: Bars, other: Bars) -> bool:
    return bars.content_id == other.content_id and list(bars.extra) == list(other.extra)


@given(bars=some_bars())
def test_frame(bars: Bars) -> None:
    frame = bars_to_frame(bars)
    again = as_bars(frame, symbol="SPY")
    assert same(again, bars)
    assert bars_to_frame(again).equals(frame)


@settings(max_examples=40)
@given(bars=some_bars())
def test_csv_parquet_and_feather(bars: Bars) -> None:
    frame = bars_to_frame(bars)
    with TemporaryDirectory() as name:
        folder = Path(name)
        frame.to_csv(folder / "SPY.csv")
        frame.to_csv(folder / "SPY.csv.gz")
        frame.to_parquet(folder / "SPY.parquet")
        feather.write_feather(pa.Table.from_pandas(frame.reset_index()), folder / "SPY.feather")
        for path in sorted(folder.iterdir()):
            read = load_bars(path)
            assert same(read, bars), path.name
            assert read.symbol == "SPY"


@given(bars=some_bars(), zone=st.sampled_from(["America/New_York", "Asia/Kolkata", "Pacific/Chatham"]))
def test_the_zone_times_are_written_in_changes_nothing(bars: Bars, zone: str) -> None:
    assert same(as_bars(bars_to_frame(bars).tz_convert(zone)), bars)
