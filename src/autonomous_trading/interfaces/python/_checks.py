"""What the doors ask of every argument before any work starts: each rule with its message."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from autonomous_trading.core import InvalidInput, UnknownName, unknown_name

_Kind = TypeVar("_Kind")
_PAGES = (".html", ".htm")


def refuse_unknown(
    door: str,
    settings: Mapping[str, object],
    known: Iterable[str],
    elsewhere: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Refuse a keyword the door does not have, with the nearest one it has.

    elsewhere: the settings of other doors by their name; one of those is said to belong there.
    """
    names = tuple(known)
    for name in settings:
        if name in names:
            continue
        for other, theirs in (elsewhere or {}).items():
            if name in theirs:
                raise UnknownName(
                    f"unknown setting of {door} {name!r}: it is one of {other}, not available for {door}",
                    fix="leave it out",
                )
        raise unknown_name(f"setting of {door}", name, names)


def whole(name: str, value: object, least: int = 0) -> int:
    """A whole number of at least `least`; numpy's are taken, truth values and text are not."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least:
        return operator.index(value)
    raise InvalidInput(f"{name} must be a whole number of at least {least}; got {value!r}", fix=f"pass {name}={least}")


def positive(name: str, value: object, example: str) -> float:
    """A finite number above 0, as it was given."""
    given = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if given and math.isfinite(cast(float, value)) and cast(float, value) > 0:
        return cast(float, value)
    raise InvalidInput(f"{name} must be a number above 0; got {value!r}", fix=f"pass {name}={example}")


def instance_of(name: str, value: object, kind: type[_Kind], example: str) -> _Kind:
    """The value, when it is of this kind."""
    if isinstance(value, kind):
        return value
    raise InvalidInput(f"{name} must be an at.{kind.__name__}; got {value!r}", fix=f"pass {name}={example}")


def truth(name: str, value: object) -> bool:
    """True or False."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise InvalidInput(f"{name} must be True or False; got {value!r}", fix=f"pass {name}=True")


def text(name: str, value: object, example: str) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise InvalidInput(f"{name} is named by a text; got {value!r}", fix=f'pass {name}="{example}"')


def mapping(name: str, value: object, example: str) -> dict[str, Any]:
    """A mapping as a dict; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must map names to values; got {value!r}", fix=f"pass {name}={example}")
    return dict(value)


def listed(name: str, value: object, example: str) -> tuple[object, ...]:
    """The entries of a list, tuple or other collection; a text stands for itself."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise InvalidInput(f"{name} must be a list of names; got {value!r}", fix=f'pass {name}=["{example}"]')
    return tuple(value)


def callback(name: str, value: object) -> Callable[..., Any] | None:
    """Something to call, or None."""
    if value is None or callable(value):
        return value
    raise InvalidInput(
        f"{name} must be a function; got {value!r}", fix=f"pass {name}=lambda done, total: print(done, total)"
    )


def file_path(path: object) -> Path:
    """Where a report goes, asked before any work is done: an HTML file in a folder that exists."""
    if not (isinstance(path, str | os.PathLike) and str(path).strip() and Path(path).name):
        raise InvalidInput(f"a report is written to a file; got {path!r}", fix='pass a path such as "report.html"')
    chosen = Path(path)
    problem = _problem_of(chosen)
    if problem is not None:
        raise InvalidInput(f"report {chosen}: {problem[0]}", fix=problem[1])
    return chosen


def _problem_of(path: Path) -> tuple[str, str] | None:
    """Why no report can be written there, and what to do; in the words of the command line."""
    folder = path.parent
    if path.is_dir():
        return "that is a folder", f"name a file in it, such as {path / 'report.html'}"
    if path.suffix.lower() not in _PAGES:
        return "a report is an HTML page", "give it a name that ends in .html"
    if not folder.is_dir():
        return f"the folder {folder} does not exist", f"make it first: mkdir -p {folder}"
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK):
        return f"{target} may not be written to", "choose another place"
    return None
