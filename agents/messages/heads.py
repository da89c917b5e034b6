"""The trained part of the router: linear classifiers over a message's words and over its embedding.

Kept as one safetensors file; nothing in it is ever executed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError
from ...retrieval.terms import stem, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Chances = NDArray[np.float64]

_FORMAT = "limner-router-1"


def grams(text: str) -> list[str]:
    """Return the stems of all words, and each pair of neighbours."""
    found = [stem(word) for word in words(text)]
    return found + [f"{left} {right}" for left, right in pairwise(found)]


def log_chances(scores: NDArray[Any], temperature: float) -> Chances:
    """Turn scores into logarithms of chances, row by row."""
    scaled = np.asarray(scores, dtype=np.float64) / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    found: Chances = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
    return found


@dataclass(frozen=True, slots=True)
class Linear:
    """Scores of labels, and the temperature that makes them true chances on messages not trained on."""

    weight: Floats
    """Shape (labels, width)."""
    bias: Floats
    """Shape (labels,)."""
    temperature: float = 1.0


class Vocabulary:
    """The grams that a head knows, and what each of them weighs."""

    def __init__(self, terms: Sequence[str], weights: Floats) -> None:
        self.terms, self.weights = tuple(terms), weights
        self._places = {term: place for place, term in enumerate(terms)}

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Vocabulary:
        """Learn from the grams of texts; those of a single text are left out where there are many texts."""
        seen = Counter(gram for found in texts for gram in set(found))
        least = 2 if len(texts) > 500 else 1
        terms = sorted(gram for gram, count in seen.items() if count >= least)
        weights = [math.log((1 + len(texts)) / (1 + seen[term])) + 1 for term in terms]
        return cls(terms, np.asarray(weights, dtype=np.float32))

    def vector(self, found: Sequence[str]) -> tuple[list[int], list[float]]:
        """Return the places and values, of length 1 in all, of the grams that are known."""
        counts = Counter(self._places[gram] for gram in found if gram in self._places)
        values = {place: (1 + math.log(n)) * float(self.weights[place]) for place, n in counts.items()}
        norm = math.sqrt(sum(value * value for value in values.values())) or 1.0
        return list(values), [value / norm for value in values.values()]


@dataclass(frozen=True)
class Heads:
    """What training makes of the examples of intents."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    words: Linear
    meaning: Linear | None
    """Over embeddings; None where it was trained without."""
    both: float
    """Temperature of the two together."""
    embeddings: str
    """What the embeddings are called that it was trained on; "" for none."""
    intents: str
    """SHA-256 of the examples."""
    accuracy: float
    """Share of the examples that it gets right when they are held out, 0 to 1; 0 where none could be."""

    @cached_property
    def _columns(self) -> Floats:
        return np.ascontiguousarray(self.words.weight.T)

    def by_words(self, text: str) -> Chances:
        """Chances of each label by the words alone, shape (labels,); all alike where no word is known."""
        places, values = self.vocabulary.vector(grams(text))
        if not places:
            return np.full(len(self.labels), 1 / len(self.labels))
        scores = np.asarray(values, np.float32) @ self._columns[places] + self.words.bias
        return np.exp(log_chances(scores, self.words.temperature))

    def by_both(self, text: str, vector: Floats) -> Chances:
        """Chances of each label by the words and the embedding, shape (labels,)."""
        assert self.meaning is not None
        meant = self.meaning.weight @ vector + self.meaning.bias
        mixed = np.log(self.by_words(text) + 1e-12) + log_chances(meant, self.meaning.temperature)
        return np.exp(log_chances(mixed / 2, self.both))

    def to_bytes(self) -> bytes:
        """The heads as one safetensors file."""
        from safetensors.numpy import save

        facts = {
            "labels": self.labels,
            "terms": self.vocabulary.terms,
            "temperatures": [
                self.words.temperature,
                self.meaning.temperature if self.meaning else 1.0,
                self.both,
            ],
            "embeddings": self.embeddings,
            "intents": self.intents,
            "accuracy": self.accuracy,
        }
        tensors = {
            "idf": self.vocabulary.weights,
            "words.weight": self.words.weight,
            "words.bias": self.words.bias,
        }
        if self.meaning is not None:
            tensors |= {"meaning.weight": self.meaning.weight, "meaning.bias": self.meaning.bias}
        tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        return bytes(save(tensors, metadata={_FORMAT: json.dumps(facts)}))

    @classmethod
    def load(cls, path: str | Path) -> Heads:
        """Read a trained file.

        Raises:
            InputError: There is none, or the file is something else.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(str(path), framework="numpy") as file:
                about = file.metadata() or {}
                if _FORMAT not in about:
                    raise ValueError("it has another format")
                facts: dict[str, Any] = json.loads(about[_FORMAT])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return cls._of(facts, tensors)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{str(path)!r} is no trained router: {error}.", "Make one with `limner support train`."
            ) from error

    @classmethod
    def _of(cls, facts: dict[str, Any], tensors: dict[str, Floats]) -> Heads:
        labels, terms = tuple(facts["labels"]), tuple(facts["terms"])
        said, meant, both = (float(value) for value in facts["temperatures"])
        shapes = {
            "idf": (len(terms),),
            "words.weight": (len(labels), len(terms)),
            "words.bias": (len(labels),),
        }
        if "meaning.weight" in tensors:
            shapes |= {"meaning.weight": (len(labels), tensors["meaning.weight"].shape[-1])}
            shapes |= {"meaning.bias": (len(labels),)}
        if (
            any(tensors[name].shape != shape for name, shape in shapes.items())
            or not min(said, meant, both) > 0
        ):
            raise ValueError("its parts do not fit together")
        meaning = None
        if "meaning.weight" in tensors:
            meaning = Linear(tensors["meaning.weight"], tensors["meaning.bias"], meant)
        return cls(
            labels,
            Vocabulary(terms, tensors["idf"]),
            Linear(tensors["words.weight"], tensors["words.bias"], said),
            meaning,
            both,
            str(facts["embeddings"]),
            str(facts["intents"]),
            float(facts["accuracy"]),
        )
