"""What a person gets from a fresh clone: a first number soon after the installation, and the tests in a few minutes.

The tracked files go into an empty folder, with an empty cache for compiled code. There `make install` runs, then
`make demo` cut off from every network, then `make test`. Each with a terminal, as a person would see it.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from proofs.claims import Figure, at_most, holds, run

TITLE = "A fresh clone: install, demo without a network, tests"
REPOSITORY = Path(__file__).resolve().parents[2]
FIRST_NUMBER_SECONDS: Final = 60.0
TEST_SECONDS: Final = 600.0
NUMBER: Final = re.compile(rb"Total return\s+-?[\d.,]+ %")
SHOWN_OF_A_FAILURE: Final = 3_000
# A network namespace of its own: no interface but a dead loopback.
OFFLINE: Final = ("unshare", "--net") if hasattr(os, "geteuid") and os.geteuid() == 0 else ("unshare", "-r", "--net")


def measure() -> list[Figure]:
    """Install, demo, tests, in this order and in one folder."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        _copy_tracked_files(clone)
        surroundings = {**os.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache"), "MAKEFLAGS": ""}
        for name in ("VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START"):
            surroundings.pop(name, None)
        watched = _Watched(clone, surroundings)
        watched.run("make", "install")
        first = watched.run(*OFFLINE, "make", "demo", until=NUMBER.search)
        report = (clone / "autotrade-demo.html").is_file()
        tests = watched.run("make", "test")
    return [
        at_most("make demo after the install, nothing compiled yet: first number", first, FIRST_NUMBER_SECONDS, "s"),
        holds("the demo needs no network and leaves its report", report),
        at_most("make test, its own installation included", tests, TEST_SECONDS, "s"),
    ]


class _Watched:
    """Runs commands in one folder, on a terminal."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def run(self, *command: str, until: Callable[[bytes], object] | None = None) -> float:
        """Seconds until the output has what `until` looks for, or until the end. Raises when the command fails."""
        started = time.perf_counter()
        seen: float | None = None
        output = b""
        terminal, inside = pty.openpty()
        with subprocess.Popen(
            command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=inside, stderr=inside
        ) as process:
            os.close(inside)
            while part := _read(terminal):
                output += part
                if seen is None and until is not None and until(output):
                    seen = time.perf_counter() - started
        os.close(terminal)
        if process.returncode != 0 or (until is not None and seen is None):
            sys.stderr.write(output.decode(errors="replace")[-SHOWN_OF_A_FAILURE:])
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        return time.perf_counter() - started if seen is None else seen


def _read(terminal: int) -> bytes:
    """What the terminal shows next; empty once every program has left it."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def _copy_tracked_files(target: Path) -> None:
    """What a clone of this tree would hold: files git tracks, or would with the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in _existing(listed.stdout.split(b"\0")):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, place)


def _existing(names: Sequence[bytes]) -> list[str]:
    decoded = [os.fsdecode(name) for name in names if name]
    return [name for name in decoded if (REPOSITORY / name).is_file()]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
