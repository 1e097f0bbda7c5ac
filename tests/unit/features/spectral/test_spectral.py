"""Rhythms: against scipy and on series whose rhythm is known."""

import numpy as np
import pytest

from autonomous_trading.core import Bars, FloatArray
from autonomous_trading.features import ColumnStore
from autonomous_trading.testing.causality import check_causal
from autonomous_trading.testing.markets import random_walk

BARS = random_walk(300, seed=31)
LOGS = np.log(BARS.close)
NAMES = ("slow", "middle", "fast", "cycle", "cycle_share", "entropy")


def column(name: str, *arguments: float, output: str = "", bars: Bars = BARS) -> FloatArray:
    return ColumnStore(bars).column(name, arguments, None, output)


def moving(logs: FloatArray) -> Bars:
    close = 100.0 * np.exp(logs)
    return Bars(np.arange(len(close), dtype=np.int64) * 10**12, close, close, close, close, np.ones(len(close)))


def test_power_of_one_window() -> None:
    window = LOGS[137:201]
    x = np.arange(64.0)
    rest = window - np.polyval(np.polyfit(x, window, 1), x)
    power = np.abs(np.fft.rfft(rest * (0.5 - 0.5 * np.cos(2.0 * np.pi * (x + 0.5) / 64.0)))[1:]) ** 2
    share, lengths = power / power.sum(), 64.0 / np.arange(1, 33)
    slow, fast = share[lengths > 16.0].sum(), share[lengths < 4.0].sum()
    entropy = -(share * np.log(share)).sum() / np.log(32.0)
    found = [column("fourier", 64, output=name)[200] for name in NAMES]
    expected = [slow, 1.0 - slow - fast, fast, lengths[share.argmax()], share.max(), entropy]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_a_known_rhythm_is_found() -> None:
    bars = moving(0.05 * np.sin(2.0 * np.pi * np.arange(200) / 8.0))
    assert column("fourier", 64, output="cycle", bars=bars)[-1] == 8.0
    assert column("fourier", 64, output="cycle_share", bars=bars)[-1] > 0.6
    assert column("fourier", 64, output="entropy", bars=bars)[-1] < 0.4
    assert np.isnan(column("fourier", 64, output="entropy", bars=moving(np.zeros(100)))).all()


def test_windows_in_pieces_are_the_same_windows() -> None:
    long = random_walk(4_096 + 200, seed=2)
    check_causal(
        lambda bars: [ColumnStore(bars).column("fourier", (32,), None, name) for name in NAMES],
        long,
        cuts=[31, 32, 4_127, 4_128, 4_129, 4_200],
        name="fourier",
    )


def test_haar_details_add_up() -> None:
    details = [column("wavelet", level, output="detail") for level in (1, 2, 3)]
    over = column("wavelet", 3, output="over_smooth")
    np.testing.assert_allclose(np.sum(details, axis=0)[7:], over[7:], rtol=1e-9, atol=1e-13)
    smooth = np.array([LOGS[t - 7 : t + 1].mean() for t in range(7, 300)])
    np.testing.assert_allclose(over[7:], LOGS[7:] - smooth, rtol=1e-8, atol=1e-13)


def test_daubechies_taps() -> None:
    root = np.sqrt(3.0)
    scaling = np.array([1.0 + root, 3.0 + root, 3.0 - root, 1.0 - root]) / (4.0 * np.sqrt(2.0))
    assert scaling.sum() == pytest.approx(np.sqrt(2.0))
    wavelet = scaling[::-1] * np.array([1.0, -1.0, 1.0, -1.0])
    expected = np.convolve(LOGS, wavelet / np.sqrt(2.0), mode="valid")
    np.testing.assert_allclose(column("wavelet_d4", 1, output="detail")[3:], expected, rtol=1e-8, atol=1e-12)
    straight = moving(0.01 * np.arange(100.0))  # two vanishing moments: a line has no detail
    np.testing.assert_allclose(column("wavelet_d4", 2, output="detail", bars=straight)[9:], 0.0, atol=1e-12)


def test_energy_of_noise_and_of_a_slow_rhythm() -> None:
    shares = [column("wavelet_energy", 200, output=f"level_{level}")[-1] for level in range(1, 5)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] > shares[1] > shares[3]
    slow = moving(np.sin(2.0 * np.pi * np.arange(400) / 40.0))
    assert column("wavelet_energy", 200, output="level_4", bars=slow)[-1] > 0.5
    steady = moving(np.log(1.0001) * np.arange(400.0))  # of steady growth only rounding is left
    assert np.isnan(column("wavelet_energy", 200, output="level_1", bars=steady)).all()
