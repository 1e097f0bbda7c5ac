"""Every provider keeps every promise of the contract, and no bad answer of a source reaches the catalogue.

Each provider runs the public contract suite against a server of its own on this machine, which speaks as the source
does (a database is a real PostgreSQL). Then each bad answer is synced into a catalogue on the disk: it has to end with
an error, and the catalogue has to hold what it held before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import sync
from autonomous_trading.core import SourceCorrupt
from autonomous_trading.data import SeriesKey
from autonomous_trading.testing.contracts.providers import ProviderContract, Subject, request_of
from proofs.claims import Figure, holds, not_measured, run
from tests.postgres import NoServer, Server, running_server
from tests.provider_subjects import SUBJECTS, Grounds

TITLE = "Every provider keeps the contract, and no bad answer is kept"
_NEEDS_A_TERMINAL: Final = "test_is_quiet"  # asks pytest for what was printed: part of the tests, not of this count


def measure() -> list[Figure]:
    """The checks of every provider, then the bad answers of each source."""
    figures: list[Figure] = []
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        numbers = count()
        try:
            server: Server | None = held.enter_context(running_server())
        except NoServer as reason:
            server, why = None, str(reason)
        for name, build in SUBJECTS.items():
            if name == "postgres" and server is None:
                figures.append(not_measured(f"{name}: checks", "all", why))
                continue

            def grounds() -> Grounds:
                place = folder / str(next(numbers))
                place.mkdir()
                return Grounds(place, _database(server))

            figures.append(_checks(name, build, grounds))
            subject = build(grounds())
            if subject.lies:
                figures.append(_bad_answers(name, subject, folder / f"catalogue-{next(numbers)}"))
    return figures


def _database(server: Server | None) -> Callable[[], str]:
    def none() -> str:
        raise NoServer("there is no server")

    return none if server is None else server.database


def _checks(name: str, build: Callable[[Grounds], Subject], grounds: Callable[[], Grounds]) -> Figure:
    passed, left_out, failed = 0, 0, []
    for what, check in _every_check():
        subject = build(grounds())
        if what in _out_of_reach(subject):
            left_out += 1
            continue
        try:
            check(subject)
        except Exception as error:  # noqa: BLE001 - whatever it is, the check did not pass
            failed.append(f"{what}: {error}")
        else:
            passed += 1
    total = passed + len(failed)
    said = f"{passed}, and {left_out} that it cannot be put to" if left_out else f"{passed}"
    return holds(f"{name}: checks passed", not failed, bound=f"{total} of {total}", figure=" ".join([said, *failed]))


def _out_of_reach(subject: Subject) -> frozenset[str]:
    """The checks that pass without a question: what a source cannot be made to play (a file is never down)."""
    troubles = {
        "test_tries_again": "fails_twice",
        "test_gives_up[down]": "down",
        "test_gives_up[silent]": "silent",
        "test_a_failure_on_the_way_is_raised": "breaks_off",
        "test_says_that_it_is_denied": "denied",
    }
    faults = {f"test_repairs_nothing[{fault}]": fault for fault in ("nan", "duplicate", "negative")}
    others = {"test_believes_no_lie": bool(subject.lies), "test_tells_no_secret": bool(subject.secret)}
    return frozenset(
        [
            *(check for check, trouble in troubles.items() if trouble not in subject.troubles),
            *(check for check, fault in faults.items() if fault not in subject.carries),
            *(check for check, possible in others.items() if not possible),
        ]
    )


def _every_check() -> Iterator[tuple[str, Callable[[Subject], None]]]:
    """The checks of the suite, one for each value where a check has several."""
    suite = ProviderContract()
    for name in sorted(vars(ProviderContract)):
        if not name.startswith("test_") or name == _NEEDS_A_TERMINAL:
            continue
        check = getattr(suite, name)
        marks = [mark for mark in getattr(check, "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield name, check
        for mark in marks:
            argument, values = mark.args
            for value in values:
                yield f"{name}[{value}]", lambda subject, c=check, a=argument, v=value: c(subject, **{a: v})


def _bad_answers(name: str, subject: Subject, place: Path) -> Figure:
    """Synced one after another into one catalogue, which holds the true bars of another symbol."""
    catalogue = ParquetCatalogue(place)
    kept, other = subject.symbols
    true = subject.scene()
    with subject.open(true) as provider:
        sync(provider, catalogue, request_of(true, provider, other), now=lambda: true.now)
    before = _files(place)
    refused, wrong = 0, []
    for lie in subject.lies:
        scene = subject.scene(lie)
        with subject.open(scene) as provider:
            request = request_of(scene, provider, kept)
            key = SeriesKey(provider.name, kept, request.timeframe, request.adjustment)
            try:
                sync(provider, catalogue, request, now=lambda now=scene.now: now)  # type: ignore[misc]
            except SourceCorrupt:
                refused += catalogue.spans(key) == () and _files(place) == before
            else:
                wrong.append(lie)
    total = len(subject.lies)
    return holds(
        f"{name}: bad answers refused, catalogue unchanged",
        refused == total,
        bound=f"{total} of {total}",
        figure=" ".join([f"{refused}", *wrong]),
    )


def _files(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
