"""Every executor passes the contract suite, and the suite finds what breaks it."""

from __future__ import annotations

import importlib.util
from collections import deque
from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest

from autonomous_trading.adapters.compute import FunctionTask, InlineExecutor, open_executor
from autonomous_trading.adapters.compute._ray_cluster import Cluster
from autonomous_trading.app import Context, Executor, Outcome, Task
from autonomous_trading.core import IntArray, InvalidInput, ParameterTable
from autonomous_trading.testing import tasks
from autonomous_trading.testing.contracts.executors import ExecutorContract, Subject, kills_in_a_row

with_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two processors of a Ray cluster of this machine."""
    made = Cluster(None, 2)
    yield made
    made.close()


class TestInline(ExecutorContract):
    """In this process."""

    @pytest.fixture
    def subject(self) -> Subject:
        return Subject(lambda task: open_executor("inline", task), apart=False)


@pytest.mark.slow
class TestProcesses(ExecutorContract):
    """In worker processes, one and more than there are cores."""

    @pytest.fixture(params=[1, 3])
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        workers: int = request.param
        return Subject(lambda task: open_executor("processes", task, workers), workers, kills=8 if workers > 1 else 2)


@with_ray
@pytest.mark.slow
class TestRay(ExecutorContract):
    """On a Ray cluster that all of these tests share; it is not theirs to end, and is sent the arrays."""

    @pytest.fixture
    def subject(self, cluster: Cluster) -> Subject:
        assert cluster.ray.is_initialized()
        return Subject(lambda task: open_executor("ray", task, 2), slots=2, kills=3)


@with_ray
@pytest.mark.slow
def test_ray_has_limits_too(cluster: Cluster) -> None:
    assert cluster.ray.is_initialized()
    executor = open_executor("ray", FunctionTask(tasks.sleeping, ("value",)), 1, seconds=1.0)
    for ticket, seconds in enumerate((60.0, 0.0)):
        executor.submit(ticket, ParameterTable({"x": np.array([seconds])}), np.array([1]))
    first, second = executor.wait(60.0), executor.wait(60.0)
    executor.close()
    assert first == Outcome(0, lost=True, cause="it took longer than 1 seconds")
    assert second is not None
    assert second.columns is not None


@with_ray
@pytest.mark.slow
def test_ray_refuses_what_its_workers_cannot_find(cluster: Cluster) -> None:
    assert cluster.ray.is_initialized()
    with pytest.raises(InvalidInput, match="define it in a file that can be imported"):
        open_executor("ray", FunctionTask(lambda x: x, ("value",)))
    executor = open_executor("ray", FunctionTask("no_such_module:value", ("value",)))
    executor.submit(0, ParameterTable({"x": np.array([1.0])}), np.array([1]))
    with pytest.raises(InvalidInput, match="there is no module 'no_such_module'"):
        executor.wait(60.0)


@pytest.mark.nightly
def test_two_hundred_kills_in_a_row() -> None:
    kills_in_a_row(Subject(lambda task: open_executor("processes", task, 2), slots=2, kills=200))


class Faulty(Executor):
    """Evaluates here, and gets one thing wrong."""

    def __init__(self, task: Task, fault: str) -> None:
        self._task, self._fault = task, fault
        self._asked: deque[tuple[int, ParameterTable, IntArray, Context | None]] = deque()

    @property
    def slots(self) -> int:
        return 1

    def submit(self, ticket: int, table: ParameterTable, seeds: IntArray, context: Context | None = None) -> None:
        given = seeds[::-1] if self._fault == "seeds" else seeds
        self._asked.append((ticket, table, given, None if self._fault == "context" else context))

    def wait(self, seconds: float) -> Outcome | None:
        if not self._asked:
            return None
        ticket, table, seeds, context = self._asked.popleft()
        inner = InlineExecutor(self._task.build())
        inner.submit(0 if self._fault == "tickets" else ticket, table, seeds, context)
        outcome = inner.wait(seconds)
        if self._fault == "digits" and outcome is not None and outcome.columns is not None:
            columns = {name: values.astype(np.float32).astype(np.float64) for name, values in outcome.columns.items()}
            return Outcome(outcome.ticket, columns)
        return outcome

    def close(self) -> None:
        """Keeps everything."""


def faulty(fault: str) -> Subject:
    return Subject(lambda task: Faulty(task, fault), apart=False)


def test_the_suite_finds_seeds_that_were_swapped() -> None:
    with pytest.raises(AssertionError, match="is worth something else"):
        ExecutorContract().test_seeds_reach_their_sets(faulty("seeds"))


def test_the_suite_finds_lost_digits() -> None:
    with pytest.raises(AssertionError, match="is worth something else"):
        ExecutorContract().test_a_function_is_worth_the_same_everywhere(faulty("digits"))


def test_the_suite_finds_mixed_up_tickets() -> None:
    with pytest.raises(AssertionError, match="a table came back twice"):
        ExecutorContract().test_a_function_is_worth_the_same_everywhere(faulty("tickets"))


def test_the_suite_finds_a_lost_context() -> None:
    with pytest.raises(AssertionError, match="evaluated with another context"):
        ExecutorContract().test_a_context_reaches_its_table(faulty("context"))


def test_the_suite_finds_what_works_after_its_end() -> None:
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        ExecutorContract().test_leaves_nothing_behind(faulty("end"))


class Staying:
    """Keeps its workers when it is closed."""

    def __init__(self, task: Task) -> None:
        self._inner = open_executor("processes", task, 2)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def close(self) -> None:
        """Later."""


@pytest.mark.slow
def test_the_suite_finds_workers_that_stay() -> None:
    opened: list[Staying] = []

    def stay(task: Task) -> Executor:
        opened.append(Staying(task))
        return cast(Executor, opened[-1])

    with pytest.raises(AssertionError, match=r"it left .*process"):
        ExecutorContract().test_leaves_nothing_behind(Subject(stay))
    opened[0]._inner.close()
