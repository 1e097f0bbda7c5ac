"""Where compiled kernels are kept: every process starts, compiles at most once, and never runs yesterday's code."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import autonomous_trading
from autonomous_trading.backtest import Request, SetOptions, Simulator
from autonomous_trading.core import jit
from autonomous_trading.testing import random_walk
from tests.twins.kernel import direct

PACKAGE = Path(autonomous_trading.__file__).parent
HOUR = 3600.0
# A kernel with a step in another function; it says where it was kept and whether it was found there.
TINY = """
import json
import numpy as np
from autonomous_trading.core import jit

@jit.inlined
def step(total: float, value: float) -> float:
    return total / 3.0 + value

@jit.kernel
def fold(values):
    total = 0.0
    for k in range(len(values)):
        total = step(total, values[k])
    return total

result = fold(np.sqrt(np.arange(100.0)))
hits, misses = sum(fold.stats.cache_hits.values()), sum(fold.stats.cache_misses.values())
print(json.dumps([fold.stats.cache_path or "", result.hex(), hits, misses]))
"""
# The whole simulator, on one instrument and on two.
WHOLE = """
import hashlib
from tests.integration.test_kernel_cache import whole_run
print(hashlib.sha256(whole_run()).hexdigest())
"""


@dataclass(frozen=True)
class Answer:
    """What the tiny program printed."""

    folder: Path
    result: float
    found: int
    compiled: int


@dataclass(frozen=True)
class Place:
    """A home with a folder for caches and one for temporary files, both empty."""

    root: Path

    @property
    def caches(self) -> Path:
        return self.root / "caches"

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def kernels(self) -> Path:
        """Where the user's cache holds the folders of kernels."""
        return self.caches / "autonomous_trading"

    def start(self, code: str = TINY, **more: str) -> subprocess.Popen[str]:
        """Start a program in a process of its own; a file, since numba caches no code without one."""
        program = self.root / "program.py"
        program.write_text(code, encoding="utf-8")
        own = {"HOME": str(self.root), "XDG_CACHE_HOME": str(self.caches), "TMPDIR": str(self.temporary)}
        return subprocess.Popen(
            [sys.executable, "-B", "-W", "error", str(program)],
            env=os.environ | own | more,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **more: str) -> Answer:
        """Run the tiny program."""
        return answer(self.start(**more))


def empty_place(root: Path) -> Place:
    made = Place(root)
    made.caches.mkdir()
    made.temporary.mkdir()
    return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return empty_place(tmp_path)


def printed(process: subprocess.Popen[str]) -> str:
    """What a process printed, which succeeded without a word of complaint."""
    output, complaints = process.communicate(timeout=600)
    assert (process.returncode, complaints) == (0, "")
    return output


def answer(process: subprocess.Popen[str]) -> Answer:
    path, result, found, compiled = json.loads(printed(process))
    return Answer(Path(path).parent, float.fromhex(result), found, compiled)


def expected() -> float:
    """What the tiny program computes, in plain Python."""
    total = 0.0
    for value in np.sqrt(np.arange(100.0)).tolist():
        total = total / 3.0 + value
    return total


class TestAKernel:
    def test_is_compiled_once_and_found_by_the_next_process(self, place: Place) -> None:
        first, second = place.run(), place.run()
        assert first.folder.parent == second.folder.parent == place.kernels
        assert (first.found, first.compiled) == (0, 1)
        assert (second.found, second.compiled) == (1, 0)
        assert first.result == second.result == expected()


def a_file_in_the_way(place: Place) -> Path:
    """A cache folder that is a file."""
    file = place.root / "file"
    file.touch()
    return file


def a_disk_that_takes_nothing(_: Place) -> Path:
    """A file system in which nobody can make a folder, not even root."""
    return Path("/proc")


