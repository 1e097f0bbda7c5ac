"""The usual order of things, as one pipeline of scikit-learn that is fitted on a training slice."""

from __future__ import annotations

from typing import Any, Literal

from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, RobustScaler, StandardScaler

from autonomous_trading.core import unknown_name
from autonomous_trading.features.transforms._imputation import ImputationPolicy
from autonomous_trading.features.transforms._selection import CorrelationSelector, ImportanceSelector
from autonomous_trading.features.transforms._winsorizer import Winsorizer

_SCALES = ("standard", "robust", "quantile", "none")


def feature_pipeline(
    *,
    imputation: Literal["refuse", "drop", "median", "forward_fill"] = "median",
    winsorize: float | None = 0.01,
    scale: Literal["standard", "robust", "quantile", "none"] = "standard",
    correlated: float | None = None,
    keep: int | None = None,
    components: float | None = None,
) -> Any:
    """A scikit-learn Pipeline: impute, winsorise, scale, leave out, project; what is None is not done.

    `winsorize`: the share cut at either end. `correlated`: rank correlation from which on a feature repeats another.
    `keep`: so many features that say most about the target. `components`: principal components, a number of them or,
    below 1, as many as explain that share of the variance. Everything is learned by `fit` from the rows it is given:
    put it before a model in one pipeline, and each fold learns its own.

    Differencing is no part of it, for it reads the rows before a slice: see FractionalDifference.

    >>> feature_pipeline(correlated=0.9, components=3)
    Pipeline(steps=[('impute', ImputationPolicy()), ('winsorize', Winsorizer()),
                    ('scale', StandardScaler()),
                    ('uncorrelate', CorrelationSelector(threshold=0.9)),
                    ('project', PCA(n_components=3, svd_solver='full'))])
    """
    if scale not in _SCALES:
        raise unknown_name("scale", scale, _SCALES)
    scalers = {
        "standard": StandardScaler(),
        "robust": RobustScaler(),
        "quantile": QuantileTransformer(output_distribution="normal", n_quantiles=100, random_state=0),
    }
    steps: list[tuple[str, Any]] = [("impute", ImputationPolicy(imputation))]
    if winsorize is not None:
        steps.append(("winsorize", Winsorizer(lower=winsorize, upper=1.0 - winsorize)))
    if scale != "none":
        steps.append(("scale", scalers[scale]))
    if correlated is not None:
        steps.append(("uncorrelate", CorrelationSelector(correlated)))
    if keep is not None:
        steps.append(("select", ImportanceSelector(keep)))
    if components is not None:
        steps.append(("project", PCA(components, svd_solver="full")))
    return Pipeline(steps)
