"""Every provider passes the contract suite, and the suite finds what breaks it."""

import pytest

from autonomous_trading.testing.contracts.providers import ProviderContract, Subject
from tests.provider_subjects import SUBJECTS


class TestProviders(ProviderContract):
    """Every provider there is."""

    @pytest.fixture(params=SUBJECTS)
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        return SUBJECTS[request.param]()
