"""The rules of the house that no linter knows, each a function from a tree of sources to its violations.

They take the folder of a package, so that test_architecture can also show them a tree that breaks every one.
"""

from __future__ import annotations

import ast
import functools
import importlib
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

MOST_LINES = 400
MOST_FUNCTION_LINES = 40
MOST_KERNEL_LINES = 80
EDGES = {"adapters", "interfaces", "testing"}
_DRAWERS = {"utils", "util", "common", "helpers", "helper", "manager", "misc", "tools", "data2"}
_UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
_UNSAFE_CALLS = {"eval", "exec", "__import__"}
_DISK_CALLS = {
    "load",
    "save",
    "savez",
    "savez_compressed",
    "loadtxt",
    "savetxt",
    "genfromtxt",
    "fromfile",
    "memmap",
}
_CLOCK_CALLS = {"now", "utcnow", "today"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def rooms(package: Path) -> tuple[str, ...]:
    """Names of the folders of a package that hold sources."""
    return tuple(sorted(p.name for p in package.iterdir() if p.is_dir() and any(p.rglob("*.py"))))


def sources(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file under a folder with its syntax tree."""
    for file in sorted(folder.rglob("*.py")):
        yield file, _parsed(file.read_text(encoding="utf-8"), str(file))


@functools.cache
def _parsed(text: str, name: str) -> ast.Module:
    """Its syntax tree, which every rule reads and none changes."""
    return ast.parse(text, filename=name)


def private_imports_across_rooms(package: Path) -> list[str]:
    """A room is entered through its face, or through a module whose name has no underscore."""
    found = []
    for file, tree in sources(package):
        room = _room(file, package)
        for line, target in _imported(tree):
            parts = target.split(".")
            if parts[0] != package.name or len(parts) < 3 or parts[1] == room:
                continue
            if any(part.startswith("_") and not part.startswith("__") for part in parts[2:]):
                found.append(f"{file}:{line} imports {target}, which is private to {parts[1]}")
    return found


def imports_of_the_roof(package: Path) -> list[str]:
    """The package's own face is for users: a room that imports it would import everything."""
    known = set(rooms(package)) | {file.stem for file in package.glob("*.py")}
    found = []
    for file, tree in sources(package):
        if _room(file, package) in {"", "interfaces", "testing"}:
            continue
        for line, target in _imported(tree):
            parts = target.split(".")
            if parts[0] == package.name and (len(parts) == 1 or parts[1] not in known):
                found.append(f"{file}:{line} imports {target} from the face of the whole package")
    return found


def promised_names_that_do_not_exist(package: Path) -> list[str]:
    """Every name in an `__all__` can be had. Imports the package: its parent folder has to be importable."""
    found = []
    for file, tree in sources(package):
        if not any(_assigns_all(node) for node in tree.body):
            continue
        parts = file.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        module = importlib.import_module(name)
        found += [f"{name} promises {entry}" for entry in module.__all__ if not hasattr(module, entry)]
    return found


def rooms_without_an_introduction(package: Path) -> list[str]:
    """Every room opens with one sentence, promises names, and has a README that says why it exists."""
    found = []
    for room in rooms(package):
        face = package / room / "__init__.py"
        tree = ast.parse(face.read_text(encoding="utf-8")) if face.exists() else ast.Module([], [])
        opening = (ast.get_docstring(tree) or "").partition("\n")[0]
        if not opening.endswith((".", "?", "!")):
            found.append(f"{room} has no opening sentence in __init__.py")
        if not any(_assigns_all(node) for node in tree.body):
            found.append(f"{room} has no __all__ in __init__.py")
        if not (package / room / "README.md").exists():
            found.append(f"{room} has no README.md")
    return found


def files_too_long(folder: Path) -> list[str]:
    """No file is longer than a person reads in one go."""
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sorted(folder.rglob("*.py"))}
    return [f"{file} has {n} lines, at most {MOST_LINES}" for file, n in lengths.items() if n > MOST_LINES]


def functions_too_long(folder: Path) -> list[str]:
    """No function is longer than a screen; a compiled kernel may take two."""
    found = []
    for file, tree in sources(folder):
        for node in ast.walk(tree):
            if not isinstance(node, _Function):
                continue
            most = MOST_KERNEL_LINES if _is_kernel(node) else MOST_FUNCTION_LINES
            body = _body(node)
            first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
            if last - first < most:  # whatever is on its lines
                continue
            length = sum(first <= line <= last for line in _code_lines(file))
            if length > most:
                found.append(f"{file}:{node.lineno} {node.name} has {length} code lines, at most {most}")
    return found


def drawers(folder: Path) -> list[str]:
    """No file or folder is a drawer for whatever had no place."""
    return [
        f"{path} is a drawer, not a place"
        for path in sorted(folder.rglob("*"))
        if path.stem.strip("_").lower() in _DRAWERS and (path.is_dir() or path.suffix == ".py")
    ]


def unsafe_code(folder: Path) -> list[str]:
    """Nothing is unpickled, nothing evaluates text."""
    found = []
    for file, tree in sources(folder):
        found += [
            f"{file}:{line} imports {target}: data must not be able to run code"
            for line, target in _imported(tree)
            if target.split(".")[0] in _UNSAFE_MODULES
        ]
        found += [f"{file}:{call.lineno} calls {name}" for call, name in _calls(tree) if name in _UNSAFE_CALLS]
    return found


def asserts_and_bare_exceptions(package: Path) -> list[str]:
    """An `assert` vanishes under -O, and `raise Exception` can be neither caught nor understood."""
    found = []
    for file, tree in sources(package):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert):
                found.append(f"{file}:{node.lineno} asserts: raise an error that teaches")
            if isinstance(node, ast.Raise) and _raised(node) in {"Exception", "BaseException"}:
                found.append(f"{file}:{node.lineno} raises {_raised(node)}: raise one of core.errors")
    return found


