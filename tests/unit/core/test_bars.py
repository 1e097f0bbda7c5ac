"""Bars: bad data is refused at the door with row, rule and value; good data is frozen, cut and named."""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autonomous_trading.core import Bars, BarWarning, InvalidBars, inspect_bars

DAY = 86_400_000_000_000
HOUR = DAY // 24
NAMES = ("open", "high", "low", "close", "volume")


def columns(rows: int = 5) -> dict[str, Any]:
    base = np.arange(rows, dtype=np.float64)
    return {
        "time": np.arange(rows, dtype=np.int64) * DAY,
        "open": 100.0 + base,
        "high": 103.0 + base,
        "low": 99.0 + base,
        "close": 102.0 + base,
        "volume": 1_000.0 + base,
    }


def with_value(name: str, row: int, value: float) -> dict[str, Any]:
    changed = columns()
    changed[name][row] = value
    return changed


def test_columns_are_kept_as_given() -> None:
    given = columns()
    bars = Bars(**given, symbol="ABC", extra={"funding": np.full(5, np.nan)})
    for name, values in given.items():
        np.testing.assert_array_equal(getattr(bars, name), values)
    assert len(bars) == 5
    assert bars.symbol == "ABC"
    assert np.isnan(bars.extra["funding"]).all()


def test_lists_and_other_number_types_are_converted() -> None:
    given = {name: values.tolist() for name, values in columns().items()}
    given["open"] = np.array(given["open"], dtype=np.float32)
    bars = Bars(**given)
    assert bars.time.dtype == np.int64
    assert all(getattr(bars, name).dtype == np.float64 for name in NAMES)


def test_datetime64_becomes_nanoseconds() -> None:
    given = columns()
    days = given["time"].astype("datetime64[ns]").astype("datetime64[D]")
    assert Bars(**{**given, "time": days}).time.tolist() == given["time"].tolist()


def test_nothing_can_be_written() -> None:
    bars = Bars(**columns(), extra={"funding": np.zeros(5)})
    for values in (bars.time, *(getattr(bars, name) for name in NAMES), bars.extra["funding"]):
        assert values.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        bars.close = bars.open  # type: ignore[misc]
    with pytest.raises(TypeError):
        bars.extra["other"] = bars.close  # type: ignore[index]


def test_the_callers_arrays_are_copied_and_stay_writeable() -> None:
    given = columns()
    bars = Bars(**given)
    given["close"][0] = 1.0
    given["time"][0] = -1
    assert bars.close[0] == 102.0
    assert bars.time[0] == 0


@pytest.mark.parametrize("name", ["open", "high", "low", "close"])
@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (np.nan, "must be a finite number; got nan"),
        (np.inf, "must be a finite number; got inf"),
        (-np.inf, "must be a finite number; got -inf"),
        (0.0, "must be positive; got 0.0"),
        (-3.0, "must be positive; got -3.0"),
    ],
)
def test_bad_prices_are_refused(name: str, value: float, rule: str) -> None:
    with pytest.raises(InvalidBars, match=rf"row 2 \(1970-01-03T00:00:00Z\): {name} {rule}"):
        Bars(**with_value(name, 2, value))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1.0])
def test_bad_volume_is_refused(value: float) -> None:
    with pytest.raises(InvalidBars, match=f"row 3 .*volume must be finite and not negative; got {value}"):
        Bars(**with_value("volume", 3, value))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("high", 50.0, r"row 1 .*high 50\.0 is below low 100\.0"),
        ("open", 150.0, r"row 1 .*open 150\.0 is outside low 100\.0 to high 104\.0"),
        ("open", 99.5, r"row 1 .*open 99\.5 is outside"),
        ("close", 104.5, r"row 1 .*close 104\.5 is outside"),
        ("close", 99.0, r"row 1 .*close 99\.0 is outside"),
    ],
)
def test_prices_outside_the_range_are_refused(name: str, value: float, message: str) -> None:
    with pytest.raises(InvalidBars, match=message):
        Bars(**with_value(name, 1, value))


