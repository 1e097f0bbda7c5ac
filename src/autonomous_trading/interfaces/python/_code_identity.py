"""What tells a person's code from other code: its source, what it was made with, and the modules of its own it uses."""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

_PACKAGE = Path(__file__).resolve().parents[2]
_DEEPEST = 6


def identity_of(code: Any) -> str:
    """Thirty-two hexadecimal digits that differ where a class, a function or a callable object would do another thing.

    Sources, defaults, closures, arguments of partials, attributes of objects and the person's own modules behind them
    count. Objects of other libraries are named by what they print; arrays and frames by their content.
    """
    digest = hashlib.sha256()
    for part in _parts(code, 0):
        digest.update(part.encode())
        digest.update(b"\n")
    for name, text in own_modules(_module_of(code)):
        digest.update(f"{name} {text}\n".encode())
    return digest.hexdigest()[:32]


def _module_of(code: Any) -> str:
    while isinstance(code, functools.partial):
        code = code.func
    return str(getattr(code, "__module__", type(code).__module__))


def _parts(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield "deeper"
    elif isinstance(value, functools.partial):
        yield "partial"
        for part in (value.func, value.args, value.keywords):
            yield from _parts(part, depth + 1)
    elif isinstance(value, MethodType):
        yield from _parts(value.__func__, depth + 1)
        yield from _parts(value.__self__, depth + 1)
    elif isinstance(value, FunctionType):
        yield from _function_parts(value, depth)
    elif isinstance(value, type):
        for each in value.__mro__:
            if _is_own(each):
                yield from _class_parts(each, depth)
    else:
        yield from _plain_parts(value, depth)


def _function_parts(function: FunctionType, depth: int) -> Iterator[str]:
    source = _source(function)
    yield f"{function.__qualname__} {source or ''}"
    if source is None:
        yield from _compiled(function.__code__)
    yield from _parts((function.__defaults__, function.__kwdefaults__), depth + 1)
    for cell in function.__closure__ or ():
        yield from _parts(_content(cell), depth + 1)
    for name in function.__code__.co_names:  # numbers and texts of its module that it reads
        held = function.__globals__.get(name)
        if isinstance(held, bool | int | float | str | tuple):
            yield f"{name} {held!r}"


def _class_parts(kind: type, depth: int) -> Iterator[str]:
    """Its source; where Python finds none, as in a notebook, everything it was made of."""
    source = _source(kind)
    yield f"{kind.__qualname__} {source or ''}"
    for name, member in sorted(vars(kind).items()):
        if isinstance(member, FunctionType):
            told = source is not None and not member.__closure__
        else:
            told = source is not None or name.startswith("__")
        if not told:
            yield name
            yield from _parts(member, depth + 1)


def _plain_parts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name in sorted(value, key=repr):
            yield repr(name)
            yield from _parts(value[name], depth + 1)
    elif isinstance(value, list | tuple):
        yield type(value).__name__
        for each in value:
            yield from _parts(each, depth + 1)
    elif isinstance(value, set | frozenset):
        yield repr(sorted(map(repr, value)))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    elif hasattr(value, "to_numpy"):  # a frame or a series
        yield from _parts(np.asarray(value.to_numpy(), dtype=object).tolist(), depth + 1)
    elif _is_own(type(value)):
        yield from _class_parts(type(value), depth)
        yield from _parts(getattr(value, "__dict__", {}), depth + 1)
    else:
        yield f"{type(value).__qualname__} {value!r}".partition(" at 0x")[0]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _source(code: Any) -> str | None:
    try:
        return inspect.getsource(code)
    except (OSError, TypeError, SyntaxError):
        return None


def _compiled(code: CodeType) -> Iterator[str]:
    yield f"{code.co_code.hex()} {code.co_names}"
    for constant in code.co_consts:
        yield from _compiled(constant) if isinstance(constant, CodeType) else _parts(constant, 0)


def _is_own(kind: type) -> bool:
    """Whether a class is a person's own: neither of a library nor of ours. What was typed in has no file."""
    module = sys.modules.get(kind.__module__)
    return module is not None and (module.__name__ == "__main__" or _own_file(module) is not None)


def own_modules(name: str) -> tuple[tuple[str, str], ...]:
    """The person's own modules that a module uses, itself included, each with the sha256 of its file.

    Read once: an edit of a file afterwards must not change what is said of code that was loaded before it.
    """
    module = sys.modules.get(name)
    return () if module is None else _used_by(module)


@lru_cache(maxsize=256)
def _used_by(root: ModuleType) -> tuple[tuple[str, str], ...]:
    """Asked by the module and not by its name, which another file may have taken since."""
    found: dict[str, str] = {}
    waiting = [root.__name__]
    while waiting:
        current = waiting.pop()
        module = sys.modules.get(current)
        file = None if module is None else _own_file(module)
        if module is None or file is None or current in found:
            continue
        found[current] = hashlib.sha256(file.read_bytes()).hexdigest()
        for value in vars(module).values():
            used = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            if isinstance(used, str):
                waiting.append(used)
    return tuple(sorted(found.items()))


def _own_file(module: ModuleType) -> Path | None:
    """The file of a module that is neither of a library nor of ours."""
    named = getattr(module, "__file__", None)
    if not named:
        return None
    file = Path(named).resolve()
    foreign = [Path(sysconfig.get_path(place)).resolve() for place in ("stdlib", "platstdlib", "purelib", "platlib")]
    if not file.is_file() or any(file.is_relative_to(folder) for folder in (_PACKAGE, *foreign)):
        return None
    return file


@lru_cache(maxsize=1)
def program_identity() -> str:
    """Sixteen hexadecimal digits of all sources of this package."""
    digest = hashlib.sha256()
    for file in sorted(_PACKAGE.rglob("*.py")):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
