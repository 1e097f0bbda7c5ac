"""Files of prices as other programs write them, and the ways in which they are no files of prices."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from autonomous_trading.data import RawBars

__all__ = ["FILE_LIES", "as_it_is", "csv_text"]


def csv_text(rows: RawBars) -> str:
    """The rows as a CSV file with times in UTC; numbers in the shortest digits that give them back."""
    times = np.datetime_as_string(rows.time.astype("datetime64[ns]"), unit="s")
    columns = [getattr(rows, name) for name in ("open", "high", "low", "close", "volume")]
    lines = [
        f"{time}Z," + ",".join("" if np.isnan(column[at]) else repr(float(column[at])) for column in columns)
        for at, time in enumerate(times)
    ]
    return "\n".join(["time,open,high,low,close,volume", *lines, ""])


def as_it_is(text: str) -> str:
    """No lie."""
    return text


FILE_LIES: Final[Mapping[str, Callable[[str], str]]] = {
    "empty": lambda _: "",
    "no_high": lambda text: text.replace("high", "hi_"),
    "words_for_prices": lambda text: text.replace(",100.", ",a hundred ", 1),
    "a_page_instead": lambda _: "<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
    "a_parquet_file": lambda text: "PAR1" + text,
    "times_in_words": lambda text: text.replace("2024-03-04T", "yesterday ", 1),
    "a_line_cut_short": lambda text: text.rstrip("\n").rpartition(",")[0].rpartition(",")[0] + "\n",
}
"""Contents by name, each made from the true one."""
