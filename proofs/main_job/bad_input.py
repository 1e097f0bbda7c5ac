"""Bad input is refused in one line with a fix, exit code 2, and nothing is written.

Every case is a real command line, run in a folder of its own: most inside this process (the function behind the
command), every eighth as a process of its own. Stdout has to be empty, stderr exactly one line that says what
happened and how to fix it, and the folder the same as before, byte for byte.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from autonomous_trading.interfaces.cli import main
from proofs.claims import Figure, at_least, holds, run
from proofs.main_job._bad_inputs import CASES, Case

TITLE = "Bad input: one line with a fix, exit code 2, nothing written"

LEAST_CASES = 40
OWN_PROCESS_EVERY = 8
COMMAND = (sys.executable, "-m", "autonomous_trading.interfaces.cli")


class Answer(NamedTuple):
    """What a shell sees of one command."""

    code: int
    out: str
    err: str


class Outcome(NamedTuple):
    """What is wrong with the answer to one case; nothing, when all is well."""

    case: Case
    complaints: tuple[str, ...]


def measure() -> list[Figure]:
    """Every case tried, and how many kept each part of the promise."""
    outcomes = [tried(case, own_process=number % OWN_PROCESS_EVERY == 0) for number, case in enumerate(CASES)]
    for outcome in outcomes:
        for complaint in outcome.complaints:
            print(f"  {outcome.case.name}: {complaint}")
    kept = sum(not outcome.complaints for outcome in outcomes)
    processes = sum(number % OWN_PROCESS_EVERY == 0 for number in range(len(CASES)))
    kinds = {kind: sum(case.name.startswith(kind) for case in CASES) for kind in ("file", "parameter", "option")}
    return [
        at_least("bad inputs tried", len(CASES), LEAST_CASES),
        at_least("of them files, parameters, options: the fewest", min(kinds.values()), 10),
        at_least("of them in a process of their own", processes, 5),
        holds(
            "one line with a fix, exit code 2, empty stdout, nothing written",
            kept == len(CASES),
            bound=f"{len(CASES)} of {len(CASES)}",
            figure=f"{kept} of {len(CASES)}",
        ),
    ]


def tried(case: Case, *, own_process: bool) -> Outcome:
    """The case in a fresh folder, and everything that is wrong with the answer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in case.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        before = listing(folder)
        answer = in_own_process(case, folder) if own_process else in_this_process(case, folder)
        after = listing(folder)
    lines = answer.err.splitlines()
    complaints = {
        f"exit code {answer.code}": answer.code != 2,
        f"stdout {answer.out[:60]!r}": answer.out != "",
        f"{len(lines)} lines on stderr: {lines[:3]}": len(lines) != 1,
        f"no fix: {answer.err.strip()[:200]}": ". Fix: " not in answer.err and "? Fix: " not in answer.err,
        f"a traceback: {answer.err[:80]}": "Traceback" in answer.err or "this should not happen" in answer.err,
        f"written: {sorted(after.keys() ^ before.keys())}": before != after,
    }
    return Outcome(case, tuple(text for text, wrong in complaints.items() if wrong))


def in_own_process(case: Case, folder: Path) -> Answer:
    """As a person runs it."""
    environment = {**clean(os.environ), **case.variables}
    done = subprocess.run(
        [*COMMAND, *case.arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def in_this_process(case: Case, folder: Path) -> Answer:
    """The same function without a new interpreter."""
    out, err = io.StringIO(), io.StringIO()
    with surroundings(folder, case.variables), redirect_stdout(out), redirect_stderr(err):
        code = main(case.arguments)
    return Answer(code, out.getvalue(), err.getvalue())


@contextmanager
def surroundings(folder: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Be in `folder` with these variables, and come back."""
    home, environment, path = Path.cwd(), dict(os.environ), list(sys.path)
    os.chdir(folder)
    replace_environment({**clean(environment), **variables})
    try:
        yield
    finally:
        os.chdir(home)
        replace_environment(environment)
        sys.path[:] = path


def replace_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without our own settings: what a case needs it brings along."""
    return {name: value for name, value in environment.items() if not name.upper().startswith("AUTOTRADE")}


def listing(folder: Path) -> dict[str, bytes]:
    """Every file and folder below with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
