"""Everything that comes with the package passes the checks that a candidate has to pass, found by discovery."""

from __future__ import annotations

import pytest

from autonomous_trading.features import catalogue
from autonomous_trading.interfaces.python import check_library
from autonomous_trading.strategies import STRATEGIES
from autonomous_trading.testing import random_walk


@pytest.mark.slow
def test_nothing_in_the_library_looks_ahead() -> None:
    reports = list(check_library(random_walk(160, seed=5)))
    assert [str(report) for report in reports if not report.clean or not report.exact or report.failed] == []
    assert [report.name for report in reports] == [*STRATEGIES, *(entry.name for entry in catalogue())]