def test_the_first_bad_row_is_named() -> None:
    given = with_value("close", 3, np.nan)
    given["close"][1] = np.nan
    with pytest.raises(InvalidBars, match="row 1 "):
        Bars(**given)


def test_duplicate_time_is_refused() -> None:
    with pytest.raises(InvalidBars, match=r"row 2 \(1970-01-02T00:00:00Z\): time occurs twice"):
        Bars(**with_value("time", 2, DAY))


def test_unordered_time_is_refused() -> None:
    with pytest.raises(InvalidBars, match=r"row 3 .*before the bar above it.*sort the bars"):
        Bars(**with_value("time", 2, 9 * DAY))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({name: [] for name in columns()}, "there are no bars"),
        ({"close": [1.0]}, "'close' has 1 rows, time has 5"),
        ({"extra": {"funding": [1.0]}}, "'funding' has 1 rows, time has 5"),
        ({"close": ["a"] * 5}, "'close' must hold numbers"),
        ({"close": [None, {}, 1, 1, 1]}, "'close' must hold numbers"),
        ({"close": np.ones((5, 2))}, r"'close' must have one dimension; got shape \[5, 2\]"),
        ({"time": np.arange(5.0)}, "time must be one column of int64 UTC nanoseconds; got float64"),
        ({"time": np.zeros((5, 1), dtype=np.int64)}, r"got int64, shape \[5, 1\]"),
        ({"time": np.array(["2020", "NaT", "2021", "2022", "2023"], "M8[D]")}, "row 1: time is missing"),
        ({"extra": {"close": np.ones(5)}}, "extra column 'close' needs a name of its own"),
        ({"extra": {"two words": np.ones(5)}}, "extra column 'two words'"),
    ],
)
def test_misshapen_data_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidBars, match=message):
        Bars(**{**columns(), **change})


def test_a_slice_is_a_view_with_everything_in_it() -> None:
    bars = Bars(**columns(), symbol="ABC", extra={"funding": np.arange(5.0)})
    part = bars[1:4]
    assert (len(part), part.symbol) == (3, "ABC")
    assert np.shares_memory(part.close, bars.close)
    assert part.close.tolist() == bars.close[1:4].tolist()
    assert part.extra["funding"].tolist() == [1.0, 2.0, 3.0]
    assert bars[-2:].time.tolist() == [3 * DAY, 4 * DAY]
    assert not part.close.flags.writeable


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (3, "plain slice; got 3"),
        (slice(0, 4, 2), "plain slice"),
        (slice(3, 3), "rows 3 to 3 of 5 bars hold none"),
    ],
)
def test_other_cuts_are_refused(cut: Any, message: str) -> None:
    with pytest.raises(InvalidBars, match=message):
        Bars(**columns())[cut]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 2 * DAY, slice(0, 2)),
        (1, 2 * DAY + 1, slice(1, 3)),
        (-5, 99 * DAY, slice(0, 5)),
        (3 * DAY, DAY, slice(3, 3)),
    ],
)
def test_rows_between(start: int, stop: int, expected: slice) -> None:
    assert Bars(**columns()).rows_between(start, stop) == expected


def test_bars_per_year_comes_from_the_times() -> None:
    assert Bars(**columns(10)).bars_per_year == 365.0


def test_content_id_is_about_content_only() -> None:
    given = columns()
    name = Bars(**given).content_id
    assert len(name) == 16
    assert int(name, 16) >= 0
    assert Bars(**given, symbol="other").content_id == name
    assert Bars(**columns(9))[0:5].content_id == name


@pytest.mark.parametrize("name", ["time", *NAMES])
def test_content_id_notices_every_column(name: str) -> None:
    given = columns()
    before = Bars(**given).content_id
    given[name][4] += 1
    given["high"][4] += 1
    assert Bars(**given).content_id != before


def test_content_id_notices_extra_columns_and_their_names_but_not_their_order() -> None:
    one, two = np.ones(5), np.zeros(5)
    base = Bars(**columns(), extra={"a": one, "b": two}).content_id
    assert Bars(**columns(), extra={"b": two, "a": one}).content_id == base
    assert Bars(**columns(), extra={"a": two, "b": one}).content_id != base
    assert Bars(**columns()).content_id != base