class TestWithoutAWritableCache:
    @pytest.mark.parametrize(
        "obstacle",
        [a_file_in_the_way, a_disk_that_takes_nothing],
        ids=lambda each: each.__name__,
    )
    def test_kernels_are_kept_among_the_temporary_files_of_the_user(
        self, place: Place, obstacle: Callable[[Place], Path]
    ) -> None:
        found = place.run(XDG_CACHE_HOME=str(obstacle(place)))
        assert found.folder.parent == place.temporary / f"autonomous_trading-{os.getuid()}"
        assert (found.result, found.compiled) == (expected(), 1)
        assert len(list(found.folder.rglob("*.nbc"))) == 2

    def test_and_without_those_they_live_as_long_as_the_process(self, place: Place) -> None:
        taken = place.temporary / f"autonomous_trading-{os.getuid()}"
        taken.touch()
        found = place.run(XDG_CACHE_HOME=str(a_file_in_the_way(place)))
        assert found.folder.parent == place.temporary
        assert (found.result, found.compiled) == (expected(), 1)
        assert list(place.temporary.iterdir()) == [taken]


class TestTwoProcesses:
    def test_that_need_a_kernel_at_once_compile_it_once_and_get_the_same_bits(self, place: Place) -> None:
        answers = [answer(each) for each in [place.start() for _ in range(2)]]
        assert [each.result for each in answers] == [expected()] * 2
        assert sum(each.compiled for each in answers) == 1  # one compiled, the other waited for it
        third = place.run()
        assert (third.found, third.compiled, third.result) == (1, 0, expected())

    def test_do_not_wait_for_one_that_was_killed_while_it_compiled(self, place: Place) -> None:
        holding = (
            "from autonomous_trading.core import jit\nwith jit._LOCK:\n    print('held', flush=True)\n    input()\n"
        )
        holder = place.start(holding)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiting = place.start()
        holder.kill()
        holder.communicate()
        assert answer(waiting).result == expected()

    @pytest.mark.nightly
    def test_that_compile_the_whole_simulator_at_once_get_the_bits_of_this_one(self, place: Place) -> None:
        root = str(Path(__file__).parents[2])
        runs = [place.start(WHOLE, PYTHONPATH=root) for _ in range(2)]
        here = hashlib.sha256(whole_run()).hexdigest() + "\n"
        assert [printed(each) for each in runs] == [here, here]


def whole_run() -> bytes:
    """All statistics of a run."""
    bars = random_walk(600, 5)
    simulator = Simulator(bars)
    program = direct(np.random.default_rng(1).choice([-1.0, 0.0, 1.0], (40, 600)))
    sets = SetOptions.of(40, simulator.exits, simulator.execution)
    return simulator.run([program], sets, 0, 600, request=Request(extended=True)).statistics.values.tobytes()


def made_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The place as the home of this very process."""
    monkeypatch.setenv("HOME", str(place.root))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place.caches))
    return place


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The place of this very process."""
    return made_home(place, monkeypatch)


