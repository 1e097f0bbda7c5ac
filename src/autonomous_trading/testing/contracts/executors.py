"""What every executor must do: the same bits anywhere, one outcome per table, and nothing left behind."""

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from autonomous_trading.adapters.compute import FunctionTask, StrategyTask
from autonomous_trading.app import Context, Executor, Market, Outcome, Task, evaluate_within
from autonomous_trading.core import FloatArray, IntArray, InvalidInput, ParameterTable
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing import tasks
from autonomous_trading.testing.contracts._require import require
from autonomous_trading.testing.markets import random_walk

_PATIENCE = 120.0
_BARS = 600
_MANY = 300
_GROWTH = 6 * 2**20
_OWN = """def value(x):
    if x == 13:
        raise ValueError("thirteen is not for me")
    return x
"""


class Subject(NamedTuple):
    """The executor under test: how one is opened for a task; `slots`: how many tables it takes at once.

    apart: tables are evaluated in other processes, which may die and need not be waited for. kills: how many of them
    are killed in a row.
    """

    open: Callable[[Task], Executor]
    slots: int = 1
    apart: bool = True
    kills: int = 20


def strategy_task(instruments: int = 1) -> StrategyTask:
    """Two averages on synthetic bars, of one instrument or of several."""
    bars = {f"S{number}": random_walk(_BARS, seed=number) for number in range(instruments)}
    return StrategyTask(STRATEGIES["ma_cross"], Market.of(bars), ("sharpe_ratio", "max_drawdown"), (50, _BARS))


def function_task(function: Callable[..., object], *objectives: str) -> FunctionTask:
    """A function of `testing.tasks` as a task."""
    return FunctionTask(function, objectives or ("value",))


