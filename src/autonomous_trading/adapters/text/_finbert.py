"""Sentiment by a language model on this disk, such as FinBERT: nothing is downloaded."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, final

import numpy as np

from autonomous_trading.app.market_data import SentimentScorer
from autonomous_trading.core import DataNotFound, FloatArray, InvalidInput

__all__ = ["FinBertScorer"]

_BATCH = 32
_TOKENS = 512
_NEEDED = "config.json"


@final
class FinBertScorer(SentimentScorer):
    """Probability of good news minus that of bad news, by a classifier whose labels are positive and negative.

    `path` is the folder of its weights, as `transformers` saves them (config.json, model.safetensors, the tokenizer);
    only safetensors are read. Raises DataNotFound where the packages or the weights are missing, InvalidInput where the
    labels are others.
    """

    def __init__(self, path: str | Path) -> None:
        folder = Path(path).expanduser()
        if not (folder / _NEEDED).is_file() or not list(folder.glob("*.safetensors")):
            raise DataNotFound(
                f"there are no weights of a model in {folder}",
                fix=f"put {_NEEDED}, the tokenizer and model.safetensors there, for one ProsusAI/finbert; or use vader",
            )
        try:
            self._torch: Any = import_module("torch")
            transformers: Any = import_module("transformers")
        except ImportError as error:
            raise DataNotFound(
                f"a model that reads news needs transformers and torch ({error.name} is missing)",
                fix="pip install transformers torch; or use vader",
            ) from None
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model: Any = transformers.AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        self._model.eval()
        self._good, self._bad = _labels(self._model.config.id2label)
        self._name = folder.name

    @property
    def name(self) -> str:
        """The name of the folder that the weights are in."""
        return self._name

    def score(self, texts: Sequence[str]) -> FloatArray:
        """One score in [-1, 1] per text."""
        parts = [self._scored(batch) for batch in _batches(texts)]
        scores = np.concatenate(parts) if parts else np.empty(0)
        empty = np.array([not text.strip() for text in texts], dtype=np.bool_)
        return np.where(empty, 0.0, np.asarray(scores, dtype=np.float64))

    def _scored(self, batch: Sequence[str]) -> FloatArray:
        tokens = self._tokenizer(list(batch), padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt")
        with self._torch.no_grad():
            chances = self._torch.softmax(self._model(**tokens).logits, dim=-1).numpy()
        scores: FloatArray = chances[:, self._good].astype(np.float64) - chances[:, self._bad]
        return scores


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _BATCH):
        yield texts[start : start + _BATCH]


def _labels(names: dict[int, str]) -> tuple[int, int]:
    """The places of good and bad news among the answers of a model."""
    places = {str(name).lower(): int(place) for place, name in names.items()}
    if "positive" not in places or "negative" not in places:
        raise InvalidInput(
            f"the model answers {', '.join(sorted(places))}", fix="use a model whose labels are positive and negative"
        )
    return places["positive"], places["negative"]
