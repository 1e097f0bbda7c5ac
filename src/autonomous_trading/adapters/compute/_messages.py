"""What goes to a worker and comes back: JSON, with arrays as their bytes in hexadecimal, bit for bit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, final

import numpy as np
import numpy.typing as npt

from autonomous_trading.adapters._own_code import own_place
from autonomous_trading.app import Context, Evaluate, evaluate_within
from autonomous_trading.core import (
    CodeFailed,
    DataNotFound,
    FloatArray,
    IntArray,
    InvalidBars,
    InvalidExpression,
    InvalidInput,
    InvalidParameter,
    NothingToReport,
    ParameterTable,
    Refused,
    TradingError,
    UnknownName,
    Untraceable,
    code_of,
)

__all__ = ["READY", "Answer", "answer_to", "evaluated", "failure_message", "question_of", "read_answer", "whole"]

READY: Final = b'{"ready": true}'
_ERRORS: Final[Mapping[str, type[TradingError]]] = {
    error.__name__: error
    for error in (
        TradingError, InvalidInput, InvalidBars, InvalidParameter, InvalidExpression, CodeFailed, UnknownName,
        DataNotFound, NothingToReport, Refused, Untraceable,
    )
}  # fmt: skip
_KINDS: Final[Mapping[str, type[np.float64] | type[np.int64] | type[np.bool_]]] = {
    "f": np.float64,
    "i": np.int64,
    "b": np.bool_,
}
_Document: TypeAlias = dict[str, Any]


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker said: it is ready, columns, the error of a person's code, what `wait` raises, or how it ended."""

    ready: bool = False
    columns: Mapping[str, FloatArray] | None = None
    error: str = ""
    raised: TradingError | None = None
    lost: str = ""


def question_of(table: ParameterTable, seeds: IntArray, context: Context | None = None) -> bytes:
    """A table, its seeds, and its context where there is one, to be sent."""
    columns = {name: _column_document(values) for name, values in table.columns.items()}
    document: _Document = {"rows": len(table), "columns": columns}
    document["seeds"] = np.asarray(seeds, dtype=np.int64).tobytes().hex()
    if context is not None:
        document["context"] = {name: [list(each.shape), each.tobytes().hex()] for name, each in context.items()}
    return _bytes(document)


def answer_to(question: bytes, evaluate: Evaluate) -> bytes:
    """What a worker says to a question, whatever happens to the evaluation; only an interrupt passes."""
    asked: _Document = json.loads(question)
    columns = {name: _column(column) for name, column in asked["columns"].items()}
    table, seeds = ParameterTable(columns, asked["rows"]), np.frombuffer(bytes.fromhex(asked["seeds"]), np.int64)
    try:
        found = _stopped_by_nothing_unknown(evaluate, table, seeds, _context(asked.get("context")))
    except CodeFailed as error:
        return _bytes({"error": str(error)})
    except TradingError as error:
        return failure_message(error)
    except MemoryError:
        return _bytes({"lost": "it ran out of memory"})
    return _bytes({"found": {name: values.tobytes().hex() for name, values in found.items()}})


def failure_message(error: TradingError) -> bytes:
    """An error of this package, to be raised again where the answer is read."""
    return _bytes({"raised": [type(error).__name__, error.what, error.fix]})


def read_answer(message: bytes) -> Answer:
    """What a worker said."""
    said: _Document = json.loads(message)
    if "raised" in said:
        kind, what, fix = said["raised"]
        return Answer(raised=_ERRORS.get(kind, TradingError)(what, fix=fix))
    if "found" in said:
        columns = {name: np.frombuffer(bytes.fromhex(text), np.float64) for name, text in said["found"].items()}
        return Answer(columns=columns)
    return Answer(ready=said.get("ready", False), error=said.get("error", ""), lost=said.get("lost", ""))


def evaluated(
    evaluate: Evaluate, table: ParameterTable, seeds: IntArray, context: Context | None = None
) -> Mapping[str, FloatArray]:
    """The columns of a table; a mistake in a person's code is CodeFailed. InvalidInput where a column does not fit."""
    with code_of("the evaluation"):
        found = evaluate_within(evaluate, table, seeds, context)
    columns = {name: np.ascontiguousarray(values, dtype=np.float64) for name, values in found.items()}
    for name, values in columns.items():
        if values.shape != (len(table),):
            raise InvalidInput(
                f"{name} of {len(table)} sets came back with shape {list(values.shape)}", fix="return one value per set"
            )
    return columns


def whole(error: BaseException) -> TradingError:
    """An error that is no mistake in a person's code and none of this package's, as one that can be told."""
    own = own_place(error)
    at = f" at {own}" if own else ""
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return TradingError(f"the evaluation was stopped{at} by {kind}", fix="raise a ValueError for a set that fails")


def _stopped_by_nothing_unknown(
    evaluate: Evaluate, table: ParameterTable, seeds: IntArray, context: Context | None
) -> Mapping[str, FloatArray]:
    try:
        return evaluated(evaluate, table, seeds, context)
    except (TradingError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        raise whole(error) from error


def _column_document(values: npt.NDArray[Any]) -> _Document:
    kind = values.dtype.kind
    if kind in _KINDS:
        return {"kind": kind, "bytes": values.tobytes().hex()}
    return {"kind": "o", "values": [each.item() if isinstance(each, np.generic) else each for each in values]}


def _column(document: _Document) -> npt.NDArray[Any]:
    if document["kind"] in _KINDS:
        return np.frombuffer(bytes.fromhex(document["bytes"]), _KINDS[document["kind"]])
    values = np.empty(len(document["values"]), dtype=object)
    values[:] = document["values"]
    return values


def _context(document: _Document | None) -> Context | None:
    if document is None:
        return None
    arrays = {name: (shape, np.frombuffer(bytes.fromhex(text), np.float64)) for name, (shape, text) in document.items()}
    return {name: values.reshape(shape) for name, (shape, values) in arrays.items()}


def _bytes(document: _Document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
