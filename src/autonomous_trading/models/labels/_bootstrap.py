"""Drawing labels again so that they overlap little: each draw prefers what the ones before it did not cover.

Source: Lopez de Prado, "Advances in Financial Machine Learning" (2018), section 4.5.
"""

from __future__ import annotations

import numpy as np

from autonomous_trading.core import FloatArray, IntArray, InvalidInput
from autonomous_trading.models.labels._labels import Labels
from autonomous_trading.models.labels._weights import mean_over_spans


def draw_probabilities(labels: Labels, drawn: IntArray) -> FloatArray:
    """The chance of each label to be drawn next, after those of the positions `drawn`: they sum to 1."""
    counts = np.zeros(int(labels.held_to.max()) + 1)
    for position in drawn.tolist():
        counts[labels.rows[position] + 1 : labels.held_to[position] + 1] += 1.0
    uniqueness = mean_over_spans(labels, 1.0 / (1.0 + counts))
    chances: FloatArray = uniqueness / uniqueness.sum()
    return chances


def sequential_bootstrap(labels: Labels, size: int, rng: np.random.Generator) -> IntArray:
    """Positions of `size` labels drawn one after another, with replacement, in the order they were drawn.

    The chance of a label is in proportion to its average uniqueness among those drawn before it. Takes `size` passes
    over the bars: a second for some thousand labels. The same generator in the same state draws the same.
    """
    if size < 1 or not len(labels):
        raise InvalidInput(f"{size} of {len(labels)} labels cannot be drawn", fix="draw at least one, of at least one")
    drawn = np.empty(size, dtype=np.int64)
    counts = np.zeros(int(labels.held_to.max()) + 1)
    for number in range(size):
        cumulated = np.cumsum(mean_over_spans(labels, 1.0 / (1.0 + counts)))
        found = int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))
        drawn[number] = min(found, len(labels) - 1)  # where rounding makes the number drawn the whole sum
        counts[labels.rows[drawn[number]] + 1 : labels.held_to[drawn[number]] + 1] += 1.0
    return drawn
