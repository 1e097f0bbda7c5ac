"""Other engines, each in an environment of its own under `.peers/`: made once, reused, never a dependency.

A peer is asked by running a small script with its Python; arrays go there and come back as .npz files, so nothing
of a peer is ever imported here. `python -m benchmarks.peers` makes all environments.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

import numpy as np
import numpy.typing as npt

__all__ = ["BACKTESTING", "PEERS", "SKFOLIO", "VECTORBT", "Peer", "PeerMissing", "ask", "install", "installed"]

REPOSITORY: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = REPOSITORY / ".peers"
PATIENCE_SECONDS: Final = 900.0
_STAMP = "requirements.txt"

Arrays = dict[str, npt.NDArray[Any]]


class PeerMissing(RuntimeError):
    """A peer has no environment and none could be made (most often: no network)."""


@final
@dataclass(frozen=True, slots=True)
class Peer:
    """A public engine and what pip has to install for it."""

    name: str
    requirements: tuple[str, ...]

    @property
    def environment(self) -> Path:
        """Where its environment lies."""
        return FOLDER / self.name

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"


# vectorbt 1.2.0 draws with the plotly 5 interface and fails at import under plotly 6.
VECTORBT: Final = Peer("vectorbt", ("vectorbt==1.2.0", "plotly<6"))
BACKTESTING: Final = Peer("backtesting", ("backtesting==0.6.6",))
PEERS: Final = (VECTORBT, BACKTESTING)
# No engine: the folds of its cross-validation are compared with ours (proofs/validation/folds_of_skfolio.py).
SKFOLIO: Final = Peer("skfolio", ("skfolio==1.12.2",))


def installed(peer: Peer) -> bool:
    """Whether the environment of a peer stands and holds the versions asked for."""
    stamp = peer.environment / _STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _wanted(peer)


def install(peer: Peer) -> Path:
    """Get the Python of a peer, making its environment where there is none; PeerMissing when that fails."""
    if installed(peer):
        return peer.python
    shutil.rmtree(peer.environment, ignore_errors=True)
    peer.environment.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(peer.python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    steps = [[sys.executable, "-m", "venv", str(peer.environment)], [*pip, *peer.requirements]]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(peer.environment, ignore_errors=True)
            raise PeerMissing(
                f"{peer.name} could not be installed ({_last_line(done.stderr)}). It is needed for this comparison "
                f"only. Fix: connect to a package index and run python -m benchmarks.peers"
            )
    (peer.environment / _STAMP).write_text(_wanted(peer), encoding="utf-8")
    return peer.python


def ask(peer: Peer, script: Path, question: Mapping[str, npt.ArrayLike]) -> Arrays:
    """What `script`, run by the Python of the peer, makes of the arrays of a question.

    The script gets two paths: the .npz to read and the .npz to write. PeerMissing when there is no environment;
    RuntimeError with the end of its output when the script fails.
    """
    python = install(peer)
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "question.npz", Path(folder) / "answer.npz"
        np.savez(asked, **_arrays(question))
        done = subprocess.run(
            [str(python), "-I", str(script), str(asked), str(answered)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{script.name} failed in the environment of {peer.name}:\n{done.stderr[-3000:]}")
        with np.load(answered, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}


def _arrays(question: Mapping[str, npt.ArrayLike]) -> Any:
    return {name: np.asarray(values) for name, values in question.items()}


def _wanted(peer: Peer) -> str:
    return "\n".join(peer.requirements) + "\n"


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"


def main() -> int:
    """Make the environments of all peers and say where they are."""
    failed = 0
    for peer in (*PEERS, SKFOLIO):
        try:
            print(f"{peer.name}: {install(peer)}", flush=True)
        except PeerMissing as missing:
            failed = 1
            print(missing, file=sys.stderr)
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
