"""The compiled engine and its slow twin give the same answer to every example (see `tests/twins/agreement.py`)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.twins.agreement import compare, compare_portfolio
from tests.twins.markets import Case, PortfolioCase, cases, long_cases, long_portfolio_cases, portfolio_cases

MANY = 10_000


@settings(max_examples=400)
@given(cases())
def test_one_instrument(case: Case) -> None:
    assert compare(case).differences == []


@settings(max_examples=200)
@given(portfolio_cases())
def test_several_instruments(case: PortfolioCase) -> None:
    assert compare_portfolio(case).differences == []


@settings(max_examples=100)
@given(long_cases(250, 600))
def test_runs_longer_than_a_block_of_bars(case: Case) -> None:
    assert compare(case).differences == []


@settings(max_examples=40)
@given(long_portfolio_cases(250, 300))
def test_several_instruments_longer_than_a_block_of_bars(case: PortfolioCase) -> None:
    assert compare_portfolio(case).differences == []


@pytest.mark.nightly
@settings(max_examples=MANY, derandomize=False)
@given(cases(max_bars=60))
def test_one_instrument_many_times(case: Case) -> None:
    assert compare(case).differences == []


@pytest.mark.nightly
@settings(max_examples=MANY, derandomize=False)
@given(portfolio_cases(max_bars=30))
def test_several_instruments_many_times(case: PortfolioCase) -> None:
    assert compare_portfolio(case).differences == []
