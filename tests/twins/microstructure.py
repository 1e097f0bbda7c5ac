"""Microstructure read slowly: plain loops, written from the papers and not from the kernels."""

from __future__ import annotations

import math

import numpy as np

from autonomous_trading.core import FloatArray

__all__ = ["buckets_of_volume", "edge_of", "level_volumes", "moments_of"]


def moments_of(x: list[float], y: list[float]) -> tuple[float, float, float, float, float]:
    """Mean of x and y, sums of squares of x, of products, of squares of y, of distances from the means."""
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    return (
        mean_x,
        mean_y,
        math.fsum((a - mean_x) ** 2 for a in x),
        math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)),
        math.fsum((b - mean_y) ** 2 for b in y),
    )


def buckets_of_volume(
    volume: list[float], bought: list[float], size: list[float], buckets: int
) -> tuple[list[float], list[float]]:
    """VPIN after each row, and the imbalance of every bucket that filled up."""
    full: list[float] = []
    found: list[float] = []
    inside: list[tuple[float, float]] = []  # volume and the part of it that was bought
    wanted = math.nan
    for units, bought_units, new_size in zip(volume, bought, size, strict=True):
        if units > 0.0 and not math.isnan(bought_units) and not (math.isnan(wanted) and not new_size > 0.0):
            share, left = bought_units / units, units
            if math.isnan(wanted):
                wanted = new_size
            while left > 0.0:
                room = wanted - math.fsum(each for each, _ in inside)
                part = min(left, room)
                inside.append((part, part * share))
                left -= part
                if part < room:
                    break
                buys = math.fsum(each for _, each in inside)
                full.append(abs(buys - (wanted - buys)) / wanted)
                inside = []
                if new_size > 0.0:
                    wanted = new_size
        found.append(math.fsum(full[-buckets:]) / buckets if len(full) >= buckets else math.nan)
    return found, full


def level_volumes(high: FloatArray, low: FloatArray, volume: FloatArray, levels: int) -> tuple[FloatArray, float]:
    """Volume on each of the levels between lowest low and highest high, each bar's spread evenly; and their width."""
    bottom = float(low.min())
    width = (float(high.max()) - bottom) / levels
    held = np.zeros(levels)
    for top_of, bottom_of, units in zip(high.tolist(), low.tolist(), volume.tolist(), strict=True):
        for level in range(levels):
            floor, roof = bottom + level * width, bottom + (level + 1) * width
            if top_of == bottom_of:
                last = level == levels - 1 and top_of >= roof
                held[level] += units if floor <= top_of < roof or last else 0.0
            else:
                held[level] += units * max(0.0, min(roof, top_of) - max(floor, bottom_of)) / (top_of - bottom_of)
    return held, width


def edge_of(bars: list[tuple[float, float, float, float]]) -> float:
    """EDGE of some bars (open, high, low, close), its squared spread: see the paper's equations."""
    rows = []
    for (_, h1, l1, c1), (o, h, low, c) in zip(*([[math.log(p) for p in bar] for bar in part] for part in
                                                 (bars[:-1], bars[1:])), strict=True):  # fmt: skip
        rows.append((o, (h + low) / 2.0, c, c1, (h1 + l1) / 2.0, float(h != low or low != c1),
                     (o != h) + (o != low), (c1 != h1) + (c1 != l1)))  # fmt: skip
    n = len(rows)
    moved = sum(row[5] for row in rows)
    p_open = sum(row[5] * row[6] for row in rows) / n
    p_close = sum(row[5] * row[7] for row in rows) / n
    if moved < 2 or p_open == 0 or p_close == 0:
        return math.nan
    mean_open = sum(m - o for o, m, *_ in rows) / moved
    mean_close = sum(row[1] - row[3] for row in rows) / moved
    mean_night = sum(row[0] - row[3] for row in rows) / moved
    x1, x2 = [], []
    for o, m, _, c1, m1, t, _, _ in rows:
        d_open, d_close, d_night = m - o - mean_open * t, m - c1 - mean_close * t, o - c1 - mean_night * t
        x1.append(-4 / p_open * d_open * (o - m1) - 4 / p_close * d_close * (c1 - m1))
        x2.append(-4 / p_open * d_open * (o - c1) - 4 / p_close * d_night * (c1 - m1))
    e1, e2 = sum(x1) / n, sum(x2) / n
    v1, v2 = sum(x * x for x in x1) / n - e1 * e1, sum(x * x for x in x2) / n - e2 * e2
    squared: float = (v2 * e1 + v1 * e2) / (v1 + v2) if v1 + v2 > 0 else (e1 + e2) / 2
    return squared
