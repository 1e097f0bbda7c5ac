"""Printed figures that fit into a test: see also proofs/features/published_numbers.py, which needs real data."""

import numpy as np
import pytest

from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.markets import random_walk
from proofs.features import published_numbers


def test_wilders_rsi_to_its_four_digits() -> None:
    closes = np.array(published_numbers.CLOSES)
    found = ColumnStore(random_walk(len(closes), 1)).column("rsi", (14,), (closes,))
    assert np.isnan(found[:14]).all()
    np.testing.assert_array_equal(np.round(found[14:], 4), published_numbers.RSI)


def test_the_proof_measures_what_needs_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOTRADE_REAL_DATA", raising=False)
    figures = published_numbers.measure()
    assert [figure.ok for figure in figures].count(None) == 1
    assert all(figure.ok is not False for figure in figures)
