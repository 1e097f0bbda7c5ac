"""The documentation is true: its code runs, prints what it shows, and what it names exists."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

import autonomous_trading as at
from autonomous_trading.interfaces.python import FoldView, Result, Study, Validation, WalkForwardResult
from autonomous_trading.validation import Verdict
from tests.integration import doc_pages
from tests.integration.doc_tables import tables_in, with_tables

PAGES = doc_pages.pages()
RUNNING = [
    page for page in PAGES if page != doc_pages.TUTORIAL_PAGE and doc_pages.shown_outputs(page.read_text("utf-8"))
]
ROOMS = {path.name for path in (doc_pages.ROOT / "src" / "autonomous_trading").iterdir() if path.is_dir()}
REFERENCE = doc_pages.DOCS / "reference" / "python.md"


def name_of(page: Path) -> str:
    return str(page.relative_to(doc_pages.ROOT))


def prose_of(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNING, ids=name_of)
def test_what_a_page_shows_is_what_its_code_prints(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    printed = doc_pages.printed_by(text, tmp_path)
    for block, shown in doc_pages.shown_outputs(text).items():
        if shown is not None:
            assert doc_pages.as_shown(printed[block]) == shown.text, f"{name_of(page)}:{shown.start}"


@pytest.mark.slow
def test_the_front_page_shows_the_demo(tmp_path: Path) -> None:
    shown = doc_pages.demo_shown(doc_pages.FRONT_PAGE.read_text("utf-8")).text
    output = doc_pages.demo_output(tmp_path)
    assert doc_pages.without_timing(doc_pages.excerpt(shown, output)) == doc_pages.without_timing(shown)


@pytest.mark.parametrize("page", [page for page in PAGES if tables_in(page.read_text("utf-8"))], ids=name_of)
def test_a_table_made_from_the_code_is_in_step_with_it(page: Path) -> None:
    text = page.read_text("utf-8")
    assert with_tables(text) == text


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors_of(found)):
            broken.append(target)
    assert broken == []


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose_of(page), flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`([a-z]+(?:\.\w+)+)(?:\([^`]*\))?`", prose_of(page))
    missing = [name for name in named if name.split(".")[0] in ROOMS and not is_there(name)]
    missing += [name for name in named if name.startswith("at.") and not has(at, name.removeprefix("at."))]
    assert missing == []


def is_there(name: str) -> bool:
    """Whether `room.name` or `room.inside.name` can be had."""
    parts = name.split(".")
    module = importlib.import_module(f"autonomous_trading.{parts.pop(0)}")
    while parts and hasattr(module, "__path__") and importlib.util.find_spec(f"{module.__name__}.{parts[0]}"):
        module = importlib.import_module(f"{module.__name__}.{parts.pop(0)}")
    return has(module, ".".join(parts))


def has(owner: object, dotted: str) -> bool:
    try:
        functools.reduce(getattr, [part for part in dotted.split(".") if part], owner)
    except AttributeError:
        return False
    return True


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = doc_pages.DOCS / "README.md"
    listed = {(contents.parent / target).resolve() for target in re.findall(r"\]\(([^)#]+)\)", prose_of(contents))}
    assert {page for page in PAGES if page not in (contents, doc_pages.FRONT_PAGE)} - listed == set()


def test_every_public_name_is_on_the_reference_page() -> None:
    text = REFERENCE.read_text("utf-8")
    assert [name for name in at.__all__ if f"at.{name}" not in text and f"## {name}" not in text] == []


@pytest.mark.parametrize(
    "noun", [Result, Study, WalkForwardResult, FoldView, Validation, Verdict], ids=lambda noun: noun.__name__
)
def test_every_attribute_of_an_answer_is_on_the_reference_page(noun: type) -> None:
    text = REFERENCE.read_text("utf-8")
    inside = {"market", "rules", "outcome", "found", "space", "sweep", "evaluator"}
    public = {name for name in dir(noun) if not name.startswith("_")} - inside
    assert [name for name in sorted(public) if not re.search(rf"\b{name}\b", text)] == []
