"""Real prices that come with an installed library: no network, no account."""

import importlib.util
from pathlib import Path
from typing import Final

from autonomous_trading.adapters._door import BarsReading, reading_of
from autonomous_trading.adapters._file_tables import read_file
from autonomous_trading.core import Bars, DataNotFound, unknown_name

__all__ = ["SAMPLES", "sample", "sample_reading"]

SAMPLES: Final = {
    "sp500": "S&P 500 index, daily, 1999 to 2018",
    "nasdaq": "NASDAQ Composite index, daily, 1999 to 2018",
}
"""The bundled samples and what they hold."""


def sample(name: str) -> Bars:
    """Real daily bars that are there without a network: "sp500" or "nasdaq", 5,031 bars each, 1999 to 2018.

    They lie inside the `arch` package. Raises UnknownName for another name, DataNotFound without the package.

    >>> len(sample("sp500"))
    5031
    """
    return sample_reading(name).bars


def sample_reading(name: str) -> BarsReading:
    """The sample's bars; there is nothing to say about how they were read."""
    from dataclasses import replace

    known = str(name).strip().lower()
    if known not in SAMPLES:
        raise unknown_name("sample", name, SAMPLES)
    table = replace(read_file(_sample_path(known)), source=f"sample:{known}", symbol=known)
    return BarsReading(reading_of(table).bars)


def _sample_path(name: str) -> Path:
    # Found, not imported: importing arch brings pandas and statsmodels along, a second for 100 kB.
    package = importlib.util.find_spec("arch")
    for folder in package.submodule_search_locations or () if package else ():
        path = Path(folder) / "data" / name / f"{name}.csv.gz"
        if path.is_file():
            return path
    raise DataNotFound(f"sample:{name} is not installed: it lies in the package arch", fix="pip install arch")
