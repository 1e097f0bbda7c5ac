"""Sessions as arrays: one after another, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from autonomous_trading.core import InvalidInput
from autonomous_trading.data import Sessions, around_the_clock
from tests.unit.data.market import DAY, HOUR, MONDAY, weekday_sessions

NONE = np.empty((0, 2), dtype=np.int64)


def test_a_market_that_never_closes() -> None:
    always = around_the_clock(MONDAY + HOUR, MONDAY + DAY + HOUR)
    assert always.date.tolist() == [MONDAY, MONDAY + DAY]
    assert len(always) == 2
    assert always.always_open
    assert not weekday_sessions(3).always_open


@pytest.mark.parametrize("days", [[1, 0], [0, 0]])
def test_sessions_come_in_order(days: list[int]) -> None:
    dates = MONDAY + np.array(days, dtype=np.int64) * DAY
    with pytest.raises(InvalidInput, match="the sessions of T are not one after another"):
        Sessions("T", dates, dates, dates + HOUR, NONE)


def test_sessions_do_not_overlap_and_close_after_they_open() -> None:
    dates = MONDAY + np.arange(2, dtype=np.int64) * DAY
    with pytest.raises(InvalidInput, match="not one after another"):
        Sessions("T", dates, dates, dates + 30 * HOUR, NONE)
    with pytest.raises(InvalidInput, match="not one after another"):
        Sessions("T", dates, dates, dates, NONE)
    with pytest.raises(InvalidInput, match="not one after another"):
        Sessions("T", dates, dates, dates[:1] + HOUR, NONE)
    with pytest.raises(InvalidInput, match="not one after another"):
        Sessions("T", dates, dates, dates + HOUR, np.empty(0, dtype=np.int64))
