"""The shape of the house: held by the real tree, and shown to notice a tree that breaks it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import house_rules

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "autonomous_trading"
FOLDERS = [folder for name in ("src", "tests", "proofs", "benchmarks") if (folder := ROOT / name).is_dir()]
Rule = Callable[[Path], list[str]]

# One deliberate violation per line: file, content, and the rule that has to notice it.
VIOLATIONS: tuple[tuple[str, str, Rule], ...] = (
    ("search/_a.py", "from {house}.core._bars import Bars", house_rules.private_imports_across_rooms),
    ("search/_b.py", "from {house}.core import _bars", house_rules.private_imports_across_rooms),
    ("search/_c.py", "import {house}.core._bars", house_rules.private_imports_across_rooms),
    ("search/_d.py", "from {house} import backtest_everything", house_rules.imports_of_the_roof),
    ("search/_e.py", "import {house}", house_rules.imports_of_the_roof),
    ("core/names.py", "__all__ = ['nothing']", house_rules.promised_names_that_do_not_exist),
    ("attic/__init__.py", "x = 1", house_rules.rooms_without_an_introduction),
    ("core/_long.py", "x = 1\n" * 401, house_rules.files_too_long),
    ("core/_f.py", "def f():\n" + "    x = 1\n" * 41, house_rules.functions_too_long),
    ("core/_k.py", "@kernel\ndef f():\n" + "    x = 1\n" * 81, house_rules.functions_too_long),
    ("core/utils.py", "", house_rules.drawers),
    ("core/_helpers.py", "", house_rules.drawers),
    ("core/_p.py", "import pickle", house_rules.unsafe_code),
    ("core/_q.py", "x = eval('1')", house_rules.unsafe_code),
    ("core/_r.py", "def f(x):\n    assert x > 0", house_rules.asserts_and_bare_exceptions),
    ("core/_s.py", "def f():\n    raise Exception('no')", house_rules.asserts_and_bare_exceptions),
    ("core/_t.py", "def f():\n    return open('x')", house_rules.impure_calls),
    ("core/_u.py", "def f():\n    return np.random.default_rng()", house_rules.impure_calls),
    ("core/_v.py", "def f():\n    return datetime.now(tz=UTC)", house_rules.impure_calls),
    ("core/_w.py", "def f():\n    return np.load('x')", house_rules.impure_calls),
)

# Things that look alike and are allowed.
ALLOWED = (
    (
        "search/_good.py",
        "from {house}.core import Bars\nimport {house}.core.jit\nfrom {house}.search._a import x",
    ),
    ("core/_kernel.py", "@kernel\ndef f():\n" + "    x = 1\n" * 80),
    ("core/_wordy.py", "def f():\n    '''Words.\n" + "    words\n" * 90 + "    '''\n" + "    x = 1\n" * 40),
    ("core/_pure.py", "def f(x, rng):\n    x.load()\n    return np.random.default_rng(7)"),
    ("adapters/_files.py", "def f():\n    return open('x')"),
    ("interfaces/_version.py", "from {house} import __version__"),
)


def house(folder: Path, *files: tuple[str, str]) -> Path:
    """A small house that keeps every rule, with the given files added."""
    package = folder / f"house_{abs(hash(folder))}"
    for room in ("core", "search", "adapters", "interfaces"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text(f'"""What {room} is for."""\n\n__all__ = []\n')
        (package / room / "README.md").write_text("# Why\n")
    (package / "__init__.py").write_text('"""A house."""\n')
    for name, content in files:
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text(content.replace("{house}", package.name) + "\n")
    return package


@pytest.mark.parametrize("rule", house_rules.PACKAGE_RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps(rule: Rule) -> None:
    assert rule(PACKAGE) == []


@pytest.mark.parametrize("rule", house_rules.FOLDER_RULES, ids=lambda rule: rule.__name__)
def test_every_folder_keeps(rule: Rule) -> None:
    assert [violation for folder in FOLDERS for violation in rule(folder)] == []


@pytest.mark.parametrize(("name", "content", "rule"), VIOLATIONS, ids=[v[0] for v in VIOLATIONS])
def test_a_violation_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, rule: Rule
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    found = rule(house(tmp_path, (name, content)))
    assert found
    assert all(name.split("/")[0] in violation for violation in found)


@pytest.mark.parametrize(
    "rule", [*house_rules.PACKAGE_RULES, *house_rules.FOLDER_RULES], ids=lambda rule: rule.__name__
)
def test_what_is_allowed_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert rule(house(tmp_path, *ALLOWED)) == []


def test_every_rule_is_proven_on_a_violation() -> None:
    proven = {rule for _, _, rule in VIOLATIONS}
    assert proven == {*house_rules.PACKAGE_RULES, *house_rules.FOLDER_RULES}


def test_every_room_has_its_place_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    listed = [room for layer in layers["layers"] for room in re.findall(r"\w+", layer)]
    assert sorted(listed) == list(house_rules.rooms(PACKAGE))
    assert layers["exhaustive"]


def lint_imports(folder: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """The import linter with the project's own contracts, on the package that lies under `source`."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    return subprocess.run(
        [*command, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(source), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_flow_one_way(tmp_path: Path) -> None:
    done = lint_imports(tmp_path, PACKAGE.parent)
    assert done.returncode == 0, done.stdout


def test_every_wall_notices_what_comes_through_it(tmp_path: Path) -> None:
    package = tmp_path / "autonomous_trading"
    for room in (*house_rules.rooms(PACKAGE), "attic"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "core" / "jit.py").write_text("import numba, os")
    (package / "core" / "_a.py").write_text("from autonomous_trading.core import _b")
    (package / "core" / "_b.py").write_text("from autonomous_trading.core import _a")
    (package / "core" / "_c.py").write_text("import autonomous_trading.backtest")
    (package / "validation" / "_d.py").write_text(
        "import time, pandas, numba, talib, optuna, ray, rich, sqlalchemy, alpaca"
    )
    done = lint_imports(tmp_path, tmp_path)
    assert done.returncode == 1
    assert "KEPT" not in done.stdout
    for sentence in (
        "autonomous_trading.core._c -> autonomous_trading.backtest",
        "autonomous_trading.attic",
        "No cycles are allowed in autonomous_trading.core",
        *(
            f"not allowed to import {name}"
            for name in ("time", "pandas", "numba", "talib", "optuna", "ray", "rich", "sqlalchemy")
        ),
    ):
        assert sentence in done.stdout
