"""What a proof is made of: figures with the bound each has to keep, and the way a proof is run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

__all__ = ["Figure", "at_least", "at_most", "equals", "holds", "not_measured", "run", "table"]


@final
@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside its bound. `ok` None: it was not measured, and `figure` says why."""

    name: str
    bound: str
    figure: str
    ok: bool | None

    @property
    def mark(self) -> str:
        """What the table shows: ok, FAIL, or a dash for a figure that was not measured."""
        return "-" if self.ok is None else "ok" if self.ok else "FAIL"


def at_least(name: str, value: float, bound: float, unit: str = "") -> Figure:
    """A figure that keeps its bound from above; NaN never does."""
    return Figure(name, f">= {_number(bound, unit)}", _number(value, unit), bool(value >= bound))


def at_most(name: str, value: float, bound: float, unit: str = "") -> Figure:
    """A figure that keeps its bound from below; NaN never does."""
    return Figure(name, f"<= {_number(bound, unit)}", _number(value, unit), bool(value <= bound))


def equals(name: str, value: float, expected: float, *, digits: int) -> Figure:
    """A figure that reproduces a published number to its printed digits."""
    return Figure(
        name,
        f"{expected:.{digits}f}",
        f"{value:.{digits + 3}f}",
        round(value, digits) == round(expected, digits),
    )


def holds(name: str, statement: bool, *, bound: str = "yes", figure: str = "") -> Figure:
    """A statement that is true or not; `figure` says what was seen."""
    return Figure(name, bound, figure or ("yes" if statement else "no"), bool(statement))  # a numpy bool is no JSON


def not_measured(name: str, bound: str, why: str) -> Figure:
    """A figure this machine cannot give (a peer is not installed): shown, and neither kept nor broken."""
    return Figure(name, bound, why, None)


def run(title: str, measure: Callable[[], Sequence[Figure]], argv: Sequence[str] | None = None) -> int:
    """Measure, print bound and figure, and return the exit code: 0 when no figure falls short, else 1.

    The runner of all proofs passes `--figures FILE` and reads the figures from there.
    """
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--figures", type=Path, help="also write the figures to this JSON file")
    arguments = parser.parse_args(argv)
    print(title)
    figures = tuple(measure())
    if not figures:
        raise ValueError("a proof has to measure something: measure() returned no figure")
    print(table([("claim", "bound", "figure", ""), *((f.name, f.bound, f.figure, f.mark) for f in figures)]))
    if arguments.figures is not None:
        arguments.figures.write_text(json.dumps([asdict(figure) for figure in figures]), encoding="utf-8")
    return 1 if any(figure.ok is False for figure in figures) else 0


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned text, the first one underlined as the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _number(value: float, unit: str) -> str:
    """Four digits that count, thousands grouped."""
    text = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return f"{text} {unit}".rstrip()
