"""What is said after the last attempt."""

from __future__ import annotations

import pytest

from autonomous_trading.adapters.providers import Patience, patiently
from autonomous_trading.core import SourceUnavailable


def test_the_last_failure_is_told_with_one_fix() -> None:
    def away() -> None:
        raise SourceUnavailable("the source is away", fix="wait for it")

    with pytest.raises(SourceUnavailable) as told:
        patiently(away, Patience(attempts=2), again=lambda _: 0.0, sleep=lambda _: None)
    assert told.value.what == "no answer after 2 attempts: the source is away"
    assert str(told.value).count("Fix:") == 1
