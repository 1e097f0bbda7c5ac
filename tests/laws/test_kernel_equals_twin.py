"""The compiled engine and its slow twin give the same answer to every example (see `tests/twins/agreement.py`)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twins.agreement import compare, compare_portfolio
from tests.twins.markets import Case, PortfolioCase, cases, long_cases, long_portfolio_cases, portfolio_cases
from tests.twins.sweeps import compare_sets, sets_of

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


@settings(max_examples=100)
@given(cases(), st.randoms(use_true_random=False), st.integers(1, 3), st.booleans())
def test_many_sets_at_once(case: Case, dice: random.Random, threads: int, conditions: bool) -> None:
    for comparison in compare_sets(sets_of(case, dice), threads, conditions=conditions):
        assert comparison.differences == []


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