class TestTheFolderOfKernels:
    def test_is_named_after_their_sources(self, here: Place) -> None:
        assert jit.cache_directory() == jit.cache_directory()
        assert jit.cache_directory().parent == here.kernels
        assert len(jit.cache_directory().name) == len("kernels-") + 16

    def test_lies_under_the_home_where_no_cache_is_named(self, here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        expected_home = here.root / ".cache" / "autonomous_trading"
        monkeypatch.setenv("XDG_CACHE_HOME", "")
        assert jit.cache_directory().parent == expected_home
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert jit.cache_directory().parent == expected_home

    @pytest.mark.parametrize("named", ["", "relative/caches"])
    def test_is_not_made_in_the_working_directory(
        self, here: Place, monkeypatch: pytest.MonkeyPatch, named: str
    ) -> None:
        monkeypatch.chdir(here.root)
        monkeypatch.setattr(tempfile, "tempdir", str(here.temporary))
        monkeypatch.setenv("XDG_CACHE_HOME", named)
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # neither HOME nor an entry for the user
        assert jit.cache_directory().parent == here.temporary / f"autonomous_trading-{os.getuid()}"
        assert {each.name for each in here.root.iterdir()} == {"caches", "temporary"}

    def test_is_for_its_user_alone(self, here: Place) -> None:
        assert here.caches in jit.cache_directory().parents
        assert jit.cache_directory().stat().st_mode & 0o077 == 0

    def test_is_marked_as_used_by_every_start(self, here: Place) -> None:
        folder = jit.cache_directory()
        os.utime(folder, (0.0, 0.0))
        assert jit.cache_directory().stat().st_mtime > 0.0
        assert list(here.kernels.iterdir()) == [folder]


def older(place: Place, hours: list[float]) -> list[Path]:
    """Folders of kernels that were last used so many hours ago."""
    made = [place.kernels / f"kernels-{number:016x}" for number in range(len(hours))]
    for folder, age in zip(made, hours, strict=True):
        (folder / "jit_0").mkdir(parents=True)
        (folder / "jit_0" / "code.nbc").write_bytes(b"code")
        os.utime(folder, (time.time() - age * HOUR,) * 2)
    return made


class TestFoldersOfOlderSources:
    def test_but_the_last_three_are_removed(self, here: Place) -> None:
        made = older(here, [2.0, 9.0, 3.0, 7.0, 4.0, 200.0])
        assert set(here.kernels.iterdir()) == set(made)
        folder = jit.cache_directory()
        assert set(here.kernels.iterdir()) == {folder, made[0], made[2], made[4]}

    def test_stay_while_they_may_be_in_use(self, here: Place) -> None:
        made = older(here, [0.1, 0.2, 0.3, 0.4, 0.5, 5.0])
        folder = jit.cache_directory()
        assert set(here.kernels.iterdir()) == {folder, *made[:5]}

    def test_are_all_that_is_touched(self, here: Place) -> None:
        older(here, [5.0, 6.0, 7.0, 8.0])
        others = [here.kernels / "answers", here.caches / "kernels-of-another-program"]
        for other in others:
            other.mkdir()
            os.utime(other, (0.0, 0.0))
        jit.cache_directory()
        assert all(other.is_dir() for other in others)
        assert len(list(here.kernels.glob("kernels-*"))) == 4

    def test_are_removed_by_a_process_that_starts(self, place: Place) -> None:
        made = older(place, [2.0, 3.0, 4.0, 5.0])
        assert set(place.kernels.iterdir()) == set(made)
        folder = place.run().folder
        assert set(place.kernels.iterdir()) == {folder, *made[:3]}


class TestAnEdit:
    def copied(self, place: Place) -> Path:
        """A copy of the sources with a kernel in one file that calls a step in another."""
        copy = place.root / "copy" / "autonomous_trading"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        step = "from autonomous_trading.core.jit import inlined\n@inlined\ndef step(x):\n    return x + 1.0\n"
        probe = (
            "from autonomous_trading.core.jit import kernel\nfrom autonomous_trading.backtest._step import step\n"
            "@kernel\ndef probe(x):\n    return step(x)\n"
        )
        (copy / "backtest" / "_step.py").write_text(step, encoding="utf-8")
        (copy / "backtest" / "_probe.py").write_text(probe, encoding="utf-8")
        return copy

    def probed(self, place: Place, copy: Path) -> tuple[float, int]:
        """What the copy's kernel makes of 1, and how often it was compiled for that."""
        code = (
            "from autonomous_trading.backtest._probe import probe\n"
            "print(probe(1.0), sum(probe.stats.cache_misses.values()))\n"
        )
        result, compiled = printed(place.start(code, PYTHONPATH=str(copy.parent))).split()
        return float(result), int(compiled)

    def test_is_noticed_in_a_step_of_another_file_and_only_where_kernels_are(self, place: Place) -> None:
        copy = self.copied(place)
        assert self.probed(place, copy) == (2.0, 1)
        with (copy / "core" / "_space.py").open("a", encoding="utf-8") as file:
            file.write("# an edit of what no kernel reads\n")
        assert self.probed(place, copy) == (2.0, 0)
        step = copy / "backtest" / "_step.py"
        step.write_text(step.read_text(encoding="utf-8").replace("1.0", "2.0"), encoding="utf-8")
        assert self.probed(place, copy) == (3.0, 1)
        assert len(list(place.kernels.iterdir())) == 2
