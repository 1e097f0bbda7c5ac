"""`autotrade doctor`: whether everything a run needs is there, and how to mend what is not."""

import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from typing import NamedTuple, final

from autonomous_trading.interfaces.cli._failures import FAILED
from autonomous_trading.interfaces.cli._options import OutputOptions
from autonomous_trading.interfaces.cli._output import console, print_document

__all__ = ["Check", "checks", "doctor"]

_OLDEST_PYTHON = (3, 11)
# Distribution, the module it brings, and what nothing works without it.
_NEEDED = (
    ("numpy", "numpy", "every number"),
    ("numba", "numba", "the compiled simulator"),
    ("scipy", "scipy", "statistics"),
    ("pandas", "pandas", "data frames"),
    ("pyarrow", "pyarrow", "Parquet and Feather files"),
    ("TA-Lib", "talib", "indicators"),
    ("arch", "arch", "the bundled samples"),
    ("scikit-learn", "sklearn", "parameter importance, the gp and random_forest searches"),
    ("optuna", "optuna", "the tpe search"),
    ("pymoo", "pymoo", "the nsga2 and nsga3 searches"),
    ("cma", "cma", "the cmaes search"),
    ("sqlalchemy", "sqlalchemy", "storage"),
    ("pydantic-settings", "pydantic_settings", "autotrade.toml"),
)
_OPTIONAL = (("polars", "polars", "polars data frames"),)


@final
class Check(NamedTuple):
    """One thing looked at: whether it is well, whether a run needs it, what was seen, and how to mend it."""

    name: str
    ok: bool
    needed: bool
    detail: str
    fix: str = ""


def doctor(output: OutputOptions) -> int:
    """Look at Python, libraries, the compiled-kernel cache, the samples and the settings; say what to mend."""
    found = checks()
    well = all(check.ok for check in found if check.needed)
    if output.json:
        print_document({"command": "doctor", "ok": well, "checks": [check._asdict() for check in found]})
        return 0 if well else FAILED
    screen = console()
    for check in found:
        mark, style = ("ok", "green") if check.ok else ("FAIL", "red") if check.needed else ("-", "yellow")
        screen.print(f"{mark:>4}", style=style, end="  ")
        screen.print(f"{check.name:<18} {check.detail}", soft_wrap=True)
        if check.fix and not check.ok:
            screen.print(f"{'':>6}{'Fix:':<18} {check.fix}", style="bold", soft_wrap=True)
    screen.print("\nEverything a run needs is there." if well else "\nSomething a run needs is broken.", style="bold")
    return 0 if well else FAILED


def checks() -> list[Check]:
    """Every check, in the order a person would mend things."""
    libraries = [_library(*entry, needed=True) for entry in _NEEDED]
    optional = [_library(*entry, needed=False) for entry in _OPTIONAL]
    looks: tuple[Callable[[], Check], ...] = (_kernels, _samples, _settings, _threads)
    return [_python(), *libraries, *[_guarded(look) for look in looks], *optional]


def _python() -> Check:
    ok = sys.version_info >= _OLDEST_PYTHON
    return Check("python", ok, True, f"{platform.python_version()}, {sys.executable}", "install Python 3.11 or newer")


def _library(distribution: str, module: str, purpose: str, *, needed: bool) -> Check:
    from importlib.metadata import PackageNotFoundError, version

    fix = f"pip install {distribution}"
    if importlib.util.find_spec(module) is None:
        return Check(distribution, False, needed, f"is not installed: {purpose}", fix)
    try:
        installed = version(distribution)
    except PackageNotFoundError:
        installed = "unknown version"
    return Check(distribution, True, needed, f"{installed}: {purpose}")


def _guarded(look: Callable[[], Check]) -> Check:
    """The check, or one that failed with what it raised: a doctor does not fall ill."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - a broken library may raise anything, and that is the finding
        name = look.__name__.removeprefix("_")
        return Check(name, False, True, f"{type(error).__name__}: {error}", "reinstall the package")


def _kernels() -> Check:
    from autonomous_trading.core.jit import cache_directory

    folder = cache_directory()
    compiled = any(folder.rglob("*.nbi"))
    state = "compiled" if compiled else "empty: the first run compiles"
    ok = os.access(folder, os.W_OK)
    return Check("kernels", ok, True, f"{folder} ({state})", "set XDG_CACHE_HOME to a folder you may write to")


def _samples() -> Check:
    from autonomous_trading.adapters import SAMPLES, sample

    counts = [f"{name} {len(sample(name)):,} bars" for name in SAMPLES]
    return Check("samples", True, True, ", ".join(counts), "pip install --force-reinstall arch")


def _settings() -> Check:
    from autonomous_trading.core import TradingError
    from autonomous_trading.interfaces.cli._setup import Defaults

    try:
        found = Defaults.read()
    except TradingError as error:
        return Check("settings", False, True, error.what, error.fix)
    given = [*found.costs, *found.exits, *found.execution, *found.run]
    return Check("settings", True, True, f"{len(given)} given" if given else "none: every default is in force")


def _threads() -> Check:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check("threads", True, True, f"{usable} usable, {os.cpu_count()} cores")
