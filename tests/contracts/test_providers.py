"""Every provider passes the contract suite, and the suite finds what breaks it."""

from pathlib import Path

import pytest

from autonomous_trading.testing.contracts.providers import ProviderContract, Subject
from tests.provider_subjects import SUBJECTS, Grounds


class TestProviders(ProviderContract):
    """Every provider there is."""

    @pytest.fixture(params=SUBJECTS)
    def subject(self, request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
        return SUBJECTS[request.param](Grounds(tmp_path, lambda: str(request.getfixturevalue("postgres_url"))))
