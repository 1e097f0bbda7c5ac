"""Searches that propose ahead, in real worker processes: the trials of one process, on any number of workers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from autonomous_trading.adapters.compute import FunctionTask, InlineExecutor, ProcessExecutor
from autonomous_trading.app import Desk, Executor, Found, JobSpec, Objective, Search, run_recorded_search
from autonomous_trading.core import Space
from autonomous_trading.testing.ledger import MemoryLedger
from autonomous_trading.testing.tasks import drawn

pytestmark = pytest.mark.slow

SPACE = Space.of({"x": (-1.0, 1.0)})
TASK = FunctionTask(drawn, ("value",))
GOAL = Objective("value", maximize=False)
OPTIONS: dict[str, dict[str, object]] = {
    "tpe": {"batch_size": 6, "startup": 6},
    "nsga2": {"population": 8},
    "random": {"batch_size": 8},
}


@pytest.fixture(scope="module", params=[1, 3], ids="{} workers".format)
def workers(request: pytest.FixtureRequest) -> Iterator[ProcessExecutor]:
    with closing(ProcessExecutor(TASK, processes=request.param)) as executor:
        yield executor


def search(method: str, ahead: int, executor: Executor) -> Found:
    ledger = MemoryLedger()
    job = ledger.open_job(JobSpec("p", "drawn", {}, {"method": method, "ahead": ahead}, ("value",), {}))
    optimizer = Search(method, 40, 5, OPTIONS[method], ahead).optimizer(SPACE, 1)
    elsewhere = not isinstance(executor, InlineExecutor)
    desk = Desk(ledger, job, "w", executor, time.sleep, time.monotonic, elsewhere=elsewhere)
    return run_recorded_search(optimizer, [GOAL], 5, desk)


@pytest.mark.parametrize("method", list(OPTIONS))
@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_the_trials_are_those_of_one_process(workers: ProcessExecutor, method: str, ahead: int) -> None:
    expected, found = search(method, ahead, InlineExecutor(TASK.build())), search(method, ahead, workers)
    assert len(expected.trials) == 40
    assert list(found.trials.parameters.rows()) == list(expected.trials.parameters.rows())
    assert found.trials.metrics["value"].tobytes() == expected.trials.metrics["value"].tobytes()
