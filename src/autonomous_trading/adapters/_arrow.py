"""Arrow arrays seen from numpy, and the first element that fails.

Python values are kept out of Arrow's functions on the way from a file to Bars: turning one into an Arrow
scalar makes pyarrow import pandas, which costs a command line a third of a second.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from autonomous_trading.core import BoolArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["first_failure", "first_true", "matches", "to_mask", "to_numpy"]


def to_numpy(column: "pa.Array") -> npt.NDArray[Any]:
    """The values of a numeric column without missing values, not copied."""
    return np.from_dlpack(column)


def to_mask(column: "pa.Array") -> BoolArray:
    """The values of a column of truth values without missing values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.from_dlpack(pc.cast(column, pa.uint8())).astype(np.bool_)


def matches(text: "pa.Array", pattern: str) -> BoolArray:
    """Which texts hold the regular expression (RE2). No text may be missing."""
    import pyarrow.compute as pc

    return to_mask(pc.match_substring_regex(text, pattern=pattern))


def first_true(mask: BoolArray) -> int | None:
    """The position of the first True, or None."""
    position = int(np.argmax(mask)) if len(mask) else 0
    return position if len(mask) and mask[position] else None


def first_failure(convert: Callable[["pa.Array"], object], column: "pa.Array") -> int:
    """The position of the first element that `convert` refuses, when it refuses the whole column.

    `convert` reads each element by itself, so a prefix fails exactly when it holds a failing element: halving
    finds the first in log2(n) conversions.
    """
    import pyarrow as pa

    good, bad = 0, len(column)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            convert(column.slice(good, middle - good))
            good = middle
        except pa.ArrowException:
            bad = middle
    return good
