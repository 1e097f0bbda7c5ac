"""Every column of the catalogue passes the contract suite, found by discovery."""

import pytest

from autonomous_trading.features import catalogue
from autonomous_trading.testing.contracts.features import ColumnContract, ColumnSubject, catalogue_column

NAMES = [entry.name for entry in catalogue()]


class TestCatalogue(ColumnContract):
    """The suite, once per column."""

    @pytest.fixture(params=NAMES)
    def column(self, request: pytest.FixtureRequest) -> ColumnSubject:
        return catalogue_column(request.param)


def test_no_two_columns_have_one_name() -> None:
    assert len(set(NAMES)) == len(NAMES)
