"""What the tests of the interfaces share: a folder of their own, and no settings from outside."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, in an environment that says nothing about us."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("AUTOTRADE")]:
        monkeypatch.delenv(name)
    return tmp_path
