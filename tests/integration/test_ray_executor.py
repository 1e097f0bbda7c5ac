"""A Ray cluster of this machine: closed to everybody else, and gone when it is closed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed"),
]
PROGRAM = """
import os, signal, subprocess, sys
import numpy as np
from autonomous_trading.adapters.compute import RayExecutor, StrategyTask
from autonomous_trading.adapters.compute._listening import listening_of, open_to_others
from autonomous_trading.app import Market
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing import random_walk

STRANGER = '''
import sys
from ray._raylet import GcsClient
print(GcsClient(address=sys.argv[1]).internal_kv_keys(b"", None, timeout=5))
'''
task = StrategyTask(STRATEGIES["ma_cross"], Market.of(random_walk(500, seed=1)), ("total_return",), (0, 500))
grid = STRATEGIES["ma_cross"].space().grid(3)
seeds = np.arange(len(grid))
handler = signal.getsignal(signal.SIGTERM)
before = {name for name in os.environ if name.startswith("RAY_")}
executor = RayExecutor(task, workers=1)
executor.submit(7, grid, seeds)
outcome = executor.wait(120.0)
print("same", outcome.columns["total_return"].tobytes() == task.build()(grid, seeds)["total_return"].tobytes())
addresses = listening_of(os.getpid())
print("loopback", len(addresses) > 2 and not open_to_others(addresses))
import ray
address = ray.get_runtime_context().gcs_address
stranger = subprocess.run(
    [sys.executable, "-c", STRANGER, address], env={**os.environ, "RAY_AUTH_MODE": "disabled"},
    capture_output=True, text=True,
)
print("refused", stranger.returncode != 0 and "token" in stranger.stderr)
print("quiet", {name for name in os.environ if name.startswith("RAY_")} - before - {"RAY_CLIENT_MODE"})
print("handler", signal.getsignal(signal.SIGTERM) == handler)
executor.close()
print("closed", ray.is_initialized(), open(f"/proc/self/task/{os.getpid()}/children").read())
"""
EXPOSED = """
import os
os.environ["RAY_AUTH_MODE"] = "token"
import ray
from autonomous_trading.adapters.compute import FunctionTask, RayExecutor
from autonomous_trading.testing import tasks
try:
    RayExecutor(FunctionTask(tasks.drawn, ("value",)), workers=1)
except ValueError as error:
    print(error)
print(ray.is_initialized())
"""
EARLY = """
import ray
from autonomous_trading.adapters.compute import FunctionTask, RayExecutor
from autonomous_trading.testing import tasks
try:
    RayExecutor(FunctionTask(tasks.drawn, ("value",)), workers=1)
except ValueError as error:
    print(error)
print(ray.is_initialized())
"""
UNLOCKED = """
import os
os.environ["RAY_AUTH_MODE"] = "disabled"
import ray
ray.init(address="local", num_cpus=1, include_dashboard=False, configure_logging=False)
from autonomous_trading.adapters.compute import FunctionTask, RayExecutor
from autonomous_trading.testing import tasks
try:
    RayExecutor(FunctionTask(tasks.drawn, ("value",)), workers=1)
except ValueError as error:
    print(error)
print(ray.is_initialized())
ray.shutdown()
"""


def run(program: str, folder: Path) -> str:
    """What a program prints in a process of its own: what Ray read once, it keeps."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder with a path that is short enough for the sockets of Ray."""
    with tempfile.TemporaryDirectory(prefix="ray-test-") as path:
        yield Path(path)


def test_a_cluster_of_this_machine_is_closed_to_others_and_leaves_nothing(folder: Path) -> None:
    lines = run(PROGRAM, folder).splitlines()
    assert lines[:5] == ["same True", "loopback True", "refused True", "quiet set()", "handler True"]
    assert lines[5].startswith("closed False")
    assert list(folder.iterdir()) == []


def test_a_cluster_that_others_can_reach_is_ended(folder: Path) -> None:
    out = run(EXPOSED, folder)
    assert "Ray listens to other machines (" in out
    assert "before anything else imports ray" in out
    assert out.splitlines()[-1] == "False"


def test_ray_that_was_imported_too_early_is_not_started(folder: Path) -> None:
    out = run(EARLY, folder)
    assert "ray was imported without RAY_AUTH_MODE=token" in out
    assert out.splitlines()[-1] == "False"
    assert list(folder.iterdir()) == []


def test_a_cluster_without_a_token_is_left_alone(folder: Path) -> None:
    out = run(UNLOCKED, folder)
    assert "lets in everybody" in out
    assert out.splitlines()[-1] == "True"
