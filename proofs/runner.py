"""Runs every proof in a fresh process and puts all figures into one table."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from proofs.claims import Figure, table

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 1800.0
_LINES_OF_A_CRASH = 15


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What one proof said; `complaint` says that it crashed or that its exit code contradicts its figures."""

    proof: str
    figures: tuple[Figure, ...]
    complaint: str
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.complaint and all(figure.ok is not False for figure in self.figures)


def discover(root: Path) -> tuple[str, ...]:
    """Names of all proofs under `root` as topic/file, sorted; names that start with _ are left out."""
    files = (file for file in root.glob("*/*.py") if not file.name.startswith("_"))
    return tuple(sorted(f"{file.parent.name}/{file.stem}" for file in files if file.parent.name[0] not in "_."))


def select(proofs: Sequence[str], only: str) -> tuple[str, ...]:
    """The proofs of a topic, or the one proof topic/file; none when `only` names neither."""
    only = only.strip("/").removesuffix(".py")
    return tuple(proof for proof in proofs if only in ("", proof, proof.split("/")[0]))


def prove(proof: str, root: Path) -> Outcome:
    """Outcome of one proof, run as a person would: python -m proofs.topic.file."""
    module = f"{root.name}.{proof.replace('/', '.')}"
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "figures.json"
        command = [sys.executable, "-m", module, "--figures", str(answer)]
        try:
            done = subprocess.run(
                command,
                cwd=root.parent,
                env=_environment(os.environ),
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            complaint = f"no answer after {PATIENCE_SECONDS:.0f} s"
            return Outcome(proof, (), complaint, time.perf_counter() - started)
        figures = _read(answer)
    return Outcome(proof, figures, _complaint(done, figures), time.perf_counter() - started)


def report(outcomes: Sequence[Outcome]) -> str:
    """All figures as one table, then what went wrong, then the count."""
    rows: list[tuple[str, ...]] = [("proof", "claim", "bound", "figure", "")]
    for outcome in outcomes:
        rows += [(outcome.proof, f.name, f.bound, f.figure, f.mark) for f in outcome.figures]
        if outcome.complaint:
            rows.append((outcome.proof, outcome.complaint.splitlines()[0], "", "", "FAIL"))
    wrong = [f"{o.proof}: {o.complaint}" for o in outcomes if o.complaint]
    kept = sum(outcome.ok for outcome in outcomes)
    missing = sum(figure.ok is None for outcome in outcomes for figure in outcome.figures)
    last = f"{kept} of {len(outcomes)} proofs hold"
    if missing:
        last += f" ({missing} figure{'s' if missing > 1 else ''} not measured here)"
    return "\n\n".join([table(rows), *wrong, last])


def main(argv: Sequence[str], root: Path = REPOSITORY / "proofs") -> int:
    """Run the proofs that `argv` names (topic, topic/file, or nothing for all) and return the exit code."""
    known = discover(root)
    chosen = select(known, argv[0]) if argv else known
    if not chosen:
        topics = sorted({proof.split("/")[0] for proof in known})
        asked = argv[0] if argv else "any proof"
        close = difflib.get_close_matches(asked, [*known, *topics], n=1)
        hint = f"did you mean {close[0]}?" if close else f"topics are {', '.join(topics) or 'none'}"
        print(f"no proof called {asked}: {hint}", file=sys.stderr)
        return 2
    outcomes = []
    for number, proof in enumerate(chosen, start=1):
        print(f"[{number}/{len(chosen)}] {proof} ", end="", file=sys.stderr, flush=True)
        outcome = prove(proof, root)
        print(f"{outcome.seconds:.1f} s {'ok' if outcome.ok else 'FAIL'}", file=sys.stderr, flush=True)
        outcomes.append(outcome)
    print(report(outcomes))
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _read(answer: Path) -> tuple[Figure, ...]:
    """The figures a proof wrote, or none when it did not get that far."""
    if not answer.exists():
        return ()
    return tuple(Figure(**entry) for entry in json.loads(answer.read_text(encoding="utf-8")))


def _complaint(done: subprocess.CompletedProcess[str], figures: tuple[Figure, ...]) -> str:
    expected = 1 if any(figure.ok is False for figure in figures) else 0
    if figures and done.returncode == expected:
        return ""
    tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LINES_OF_A_CRASH:])
    what = "it left no figures" if not figures else "its figures say otherwise"
    return f"exit code {done.returncode}, and {what}\n{tail}"


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The same environment, with this repository importable wherever the proofs lie."""
    paths = [str(REPOSITORY), environment.get("PYTHONPATH", "")]
    return {**environment, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