def test_negative_zero_volume_is_zero() -> None:
    zero, negative = with_value("volume", 0, 0.0), with_value("volume", 0, -0.0)
    assert Bars(**zero).content_id == Bars(**negative).content_id


def test_a_copy_is_the_same_and_as_closed() -> None:
    bars = Bars(**columns(), symbol="ABC", extra={"funding": np.arange(5.0)})
    again = copy.deepcopy(bars)
    assert again.content_id == bars.content_id
    assert again.symbol == "ABC"
    assert not again.close.flags.writeable


def test_repr_says_how_many_and_when() -> None:
    shown = repr(Bars(**columns(), symbol="ABC"))
    assert shown == "Bars('ABC', 5 bars, 1970-01-01T00:00:00Z to 1970-01-05T00:00:00Z)"


def bars_at(time: Any) -> Bars:
    rows = len(time)
    return Bars(**{**columns(rows), "time": np.asarray(time, dtype=np.int64)})


def codes(bars: Bars) -> dict[str, int]:
    return {warning.code: warning.count for warning in inspect_bars(bars)}


def weekdays(days: int) -> list[int]:
    return [day * DAY for day in range(4, 4 + days) if day % 7 not in (2, 3)]


def sessions(days: int, hours: range) -> list[int]:
    return [midnight + hour * HOUR for midnight in weekdays(days) for hour in hours]


@pytest.mark.parametrize(
    "time",
    [
        [0],
        [0, DAY],
        [day * DAY for day in range(30)],
        weekdays(90),
        [day * 7 * DAY for day in range(60)],
        [hour * HOUR for hour in range(24 * 20)],
        sessions(60, range(14, 21)),
        sessions(60, range(20)),
        [day * DAY + hour * HOUR for day in range(30) for hour in (0, 1, 2, 5, 6, 7)],
        sessions(4, range(14, 21)),
    ],
)
def test_regular_times_have_no_gaps(time: list[int]) -> None:
    assert codes(bars_at(time)).get("gap") is None


def test_a_missing_week_is_a_gap() -> None:
    time = [moment for moment in weekdays(90) if not 30 * DAY <= moment < 37 * DAY]
    assert codes(bars_at(time)) == {"gap": 1}


def test_a_missing_day_of_a_market_that_never_closes_is_a_gap() -> None:
    time = [day * DAY for day in range(30) if day not in (11, 20, 21)]
    (warning,) = inspect_bars(bars_at(time))
    assert warning == BarWarning("gap", "2 gaps between bars, the longest 3.0 days", 2)


@pytest.mark.parametrize("time", [[h * HOUR for h in range(24 * 20)], sessions(60, range(14, 21))])
def test_a_missing_hour_is_a_gap(time: list[int]) -> None:
    kept = [moment for number, moment in enumerate(time) if number != 101]
    assert codes(bars_at(kept)) == {"gap": 1}


def test_stale_opens_are_told() -> None:
    given = columns(11)
    given["open"][1:4] = given["close"][0:3]
    (warning,) = inspect_bars(Bars(**given))
    assert (warning.code, warning.count) == ("stale_open", 3)
    assert "open equals the previous close on 30% of bars" in warning.message


def test_a_few_stale_opens_are_not_told() -> None:
    given = columns(11)
    given["open"][1] = given["close"][0]
    assert inspect_bars(Bars(**given)) == ()


def test_constant_volume_is_told() -> None:
    assert codes(Bars(**{**columns(10), "volume": np.zeros(10)})) == {"constant_volume": 10}
    assert codes(Bars(**{**columns(9), "volume": np.zeros(9)})) == {}


@pytest.mark.parametrize("build", [lambda: Bars(**columns()), lambda: Bars(**columns())[0:2]])
def test_bars_are_equal_only_to_themselves(build: Callable[[], Bars]) -> None:
    bars = build()
    same = bars
    assert bars == same
    assert bars != build()
