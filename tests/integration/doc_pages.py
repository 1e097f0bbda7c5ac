"""The documentation as programs: what a page's code prints is what the page shows.

    .venv/bin/python -m tests.integration.doc_pages    writes the real output and the generated tables into the pages

A page is Markdown. Its ```python blocks are one program, run top to bottom in an empty folder; its ```sh blocks run
after them, in the same folder, with `autotrade` and `python` on the path. A ```text block right below either is what
that block prints. `test_docs.py` runs all of it and compares; nothing is skipped.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorial" / "first_strategy.py"
TUTORIAL_PAGE = DOCS / "tutorial" / "README.md"
FRONT_PAGE = ROOT / "README.md"

_FENCE = re.compile(r"^```(\w*)$")
_END_OF_BLOCK = "\x1e"
_CELL = re.compile(r"^# %%( \[markdown\])?\n", re.MULTILINE)
_LEFT_OUT = "[...]"
# What differs from run to run or from machine to machine.
_TIMING = re.compile(r"in [\d.,]+ m?s( \([\d.,]+/s\))?|, [\d.,]+ m?s,")


class Block(NamedTuple):
    """A fenced block: its kind, its text, and the lines of the page between its fences (counted from 0)."""

    kind: str
    text: str
    start: int
    stop: int


def pages() -> list[Path]:
    """Every page that may hold code: the README at the root and everything under docs."""
    return [FRONT_PAGE, *sorted(DOCS.rglob("*.md"))]


def blocks_of(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    lines = page.splitlines(keepends=True)
    found: list[Block] = []
    opened: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line.rstrip())
        if fence and opened is None:
            opened = (fence[1], number + 1)
        elif fence and opened is not None:
            kind, start = opened
            found.append(Block(kind, "".join(lines[start:number]), start, number))
            opened = None
    return found


def shown_outputs(page: str) -> dict[Block, Block | None]:
    """The blocks of a page that run, each with the block that shows what it prints (None: it shows nothing)."""
    lines = page.splitlines()
    found = blocks_of(page)
    following = dict(zip(found, [*found[1:], None], strict=False))
    shown: dict[Block, Block | None] = {}
    for block in found:
        if block.kind not in ("python", "sh"):
            continue
        below = following.get(block)
        near = below is not None and not "".join(lines[block.stop + 1 : below.start - 1]).strip()
        shown[block] = below if below is not None and below.kind == "text" and near else None
    return shown


def printed_by(page: str, folder: Path) -> dict[Block, str]:
    """What each block of a page prints when the page is run in `folder`."""
    runnable = list(shown_outputs(page))
    python = [block for block in runnable if block.kind == "python"]
    printed = dict(zip(python, _python_output(python, folder), strict=True))
    commands = _commands(folder)
    return printed | {block: _shell_output(block.text, folder, commands) for block in runnable if block.kind == "sh"}


def _python_output(blocks: list[Block], folder: Path) -> list[str]:
    """Runs blocks as one program, each at the lines it has on its page, so that a traceback points there."""
    if not blocks:
        return []
    lines: list[str] = []
    for block in blocks:
        lines += [""] * (block.start - len(lines)) + block.text.splitlines()
        lines.append(f"print({_END_OF_BLOCK!r})")
    program = folder / "page.py"
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run_file(program, folder).split(f"{_END_OF_BLOCK}\n")[:-1]


def run_file(program: Path, folder: Path) -> str:
    """What a Python file prints when it is run in `folder`."""
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        runpy.run_path(str(program), run_name="__main__")
    return out.getvalue()


def _commands(folder: Path) -> dict[str, str]:
    """An environment in which `autotrade` and `python` are the ones under test, and no setting of a person counts."""
    place = folder / ".bin"
    place.mkdir(exist_ok=True)
    python = shlex.quote(sys.executable)
    for name, call in {"python": python, "autotrade": f"{python} -m autonomous_trading.interfaces.cli"}.items():
        script = place / name
        script.write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
        script.chmod(0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTOTRADE")}
    return {**kept, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "100"}


def _shell_output(script: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode} from\n{script}\n{done.stderr}")
    return done.stdout


def as_shown(output: str) -> str:
    """Output as a page shows it: no blanks at line ends, no empty lines around."""
    return "\n".join(line.rstrip() for line in output.strip("\n").splitlines()) + "\n"


def with_outputs(page: str, printed: dict[Block, str]) -> str:
    """The page with every shown output replaced by the real one."""
    lines = page.splitlines(keepends=True)
    for block, shown in reversed(shown_outputs(page).items()):
        if shown is not None:
            lines[shown.start : shown.stop] = as_shown(printed[block]).splitlines(keepends=True)
    return "".join(lines)


def tutorial_page(folder: Path) -> str:
    """The tutorial's Python file as a page: its text, its code, and what the code prints."""
    parts = list(_cells(TUTORIAL.read_text(encoding="utf-8")))
    code = [text for is_text, text in parts if not is_text]
    program = folder / "tutorial.py"
    program.write_text("".join(f"{text}print({_END_OF_BLOCK!r})\n" for text in code), encoding="utf-8")
    outputs = iter(run_file(program, folder).split(f"{_END_OF_BLOCK}\n"))
    made = ["<!-- Made from first_strategy.py, which the tests run. Change that file. -->\n"]
    for is_text, text in parts:
        if is_text:
            made.append(re.sub(r"^# ?", "", text, flags=re.MULTILINE))
            continue
        made.append(f"```python\n{text.strip()}\n```\n")
        if output := next(outputs).strip("\n"):
            made.append(f"```text\n{as_shown(output)}```\n")
    return "\n".join(part.strip("\n") + "\n" for part in made)


