"""Scorers of sentiment: the lexicon, a model on the disk, and what is said where either is missing."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autonomous_trading.adapters.text import FinBertScorer, VaderScorer, joined_words
from autonomous_trading.core import DataNotFound, InvalidInput


def test_the_lexicon_tells_good_news_from_bad() -> None:
    scorer = VaderScorer()
    good, bad, nothing = scorer.score(["profit surges, great results", "fraud, terrible losses", ""])
    assert scorer.name == "vader"
    assert -1.0 <= bad < -0.3 < 0.3 < good <= 1.0
    assert nothing == 0.0
    assert len(scorer.score([])) == 0


def test_without_the_lexicon_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vaderSentiment.vaderSentiment", None)
    with pytest.raises(DataNotFound, match=r"pip install 'autonomous-trading\[sentiment\]'"):
        VaderScorer()


def test_words_are_joined_and_masks_left_out() -> None:
    assert joined_words(["$", "goog", "up", "(", "2", "%", ")", ".", "URL"]) == "$goog up (2%)."
    assert joined_words("rt AT_USER  hello") == "rt hello"


def test_without_weights_the_error_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="there are no weights of a model in") as caught:
        FinBertScorer(tmp_path)
    assert "ProsusAI/finbert" in caught.value.fix


def weights(folder: Path) -> Path:
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    return folder


def test_without_the_packages_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(DataNotFound, match="pip install transformers torch"):
        FinBertScorer(weights(tmp_path))


class _Tensor:
    """As much of a tensor as the scorer touches."""

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self._values = values

    def numpy(self) -> np.ndarray[Any, Any]:
        return self._values


class _NoGradient:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


class _Model:
    """A classifier that counts words: "up" is good, "down" is bad."""

    def __init__(self, labels: dict[int, str]) -> None:
        self.config = types.SimpleNamespace(id2label=labels)

    def eval(self) -> None: ...

    def __call__(self, texts: list[str]) -> Any:
        logits = [[9.0 * ("up" in text), 9.0 * ("down" in text), 0.0] for text in texts]
        return types.SimpleNamespace(logits=np.array(logits))


def install(monkeypatch: pytest.MonkeyPatch, labels: dict[int, str]) -> None:
    """Packages with the few functions of torch and transformers that the scorer calls."""

    def softmax(logits: np.ndarray[Any, Any], dim: int) -> _Tensor:
        raised = np.exp(logits)
        return _Tensor(raised / raised.sum(axis=dim, keepdims=True))

    def tokens(texts: list[str], **options: object) -> dict[str, list[str]]:
        assert options["truncation"] is True
        return {"texts": texts}

    def from_pretrained(folder: Path, **options: object) -> Any:
        assert folder.is_dir()
        assert options["local_files_only"] is True
        return _Model(labels) if "use_safetensors" in options else tokens

    loader = types.SimpleNamespace(from_pretrained=from_pretrained)
    torch = types.ModuleType("torch")
    transformers = types.ModuleType("transformers")
    vars(torch).update(softmax=softmax, no_grad=_NoGradient)
    vars(transformers).update(AutoTokenizer=loader, AutoModelForSequenceClassification=loader)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "transformers", transformers)


def test_a_model_scores_good_minus_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, {0: "positive", 1: "Negative", 2: "neutral"})
    scorer = FinBertScorer(weights(tmp_path))
    scores = scorer.score(["up"] * 33 + ["down", "flat", " "])
    assert scorer.name == tmp_path.name
    assert (scores[:33] > 0.9).all()
    assert scores[33] < -0.9
    assert scores[34:].tolist() == [0.0, 0.0]
    assert len(scorer.score([])) == 0


def test_a_model_with_other_labels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, {0: "joy", 1: "anger"})
    with pytest.raises(InvalidInput, match="the model answers anger, joy"):
        FinBertScorer(weights(tmp_path))
