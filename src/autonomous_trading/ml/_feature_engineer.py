"""Features from bars, in the order of their life: computed, learned from, prepared, watched for drift."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, final

import numpy as np

from autonomous_trading.adapters import as_bars
from autonomous_trading.core import Bars, Column, Expression, FloatArray, InvalidInput, NothingToReport, UnknownName
from autonomous_trading.features import (
    EXTRA_PREFIX,
    STANDARD_FEATURES,
    FeatureList,
    FeatureMatrix,
    column_names,
    compute_features,
    named_features,
    split_timeframe,
)
from autonomous_trading.features.drift import DriftLimits, FeatureDrift, feature_drift
from autonomous_trading.features.formulas import FUNCTIONS, parse
from autonomous_trading.models.importance import (
    FeatureTable,
    ImportanceReport,
    ImportanceSettings,
    feature_importance,
)
from autonomous_trading.models.labels import Labels, fixed_horizon, uniqueness_weights

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

_LEAST_ROWS: Final = 50
_TEXTS: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NAMES: Final = re.compile(r"(?<![\w@])[A-Za-z_]\w*(?!\w|\s*\()")


@final
class FeatureEngineer:
    """Features of an instrument as frames: one row a bar, indexed by the start of the bar (UTC), NaN where unknown.

    `features` are formulas ("rsi(14)", "ema(close, 12) / ema(close, 26) - 1"), as a list or by name; without any it is
    the standard set. A name that no column has ("vix - 1") is that of a column that comes with the data. `timeframes`
    adds each feature that is a single column of prices once more on coarser bars, such as "rsi_14_on_1d"; a coarse bar
    is seen once it is closed, and what has no coarser bars (formulas, columns of the data) is left as it is. Nothing
    here sees the future: a row holds what was known at the close of its bar, and what is learned (`fit`) is learned
    from the rows that are given and no others.

    >>> import autonomous_trading as at
    >>> from autonomous_trading.ml import FeatureEngineer
    >>> engineer = FeatureEngineer(["rsi(14)", "close / sma(close, 200) - 1"])
    >>> engineer.transform(at.sample("sp500")).columns.tolist()
    ['rsi_14', 'close_over_sma_close_200_minus_1']
    """

    def __init__(self, features: FeatureList | None = None, *, timeframes: Sequence[str] = ()) -> None:
        chosen = dict(named_features(STANDARD_FEATURES if features is None else features))
        read = {name: _read(formula) for name, formula in chosen.items()}
        self._formulas: Mapping[str, str] = {**chosen, **_on_timeframes(chosen, read, timeframes)}
        self._train: FeatureMatrix | None = None
        self._pipeline: Pipeline | None = None
        self._prepared: tuple[str, ...] = ()

    @property
    def features(self) -> Mapping[str, str]:
        """The formulas by the names of their columns."""
        return dict(self._formulas)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self._formulas)

    def matrix(self, data: object) -> FeatureMatrix:
        """The features of bars as arrays: see `autonomous_trading.features.FeatureMatrix`."""
        return compute_features(data if isinstance(data, Bars) else as_bars(data), self._formulas)

    def transform(self, data: object) -> "pd.DataFrame":
        """The features of every bar. `data` is anything that holds the prices of one instrument, as for `at.backtest`.

        Raises InvalidInput, InvalidBars, InvalidExpression or UnknownName, each with its fix.
        """
        return _frame(self.matrix(data))

    def fit(self, data: object, pipeline: "Pipeline | None" = None) -> "FeatureEngineer":
        """Learn from a training slice: what features look like (for `drift`), and the steps that prepare them.

        `pipeline` is a scikit-learn pipeline, such as `autonomous_trading.features.transforms.feature_pipeline()`,
        which is also what is taken without one. A copy of it is fitted on the rows of `data` on which every feature is
        known. Raises NothingToReport where fewer than 50 rows are, InvalidInput for steps that transform nothing.
        """
        from sklearn.base import clone

        train = self.matrix(data)
        rows = train.known_rows()
        if len(rows) < _LEAST_ROWS:
            raise NothingToReport(
                f"every feature is known on {len(rows)} of {len(train)} bars: too few to learn from",
                fix="give more bars, or leave out the features that take longest to be known",
            )
        if pipeline is None:
            from autonomous_trading.features.transforms import feature_pipeline

            pipeline = feature_pipeline()
        if not (hasattr(pipeline, "get_params") and hasattr(pipeline, "transform")):
            raise InvalidInput(
                f"{type(pipeline).__name__} has no transform",
                fix="give the steps before the model: feature_pipeline() or a scikit-learn pipeline of transformers",
            )
        fitted = clone(pipeline).fit(train.values[rows])
        self._prepared = _prepared_names(fitted, train.values[rows], train.names)
        self._train, self._pipeline = train, fitted
        return self

    def prepare(self, data: object) -> "pd.DataFrame":
        """The features on the bars on which all are known, as the fitted steps leave them: what a model is given.

        Columns are called as the steps call them (`get_feature_names_out`), component_1, ... where they do not say.
        """
        import pandas as pd

        if self._pipeline is None:
            raise InvalidInput("nothing was learned yet", fix="call fit(training_data) first")
        found = self.matrix(data)
        rows = found.known_rows()
        names = list(self._prepared)
        values = np.asarray(self._pipeline.transform(found.values[rows])) if len(rows) else np.empty((0, len(names)))
        return pd.DataFrame(values, index=_times(found)[rows], columns=names)

    def update(self, data: object) -> "pd.Series[float]":
        """The features of the last bar, as a live loop asks for them: the same functions on the same history."""
        import pandas as pd

        found = self.matrix(data)
        return pd.Series(found.values[-1], index=list(found.names), name=_times(found)[-1])

    def drift(self, data: object, limits: DriftLimits | None = None) -> tuple[FeatureDrift, ...]:
        """How far each feature has moved from the training slice; `data` are recent bars with the history they need.

        Only bars after the training slice are compared. Raises InvalidInput where nothing was learned, NothingToReport
        where no bar is newer.
        """
        if self._train is None:
            raise InvalidInput("there is no training slice to compare with", fix="call fit(training_data) first")
        found = self.matrix(data)
        recent = found[slice(int(np.searchsorted(found.time, self._train.time[-1], side="right")), len(found))]
        if not len(recent):
            raise NothingToReport(
                "no bar is newer than the training slice", fix="give the history together with the bars since then"
            )
        return feature_drift(self._train.values, recent.values, found.names, limits=limits)

    def importance(
        self,
        data: object,
        *,
        horizon: int = 5,
        labels: Labels | None = None,
        method: str = "permutation",
        seed: int = 0,
        settings: ImportanceSettings | None = None,
    ) -> ImportanceReport:
        """Which features foretold what came: `top_features`, `model_score` out of sample, and what may be believed.

        What came is the sign of the return over the `horizon` bars after the next open, or `labels` of these bars
        (`autonomous_trading.models.labels`). A model is trained on the past and tested on what followed, five times.
        The same `seed` gives the same report. Raises InvalidInput where there is too little to tell, and for labels of
        other bars than these.
        """
        bars = data if isinstance(data, Bars) else as_bars(data)
        found = self.matrix(bars)
        columns = {name: found.values[:, number] for number, name in enumerate(found.names)}
        asked = fixed_horizon(bars, horizon) if labels is None else labels
        asked = asked if labels is not None else asked.with_weight(uniqueness_weights(asked))
        table = FeatureTable.of(columns, asked, time=found.time)
        return feature_importance(table, rng=np.random.default_rng(seed), method=method, settings=settings)

    def __repr__(self) -> str:
        return f"FeatureEngineer({len(self._formulas)} features{', fitted' if self._pipeline is not None else ''})"


def _read(formula: str) -> Expression:
    """The expression of a formula whose data are not there yet: a plain name that nothing has is one of theirs."""
    try:
        return parse(formula)
    except UnknownName:
        bare = _TEXTS.sub(" ", formula)
        plain = {name for name in _NAMES.findall(bare) if name not in column_names() and name not in FUNCTIONS}
        if not plain:
            raise
        return parse(formula, extra=plain | {one or other for one, other in _TEXTS.findall(formula)})


def _on_timeframes(
    formulas: Mapping[str, str], read: Mapping[str, Expression], timeframes: Sequence[str]
) -> dict[str, str]:
    """Each formula that is a single column of prices, on each coarser timeframe."""
    single = [name for name in formulas if _has_coarser(read[name])]
    if timeframes and not single:
        raise InvalidInput(
            f"none of these features is a single column that bars of {timeframes[0]} have",
            fix=f'write it into a formula yourself: "rsi(14)@{timeframes[0]}"',
        )
    found: dict[str, str] = {}
    for timeframe in timeframes:
        for name in single:
            coarse, called = f"{formulas[name]}@{timeframe}", f"{name}_on_{timeframe}"
            if not parse(coarse).same(read.get(called, parse(coarse))):
                raise InvalidInput(
                    f"two features would be called {called}: {formulas[called]!r} and {coarse!r}",
                    fix="give the first another name",
                )
            found[called] = coarse
    return found


def _has_coarser(read: Expression) -> bool:
    """Whether a feature can be computed from coarser bars: a column of prices and nothing else, of no timeframe yet."""
    if not isinstance(read, Column) or read.inputs or read.name.startswith(EXTRA_PREFIX):
        return False
    return not split_timeframe(read.name)[0]


def _prepared_names(fitted: "Pipeline", rows: FloatArray, names: Sequence[str]) -> tuple[str, ...]:
    """What the columns are called that fitted steps give."""
    width = int(np.asarray(fitted.transform(rows)).shape[1])
    try:
        said = [str(name) for name in fitted.get_feature_names_out(list(names))]
    except AttributeError:  # what scikit-learn raises where a step of a person's own says no names
        said = []
    if len(said) == width and len(set(said)) == width:
        return tuple(said)
    return tuple(f"component_{number}" for number in range(1, width + 1))


def _frame(found: FeatureMatrix) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(found.values, index=_times(found), columns=list(found.names))


def _times(found: FeatureMatrix) -> "pd.DatetimeIndex":
    import pandas as pd

    return pd.DatetimeIndex(found.time.astype("datetime64[ns]"), tz="UTC", name="time")
