"""A sync that is killed leaves what it had, and the next one goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofs.data.torn_files import killed


@pytest.mark.slow
def test_twenty_kills(tmp_path: Path) -> None:
    seen = killed(tmp_path, 20, steps=10, latest=0.15)
    assert (seen.kills, seen.torn) == (20, 0)
    assert seen.identical == seen.rounds > 0
