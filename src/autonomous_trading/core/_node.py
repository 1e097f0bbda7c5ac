"""What all nodes of an expression share: identity, text, evaluation, and refusal to be one plain number.

Expressions are graphs: a part used twice is one node with two parents. Every walk here is a loop over
distinct nodes, so neither depth nor sharing makes one slow.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.core._column_source import ColumnSource
from autonomous_trading.core._operations import StaticArray
from autonomous_trading.core.errors import InvalidExpression, Untraceable

# A static node has a StaticArray (one value per set, or a constant), any other a float64 column [n_bars].
Values: TypeAlias = StaticArray
# Text and how tightly it binds, on Python's scale.
Text: TypeAlias = tuple[str, int]
ATOM = 9

_LONGEST_TEXT = 600
_KEY_BYTES = 16
_NONE: frozenset[str] = frozenset()


@final
@dataclass(frozen=True, slots=True)
class Context:
    """What evaluation needs: bars to compute columns for, and parameter values by name."""

    n_bars: int
    source: ColumnSource | None
    parameters: Mapping[str, StaticArray]


class Node(ABC):
    """A node of an expression; equal structure has an equal `key`.

    `children` are what it is computed from, `parameters` the names anywhere below it. `is_static`: the same
    for every bar. `is_condition`: 0.0 or 1.0, never NaN.
    """

    __slots__ = (
        "_key",
        "children",
        "is_condition",
        "is_equality",
        "is_static",
        "length",
        "parameters",
        "shown",
        "tie",
    )

    _key: bytes | None
    children: tuple["Node", ...]
    parameters: frozenset[str]
    is_static: bool
    is_condition: bool
    is_equality: bool
    shown: tuple["Node", ...]  # what its text is made of: the children, or what the user wrote that became them
    length: int | None  # number of bars, where this node itself is an array
    tie: Callable[[], ColumnSource | None] | None  # where this node itself gets its column from, while that lives

    @abstractmethod
    def fingerprint(self) -> bytes:
        """What tells this node from others with the same children."""

    @abstractmethod
    def compute(self, values: Sequence[Values], context: Context, /) -> Values:
        """Value of this node, given those of its children."""

    @abstractmethod
    def written(self, texts: Sequence[Text], /) -> Text:
        """Text of this node, given those of the nodes it shows."""

    @property
    def key(self) -> bytes:
        """Digest of the structure: equal for equal structure, in every process."""
        if self._key is None:
            # Nodes that know their key are not walked into, so building up an expression stays linear.
            for node in postorder(self, lambda node: () if node._key else node.children):
                if node._key is None:
                    parts = [node.fingerprint(), *(child.key for child in node.children)]
                    digest = hashlib.blake2b(b"".join(parts), digest_size=_KEY_BYTES).digest()
                    object.__setattr__(node, "_key", digest)
        return self._key or b""

    def same(self, other: object) -> bool:
        """Whether `other` is an expression of the same structure."""
        return isinstance(other, Node) and self.key == other.key

    def __hash__(self) -> int:
        if self.is_static and self.parameters:
            self._refuse("hash() needs one plain number")
        return hash(self.key)

    def __str__(self) -> str:
        return text_of(self)[0]

    def __repr__(self) -> str:
        return f"<{'condition' if self.is_condition else 'number'} {text_of(self)[0]}>"

    def __bool__(self) -> bool:
        if self.is_equality and self.children[0].same(self.children[1]):
            return True  # what sets and dicts ask of two equal keys
        if self.is_static and not self.parameters:
            return bool(plain_value(self))
        return self._refuse(
            "and, or, not, if, min, max and a < x < b need one answer",
            fix="use & | ~ for and or not, at.where(condition, a, b) for if, (a < x) & (x < b) for a < x < b,"
            " np.minimum and np.maximum for min and max",
        )

    def __float__(self) -> float:
        return float(self._plain("float()"))

    def __int__(self) -> int:
        return int(self._plain("int()"))

    def __index__(self) -> int:
        value = self._plain("an index, range() or a count")
        if isinstance(value, int):
            return int(value)
        raise InvalidExpression(f"{value!r} is not a whole number", fix="use // or int()")

    def __round__(self, digits: int | None = None) -> float:
        return round(self._plain("round()"), digits)

    def __format__(self, form: str) -> str:
        return format(self._plain(f"format {form!r}"), form) if form else str(self)

    def __len__(self) -> int:
        bound = bound_data(self)
        if bound is None:
            raise self._unbound()
        return bound[0]

    def __getitem__(self, index: object) -> NoReturn:
        self._refuse(f"[{index}] needs an array", fix="use .shift(k) for the value k bars ago")

    def __iter__(self) -> NoReturn:
        self._refuse("a loop over bars needs an array", fix="use np.asarray(column), or compute with the whole column")

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """The values, computed now, for an expression without parameters: a condition as true and false."""
        if self.parameters:
            self._refuse("an array needs one number per bar")
        if self.is_static:
            return np.array(plain_value(self), dtype=dtype)
        bound = bound_data(self)
        if bound is None:
            raise self._unbound()
        values = run(self, Context(bound[0], bound[1], {}))
        kind = np.bool_ if self.is_condition else np.float64
        return np.array(values.astype(kind, copy=False), dtype=dtype, copy=True if copy else None)

    def _settle(self, children: tuple["Node", ...], **fields: object) -> None:
        """Fill the fields all nodes have; `fields` are those the children do not decide."""
        put = object.__setattr__
        put(self, "_key", None)
        put(self, "children", children)
        put(self, "shown", children)
        put(self, "parameters", _parameters_below(children))
        put(self, "is_static", all(child.is_static for child in children))
        for name in ("is_condition", "is_equality"):
            put(self, name, False)
        for name in ("length", "tie"):
            put(self, name, None)
        for name, value in fields.items():
            put(self, name, value)

    def _plain(self, purpose: str) -> int | float:
        if self.parameters or not self.is_static:
            self._refuse(f"{purpose} needs one plain number")
        value = plain_value(self)
        if isinstance(value, str):
            raise InvalidExpression(f"{purpose} needs a number, got the text {value!r}", fix="pass a number")
        return value

    def _refuse(self, why: str, *, fix: str = "") -> NoReturn:
        """Say why this cannot be one number now; with parameters inside, evaluation set by set still can."""
        if self.parameters:
            raise untraceable(f"{why}, which {self!s} does not have", fix=fix)
        raise InvalidExpression(
            f"{why}, and {self!s} has one value per bar",
            fix=fix or "compute with the whole column, or take its array with np.asarray(column)",
        )

    def _unbound(self) -> InvalidExpression:
        return InvalidExpression(
            f"{self!s} is not tied to any bars, so it has no values yet",
            fix="build it from the columns a strategy is given, or evaluate it with a source of columns",
        )


def _parameters_below(children: tuple["Node", ...]) -> frozenset[str]:
    """Names of all parameters in these nodes."""
    below = [child.parameters for child in children if child.parameters]
    return below[0] if len(below) == 1 else _NONE.union(*below)


def postorder(root: Node, below: Callable[[Node], tuple[Node, ...]]) -> Iterator[Node]:
    """Every node once, those `below` it first, from left to right."""
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(below(node)) if id(child) not in seen)


def text_of(root: Node) -> Text:
    """Readable text; long texts are cut, since a shared part is written out wherever it is used."""
    texts: dict[int, Text] = {}
    for node in postorder(root, lambda node: node.shown):
        text, binding = node.written([texts[id(part)] for part in node.shown])
        texts[id(node)] = (text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3] + "...", binding)
    return texts[id(root)]


def run(root: Node, context: Context, shared: dict[bytes, Values] | None = None) -> Values:
    """Values of `root`; `shared` keeps those of parts without parameters from one run to the next."""
    kept: dict[bytes, Values] = {} if shared is None else shared
    mine: dict[bytes, Values] = {}
    with np.errstate(all="ignore"):
        for node in postorder(root, lambda node: () if node.key in kept else node.children):
            memory = mine if node.parameters else kept
            if node.key not in memory:
                operands = [kept[child.key] if child.key in kept else mine[child.key] for child in node.children]
                memory[node.key] = node.compute(operands, context)
    return (mine if root.parameters else kept)[root.key]


def plain_value(node: Node) -> int | float | str:
    """The one value of a static node without parameters."""
    value: int | float | str = run(node, Context(0, None, {})).item()
    return value


def bound_data(root: Node) -> tuple[int, ColumnSource | None] | None:
    """Number of bars, and the source of columns if known, that `root` is tied to; None when to nothing."""
    length: int | None = None
    for node in postorder(root, lambda node: node.children):
        source = node.tie() if node.tie is not None else None
        if source is not None:
            return source.n_bars, source
        length = node.length if length is None else length
    return None if length is None else (length, None)


def as_float(value: int | float | str) -> float:
    """A static value as the float the kernel computes with; text is refused."""
    if isinstance(value, str):
        raise InvalidExpression(f"the text {value!r} stands where a number is needed", fix="use a number")
    return float(value)


def untraceable(why: str, *, fix: str = "") -> Untraceable:
    """The error that sends a strategy to evaluation one set at a time."""
    return Untraceable(
        f"{why} while a strategy is traced, because a parameter stands for all its values",
        fix=fix or "nothing to do: the strategy is evaluated one parameter set at a time, which is slower",
    )


def on_arrays(function: Callable[..., Any], inputs: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Call a numpy function with the arrays of all expressions among its arguments, computed now."""

    def plain(value: Any) -> Any:
        if isinstance(value, Node):
            return np.asarray(value)
        if isinstance(value, list | tuple):
            return type(value)(map(plain, value))
        return value

    return function(*map(plain, inputs), **{name: plain(value) for name, value in options.items()})
