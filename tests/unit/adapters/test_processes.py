"""Worker processes: what they share, what may end them, and who cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from autonomous_trading.adapters.compute import FunctionTask, ProcessExecutor, StrategyTask
from autonomous_trading.app import Executor, Market, Outcome, Task
from autonomous_trading.core import Bars, InvalidInput, ParameterTable, TradingError
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing.tasks import Reading

pytestmark = pytest.mark.slow

OWN = """
import os, signal, subprocess, sys, time
import numpy as np

class Odd(Exception):
    pass

def sleeps(x):
    time.sleep(x)
    return x

def deaf(x):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(x)
    return x

def hoards(x):
    return float(np.ones(int(x)).sum())

def odd(x):
    if x < 0:
        raise Odd("neither here nor there")
    print("printed")
    return x

def ends(x):
    sys.exit(3)

def sees(x):
    return float(os.environ["AUTOTRADE_TESTED"])

def draws(x):
    return np.random.random()

def begets(x):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(0 if x == 0 else 600)
    return child.pid
"""
Open = Callable[..., ProcessExecutor]


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A file of a person's own functions, as the beginning of a reference."""
    (tmp_path / "own.py").write_text(OWN)
    return f"{tmp_path / 'own.py'}:"


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens executors and closes them after the test."""
    made: list[ProcessExecutor] = []

    def make(task: Task, processes: int = 1, **limits: int | float) -> ProcessExecutor:
        made.append(ProcessExecutor(task, processes=processes, **limits))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


def task(reference: str) -> FunctionTask:
    return FunctionTask(reference, ("value",))


def ask(executor: Executor, value: float, ticket: int = 0) -> None:
    executor.submit(ticket, ParameterTable({"x": np.array([value])}), np.array([1]))


def answer(executor: Executor) -> Outcome:
    outcome = executor.wait(60.0)
    assert outcome is not None
    return outcome


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def all_gone(pids: tuple[int, ...], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(is_alive(pid) for pid in pids)


def memory_of(pid: int) -> tuple[int, int]:
    """Memory of a process in bytes, as the kernel counts it: what is its alone, and what it shares with others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines[1:]}
    return sizes["Private_Dirty"] + sizes["Private_Clean"], sizes["Shared_Dirty"] + sizes["Shared_Clean"]


def flat_bars(n: int) -> Bars:
    price = np.full(n, 100.0)
    return Bars(np.arange(n) * 60_000_000_000, price, price, price, price, price)


def after_reading(opened: Open, n: int, least_shared: int) -> list[tuple[int, int]]:
    """Memory of two workers that are ready to run a strategy on n bars, and have read every number they share."""
    task = Reading(StrategyTask(STRATEGIES["ma_cross"], Market.of(flat_bars(n)), ("total_return",), (0, n)))
    total = task.build()(ParameterTable({}, 1), np.zeros(1, dtype=np.int64))["total"]
    executor = opened(task, 2)
    memory: list[tuple[int, int]] = []
    for _ in range(40):  # until both were quick enough to get one
        for ticket in range(2):
            ask(executor, 0.0, ticket)
        for _ in range(2):
            columns = answer(executor).columns
            assert columns is not None
            assert columns["total"].tobytes() == total.tobytes()
        memory = [memory_of(pid) for pid in executor.worker_pids]
        if all(shared >= least_shared for _, shared in memory):
            break
        time.sleep(0.2)
    executor.close()
    return memory


def test_the_bars_are_shared_and_not_copied(opened: Open) -> None:
    few = after_reading(opened, 1_000, 40 * 2**20)
    many = after_reading(opened, 4_200_000, 240 * 2**20)  # 200 MB of bars, and more of what the kernel reads
    assert min(shared for _, shared in many) > 240 * 2**20
    assert max(private for private, _ in many) - max(private for private, _ in few) < 8 * 2**20


def test_a_table_that_takes_too_long_is_lost_and_its_worker_replaced(opened: Open, own: str) -> None:
    executor = opened(task(own + "sleeps"), seconds=0.3)
    before = executor.worker_pids
    ask(executor, 60.0)
    outcome = answer(executor)
    assert outcome.lost
    assert outcome.cause == "it took longer than 0.3 seconds"
    assert all_gone(before)
    ask(executor, 0.0)
    assert answer(executor).columns is not None


def test_a_table_that_takes_too_much_memory_is_lost(opened: Open, own: str) -> None:
    executor = opened(task(own + "hoards"), memory_bytes=256 * 2**20)
    ask(executor, 100_000_000, ticket=1)
    outcome = answer(executor)
    assert (outcome.lost, outcome.cause) == (True, "it ran out of memory")
    ask(executor, 1_000)
    assert answer(executor).columns == {"value": np.array([1_000.0])}


@pytest.mark.parametrize("name", ["sleeps", "deaf"])
def test_closing_ends_workers_that_hang(opened: Open, own: str, name: str) -> None:
    executor = opened(task(own + name), 2)
    for ticket in range(2):
        ask(executor, 600.0, ticket)
    assert executor.wait(2.5) is None
    pids = executor.worker_pids
    before = time.monotonic()
    executor.close()
    assert time.monotonic() - before < 5.0
    assert all_gone(pids, 0.5)


def test_what_a_worker_started_ends_with_it(opened: Open, own: str) -> None:
    executor = opened(task(own + "begets"))
    ask(executor, 0)
    columns = answer(executor).columns
    assert columns is not None
    child = int(columns["value"][0])
    assert is_alive(child)
    executor.close()
    assert all_gone((child,))


def test_an_interrupt_is_not_for_workers(opened: Open, own: str) -> None:
    executor = opened(task(own + "sleeps"))
    for pid in executor.worker_pids:  # before it is ready, when nothing of ours runs in it yet
        os.kill(pid, signal.SIGINT)
    ask(executor, 0.5)
    assert executor.wait(0.1) is None
    for pid in executor.worker_pids:
        os.kill(pid, signal.SIGINT)
    assert answer(executor).columns is not None