class ExecutorContract:
    """The suite for one executor: inherit it in a test class, and give the fixture `subject`.

    class TestMyExecutor(ExecutorContract):
        @pytest.fixture
        def subject(self):
            return Subject(MyExecutor, slots=2)
    """

    @pytest.mark.parametrize("instruments", [1, 2])
    def test_a_strategy_is_worth_the_same_everywhere(self, subject: Subject, instruments: int) -> None:
        """Column for column and bit for bit what this process gets, whatever the size and the order of the tables."""
        grid = STRATEGIES["ma_cross"].space().grid(4)
        _compare(subject, strategy_task(instruments), [grid, grid.take([0]), grid.take(slice(1, 4)), grid.take([2])])

    def test_a_function_is_worth_the_same_everywhere(self, subject: Subject) -> None:
        """The same for a function, with numbers of which every bit counts."""
        rng = np.random.default_rng(5)
        sizes = (1, 200, 3, 1, 40)
        tables = [ParameterTable({"x": rng.normal(size=n) * 1e3, "y": rng.integers(1, 9, n)}) for n in sizes]
        _compare(subject, function_task(tasks.pair, "first", "second"), tables)

    def test_seeds_reach_their_sets(self, subject: Subject) -> None:
        """Every set gets its own seed, in any table."""
        _compare(subject, function_task(tasks.drawn), [_table(*range(n)) for n in (3, 1, 5)])

    def test_a_context_reaches_its_table(self, subject: Subject) -> None:
        """Name for name, shape for shape and bit for bit, where there is one; a table without one gets none."""
        earlier = np.array([[1.0, np.nan, -0.0], [np.inf, 5e-324, 1.0 / 3.0]])
        contexts: list[Context | None] = [None, {"a": earlier}, {"b": earlier}, {"a": earlier.T}, None]
        tables = [_table(number) for number in range(len(contexts))]
        task = tasks.Stamping(function_task(tasks.drawn))
        here = task.build()
        outcomes = _run(subject, task, tables, contexts)
        for number, (table, context) in enumerate(zip(tables, contexts, strict=True)):
            wanted = _exact(evaluate_within(here, table, _seeds(1, number), context))
            found = _exact(outcomes[number].columns or {})
            require(found == wanted, f"table {number} was evaluated with another context than it was given")

    def test_names_the_line_of_a_mistake(self, subject: Subject, tmp_path: Path) -> None:
        """A mistake in a person's code is an outcome that quotes it with its line; other tables do not notice."""
        (tmp_path / "own.py").write_text(_OWN)
        task = FunctionTask(f"{tmp_path / 'own.py'}:value", ("value",))
        outcomes = _run(subject, task, [_table(1), _table(2, tasks.FATAL), _table(3)])
        error = outcomes[1].error
        for part in ("ValueError: thirteen is not for me", "x=13.0", "(own.py, line 3)"):
            require(part in error, f"the error does not say {part!r}: {error!r}")
        require(outcomes[1].columns is None and not outcomes[1].lost, "a mistake gave columns, or counts as lost")
        require(all(outcomes[n].columns is not None for n in (0, 2)), "a mistake spoiled another table")

    def test_raises_what_is_no_mistake_of_a_set(self, subject: Subject) -> None:
        """Two numbers where one was named would come back for every set: `wait` raises it."""
        executor = subject.open(function_task(tasks.pair, "only"))
        try:
            executor.submit(0, ParameterTable({"x": np.ones(1), "y": np.ones(1)}), _seeds(1))
            with pytest.raises(InvalidInput, match="one number is what objectives name"):
                executor.wait(_PATIENCE)
        finally:
            executor.close()

    def test_loses_one_table_with_one_worker(self, subject: Subject) -> None:
        """A worker that is killed takes its table with it, and no other; the next ones are evaluated."""
        if not subject.apart:
            return
        outcomes = _run(subject, function_task(tasks.killing), [_table(1), _table(2, tasks.FATAL), _table(3)])
        require(outcomes[1].lost and outcomes[1].cause, f"the table of a killed worker: {outcomes[1]}")
        require(all(outcomes[n].columns is not None for n in (0, 2)), "another table was lost too")

    def test_survives_many_kills(self, subject: Subject) -> None:
        """Many workers killed one after the other; a table that harms nobody."""
        if not subject.apart:
            return
        kills_in_a_row(subject)

    def test_waits_no_longer_than_told(self, subject: Subject) -> None:
        """Nothing within the time: None, and the table is still out."""
        if not subject.apart:
            return
        executor = subject.open(function_task(tasks.sleeping))
        try:
            executor.submit(0, _table(0), _seeds(1))
            require(_next(executor).ticket == 0, "another table came back")
            executor.submit(1, _table(1.0), _seeds(1))
            before = time.monotonic()
            require(executor.wait(0.1) is None, "a table ended before it could")
            require(time.monotonic() - before < 0.9, "it waited longer than it was told")
            require(_next(executor).ticket == 1, "the table that was waited for did not come")
        finally:
            executor.close()

    def test_takes_as_many_as_it_says(self, subject: Subject) -> None:
        """Its slots are what was asked for, and more tables than slots wait for their turn."""
        executor = subject.open(function_task(tasks.drawn))
        try:
            require(executor.slots == subject.slots, f"{executor.slots} slots instead of {subject.slots}")
            require(executor.wait(_PATIENCE) is None, "something ended although nothing was out")
        finally:
            executor.close()
        tables = [_table(number) for number in range(3 * subject.slots + 1)]
        outcomes = _run(subject, function_task(tasks.drawn), tables)
        require(len(outcomes) == len(tables), f"{len(outcomes)} outcomes of {len(tables)} tables")

    def test_leaves_nothing_behind(self, subject: Subject) -> None:
        """After close: refused use, no child process, no shared memory, no file; also with a table still out."""
        before = _traces()
        executor = subject.open(strategy_task())
        executor.submit(0, STRATEGIES["ma_cross"].space().grid(4), _seeds(20))
        executor.close()
        executor.close()
        left = {trace for trace in _traces() - before if "resource_tracker" not in trace}
        require(not left, f"it left {sorted(left)}")
        with pytest.raises(InvalidInput, match="closed"):
            executor.submit(1, _table(1), _seeds(1))

    def test_memory_stays_flat(self, subject: Subject) -> None:
        """Three hundred tables need no more memory here than fifty did."""
        executor = subject.open(function_task(tasks.drawn))
        try:
            sizes = []
            for number in range(_MANY):
                executor.submit(number, _table(*range(100)), _seeds(100))
                _next(executor)
                sizes.append(_resident())
        finally:
            executor.close()
        grown = sizes[-1] - sizes[50]
        require(grown < _GROWTH, f"it grew by {grown / 2**20:.1f} MB")


