"""Thirty bad answers of a source: every one is refused with a reason, and the catalogue keeps every byte it had.

A local server that speaks Alpaca's wire format gives a true answer first; then the same request is answered in thirty
wrong ways (an error under status 200, a page cut off, times in another zone, prices in cents, ...), each with a
catalogue that holds the true answer. Afterwards one true answer is fetched again: nothing in it is new.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from autonomous_trading.adapters.providers import Patience, ProviderSettings
from autonomous_trading.core import TradingError
from autonomous_trading.interfaces.python import fetch
from autonomous_trading.testing.servers.alpaca import BAD_RESPONSES, AlpacaServer, BadResponse, demo_market
from proofs.claims import Figure, holds, run
from proofs.data._chains import content_of

TITLE = "A source that lies is not believed"
SERIES = "alpaca:BTC/USD:1h"
START, STOP = "2023-01-10", "2023-02-10"


def measure() -> list[Figure]:
    """The bad answers one by one, then the catalogue."""
    with tempfile.TemporaryDirectory() as folder, AlpacaServer(demo_market(days=40)) as server:
        catalogue = Path(folder) / "market-data"
        _fetched(server, catalogue)
        before = content_of(catalogue)
        refused = {name: _refused(server, catalogue, bad, before) for name, bad in BAD_RESPONSES.items()}
        server.spoil_always(None)
        again = _fetched(server, catalogue)
    figures = [
        holds(BAD_RESPONSES[name].words, ok, bound="refused, nothing written", figure=said)
        for name, (ok, said) in refused.items()
    ]
    count = sum(ok for ok, _ in refused.values())
    return [
        *figures,
        holds("bad answers refused", count == len(BAD_RESPONSES), bound=f"{len(BAD_RESPONSES)}", figure=f"{count}"),
        holds("new or revised bars in a true answer afterwards", again == 0, bound="0", figure=f"{again}"),
    ]


def _refused(server: AlpacaServer, catalogue: Path, bad: BadResponse, before: str) -> tuple[bool, str]:
    server.spoil_always(bad.change)
    try:
        _fetched(server, catalogue)
    except bad.refused_with as error:
        unchanged = content_of(catalogue) == before
        return unchanged, type(error).__name__ if unchanged else "refused, and the catalogue is another"
    except TradingError as error:
        return False, f"{type(error).__name__}: {error}"
    return False, "believed"


def _fetched(server: AlpacaServer, catalogue: Path) -> int:
    settings = ProviderSettings(
        server.environment(),
        {"alpaca": {"url": server.url}},
        Patience(attempts=2, first_wait=0.01, longest_wait=0.01, timeout=20.0),
    )
    asked: dict[str, Any] = {
        "start": START,
        "stop": STOP,
        "catalogue": catalogue,
        "refresh": True,
        "providers": settings,
    }
    return sum(report.new + report.revised for report in fetch(SERIES, **asked))


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
