"""Settings every test shares: how hypothesis searches."""

import os

from hypothesis import HealthCheck, settings

# The machine may be busy: how long an example takes says nothing about the law it tests.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

# ci: the same examples every time, so that a red run is red for everyone. explore: new examples on every run.
settings.register_profile("ci", derandomize=True, max_examples=100, **_PATIENT)  # type: ignore[arg-type]
settings.register_profile("explore", max_examples=200, **_PATIENT)  # type: ignore[arg-type]
settings.register_profile("nightly", max_examples=5_000, **_PATIENT)  # type: ignore[arg-type]
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
