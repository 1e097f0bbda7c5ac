"""The S3 answer (features, top_features, model_score) on real daily stocks, in and out of sample.

SPY, 1998 to 2021 (AUTOTRADE_REAL_DATA), fourteen usual features, triple-barrier labels of ten days with barriers of
two daily deviations. Out of sample is what counts: on daily prices it is expected to be near zero, and no feature to be
more than noise. Bounds are on the shape of the answer, on sameness when asked again, and on honesty: a score in sample
far above the one out of sample is shown as such.
"""

from __future__ import annotations

import json
import math

import numpy as np

from autonomous_trading.adapters import as_bars
from autonomous_trading.core import Bars
from autonomous_trading.models.importance import FeatureTable, ImportanceReport, feature_importance
from autonomous_trading.models.labels import Barriers, triple_barrier, uniqueness_weights
from proofs.claims import Figure, holds, not_measured, run
from proofs.data._real_data import WHY_NOT, real_data
from proofs.features._markets import usual_features

TITLE = "Feature importance on real data, as the S3 example answers it"
FILE = "equity/us_daily_lean_1998_2021.parquet"
SYMBOL = "SPY"


def measure() -> list[Figure]:
    """The answer twice, what it says, and that it is the same."""
    bars = _bars()
    if bars is None:
        return [not_measured("top_features and model_score of SPY", "the S3 shape", WHY_NOT)]
    one, again = _asked(bars), _asked(bars)
    answer = one.to_dict()
    print(json.dumps(_as_s3(one), indent=2))
    print(one.words)
    shares = [feature["importance"] for feature in answer["features"]]
    return [
        holds("features, importances and names as in S3", _has_shape(answer), figure=", ".join(one.top_features)),
        holds(
            "importances sum to 1, largest first",
            math.isclose(sum(shares), 1.0) and shares == sorted(shares, reverse=True),
        ),
        holds("asked again, the same answer", one == again),
        holds(
            "model_score out of sample", math.isfinite(one.model_score), bound="shown", figure=f"{one.model_score:.4f}"
        ),
        holds(
            "beside it in sample",
            one.in_sample_score > one.model_score,
            bound="higher",
            figure=f"{one.in_sample_score:.4f}",
        ),
        holds(
            "features called more than noise", True, bound="shown", figure=", ".join(one.significant_features) or "none"
        ),
        holds("p-value of the model", True, bound="shown", figure=f"{one.model_p_value:.3f}, {one.rows:,} rows"),
    ]


def _bars() -> Bars | None:
    path = real_data(FILE)
    if path is None:
        return None
    import pandas as pd

    frame = pd.read_parquet(path)
    chosen = frame[frame["symbol"] == SYMBOL].sort_values("timestamp")
    factor = (chosen["close_adj"] / chosen["close"]).to_numpy()
    prices = {name: chosen[name].to_numpy() * factor for name in ("open", "high", "low", "close")}
    columns = pd.DataFrame(
        {"timestamp": chosen["timestamp"].to_numpy(), **prices, "volume": chosen["volume"].to_numpy()}
    )
    return as_bars(columns)


def _asked(bars: Bars) -> ImportanceReport:
    columns = usual_features(bars)
    width = columns["volatility_20"]
    labels = triple_barrier(bars, Barriers(10, 2.0, 2.0), width=np.where(width > 0.0, width, np.nan))
    table = FeatureTable.of(columns, labels.with_weight(uniqueness_weights(labels)))
    return feature_importance(table, rng=np.random.default_rng(7))


def _as_s3(report: ImportanceReport) -> dict[str, object]:
    return {
        "features": [{"name": each.name, "importance": round(each.importance, 3)} for each in report.features],
        "top_features": report.top_features,
        "model_score": round(report.model_score, 3),
        "in_sample_score": round(report.in_sample_score, 3),
    }


def _has_shape(answer: dict[str, object]) -> bool:
    features = answer["features"]
    named = isinstance(features, list) and all({"name", "importance"} <= set(each) for each in features)
    return named and isinstance(answer["top_features"], list) and isinstance(answer["model_score"], float)


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
