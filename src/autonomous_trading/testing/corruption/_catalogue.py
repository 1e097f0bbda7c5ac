"""Every corruption by its name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from autonomous_trading.core import unknown_name
from autonomous_trading.data import RawBars
from autonomous_trading.testing.corruption import _series, _times, _values
from autonomous_trading.testing.corruption._kit import Corrupted, Corruption

__all__ = ["CORRUPTIONS", "corrupted"]

_INTEGER_LIMIT: Final = float(2**63)
_SUBNORMAL: Final = 5e-324

_ALL: Final = (
    Corruption("zero_price", "the close is 0", _values.constant("close", 0.0, reason="not_positive")),
    Corruption("negative_price", "the low is negative", _values.negated("low", "not_positive")),
    Corruption("nan_price", "the close is missing", _values.constant("close", np.nan, reason="not_finite")),
    Corruption("infinite_price", "the high is infinite", _values.constant("high", np.inf, reason="not_finite")),
    Corruption("subnormal_price", "all prices are 5e-324, the smallest number", _values.whole_rows(_SUBNORMAL)),
    Corruption("huge_integer_price", "all prices are 2^63", _values.whole_rows(_INTEGER_LIMIT)),
    Corruption(
        "huge_integer_volume",
        "the volume is 2^63",
        _values.constant("volume", _INTEGER_LIMIT, reason="", kind="statistical"),
    ),
    Corruption("high_below_low", "high and low are exchanged", _values.high_below_low),
    Corruption("open_outside", "the open is outside low to high", _values.beyond_range("open")),
    Corruption("close_outside", "the close is outside low to high", _values.beyond_range("close")),
    Corruption("negative_volume", "the volume is negative", _values.negated("volume", "bad_volume")),
    Corruption("nan_volume", "the volume is missing", _values.constant("volume", np.nan, reason="not_finite")),
    Corruption("fat_finger_times_10", "the close is ten times as high, the high with it", _values.moved_close(10.0)),
    Corruption("fat_finger_tenth", "the close is a tenth, the low with it", _values.moved_close(0.1)),
    Corruption("unit_times_100", "all prices of 20 bars are in hundredths", _series.changed_unit(100.0)),
    Corruption("spike_up", "the close is 20 deviations higher, the high with it", _values.moved_close(None, 1.0)),
    Corruption("spike_down", "the close is 20 deviations lower, the low with it", _values.moved_close(None, -1.0)),
    Corruption("spike_high_only", "only the high is 20 deviations higher", _values.moved_extreme("high")),
    Corruption("spike_low_only", "only the low is 20 deviations lower", _values.moved_extreme("low")),
    Corruption("duplicate_same", "rows come twice, exactly the same", _times.duplicated),
    Corruption("duplicate_other", "times come twice, with other values", _times.contradicted),
    Corruption("gap", "a stretch of bars and some single ones are missing", _times.gap),
    Corruption("out_of_order", "rows come after the one that follows them", _times.out_of_order),
    Corruption("missing_time", "rows have no time", _times.missing_time),
    Corruption("shifted_zone", "all times are wrong by the same whole hours", _times.shifted),
    Corruption("summer_ignored", "in summer all times are an hour late", _times.ignored_summer),
    Corruption("stamped_at_end", "bars carry the time at which they end", _times.stamped_at_end),
    Corruption("time_in_seconds", "times are seconds instead of nanoseconds", _times.in_seconds),
    Corruption("split_10_for_1", "from a row on a split into ten is not adjusted for", _series.unadjusted_split(10.0)),
    Corruption("split_1_for_20", "from a row on twenty shares are one", _series.unadjusted_split(0.05)),
    Corruption("stale_prices", "for 12 bars all prices are the last close", _series.frozen),
    Corruption("stale_open", "for 12 bars the open does not change", _series.frozen_open),
    Corruption("volume_in_lots", "from a row on volume is in hundreds", _series.changed_volume_unit),
    Corruption("revised", "close and volume differ a little from what was sent before", _values.revised),
)

CORRUPTIONS: Final[Mapping[str, Corruption]] = MappingProxyType({each.name: each for each in _ALL})
"""Every corruption by its name."""


def corrupted(raw: RawBars, name: str, seed: int) -> Corrupted:
    """These rows after the corruption of this name, the same for the same seed. Raises UnknownName, InvalidInput."""
    if name not in CORRUPTIONS:
        raise unknown_name("corruption", name, CORRUPTIONS)
    return CORRUPTIONS[name].apply(raw, np.random.default_rng(seed))
