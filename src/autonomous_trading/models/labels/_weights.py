"""How much a label is worth where labels overlap: what several of them share, none of them says alone.

A label of a position covers the bars `rows + 1 ... held_to`, whose returns it is made of.

Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapter 4.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import Bars, FloatArray, IntArray, InvalidInput
from autonomous_trading.models.labels._labels import Labels


def concurrent_labels(labels: Labels) -> IntArray:
    """How many labels cover each bar, from bar 0 to the last one that is covered."""
    _refuse_none(labels)
    steps = np.zeros(int(labels.held_to.max()) + 2, dtype=np.int64)
    np.add.at(steps, labels.rows + 1, 1)
    np.add.at(steps, labels.held_to + 1, -1)
    return np.cumsum(steps)[:-1]


def uniqueness_weights(labels: Labels) -> FloatArray:
    """The average uniqueness of each label: the mean, over the bars it covers, of 1 / the labels that cover them.

    Above 0, and 1 for a label that shares no bar. The mean over all labels is how many independent ones each of them
    is worth. Section 4.4 of the source.
    """
    return mean_over_spans(labels, share_of(concurrent_labels(labels)))


def return_attribution_weights(labels: Labels, bars: Bars) -> FloatArray:
    """Weights by the return that is a label's own: its bars' log returns, each shared among the labels that cover it.

    In size, scaled to a mean of 1. `bars`: those that were labelled. Where a barrier ended a position inside a bar, the
    return of that whole bar counts. Section 4.6 of the source.
    """
    shared = share_of(concurrent_labels(labels))
    if len(bars) < len(shared):
        raise InvalidInput(
            f"labels reach bar {len(shared) - 1}, but there are {len(bars)} bars",
            fix="pass the bars that were labelled",
        )
    at_open = labels.entry == "next_open"
    steps = np.diff(np.log(bars.open if at_open else bars.close))
    earned = np.append(steps, 0.0) if at_open else np.insert(steps, 0, 0.0)
    spans = labels.held_to - labels.rows
    own = np.abs(mean_over_spans(labels, earned[: len(shared)] * shared) * spans)
    total = float(own.sum())
    return own * (len(labels) / total) if total > 0.0 else np.ones(len(labels))


def time_decay(uniqueness: FloatArray, oldest: float = 0.5) -> FloatArray:
    """Factors that let old labels count less, in a straight line over what they are worth together.

    `uniqueness`: of every label, in the order of time. The newest has the factor 1. `oldest` from 0 to 1: that of the
    oldest; below 0, the share of the oldest that count nothing at all (-0.2: a fifth). 1: no decay. Section 4.7.

    >>> time_decay(np.ones(4), 0.0).tolist()
    [0.25, 0.5, 0.75, 1.0]
    """
    if not -1.0 < oldest <= 1.0:
        raise InvalidInput(f"oldest must lie between -1 and 1, got {oldest}", fix="use 0.5")
    if not len(uniqueness) or not bool((uniqueness > 0.0).all()):
        raise InvalidInput("uniqueness must be above 0 for every label", fix="pass what uniqueness_weights gives")
    worth = np.cumsum(uniqueness)
    whole = float(worth[-1])
    slope = (1.0 - oldest) / whole if oldest >= 0.0 else 1.0 / ((oldest + 1.0) * whole)
    return np.maximum(1.0 - slope * (whole - worth), 0.0)


def share_of(counts: IntArray) -> FloatArray:
    """1 / count, and 0 where nothing is counted."""
    return np.divide(1.0, counts, out=np.zeros(len(counts)), where=counts > 0)


def mean_over_spans(labels: Labels, values: FloatArray) -> FloatArray:
    """The mean of a number per bar over the bars that each label covers."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    spans = labels.held_to - labels.rows
    means: FloatArray = (sums[labels.held_to + 1] - sums[labels.rows + 1]) / spans
    return means


def _refuse_none(labels: Labels) -> None:
    if not len(labels):
        raise InvalidInput("there are no labels to weigh", fix="label some bars first")
