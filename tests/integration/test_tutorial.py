"""The tutorial runs from top to bottom, offline, and its page shows what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration import doc_pages


@pytest.mark.slow
def test_the_page_of_the_tutorial_is_what_its_file_says_and_prints(tmp_path: Path) -> None:
    assert doc_pages.tutorial_page(tmp_path) == doc_pages.TUTORIAL_PAGE.read_text("utf-8")
    assert (tmp_path / "first_strategy.html").stat().st_size > 100_000


def test_a_cell_of_the_tutorial_is_text_or_code() -> None:
    source = doc_pages.TUTORIAL.read_text("utf-8")
    compile(source, str(doc_pages.TUTORIAL), "exec")
    assert source.startswith("# %% [markdown]\n# # ")
