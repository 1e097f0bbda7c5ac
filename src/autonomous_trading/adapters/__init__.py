"""How we touch the world: whatever a person hands over becomes Bars here, and files are written whole."""

from autonomous_trading.adapters._calendars import calendar_names, sessions_of
from autonomous_trading.adapters._data_strings import DataString, data_string_of
from autonomous_trading.adapters._door import BarsReading
from autonomous_trading.adapters._export import bars_to_frame
from autonomous_trading.adapters._files import write_bytes_atomic, write_text_atomic
from autonomous_trading.adapters._notes import notes_together
from autonomous_trading.adapters._own_code import function_named, own_place, reference_to, strategy_named
from autonomous_trading.adapters._raw_reading import RawReading, raw_readings, read_raw
from autonomous_trading.adapters._reading import as_bars, as_panel, load_bars, load_many, read_bars, read_many
from autonomous_trading.adapters._samples import SAMPLES, sample
from autonomous_trading.adapters._terms import ADJUSTMENTS, CATALOGUE, known_moment

__all__ = [
    "ADJUSTMENTS",
    "CATALOGUE",
    "SAMPLES",
    "BarsReading",
    "DataString",
    "RawReading",
    "as_bars",
    "as_panel",
    "bars_to_frame",
    "calendar_names",
    "data_string_of",
    "function_named",
    "known_moment",
    "load_bars",
    "load_many",
    "notes_together",
    "own_place",
    "raw_readings",
    "read_bars",
    "read_many",
    "read_raw",
    "reference_to",
    "sample",
    "sessions_of",
    "strategy_named",
    "write_bytes_atomic",
    "write_text_atomic",
]
