"""The array types every room speaks, and how an array becomes a fact that no one can write to."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_Element = TypeVar("_Element", bound=np.generic)


def closed(array: npt.NDArray[_Element]) -> npt.NDArray[_Element]:
    """The same values, closed for writing: only for arrays that nobody else holds.

    What is given back is a view, so that nobody can open it again: numpy refuses to while the array below is closed.
    """
    array.flags.writeable = False
    return array.view()


def owned(array: npt.NDArray[_Element]) -> npt.NDArray[_Element]:
    """A read-only array with these values: this one when it is closed already, a copy otherwise."""
    return closed(array.copy()) if array.flags.writeable else array
