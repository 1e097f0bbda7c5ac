"""What is said about features: how much a model needs each, how sure that is, and what the model is worth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, final


@final
@dataclass(frozen=True, slots=True)
class Importance:
    """One feature.

    `importance`: its share of what all features with a positive value have together. `value`: in the unit of the
    method (see `feature_importance`), with its `standard_error`. `p_value`: of as much under noise, alone, and
    corrected for the number of features. `stability`: share of folds in which it was worth more than noise.
    `direction`: rank correlation with the target. `cluster`: features of one number were asked together and share
    everything but `direction`.
    """

    name: str
    importance: float
    value: float
    standard_error: float
    p_value: float
    corrected_p_value: float
    stability: float
    direction: float
    cluster: int
    significant: bool


@final
@dataclass(frozen=True, slots=True)
class ImportanceReport:
    """All features, the most important first, and the model they were measured with.

    `model_score`: correlation of prediction and target **out of sample**, over all folds; 0 is knowing nothing.
    `in_sample_score`: the same on the training slices, where it says nothing. `model_p_value`: of such a score under
    noise; None where it was not measured (folds that train ahead, and a method that draws no noise for them).
    `hit_rate`: share of tested rows on the right side of the training mean.
    """

    method: str
    features: tuple[Importance, ...]
    model_score: float
    in_sample_score: float
    model_p_value: float | None
    hit_rate: float
    rows: int
    folds: int
    level: float
    correction: str
    top: int

    @property
    def top_features(self) -> list[str]:
        """The most important features: a ranking, with no claim that any of them is more than noise."""
        return [feature.name for feature in self.features if feature.value > 0.0][: self.top]

    @property
    def significant_features(self) -> list[str]:
        """The features that noise would not have brought, at the level asked for, given how many were asked."""
        return [feature.name for feature in self.features if feature.significant]

    @property
    def words(self) -> str:
        """One sentence that says what may be believed."""
        found, asked = self.significant_features, len(self.features)
        told = (
            f"{', '.join(found)}: {len(found)} of {asked} features are more than noise"
            if found
            else f"none of {asked} features can be told from noise"
        )
        return f"{told} (level {self.level:g} after correction); out of sample the model scores {self.model_score:.3f}"

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for JSON: `features`, `top_features`, `model_score` and the rest."""
        return {
            "features": [asdict(feature) for feature in self.features],
            "top_features": self.top_features,
            "significant_features": self.significant_features,
            "model_score": self.model_score,
            "in_sample_score": self.in_sample_score,
            "model_p_value": self.model_p_value,
            "hit_rate": self.hit_rate,
            "method": self.method,
            "rows": self.rows,
            "folds": self.folds,
            "words": self.words,
        }
