"""Gaussian process: the model for few evaluations of something smooth."""

from typing import Any, final

import numpy as np

from autonomous_trading.core import FloatArray, Space
from autonomous_trading.search._surrogate import Surrogate, SurrogateSearch

_STARTUP = 10
_MOST_STEPS = 30
# Lengths, signal and noise are found from so many results at most, spread evenly over those that are learned from.
_MOST_TUNING_POINTS = 120
_LEAST_VARIANCE = 1e-12
# Beliefs before the first result, each a median and how wide the logarithm spreads around it.
_LENGTH_SPREAD = np.sqrt(3.0)
_SIGNAL = (1.0, 1.0)
_NOISE = (1e-4, 2.0)


def gaussian_process_search(
    space: Space,
    *,
    n_objectives: int = 1,
    trials: int | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    startup: int = _STARTUP,
) -> SurrogateSearch:
    """A search for the largest expected improvement under a Gaussian process; see SurrogateSearch for the options."""
    return SurrogateSearch(
        space,
        lambda _seed: GaussianProcess(),
        n_objectives=n_objectives,
        trials=trials,
        seed=seed,
        batch_size=batch_size,
        startup=startup,
    )


@final
class GaussianProcess(Surrogate):
    """scikit-learn's Gaussian process, Matern 5/2, with one length per feature and a noise of its own.

    Lengths, signal and noise are the most likely ones after the data and a weak belief: lengths grow with the root
    of the number of features (Hvarfner et al., 2024), so many parameters and few results do not overfit.
    The matrices are small: linear algebra on one thread is several times faster on a busy machine, and the same to
    the last bit on every one. Raises numpy.linalg.LinAlgError where the covariance has no Cholesky factor.
    """

    def __init__(self) -> None:
        from importlib import import_module

        from threadpoolctl import ThreadpoolController

        for library in ("scipy.linalg", "sklearn.gaussian_process"):
            import_module(library)  # each may bring a linear algebra of its own, which has to be there to be limited
        self._threads = ThreadpoolController()
        self._theta: FloatArray | None = None
        self._process: Any = None

    def fit(self, features: FloatArray, targets: FloatArray, *, tune: bool) -> None:
        from sklearn.gaussian_process import GaussianProcessRegressor

        centre, width = _beliefs(features.shape[1])
        theta = centre if self._theta is None else self._theta
        with self._threads.limit(limits=1, user_api="blas"):
            if tune:
                some = np.linspace(0, len(targets) - 1, min(len(targets), _MOST_TUNING_POINTS)).astype(np.int64)
                process = GaussianProcessRegressor(_kernel(features.shape[1], theta), optimizer=None)
                process.fit(features[some], targets[some])
                theta = self._theta = _most_likely(process, (centre, theta), (centre, width))
            self._process = GaussianProcessRegressor(_kernel(features.shape[1], theta), optimizer=None)
            self._process.fit(features, targets)

    def predict(self, features: FloatArray) -> tuple[FloatArray, FloatArray]:
        from scipy.linalg import solve_triangular

        signal = self._process.kernel_.k1  # without the noise: a set is worth what it is worth
        with self._threads.limit(limits=1, user_api="blas"):
            across = signal(features, self._process.X_train_)
            mean: FloatArray = across @ self._process.alpha_
            explained = solve_triangular(self._process.L_, across.T, lower=True, check_finite=False)
        variance = signal.diag(features) - (explained**2).sum(axis=0)
        return mean, np.sqrt(np.maximum(variance, _LEAST_VARIANCE))


def _kernel(dimension: int, theta: FloatArray) -> Any:
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    lengths = Matern(np.ones(dimension), (1e-2, 1e3), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-2, 1e2)) * lengths + WhiteKernel(1e-4, (1e-7, 1.0))
    return kernel.clone_with_theta(theta)


def _beliefs(dimension: int) -> tuple[FloatArray, FloatArray]:
    """Centre and width of the logarithms of signal, lengths and noise, in the order of the kernel."""
    length = np.sqrt(2.0) + 0.5 * np.log(dimension)
    centre = np.concatenate([[np.log(_SIGNAL[0])], np.full(dimension, length), [np.log(_NOISE[0])]])
    width = np.concatenate([[_SIGNAL[1]], np.full(dimension, _LENGTH_SPREAD), [_NOISE[1]]])
    return centre, width


def _most_likely(process: Any, starts: tuple[FloatArray, ...], beliefs: tuple[FloatArray, FloatArray]) -> FloatArray:
    """The logarithms of signal, lengths and noise with the largest likelihood times belief."""
    from scipy.optimize import minimize

    centre, width = beliefs

    def unlikely(theta: FloatArray) -> tuple[float, FloatArray]:
        likelihood, slope = process.log_marginal_likelihood(theta, eval_gradient=True, clone_kernel=False)
        distance = (theta - centre) / width
        return float(0.5 * distance @ distance - likelihood), distance / width - slope

    bounds, options = process.kernel_.bounds, {"maxiter": _MOST_STEPS}
    distinct = starts if not np.array_equal(starts[0], starts[-1]) else starts[:1]
    found = [minimize(unlikely, t, jac=True, method="L-BFGS-B", bounds=bounds, options=options) for t in distinct]
    best: FloatArray = min(found, key=lambda result: result.fun).x
    return best
