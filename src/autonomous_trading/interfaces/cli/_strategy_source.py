"""The strategy class that --strategy names: one of the library, or a person's own file or module."""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autonomous_trading.strategies import Strategy

__all__ = ["strategy_named"]

_FILE_MODULE = "autotrade_strategy_file"


def strategy_named(text: str) -> "type[Strategy]":
    """The class behind a library name, path/to/file.py:ClassName or package.module:ClassName.

    A file with one strategy needs no class name. The code of a file or module runs when it is loaded: it is the
    user's own, named on his own command line. Raises UnknownName, DataNotFound or InvalidInput.
    """
    from autonomous_trading.core import unknown_name
    from autonomous_trading.strategies import STRATEGIES

    place, separator, name = text.rpartition(":")
    if text.endswith(".py"):
        return _chosen(_load_file(text), text, "")
    if separator and place.endswith(".py"):
        return _chosen(_load_file(place), place, name)
    if separator and place:
        return _chosen(_load_module(place), place, name)
    if text not in STRATEGIES:
        raise unknown_name("strategy", text, STRATEGIES)
    return STRATEGIES[text]


def _load_file(text: str) -> ModuleType:
    from autonomous_trading.core import DataNotFound

    path = Path(text).expanduser()
    if not path.is_file():
        raise DataNotFound(f"there is no strategy file {text}", fix="check the path, or name a strategy of the library")
    spec = importlib.util.spec_from_file_location(_FILE_MODULE, path)
    if spec is None or spec.loader is None:
        raise DataNotFound(f"{text} cannot be loaded as Python", fix="name a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    # As if the file had been run: its neighbours can be imported, and dataclasses find their module.
    with _searching(str(path.resolve().parent)):
        sys.modules[_FILE_MODULE] = module
        _executed(lambda: spec.loader.exec_module(module) if spec.loader else None, text)
    return module


def _load_module(name: str) -> ModuleType:
    with _searching(os.getcwd()):
        return _executed(lambda: importlib.import_module(name), name)


def _executed(load: object, place: str) -> ModuleType:
    from autonomous_trading.core import InvalidInput

    if not callable(load):
        raise TypeError("load must be callable")
    try:
        module: ModuleType = load()
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{place} needs the module {error.name!r}, which is not there", fix="install it") from error
    except SyntaxError as error:
        raise InvalidInput(
            f"{error.filename}:{error.lineno} is not Python: {error.msg}", fix="correct that line"
        ) from error
    return module
