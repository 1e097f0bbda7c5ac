"""From a provider to a verdict in one chain of commands: fetch, optimize, validate, each in a process of its own.

A local server that speaks Alpaca's wire format serves the bars; `autotrade` fetches them with keys from the
environment, and everything after it reads the catalogue offline: the server is closed before the search begins.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from autonomous_trading.testing.servers.alpaca import AlpacaServer, demo_market
from proofs.claims import Figure, holds, run
from proofs.data._chains import Answer, autotrade

TITLE = "From a provider to a verdict"
DATA = "alpaca:AAPL:1d"
BARS = 780


def measure() -> list[Figure]:
    """The three commands in a folder of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with AlpacaServer(demo_market()) as server:
            dates = ("--start", "2023-01-01", "--stop", "2026-01-01")
            fetched = autotrade(folder, server.environment(), "data", "fetch", DATA, *dates, "--json")
        searched = autotrade(
            folder, {}, "optimize", "--data", DATA, "--trials", "20", "--seed", "1", "--json", "--quiet"
        )
        validated = autotrade(
            folder, {}, "validate", "--data", DATA, "--trials", "20", "--seed", "1", "--json", "--quiet"
        )
    return [
        _bars("autotrade data fetch", fetched),
        _said("autotrade optimize, offline", searched),
        _said("autotrade validate, offline", validated),
    ]


def _bars(name: str, answer: Answer) -> Figure:
    """Whether the bars came."""
    new = 0 if answer.code else json.loads(answer.out)["series"][0]["new"]
    said = answer.err.strip() or f"{new} bars"
    return holds(name, new == BARS, bound=f"exit code 0, {BARS} bars", figure=f"exit code {answer.code}, {said}")


def _said(name: str, answer: Answer) -> Figure:
    """Whether a verdict came, and how it reads."""
    document = {} if answer.code else json.loads(answer.out)
    words = " ".join(str((document.get("verdict") or document).get("words", "")).split())
    said = f"exit code {answer.code}, {words[:90] or answer.err.strip()}"
    return holds(name, bool(words), bound="exit code 0 and a verdict", figure=said)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