def test_a_worker_that_is_killed_while_it_rests_costs_no_table(opened: Open, own: str) -> None:
    executor = opened(task(own + "sleeps"))
    ask(executor, 0.0)
    answer(executor)
    pids = executor.worker_pids
    os.kill(pids[0], signal.SIGKILL)
    assert all_gone(pids)
    time.sleep(0.2)  # its last thread closes the pipe
    ask(executor, 0.0)
    assert answer(executor).columns is not None
    assert executor.worker_pids != pids


def test_a_worker_has_the_environment_of_who_asks_for_it(
    opened: Open, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (1.0, 2.0):
        monkeypatch.setenv("AUTOTRADE_TESTED", str(value))
        executor = opened(task(own + "sees"))
        ask(executor, 0.0)
        assert answer(executor).columns == {"value": np.array([value])}


def test_no_two_workers_draw_the_same(opened: Open, own: str) -> None:
    drawn = []
    for _ in range(2):
        executor = opened(task(own + "draws"))
        ask(executor, 0.0)
        columns = answer(executor).columns
        assert columns is not None
        drawn.append(float(columns["value"][0]))
    assert drawn[0] != drawn[1]


def test_a_file_beside_the_program_takes_no_place_of_a_library(tmp_path: Path) -> None:
    for name in ("statistics.py", "autonomous_trading.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')\n")
    program = script(tmp_path / "elsewhere", "if __name__ == '__main__':\n    main(0.0)\n", folder=tmp_path)
    out, err = program.communicate(timeout=60)
    assert (err, "columns={'value': array([0.])}" in out) == ("", True)


def test_what_is_no_mistake_is_raised_where_one_waits(
    opened: Open, own: str, capfd: pytest.CaptureFixture[str]
) -> None:
    executor = opened(task(own + "odd"))
    ask(executor, -1.0)
    with pytest.raises(TradingError, match=r"stopped at .*own.py:22 by Odd: neither here nor there"):
        executor.wait(60.0)
    ask(executor, 1.0)
    assert answer(executor).columns is not None
    assert capfd.readouterr() == ("", "printed\n")


def test_code_that_ends_the_program_ends_no_worker(opened: Open, own: str) -> None:
    executor = opened(task(own + "ends"))
    ask(executor, 1.0)
    with pytest.raises(TradingError, match="by SystemExit: 3"):
        executor.wait(60.0)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("no_such_module:value", "there is no module 'no_such_module'"),
        ("missing.py:value", "there is no function file missing.py"),
        ("OWN:sleep", "did you mean 'sleeps'"),
        ("OWN:np.nothing", "unknown function in"),
        ("OWN:signal.SIGINT.value", "is not a function"),
        ("value", "does not say where the function is"),
    ],
)
def test_a_task_that_cannot_start_is_one_error(opened: Open, own: str, reference: str, message: str) -> None:
    executor = opened(task(reference.replace("OWN:", own)), 2)
    ask(executor, 1.0)
    with pytest.raises(InvalidInput, match=message):
        executor.wait(60.0)
    with pytest.raises(InvalidInput, match="closed"):
        executor.wait(60.0)


def test_what_cannot_be_found_elsewhere_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="define it in a file that can be imported"):
        ProcessExecutor(FunctionTask(lambda x: x, ("value",)), processes=1)


def script(place: Path, last: str, nap: str = "time.sleep", folder: Path | None = None) -> subprocess.Popen[str]:
    """A program in a place that opens an executor of its own function, run in a folder."""
    place.mkdir(exist_ok=True)
    (place / "program.py").write_text(
        "import sys\nimport numpy as np\nfrom autonomous_trading.adapters.compute import *\n"
        "from autonomous_trading.core import ParameterTable\nimport time\n"
        f"import ctypes\ndef value(x):\n    {nap}(600 if x > 0 else 0)\n    return x\n"
        "def main(x):\n    executor = ProcessExecutor(FunctionTask(value, ('value',)), processes=2)\n"
        "    executor.submit(0, ParameterTable({'x': np.array([x])}), np.array([1]))\n"
        "    print(*executor.worker_pids, flush=True)\n    print(executor.wait(60.0), flush=True)\n" + last
    )
    path = os.pathsep.join(sys.path)
    return subprocess.Popen(
        [sys.executable, str(place / "program.py")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_function_of_the_program_itself_is_found_by_its_file(tmp_path: Path) -> None:
    out, err = script(tmp_path, "if __name__ == '__main__':\n    main(0.0)\n").communicate(timeout=60)
    assert (err, "columns={'value': array([0.])}" in out) == ("", True)


def test_a_program_that_starts_itself_again_says_so(tmp_path: Path) -> None:
    _, err = script(tmp_path, "main(0.0)\n").communicate(timeout=60)
    assert "workers do not stay alive" in err.splitlines()[-1]
    assert 'if __name__ == "__main__":' in err.splitlines()[-1]


@pytest.mark.parametrize("nap", ["time.sleep", "ctypes.PyDLL(None).sleep"], ids=["sleeps", "keeps the interpreter"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_when_their_parent_is_gone(tmp_path: Path, number: signal.Signals, nap: str) -> None:
    program = script(tmp_path, "if __name__ == '__main__':\n    main(1.0)\n", nap)
    assert program.stdout is not None
    pids = tuple(map(int, program.stdout.readline().split()))
    time.sleep(2.5)  # one of them works, the other rests
    assert all(is_alive(pid) for pid in pids)
    program.send_signal(number)
    program.wait(10.0)
    assert all_gone(pids)
    program.communicate()
