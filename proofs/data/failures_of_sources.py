"""Every way in which a source fails a person: one line with its fix, the right exit code, and not a byte changed.

Each failure is met by `autotrade data fetch` in a process of its own, beside a catalogue that holds bars already. What
is real-time alone (a closed market) is asked through the Python face.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from autonomous_trading.adapters.providers.alpaca import AlpacaKeys, AlpacaPlace, AlpacaReader, require_open
from autonomous_trading.core import SourceUnavailable
from autonomous_trading.testing.servers.alpaca import (
    TEST_KEY_ID,
    TEST_SECRET_KEY,
    AlpacaServer,
    WireAnswer,
    demo_market,
    json_answer,
)
from proofs.claims import Figure, holds, run
from proofs.data._chains import Answer, autotrade, content_of

TITLE = "A failing source is explained, and costs nothing"
SERIES = "alpaca:AAPL:1h"
DATES = ("--start", "2023-01-01", "--stop", "2023-03-01")
SATURDAY = 1_704_542_400_000_000_000  # 2024-01-06T12:00:00Z
SECRETS = (TEST_KEY_ID, TEST_SECRET_KEY, "a-wrong-secret-key")


class Failure(NamedTuple):
    """What is wrong, what has to be said about it, and how it is brought about."""

    name: str
    code: int
    words: tuple[str, ...]
    arguments: tuple[str, ...] = (SERIES,)
    environment: Mapping[str, str] = {}
    spoilt: Callable[[WireAnswer], WireAnswer] | None = None


FAILURES = (
    Failure(
        "no keys",
        2,
        ("APCA_API_KEY_ID and no APCA_API_SECRET_KEY", "Fix: make a key"),
        environment={"APCA_API_KEY_ID": "", "APCA_API_SECRET_KEY": ""},
    ),
    Failure(
        "wrong keys",
        2,
        ("does not accept these keys (401", "Fix: check APCA_API_KEY_ID"),
        environment={"APCA_API_SECRET_KEY": "a-wrong-secret-key"},
    ),
    Failure(
        "a symbol that there is not",
        2,
        ("unknown symbol of Alpaca 'APPL'", "did you mean 'AAPL'?"),
        arguments=("alpaca:APPL:1h",),
    ),
    Failure("a feed that is not paid for", 2, ("(403)", "--feed iex"), arguments=("alpaca:MSFT:1h", "--feed", "otc")),
    Failure(  # said before the source is asked
        "another feed than that of the bars held",
        4,
        ("holds bars of the feed sip, and those of otc are not the same bars", "Fix: fetch with the feed sip"),
        arguments=(SERIES, "--feed", "otc"),
    ),
    Failure(
        "no network",
        1,
        ("cannot be reached (Connection refused)", "Fix: look at the connection"),
        environment={"AUTOTRADE__ALPACA__URL": "http://127.0.0.1:9"},
    ),
    Failure(
        "no answer",
        1,
        ("did not answer within 0.3 s", "Fix: look at the connection"),
        environment={"AUTOTRADE__ALPACA__TIMEOUT": "0.3"},
        spoilt=lambda _: WireAnswer(seconds=math.inf),
    ),
    Failure(
        "rate limited for ever",
        1,
        ("the limit of requests is used up (429)", "Fix: "),
        spoilt=lambda _: json_answer({"message": "too many requests."}, status=429, headers={"Retry-After": "1"}),
    ),
    Failure(
        "an error under status 200",
        1,
        ("status 200 and no 'bars': internal", "Fix: try again later"),
        spoilt=lambda answer: answer.with_document({"code": 50010000, "message": "internal server error occurred"}),
    ),
)


def measure() -> list[Figure]:
    """Each failure beside a catalogue with bars, then the closed market."""
    with tempfile.TemporaryDirectory() as name, AlpacaServer(demo_market(days=60)) as server:
        folder = Path(name)
        usual = {**server.environment(), "AUTOTRADE__ALPACA__ATTEMPTS": "2"}
        first = autotrade(folder, usual, "data", "fetch", SERIES, *DATES)
        if first.code:
            return [holds("bars to begin with", False, figure=first.err.strip())]
        before = content_of(folder / "market-data")
        figures = [_met(server, failure, folder, usual, before) for failure in FAILURES]
        figures.append(_missing(folder))
    return [*figures, _closed()]


def _met(server: AlpacaServer, failure: Failure, folder: Path, usual: Mapping[str, str], before: str) -> Figure:
    server.spoil_always(failure.spoilt)
    environment = {**usual, **failure.environment}
    answer = autotrade(folder, environment, "data", "fetch", *failure.arguments, *DATES, "--refresh")
    unchanged = content_of(folder / "market-data") == before
    return _judged(failure.name, answer, failure.code, failure.words, unchanged=unchanged)


def _missing(folder: Path) -> Figure:
    """What was never fetched is not fetched by asking for it: offline means offline."""
    answer = autotrade(folder, {}, "backtest", "--data", "alpaca:MSFT:1h")
    words = ("is not in the catalogue", "Fix: autotrade data fetch alpaca:MSFT:1h")
    return _judged("bars that were never fetched", answer, 2, words, unchanged=True)


def _judged(name: str, answer: Answer, code: int, words: tuple[str, ...], *, unchanged: bool) -> Figure:
    line = answer.err.strip()
    kept = [
        answer.code == code,
        not answer.out,
        len(line.splitlines()) == 1,
        all(each in line for each in words),
        not any(secret in line for secret in SECRETS),
        unchanged,
    ]
    said = f"{answer.code}: {line}" if unchanged else f"{answer.code}, and the catalogue changed: {line}"
    return holds(name, all(kept), bound=f"{code}, one line, catalogue as it was", figure=said[:150])


def _closed() -> Figure:
    bound = "SourceUnavailable, until when"
    with AlpacaServer(demo_market(days=5), now=lambda: SATURDAY) as server:
        reader = AlpacaReader(AlpacaKeys.of(TEST_KEY_ID, TEST_SECRET_KEY), AlpacaPlace(server.url, server.url))
        try:
            require_open(reader)
        except SourceUnavailable as error:
            told = "closed until 2024-01-08T14:30:00Z" in str(error) and "Fix: wait" in str(error)
            return holds("a closed market", told, bound=bound, figure=str(error))
        finally:
            reader.close()
    return holds("a closed market", False, bound=bound, figure="it passed for an open one")


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
