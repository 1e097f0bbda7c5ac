"""Code that a person names: a strategy class or a function, of the library, of a file or of a module."""

import importlib
import importlib.util
import inspect
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autonomous_trading.core import InvalidInput
    from autonomous_trading.strategies import Strategy

__all__ = ["function_named", "own_place", "reference_to", "strategy_named"]

_FILE_MODULE = "autotrade_strategy_file"
_PACKAGE = Path(__file__).resolve().parent.parent


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
    if separator and place and name:
        return _chosen(_load_module(place), place, name)
    if text not in STRATEGIES:
        raise unknown_name("strategy", text, STRATEGIES)
    return STRATEGIES[text]


def function_named(text: str) -> Callable[..., object]:
    """The function behind package.module:name or path/to/file.py:name; a dotted name reaches into a class.

    Raises UnknownName, DataNotFound or InvalidInput.
    """
    from autonomous_trading.core import InvalidInput, unknown_name

    place, separator, name = text.rpartition(":")
    if not (separator and place and name):
        raise InvalidInput(f"{text!r} does not say where the function is", fix="write package.module:name")
    module = _load_file(place, "function file") if place.endswith(".py") else _load_module(place)
    found: object = module
    for part in name.split("."):
        known = [each for each, value in vars(found).items() if callable(value)]
        found = getattr(found, part, None)
        if found is None:
            raise unknown_name(f"function in {place}", name, known)
    if not callable(found):
        raise InvalidInput(f"{name} in {place} is not a function", fix="define it with def")
    return found


def reference_to(code: "type[object] | Callable[..., object]") -> str:
    """The text that `strategy_named` or `function_named` finds this class or function by, in any process.

    Raises InvalidInput where there is none: what is defined inside a function, or typed into a notebook.
    """
    from autonomous_trading.core import InvalidInput

    name = getattr(code, "__qualname__", repr(code))
    module = sys.modules.get(getattr(code, "__module__", None) or "")
    file = getattr(module, "__file__", None)
    found: object = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if module is None or found is not code or (module.__name__ in ("__main__", "__mp_main__") and not file):
        raise InvalidInput(
            f"{name} cannot be found by another process",
            fix="define it in a file that can be imported, at its top level, not in a notebook or inside a function",
        )
    by_path = module.__name__ in ("__main__", "__mp_main__", _FILE_MODULE)
    return f"{Path(str(file)).resolve()}:{name}" if by_path else f"{module.__name__}:{name}"


def _load_file(text: str, kind: str = "strategy file") -> ModuleType:
    from autonomous_trading.core import DataNotFound

    path = Path(text).expanduser()
    loader = _AsWritten(_FILE_MODULE, str(path))
    spec = importlib.util.spec_from_file_location(_FILE_MODULE, path, loader=loader) if path.is_file() else None
    if spec is None:
        raise DataNotFound(f"there is no {kind} {text}", fix="check the path, or name a strategy of the library")
    module = importlib.util.module_from_spec(spec)
    # As if the file had been run: its neighbours can be imported, and dataclasses find their module.
    sys.modules[_FILE_MODULE] = module
    with _loading(text, path.resolve().parent):
        loader.exec_module(module)
    return module


class _AsWritten(SourceFileLoader):
    """Compiles what the file says now. What Python compiled before and kept may be older: it compares whole seconds."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _load_module(name: str) -> ModuleType:
    with _loading(name, Path.cwd()):
        return importlib.import_module(name)


@contextmanager
def _loading(place: str, folder: Path) -> Iterator[None]:
    """Import a person's code: found in `folder` too, nothing written beside it, and its errors in one line.

    The folder is searched last, so that a file in it called like a library does not take the library's place.
    """
    wrote = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()  # a file written a moment ago is not in a listing made before it
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    try:
        yield
    except (Exception, SystemExit) as error:
        raise _not_loaded(place, error) from error
    finally:
        sys.dont_write_bytecode = wrote


def _not_loaded(place: str, error: BaseException) -> "InvalidInput":
    """The error of a person's code as one line with one fix, at the last line that is his own."""
    from autonomous_trading.core import InvalidInput, TradingError

    own = own_place(error)
    at = f" at {os.path.basename(own)}" if own else ""
    if isinstance(error, ModuleNotFoundError):
        what, fix = f"cannot be loaded{at}: there is no module {error.name!r}", "check the name, or install it"
    elif isinstance(error, SyntaxError):
        return InvalidInput(f"{_syntax_place(place, error)} is not Python: {error.msg}", fix="correct that line")
    elif isinstance(error, TradingError):
        what, fix = f"cannot be loaded{at}: {error.what}", error.fix or "correct it there"
    elif isinstance(error, OSError) and not own:
        what, fix = f"cannot be read: {error.strerror or error}", "make it a file you may read"
    elif isinstance(error, SystemExit):
        what, fix = f"cannot be loaded: it ends the program{at}", "leave that to programs that are run, not loaded"
    else:
        what, fix = f"cannot be loaded: {type(error).__name__}{at}: {error}", "correct it there"
    return InvalidInput(f"{place} {what}", fix=fix)


def _syntax_place(place: str, error: SyntaxError) -> str:
    return f"{error.filename}:{error.lineno}" if error.filename and error.lineno else place


def _chosen(module: ModuleType, place: str, name: str) -> "type[Strategy]":
    """The strategy called `name` in a module; the only one of its own where no name is given."""
    from autonomous_trading.core import InvalidInput, unknown_name
    from autonomous_trading.strategies import Strategy

    classes = {
        found.__name__: found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Strategy) and found is not Strategy and found.__module__ == module.__name__
    }
    if not name:
        if len(classes) == 1:
            return next(iter(classes.values()))
        if not classes:
            raise InvalidInput(
                f"{place} holds no strategy of its own",
                fix="derive a class from at.Strategy in it, with signals(self, see)",
            )
        many = ", ".join(classes)
        raise InvalidInput(f"{place} holds {len(classes)} strategies ({many})", fix=f"name one: {place}:ClassName")
    found = getattr(module, name, None)
    if found is None:
        raise unknown_name(f"strategy in {place}", name, classes)
    if not (inspect.isclass(found) and issubclass(found, Strategy)):
        raise InvalidInput(f"{name} in {place} is not a strategy", fix="derive it from at.Strategy")
    if inspect.isabstract(found):
        raise InvalidInput(f"{name} in {place} has no signals", fix="define signals(self, see)")
    return found


def own_place(error: BaseException, *, below: bool = False) -> str:
    """The last line of a person's own code that an error came through, as file:line; "" when there is none.

    `below`: only code that this package called, not code that called it.
    """
    libraries = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}
    inside = not below
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename).resolve()
        if path.is_relative_to(_PACKAGE):
            inside = True
        elif inside and path.is_file() and not any(path.is_relative_to(folder) for folder in libraries):
            place = f"{frame.filename}:{frame.lineno}"
    return place
