"""What a model should be taught and what it should be asked: targets, scalarisation, expected improvement."""

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray

# Values beyond the best quarter count by their logarithm, and no longer beyond this many of its widths.
_GOOD_SHARE = 0.25
_FARTHEST = 1e3
# The weight of the plain sum beside the largest objective in an augmented Chebyshev scalarisation.
_AUGMENTATION = 0.05
_LEAST_DEVIATION = 1e-9


def scalarised(values: FloatArray, weights: FloatArray) -> FloatArray:
    """One number per row of values [n, n_objectives]: the augmented Chebyshev norm, smaller is better.

    Source: Knowles (2006), "ParEGO". Objectives are brought to one scale by `model_targets` first, so that one
    with long tails does not drown the others.
    """
    scaled = np.column_stack([_to_unit_range(model_targets(column)) for column in values.T])
    weighted = scaled * weights
    total: FloatArray = weighted.max(axis=1) + _AUGMENTATION * weighted.sum(axis=1)
    return total


def with_failures(values: FloatArray) -> FloatArray:
    """The same values [n, n_objectives]; rows with a NaN, not all of them, as bad as the worst without."""
    failed: BoolArray = np.asarray(np.isnan(values).any(axis=1))
    worst = values[~failed].max(axis=0)
    filled: FloatArray = np.where(failed[:, None], worst, values)
    return filled


def model_targets(values: FloatArray) -> FloatArray:
    """Values [n] with mean 0 and deviation 1, tails of bad values pulled in, the order kept.

    A model should spend its flexibility on the good sets: what is worse than the best quarter counts by the
    logarithm of how much worse it is.
    """
    low, good = values.min(), np.quantile(values, _GOOD_SHARE)
    width = good - low
    if width <= 0.0:
        width = values.std() or 1.0
    with np.errstate(over="ignore"):  # infinitely far away counts as the farthest
        position = (values - good) / width
    pulled = np.where(position > 0.0, np.log1p(np.clip(position, 0.0, _FARTHEST)), position)
    deviation = pulled.std()
    centred: FloatArray = (pulled - pulled.mean()) / (deviation if deviation > 0.0 else 1.0)
    return centred


def log_expected_improvement(mean: FloatArray, deviation: FloatArray, best: float) -> FloatArray:
    """Logarithm of how much below `best` a normal guess is expected to come; finite far from any improvement.

    Source: Ament et al. (2023), "Unexpected improvements to expected improvement", equation 9.
    """
    from scipy.special import erfcx, ndtr

    spread = np.maximum(deviation, _LEAST_DEVIATION)
    z = (best - mean) / spread
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    near = np.log(np.maximum(density + z * ndtr(z), 1e-300))
    below = np.minimum(z, -1.0)
    ratio = 1.0 + below * np.sqrt(np.pi / 2.0) * erfcx(-below / np.sqrt(2.0))
    # For large -z the ratio is 1 / z**2 to more digits than the difference keeps.
    log_ratio = np.where(below < -1e3, -2.0 * np.log(-below), np.log(np.maximum(ratio, 1e-300)))
    far = -0.5 * below**2 - 0.5 * np.log(2.0 * np.pi) + log_ratio
    total: FloatArray = np.where(z > -1.0, near, far) + np.log(spread)
    return total


def _to_unit_range(values: FloatArray) -> FloatArray:
    low, width = values.min(), np.ptp(values)
    scaled: FloatArray = (values - low) / (width if width > 0.0 else 1.0)
    return scaled