def kills_in_a_row(subject: Subject) -> None:
    """Workers killed one after the other, and a table that harms nobody after the first and each fifth."""
    executor = subject.open(function_task(tasks.killing))
    try:
        for number in range(subject.kills):
            executor.submit(number, _table(tasks.FATAL), _seeds(1))
            outcome = _next(executor)
            require(outcome.ticket == number and outcome.lost, f"kill {number}: {outcome}")
            if number % 5 == 0:
                executor.submit(-1, _table(7), _seeds(1))
                outcome = _next(executor)
                require(outcome.columns is not None, f"after kill {number}: {outcome}")
    finally:
        executor.close()


def _compare(subject: Subject, task: Task, tables: list[ParameterTable]) -> None:
    here = task.build()
    outcomes = _run(subject, task, tables)
    for number, table in enumerate(tables):
        wanted = _exact(here(table, _seeds(len(table), number)))
        outcome = outcomes[number]
        require(outcome.columns is not None, f"table {number}: {outcome}")
        found = _exact(outcome.columns or {})
        require(found == wanted, f"table {number} is worth something else than in this process")


def _run(
    subject: Subject, task: Task, tables: list[ParameterTable], contexts: Sequence[Context | None] = ()
) -> dict[int, Outcome]:
    executor = subject.open(task)
    try:
        for number, table in enumerate(tables):
            executor.submit(number, table, _seeds(len(table), number), contexts[number] if contexts else None)
        outcomes = [_next(executor) for _ in tables]
        require(executor.wait(0.0) is None, "there were more outcomes than tables")
    finally:
        executor.close()
    require(len({each.ticket for each in outcomes}) == len(tables), "a table came back twice")
    return {each.ticket: each for each in outcomes}


def _next(executor: Executor) -> Outcome:
    outcome = executor.wait(_PATIENCE)
    if outcome is None:
        pytest.fail(f"nothing ended within {_PATIENCE:g} seconds")
    return outcome


def _table(*values: float) -> ParameterTable:
    return ParameterTable({"x": np.array(values, dtype=np.float64)})


def _seeds(n: int, start: int = 0) -> IntArray:
    return np.arange(n, dtype=np.int64) + 2**40 + 1000 * start


def _exact(columns: Mapping[str, FloatArray]) -> dict[str, bytes]:
    return {name: np.asarray(values, dtype=np.float64).tobytes() for name, values in columns.items()}


def _resident() -> int:
    fields = Path("/proc/self/statm")
    return int(fields.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if fields.exists() else 0


def _traces() -> set[str]:
    """What an executor could leave on a machine: children of this process, shared memory, files of its own."""
    found, ours = set(), (f"autotrade-{os.getpid()}-", f"ray-{os.getpid()}-", "psm_", "plasma")
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for pid in children.read_text().split() if children.exists() else ():
        command = Path(f"/proc/{pid}/cmdline")
        found.add(f"process {pid} {command.read_text() if command.exists() else ''}")
    for folder in (Path("/dev/shm"), Path(tempfile.gettempdir())):
        if folder.is_dir():
            found |= {str(each) for each in folder.iterdir() if each.name.startswith(ours)}
    return found
