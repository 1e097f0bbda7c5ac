"""When figures come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.data import Sessions
from autonomous_trading.data.knowable import RELEASE_LAGS, ReleaseLag, period_ends, release_lag, released

HOUR = 3_600_000_000_000


def dates(*texts: str) -> npt.NDArray[Any]:
    return np.array(texts, dtype="datetime64[ns]").astype(np.int64)


def texts(times: npt.NDArray[Any]) -> list[str]:
    return [str(np.datetime64(int(time), "ns").astype("datetime64[h]")) for time in times]


@pytest.mark.parametrize(
    ("freq", "reference", "known"),
    [
        ("D", "2020-01-31", "2020-02-01T00"),
        ("W", "2020-01-31", "2020-02-08T00"),
        ("M", "2020-02-01", "2020-04-01T00"),
        ("M", "2020-02-29", "2020-04-01T00"),
        ("Q", "2020-01-01", "2020-07-02T00"),
        ("Q", "2020-03-31", "2020-07-02T00"),
        ("A", "2019-01-01", "2021-01-01T00"),
    ],
)
def test_without_a_lag_a_period_passes_first(freq: str, reference: str, known: str) -> None:
    assert texts(released(dates(reference), freq)) == [known]
    assert release_lag("NOBODY_KNOWS_IT", freq) == {"D": ReleaseLag(0), "W": ReleaseLag(7), "M": ReleaseLag(31),
                                                    "Q": ReleaseLag(92), "A": ReleaseLag(366)}[freq]  # fmt: skip


def test_a_period_ends_where_the_next_begins() -> None:
    assert texts(period_ends(dates("2019-12-01", "1969-12-31"), "M")) == ["2020-01-01T00", "1970-01-01T00"]
    assert texts(period_ends(dates("2019-12-31T23"), "D")) == ["2020-01-01T00"]


# Days on which the figures really came out (Bureau of Labor Statistics, Bureau of Economic Analysis).
@pytest.mark.parametrize(
    ("name", "freq", "reference", "came_out"),
    [
        ("PAYEMS", "M", "2023-08-01", "2023-09-01"),
        ("PAYEMS", "M", "2023-11-01", "2023-12-08"),
        ("PAYEMS", "M", "2024-02-01", "2024-03-08"),
        ("UNRATE", "M", "2015-12-01", "2016-01-08"),
        ("CPIAUCSL", "M", "2023-12-01", "2024-01-11"),
        ("CPIAUCSL", "M", "2005-01-01", "2005-02-23"),
        ("GDP", "Q", "2024-01-01", "2024-04-25"),
        ("GDP", "Q", "2023-10-01", "2024-01-25"),
        ("ICSA", "W", "2024-01-06", "2024-01-11"),
        ("EFFR", "D", "2024-01-05", "2024-01-08"),  # of a Friday, on Monday
        ("DFF", "D", "2024-01-14", "2024-01-16"),  # of a Sunday, after Martin Luther King's day
        ("DGS10", "D", "2024-02-16", "2024-02-20"),
        ("FEDFUNDS", "M", "2018-08-01", "2018-09-04"),  # after Labor Day
        ("DCOILWTICO", "D", "2024-01-02", "2024-01-10"),
    ],
)
def test_no_figure_is_known_before_it_came_out(name: str, freq: str, reference: str, came_out: str) -> None:
    (known,) = released(dates(reference), freq, release_lag(name, freq))
    (real,) = dates(f"{came_out}T13:30")
    assert real <= known <= real + 16 * 24 * HOUR


def test_daily_figures_are_known_at_the_close_of_their_session() -> None:
    day = dates("2024-01-03", "2024-01-04")
    sessions = Sessions("XNYS", day[:1], day[:1] + 14 * HOUR, day[:1] + 21 * HOUR, np.empty((0, 2), dtype=np.int64))
    assert texts(released(day, "D", sessions=sessions)) == ["2024-01-03T21", "2024-01-05T00"]
    assert texts(released(day, "D", release_lag("DFF", "D"), sessions)) == ["2024-01-08T00", "2024-01-09T00"]


def test_the_vix_closes_after_the_shares() -> None:
    day = dates("2024-01-03")
    sessions = Sessions("XNYS", day, day + 14 * HOUR, day + 21 * HOUR, np.empty((0, 2), dtype=np.int64))
    assert texts(released(day, "D", release_lag("VIXCLS", "D"), sessions)) == ["2024-01-03T22"]
    assert texts(released(day, "D", release_lag("SP500", "D"), sessions)) == ["2024-01-03T21"]


def test_every_lag_of_the_table_is_one() -> None:
    assert all(isinstance(lag, ReleaseLag) for lag in RELEASE_LAGS.values())
    assert release_lag("cpiaucsl", "M") == RELEASE_LAGS["CPIAUCSL"]


def test_what_is_no_lag_or_frequency_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is no lag of a release"):
        ReleaseLag(-1)
    with pytest.raises(InvalidInput, match="unknown frequency 'H'"):
        released(dates("2020-01-01"), "H")
    with pytest.raises(InvalidInput, match="unknown frequency 'H'"):
        release_lag("x", "H")
