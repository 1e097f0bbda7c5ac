"""Features of an instrument side by side: names, formulas, and one row of numbers a bar."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput, unknown_name
from autonomous_trading.features._store import ColumnStore
from autonomous_trading.features._unknown import with_unknowns
from autonomous_trading.features.formulas import evaluate_formula, parse

FeatureList: TypeAlias = Sequence[str] | Mapping[str, str]
"""Features as formulas, named after themselves, or formulas by name."""

_MOST = 10_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class FeatureMatrix:
    """What was seen on every bar: `values` [bars, features], NaN where something is not known yet.

    `time` is the start of each bar in UTC nanoseconds; a row is known at the bar's close. `formulas` are what the
    features were computed from, `names` what they are called.
    """

    names: tuple[str, ...]
    formulas: tuple[str, ...]
    time: IntArray
    values: FloatArray

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> "FeatureMatrix":
        """The same features on consecutive bars; arrays are views."""
        return FeatureMatrix(self.names, self.formulas, self.time[rows], self.values[rows])

    def column(self, name: str) -> FloatArray:
        """One feature; UnknownName with the nearest names."""
        if name not in self.names:
            raise unknown_name("feature", name, self.names)
        return self.values[:, self.names.index(name)]

    def chosen(self, names: Sequence[str]) -> "FeatureMatrix":
        """Some of the features, in this order."""
        columns = [self.names.index(name) if name in self.names else self._missing(name) for name in names]
        formulas = tuple(self.formulas[number] for number in columns)
        return FeatureMatrix(tuple(names), formulas, self.time, self.values[:, columns])

    def known_rows(self) -> IntArray:
        """The rows on which every feature has a value."""
        return np.flatnonzero(~np.isnan(self.values).any(axis=1))

    @property
    def content_id(self) -> str:
        """Sixteen hexadecimal digits that name these features and values on every machine (sha256)."""
        digest = hashlib.sha256("\n".join((*self.names, *self.formulas)).encode())
        digest.update(self.time.astype("<i8").tobytes())
        # One NaN and one zero: their signs differ between machines and say nothing.
        plain = np.where(np.isnan(self.values), np.nan, self.values) + 0.0
        digest.update(np.ascontiguousarray(plain, dtype="<f8").tobytes())
        return digest.hexdigest()[:16]

    def _missing(self, name: str) -> int:
        raise unknown_name("feature", name, self.names)


def named_features(features: FeatureList) -> Mapping[str, str]:
    """Formulas by name; a formula in a plain list is named after itself: "rsi(14)" is rsi_14.

    Raises InvalidInput for none, too many, or two of one name.

    >>> dict(named_features(["rsi(14)", "macd().macdhist", "zscore(rsi(14), 100) > 2", "close@1d"]))
    {'rsi_14': 'rsi(14)', 'macd_macdhist': 'macd().macdhist', 'zscore_rsi_14_100_gt_2': 'zscore(rsi(14), 100) > 2', \
'close_on_1d': 'close@1d'}
    """
    if isinstance(features, str):
        raise InvalidInput(f"{features!r} is one text", fix=f"give a list of formulas: [{features!r}]")
    if isinstance(features, Mapping):
        found = {str(name): str(formula) for name, formula in features.items()}
    else:
        found = {}
        for formula in features:
            name = feature_name(str(formula))
            if name in found:
                raise InvalidInput(
                    f"two features would be called {name}: {found[name]!r} and {formula!r}",
                    fix='name them yourself: {"first": ..., "second": ...}',
                )
            found[name] = str(formula)
    if not 1 <= len(found) <= _MOST:
        raise InvalidInput(f"{len(found)} features cannot be computed", fix=f"give between 1 and {_MOST:,}")
    return MappingProxyType(found)


def feature_name(formula: str) -> str:
    """What a formula is called where nobody named it: its words and numbers, joined by underscores."""
    spoken = formula
    for sign, word in _SPOKEN:
        spoken = spoken.replace(sign, f" {word} ")
    return "_".join(re.findall(r"[A-Za-z0-9]+", spoken)).lower() or "feature"


_SPOKEN = (
    (">=", "ge"),
    ("<=", "le"),
    ("==", "eq"),
    ("!=", "ne"),
    (">", "gt"),
    ("<", "lt"),
    ("**", "to"),
    ("//", "floor"),
    ("/", "over"),
    ("*", "times"),
    ("+", "plus"),
    (" - ", "minus"),
    ("-", "neg"),
    ("%", "mod"),
    ("@", "on"),
    ("~", "not"),
    ("&", "and"),
    ("|", "or"),
)


def compute_features(bars: Bars | ColumnStore, features: FeatureList) -> FeatureMatrix:
    """Each feature on every bar, in the order given; columns that several of them need are computed once.

    `features` are formulas of the grammar ("rsi(14)", "ema(close, 12) / ema(close, 26) - 1", "atr(14)@1d"), as a list
    or by name. What is infinite (a division by nothing) is NaN here, and so is a condition that is not known yet:
    "rsi(14) > 70" is NaN on the bars on which rsi(14) is, where a strategy takes it for false. What is decided by a
    known part is known ("false and unknown" is false), and isnan, isfinite and fillna always are. Raises
    InvalidExpression, UnknownName or InvalidParameter for a formula that cannot be, and InvalidInput.
    """
    store = bars if isinstance(bars, ColumnStore) else ColumnStore(bars)
    named = named_features(features)
    values = np.empty((len(named), store.n_bars))
    for row, formula in enumerate(named.values()):
        expression = with_unknowns(parse(formula, extra=store.extra_names))
        found = evaluate_formula(expression, store)
        values[row] = np.where(np.isinf(found), np.nan, found)
    time = store.bars.time
    return FeatureMatrix(tuple(named), tuple(named.values()), time, np.ascontiguousarray(values.T))
