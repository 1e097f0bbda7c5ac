"""Every catalogue passes the contract suite, found by discovery, and the suite finds what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from autonomous_trading.adapters.catalogue import ParquetCatalogue
from autonomous_trading.app.market_data import ActionCatalogue, BarCatalogue, Committed, Delivery, Quarantined
from autonomous_trading.core import Bars
from autonomous_trading.data import SeriesKey, Span
from autonomous_trading.testing.catalogue import MemoryCatalogue
from autonomous_trading.testing.contracts.catalogues import ActionCatalogueContract, CatalogueContract

MAKERS: dict[type[BarCatalogue], Callable[[Path], BarCatalogue]] = {
    MemoryCatalogue: lambda _: MemoryCatalogue(),
    ParquetCatalogue: lambda folder: ParquetCatalogue(folder / "catalogue"),
}
ACTION_MAKERS: dict[type[ActionCatalogue], Callable[[Path], ActionCatalogue]] = {
    MemoryCatalogue: lambda _: MemoryCatalogue(),
    ParquetCatalogue: lambda folder: ParquetCatalogue(folder / "catalogue"),
}


def ours(port: type[BarCatalogue] | type[ActionCatalogue]) -> set[type]:
    """The members of a family that come with the package."""
    return {kind for kind in port.__subclasses__() if kind.__module__.startswith("autonomous_trading.")}


def test_no_catalogue_is_left_out() -> None:
    assert ours(BarCatalogue) == set(MAKERS)
    assert ours(ActionCatalogue) == set(ACTION_MAKERS)


class TestCatalogues(CatalogueContract):
    """Those that come with the package."""

    @pytest.fixture(params=MAKERS, ids=str)
    def subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> BarCatalogue:
        return MAKERS[request.param](tmp_path)


class TestActionCatalogues(ActionCatalogueContract):
    """Those that come with the package."""

    @pytest.fixture(params=ACTION_MAKERS, ids=str)
    def action_subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> ActionCatalogue:
        return ACTION_MAKERS[request.param](tmp_path)


class Faulty(BarCatalogue):
    """Keeps everything in memory, and gets one thing wrong."""

    def __init__(self, fault: str) -> None:
        self._inner, self._fault = MemoryCatalogue(), fault

    def series(self) -> tuple[SeriesKey, ...]:
        return self._inner.series()

    def spans(self, key: SeriesKey) -> tuple[Span, ...]:
        return self._inner.spans(key)

    def facts(self, key: SeriesKey) -> Mapping[str, str]:
        return self._inner.facts(key)

    def commit(self, key: SeriesKey, delivery: Delivery) -> Committed:
        if self._fault == "overwrites":
            key_spans = MemoryCatalogue()
            key_spans.commit(key, delivery)
            if self._inner.spans(key):
                self._inner = key_spans
                return Committed(0, 5, 0, 0)
        if self._fault == "case":
            key = replace(key, symbol=key.symbol.lower())
        return self._inner.commit(key, delivery)

    def read(self, key: SeriesKey, span: Span | None = None, *, known_at: int | None = None) -> Bars:
        if self._fault == "case":
            key = replace(key, symbol=key.symbol.lower())
        return self._inner.read(key, span, known_at=None if self._fault == "foresees" else known_at)

    def quarantined(self, key: SeriesKey) -> tuple[Quarantined, ...]:
        return () if self._fault == "forgets" else self._inner.quarantined(key)


def test_the_suite_finds_what_overwrites() -> None:
    with pytest.raises(AssertionError, match="another value was known"):
        CatalogueContract().test_a_revision_counts_from_when_it_was_received(Faulty("overwrites"))


def test_the_suite_finds_what_foresees() -> None:
    with pytest.raises(AssertionError, match="known before it was over"):
        CatalogueContract().test_a_bar_is_known_when_it_is_over(Faulty("foresees"))


def test_the_suite_finds_names_that_are_mixed() -> None:
    with pytest.raises(AssertionError, match="missing or there twice"):
        CatalogueContract().test_names_are_kept_apart(Faulty("case"))


def test_the_suite_finds_what_forgets() -> None:
    with pytest.raises(AssertionError, match="0 deliveries put something aside"):
        CatalogueContract().test_what_was_put_aside_is_kept(Faulty("forgets"))
