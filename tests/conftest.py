"""What every test shares: how hypothesis searches, and a PostgreSQL server for those that ask for one."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import NoServer, Server, running_server

# The machine may be busy: how long an example takes says nothing about the law it tests.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

# ci: the same examples every time, so that a red run is red for everyone. explore: new examples on every run.
settings.register_profile("ci", derandomize=True, max_examples=100, **_PATIENT)  # type: ignore[arg-type]
settings.register_profile("explore", max_examples=200, **_PATIENT)  # type: ignore[arg-type]
settings.register_profile("nightly", max_examples=5_000, **_PATIENT)  # type: ignore[arg-type]
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


_WITHOUT_POSTGRES = "AUTOTRADE_WITHOUT_POSTGRES"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server of this run's own. Where there is none the tests fail, unless they are left out knowingly."""
    try:
        with running_server() as server:
            yield server
    except NoServer as reason:
        if os.environ.get(_WITHOUT_POSTGRES) == "1":
            pytest.skip(f"{_WITHOUT_POSTGRES}=1: {reason}")
        pytest.fail(
            f"{reason}. Mend that, or set {_WITHOUT_POSTGRES}=1 to leave the tests of PostgreSQL out knowingly.",
            pytrace=False,
        )


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """The URL of an empty database of this test's own."""
    return postgres_server.database()