def impure_calls(package: Path) -> list[str]:
    """What the walls on imports cannot see: clock, disk and unseeded randomness reached without an import."""
    found = []
    for file, tree in sources(package):
        if _room(file, package) in EDGES or file.stem == "jit":
            continue
        for call, name in _calls(tree):
            owner, _, method = name.rpartition(".")
            unseeded = method == "default_rng" and not call.args and not call.keywords
            clock = method in _CLOCK_CALLS and owner.split(".")[-1] in {"datetime", "date"}
            disk = name in {"open", "input"} or (method in _DISK_CALLS and owner in {"np", "numpy"})
            if unseeded or clock or disk:
                found.append(f"{file}:{call.lineno} calls {name}: take it as an argument")
    return found


PACKAGE_RULES: tuple[Callable[[Path], list[str]], ...] = (
    private_imports_across_rooms,
    imports_of_the_roof,
    promised_names_that_do_not_exist,
    rooms_without_an_introduction,
    asserts_and_bare_exceptions,
    impure_calls,
)
FOLDER_RULES: tuple[Callable[[Path], list[str]], ...] = (
    files_too_long,
    functions_too_long,
    drawers,
    unsafe_code,
)


def _room(file: Path, package: Path) -> str:
    parts = file.relative_to(package).parts
    return parts[0] if len(parts) > 1 else ""


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _assigns_all(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _is_kernel(node: _Function) -> bool:
    return any(ast.unparse(decorator).split(".")[-1].startswith("kernel") for decorator in node.decorator_list)


def _body(node: _Function) -> list[ast.stmt]:
    has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
    return node.body[1:] if has_docstring else node.body


def _raised(node: ast.Raise) -> str:
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return error.id if isinstance(error, ast.Name) else ""


def _code_lines(file: Path) -> set[int]:
    """Numbers of the lines that hold code: no blank line, no comment, no text standing alone."""
    idle = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
    with tokenize.open(file) as text:
        tokens = [token for token in tokenize.generate_tokens(text.readline) if token.type not in idle]
    return {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
