"""Every planted leak is found by the check that has to find it, and no look-alike is called one."""

from __future__ import annotations

import pytest

from autonomous_trading.testing.examples import Example
from autonomous_trading.testing.leaks import LEAKS
from autonomous_trading.testing.look_alikes import LOOK_ALIKES


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_the_leak_is_found(leak: Example) -> None:
    report = leak.examine(0)
    assert leak.check in {each.check for each in report.leaks}
    assert leak.found()


@pytest.mark.parametrize("honest", LOOK_ALIKES, ids=lambda honest: honest.name)
def test_the_look_alike_is_left_alone(honest: Example) -> None:
    assert honest.examine(0).leaks == ()
    assert honest.found()


def test_every_example_has_a_name_and_words_of_its_own() -> None:
    every = (*LEAKS, *LOOK_ALIKES)
    assert len({each.name for each in every}) == len({each.what for each in every}) == len(every)
    assert len(LEAKS) >= 12
    assert {leak.check for leak in LEAKS} == {"truncation", "scramble", "universe", "fit"}
