"""The columns of one instrument, each computed once and kept while there is room."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeAlias, final

import numpy as np

from autonomous_trading.core import Bars, FloatArray, InvalidExpression, unknown_name
from autonomous_trading.features._basic import BASIC, PRICES
from autonomous_trading.features._catalogue import DEFINED, find
from autonomous_trading.features._custom import UserFunction, compute_custom
from autonomous_trading.features._definitions import compute_defined
from autonomous_trading.features._entries import ArgumentValue, CatalogueEntry
from autonomous_trading.features._talib import compute
from autonomous_trading.features._timeframes import CoarseView, coarse_view, on_timeframe, split_timeframe

EXTRA_PREFIX = "extra:"
"""Columns that came with the bars beside prices and volume are named by this prefix and their own name."""

_Key: TypeAlias = tuple[str, tuple[ArgumentValue, ...], tuple[object, ...]]
_Outputs: TypeAlias = Mapping[str, FloatArray]


@final
class ColumnStore:
    """The columns of `bars`: read-only float64 arrays with one value a bar, NaN while an indicator warms up.

    A column is computed once for its name, arguments and input series, and shared by everyone who asks again.
    The least recently used ones are dropped when all together pass `budget_bytes`; what was handed out stays
    valid. Not safe to share between threads.
    """

    def __init__(self, bars: Bars, *, budget_bytes: int = 256 * 2**20) -> None:
        self._bars = bars
        self._budget = budget_bytes
        self._held = 0
        self._kept: OrderedDict[_Key, _Outputs] = OrderedDict()
        self._coarse: dict[str, tuple[CoarseView, ColumnStore | None]] = {}
        # Arrays handed out from here are recognised when they come back as inputs, without reading them.
        self._origin: dict[int, tuple[FloatArray, object]] = {}
        for name in PRICES:
            self._remember(BASIC[name].compute(bars), name)

    @property
    def bars(self) -> Bars:
        """The bars the columns are computed from."""
        return self._bars

    @property
    def n_bars(self) -> int:
        """How many values every column has."""
        return len(self._bars)

    @property
    def extra_names(self) -> tuple[str, ...]:
        """The names of the columns that came with the bars beside prices and volume."""
        return tuple(self._bars.extra)

    @property
    def held_bytes(self) -> int:
        """The memory of the columns kept for the next one who asks."""
        return self._held

    def column(
        self,
        name: str,
        arguments: tuple[ArgumentValue, ...] = (),
        inputs: tuple[FloatArray, ...] | None = None,
        output: str = "",
    ) -> FloatArray:
        """One column: a catalogue name, "extra:<name>" for a column of the bars, or a UserFunction.

        "4h:<name>" is the column of coarser bars, each visible once it is closed.
        `inputs` replaces the prices an indicator is computed from, in the order the catalogue lists them;
        `output` chooses one of several outputs. UnknownName, InvalidParameter or InvalidExpression when that
        cannot be.
        """
        if isinstance(name, UserFunction):
            return self._custom(name, arguments, inputs or ())
        if name.startswith(EXTRA_PREFIX):
            return self._extra(name.removeprefix(EXTRA_PREFIX))
        timeframe, inner = split_timeframe(name)
        if timeframe:
            return self._of_coarser(timeframe, inner, arguments, inputs, output)
        entry = find(name)
        wanted = entry.output(output)
        if name in PRICES:
            return BASIC[name].compute(self._bars)
        checked = entry.canonical(arguments)
        series = None if inputs is None else self._checked_inputs(entry, inputs)
        key = (name, checked, () if series is None else tuple(self._identity(each) for each in series))
        kept = self._kept.get(key)
        if kept is None:
            kept = self._keep(key, self._compute(entry, checked, series))
        else:
            self._kept.move_to_end(key)
        return kept[wanted]

    def _of_coarser(
        self,
        timeframe: str,
        name: str,
        arguments: tuple[ArgumentValue, ...],
        inputs: tuple[FloatArray, ...] | None,
        output: str,
    ) -> FloatArray:
        series = () if inputs is None else tuple(self._identity(each) for each in inputs)
        key = (on_timeframe(name, timeframe), arguments, (output, series, *map(type, arguments)))
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept[""]
        view, store = self._coarser(on_timeframe("", timeframe))
        if store is None:
            found = view.unknown()
        else:
            sampled = None if inputs is None else tuple(view.sampled(each) for each in inputs)
            found = view.spread(store.column(name, arguments, sampled, output))
        return self._keep(key, {"": found})[""]

    def _coarser(self, prefix: str) -> tuple[CoarseView, "ColumnStore | None"]:
        if prefix not in self._coarse:
            view = coarse_view(self._bars, split_timeframe(prefix)[0])
            # Coarse columns are small and only needed until they are spread over the fine bars.
            store = None if view.bars is None else ColumnStore(view.bars, budget_bytes=self._budget // 16)
            self._coarse[prefix] = (view, store)
        return self._coarse[prefix]

    def _compute(
        self, entry: CatalogueEntry, arguments: Sequence[int | float], inputs: Sequence[FloatArray] | None
    ) -> _Outputs:
        if entry.name in BASIC:
            return {"": BASIC[entry.name].compute(self._bars)}
        if inputs is None:
            inputs = [self._default_input(entry, each.default) for each in entry.inputs]
        if entry.name in DEFINED:
            columns: Sequence[FloatArray] = compute_defined(entry.name, DEFINED[entry.name], arguments, inputs)
        else:
            columns = compute(entry, arguments, inputs)
        return dict(zip(entry.outputs or ("",), columns, strict=True))

    def _default_input(self, entry: CatalogueEntry, name: str) -> FloatArray:
        if not name:
            missing = next(each.keyword for each in entry.inputs if not each.default)
            raise InvalidExpression(
                f"{entry.name} needs the series {missing}",
                fix=f"give it: see.{entry.name}(..., {missing}=...)",
            )
        return self.column(name)

    def _checked_inputs(self, entry: CatalogueEntry, inputs: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        if len(inputs) != len(entry.inputs):
            raise InvalidExpression(
                f"{entry.name} is computed from {len(entry.inputs)} series, got {len(inputs)}",
                fix=f"write {entry.signature()}",
            )
        for values in inputs:
            if values.shape != (self.n_bars,):
                raise InvalidExpression(
                    f"an input of {entry.name} has shape {values.shape} for {self.n_bars} bars",
                    fix="give series with one value per bar",
                )
        return inputs

    def _custom(
        self, name: UserFunction, arguments: tuple[ArgumentValue, ...], inputs: tuple[FloatArray, ...]
    ) -> FloatArray:
        # A function may tell 1 from 1.0, so the types are part of what was asked for.
        given = (*map(type, arguments), *(self._identity(each) for each in inputs))
        key = (name, arguments, given)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._keep(key, {"": compute_custom(name, self._bars, arguments, inputs)})
        else:
            self._kept.move_to_end(key)
        return kept[""]

    def _extra(self, name: str) -> FloatArray:
        if name not in self._bars.extra:
            raise unknown_name("column of these bars", name, self._bars.extra)
        return self._bars.extra[name]

    def _keep(self, key: _Key, outputs: _Outputs) -> _Outputs:
        for values in outputs.values():
            values.flags.writeable = False
        # Views of closed arrays: nobody who holds one can open it for writing again.
        outputs = {output: values.view() for output, values in outputs.items()}
        for output, values in outputs.items():
            self._remember(values, (key, output))
        self._kept[key] = outputs
        self._held += _size(outputs)
        while self._held > self._budget:
            _, dropped = self._kept.popitem(last=False)
            self._held -= _size(dropped)
            for values in dropped.values():
                del self._origin[id(values)]
        return outputs

    def _remember(self, values: FloatArray, origin: object) -> None:
        self._origin[id(values)] = (values, origin)

    def _identity(self, values: FloatArray) -> object:
        held = self._origin.get(id(values))
        if held is not None and held[0] is values:
            return held[1]
        return blake2b(np.ascontiguousarray(values).data, digest_size=16).digest()


def _size(outputs: _Outputs) -> int:
    return sum(values.nbytes for values in outputs.values())
