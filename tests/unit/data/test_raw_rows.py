"""Raw rows: shapes are checked, values are not; and what screening does with them by itself."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import InvalidBars
from autonomous_trading.data import REASONS, RawBars, screened
from tests.unit.data.market import DAY, MONDAY, changed, walk

DAYS = MONDAY + np.arange(20, dtype=np.int64) * DAY


def test_only_shapes_are_checked() -> None:
    ones = np.ones(2)
    times = np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]")
    rows = RawBars("X", times, ones, ones, ones, ones, ones, 0, {"more": ones})
    assert rows.time.tolist() == [MONDAY, MONDAY + DAY]
    with pytest.raises(InvalidBars, match="column 'low' of received rows"):
        RawBars("X", rows.time, ones, ones, np.ones(3), ones, ones, 0)
    with pytest.raises(InvalidBars, match="column 'more'"):
        RawBars("X", rows.time, ones, ones, ones, ones, ones, 0, {"more": np.array(["a", "b"])})


def test_joined_rows_have_all_columns() -> None:
    one, other = walk(DAYS[:2]), walk(DAYS[2:3])
    more = RawBars("Y", one.time, one.open, one.high, one.low, one.close, one.volume, 7, {"oi": np.ones(2)})
    both = RawBars.joined([other, more])
    assert (both.symbol, both.received_at, len(both)) == ("Y", 7, 3)
    assert np.isnan(both.extra["oi"][0])
    with pytest.raises(InvalidBars, match="no rows to join"):
        RawBars.joined([])


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"time": 0.0}, "bad_time"),
        ({"high": np.inf}, "not_finite"),
        ({"close": -1.0}, "not_positive"),
        ({"volume": -1.0}, "bad_volume"),
        ({"high": 0.5}, "high_below_low"),
        ({"close": 1.5}, "outside_range"),
    ],
)
def test_each_rule_has_its_reason(columns: dict[str, float], reason: str) -> None:
    sound = screened(changed(walk(DAYS), 5, **columns))
    assert sound.reasons == (reason,)
    assert reason in REASONS
    assert sound.bars is not None
    assert len(sound.bars) == len(DAYS) - 1


def test_rows_that_repeat_are_counted_and_rows_that_disagree_put_aside() -> None:
    raw = walk(DAYS)
    twice = RawBars.joined([raw, raw.taken(np.array([3, 4]))])
    assert screened(twice).duplicates == 2
    other = changed(raw.taken(np.array([3])), 0, volume=2.0)
    assert screened(RawBars.joined([raw, other])).reasons == ("conflicting_duplicate",) * 2


def test_nothing_that_passes_is_no_bars() -> None:
    sound = screened(changed(walk(DAYS), slice(None), close=-1.0))
    assert sound.bars is None
    assert len(sound.refused) == len(DAYS)
    assert screened(walk(DAYS).taken(np.empty(0, dtype=np.int64))).bars is None
