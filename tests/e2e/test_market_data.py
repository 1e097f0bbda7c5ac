"""From a provider to a verdict, and every failing source explained: commands in processes of their own."""

import pytest

from proofs.claims import Figure
from proofs.data import failures_of_sources, provider_lies, provider_to_verdict


def fallen_short(figures: list[Figure]) -> list[str]:
    return [f"{figure.name}: {figure.figure}, due was {figure.bound}" for figure in figures if not figure.ok]


@pytest.mark.slow
def test_a_source_that_lies_is_not_believed() -> None:
    figures = provider_lies.measure()
    assert len(figures) >= 32
    assert fallen_short(figures) == []


@pytest.mark.slow
def test_a_failing_source_is_explained_and_costs_nothing() -> None:
    figures = failures_of_sources.measure()
    assert len(figures) == 11
    assert fallen_short(figures) == []


@pytest.mark.slow
def test_from_a_provider_to_a_verdict() -> None:
    figures = provider_to_verdict.measure()
    assert len(figures) == 3
    assert fallen_short(figures) == []
