"""Parts of a run on several threads: each worked on once, and a failure is the caller's."""

from __future__ import annotations

import pytest

from autonomous_trading.backtest._simulator import _in_threads


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_failure_in_any_thread_reaches_the_caller_and_stops_the_others(threads: int) -> None:
    done: list[int] = []

    def work(low: int, high: int) -> None:
        if low <= 20 < high:
            raise MemoryError("no room")
        done.extend(range(low, high))

    with pytest.raises(MemoryError, match="no room"):
        _in_threads(work, 200, threads)
    assert 20 not in done


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("units", [1, 2, 7, 100])
def test_every_part_is_worked_on_once(units: int, threads: int) -> None:
    done: list[int] = []
    _in_threads(lambda low, high: done.extend(range(low, high)), units, threads)
    assert sorted(done) == list(range(units))
