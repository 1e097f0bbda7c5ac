"""Fourier power of the last bars, window by window: which rhythms the detrended log price moves in."""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autonomous_trading.core import FloatArray
from autonomous_trading.features._definitions import ColumnDefinition, whole

_GROUP = "Spectral"
_ROWS = 4_096  # windows transformed at once: memory does not grow with the bars


def fourier(close: FloatArray, period: int) -> tuple[FloatArray, ...]:
    """Of the power of the last `period` log prices, detrended and Hann-windowed: where it lies.

    Shares of slow rhythms (longer than a quarter of the window), middle ones, and fast ones (shorter than four bars);
    the strongest rhythm in bars, its share, and the entropy of all, 0 (one rhythm) to 1 (noise).
    """
    n = len(close)
    out = np.full((6, n), np.nan)
    if n >= period:
        windows = sliding_window_view(np.log(close), period)
        for first in range(0, len(windows), _ROWS):
            part = windows[first : first + _ROWS]
            # Never one window alone: numpy would add up its numbers in another order.
            several = part if len(part) > 1 else np.repeat(part, 2, axis=0)
            found = _described(np.ascontiguousarray(several.T), period)
            out[:, period - 1 + first : period - 1 + first + len(part)] = found[:, : len(part)]
    return tuple(out)


def _described(windows: FloatArray, period: int) -> FloatArray:
    """The six outputs [6, windows] of windows [period, windows].

    Windows lie side by side, so that a sum over one adds whole rows, in an order that their number does not change.
    """
    power = _power(windows, period)
    total = power.sum(axis=0)
    known = total > 1e-24 * period
    share = power / np.where(known, total, np.nan)
    lengths = period / np.arange(1, len(power) + 1)
    slow, fast = lengths > period / 4.0, lengths < 4.0
    strongest = np.argmax(power, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0.0, share * np.log(share), 0.0)
    return np.stack(
        [
            share[slow].sum(axis=0),
            share[~slow & ~fast].sum(axis=0),
            share[fast].sum(axis=0),
            np.where(known, lengths[strongest], np.nan),
            np.take_along_axis(share, strongest[None, :], axis=0)[0],
            np.where(known, -terms.sum(axis=0) / np.log(len(power)), np.nan),
        ]
    )


def _power(windows: FloatArray, period: int) -> FloatArray:
    """Squared amplitudes without the mean, of windows without their straight line, tapered."""
    centred = (np.arange(period) - 0.5 * (period - 1))[:, None]
    rest = windows - windows.sum(axis=0) / period
    rest -= (rest * centred).sum(axis=0) / float(np.square(centred).sum()) * centred
    rest *= (0.5 - 0.5 * np.cos(2.0 * np.pi * (np.arange(period) + 0.5) / period))[:, None]
    found = np.fft.rfft(rest.T, axis=1)[:, 1:].T
    return np.square(found.real) + np.square(found.imag)


COLUMNS: Mapping[str, ColumnDefinition] = {
    "fourier": ColumnDefinition(
        fourier,
        group=_GROUP,
        description="Shares of slow, middle and fast rhythms, the strongest rhythm and its share, spectral entropy",
        formula="|FFT(hann (log close - line))|^2 of the last period bars",
        units="fraction, fraction, fraction, bars, fraction, 0..1",
        source="Welch (1967), IEEE Trans. Audio 15(2), one segment; Shannon entropy of the normalised power",
        parameters=(whole("period", 64, low=16, high=1_024),),
        outputs=("slow", "middle", "fast", "cycle", "cycle_share", "entropy"),
        warm_up=lambda period: period - 1,
        memory=lambda period: period - 1,
    ),
}
