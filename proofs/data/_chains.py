"""Commands run as a person runs them: another process, its exit code, and what it wrote where."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

__all__ = ["Answer", "autotrade", "content_of"]

_MOST_SECONDS = 540


class Answer(NamedTuple):
    """What a shell would have seen."""

    code: int
    out: str
    err: str


def autotrade(folder: Path, environment: Mapping[str, str], *arguments: str) -> Answer:
    """Run `autotrade` in a folder, with these variables and no others that speak of markets."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("AUTOTRADE", "APCA_", "ALPACA"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "autonomous_trading.interfaces.cli", *arguments],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=_MOST_SECONDS,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def content_of(catalogue: Path) -> str:
    """A hash of every file of a catalogue, name and bytes; the lock of a writer says nothing."""
    digest = hashlib.sha256()
    for path in sorted(catalogue.rglob("*")):
        if path.is_file() and path.name != "lock":
            digest.update(f"{path.relative_to(catalogue)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