def _cells(source: str) -> Iterator[tuple[bool, str]]:
    """The cells of a file in percent format: whether each is text, and what it holds."""
    before, *rest = _CELL.split(source)
    if before.strip():
        raise ValueError(f"{TUTORIAL} has to begin with a cell")
    for is_text, content in zip(rest[::2], rest[1::2], strict=True):
        yield is_text is not None, content.strip("\n") + "\n"


def demo_output(folder: Path) -> str:
    """What `autotrade demo` prints."""
    return _shell_output("autotrade demo --quiet", folder, _commands(folder))


def demo_shown(page: str) -> Block:
    """The block of the front page that shows the demo."""
    return next(block for block in blocks_of(page) if block.kind == "text" and "1 of 3" in block.text)


def excerpt(shown: str, output: str) -> str:
    """The lines of `output` that `shown` shows, in order: its lines stand for those with the same words."""
    left = as_shown(output).splitlines()
    lines: list[str] = []
    for line in shown.splitlines():
        if line.strip() == _LEFT_OUT or not line.strip():
            lines.append(line)
            continue
        while left and words_of(left[0]) != words_of(line):
            left.pop(0)
        if not left:
            raise ValueError(f"the demo does not print a line like {line!r}, or not in this place")
        lines.append(left.pop(0))
    return "\n".join(lines) + "\n"


def words_of(line: str) -> str:
    """A line without its numbers, dashes for missing ones, rules and blanks."""
    return re.sub(r"[\d.,%\s\u2500-]+", " ", line).strip()


def without_timing(text: str) -> str:
    """Text without how long things took."""
    return _TIMING.sub("in TIME", text)


def _rewrite() -> None:
    """Write the real output, the tutorial page and the generated tables into the documentation."""
    from tests.integration.doc_tables import with_tables

    for path in pages():
        if path == TUTORIAL_PAGE:
            continue
        text = with_tables(path.read_text(encoding="utf-8"))
        with tempfile.TemporaryDirectory() as folder:
            path.write_text(with_outputs(text, printed_by(text, Path(folder))), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        TUTORIAL_PAGE.write_text(tutorial_page(Path(folder)), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        front = FRONT_PAGE.read_text(encoding="utf-8")
        shown = demo_shown(front)
        FRONT_PAGE.write_text(
            front.replace(shown.text, excerpt(shown.text, demo_output(Path(folder)))), encoding="utf-8"
        )


if __name__ == "__main__":
    _rewrite()
