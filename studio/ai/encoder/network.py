"""MiniLM (Wang et al. 2020) as a sentence encoder (Reimers & Gurevych 2019), in numpy.

The weights are those of `all-MiniLM-L6-v2` (Apache-2.0), from a package that carries them. One
phrase takes a few milliseconds, so that nothing heavier than numpy is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from scipy.special import erf

from studio.ai.encoder.weights import folder
from studio.ai.encoder.wordpiece import WordPiece
from studio.core.errors import StudioError

_HEADS, _LAYERS = 12, 6
_EPSILON = 1e-12

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights of one block, each `[inputs, outputs]`; queries, keys and values side by side."""

    heads: tuple[Floats, Floats]
    mixed: tuple[Floats, Floats]
    mixed_norm: tuple[Floats, Floats]
    wide: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    norm: tuple[Floats, Floats]

    def after(self, x: Floats) -> Floats:
        """`x` [pieces, width] one block on."""
        queries, keys, values = np.split(_linear(x, self.heads), 3, axis=1)
        seen = _attended(queries, keys, values)
        x = _normed(x + _linear(seen, self.mixed), self.mixed_norm)
        inner = _gelu(_linear(x, self.wide))
        return _normed(x + _linear(inner, self.narrow), self.norm)


class Encoder:
    """Phrases as directions: what means alike lies close.

    Raises:
        StudioError: The weights are not installed.
    """

    def __init__(self, words: WordPiece, tensors: dict[str, Floats]) -> None:
        self.words = words
        self._embedded = tensors["embeddings.word_embeddings.weight"]
        places = tensors["embeddings.position_embeddings.weight"]
        self._places: Floats = places + tensors["embeddings.token_type_embeddings.weight"][0]
        self._norm = _pair(tensors, "embeddings.LayerNorm")
        self._layers = [_layer(tensors, f"encoder.layer.{n}") for n in range(_LAYERS)]

    @classmethod
    def installed(cls) -> Self:
        """The one whose weights the studio was installed with."""
        found = folder()
        if found is None:
            raise StudioError("The sentence encoder is not installed.", "Set the studio up again.")
        with safe_open(found / "model.safetensors", "numpy") as weights:
            tensors = {name: weights.get_tensor(name) for name in weights.keys()}  # noqa: SIM118
        return cls(WordPiece(found / "vocab.txt"), tensors)

    def vector(self, phrase: str) -> Floats:
        """A unit vector [384]. Phrases go through one by one, so that each has one result."""
        numbers = self.words.numbers(phrase)
        x = _normed(self._embedded[numbers] + self._places[: len(numbers)], self._norm)
        for layer in self._layers:
            x = layer.after(x)
        mean = x.mean(axis=0)
        unit: Floats = mean / np.linalg.norm(mean)
        return unit


def _layer(tensors: dict[str, Floats], name: str) -> _Layer:
    parts = [_pair(tensors, f"{name}.attention.self.{n}") for n in ("query", "key", "value")]
    stacked = (np.concatenate([w for w, _ in parts], axis=1), np.concatenate([b for _, b in parts]))
    return _Layer(
        stacked,
        _pair(tensors, f"{name}.attention.output.dense"),
        _pair(tensors, f"{name}.attention.output.LayerNorm"),
        _pair(tensors, f"{name}.intermediate.dense"),
        _pair(tensors, f"{name}.output.dense"),
        _pair(tensors, f"{name}.output.LayerNorm"),
    )


def _pair(tensors: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.weight"].T, tensors[f"{name}.bias"]


def _linear(x: Floats, weights: tuple[Floats, Floats]) -> Floats:
    out: Floats = x @ weights[0] + weights[1]
    return out


def _attended(queries: Floats, keys: Floats, values: Floats) -> Floats:
    """Attention of every piece over all of them, in `_HEADS` heads."""
    count, width = queries.shape
    q, k, v = (x.reshape(count, _HEADS, -1).transpose(1, 0, 2) for x in (queries, keys, values))
    scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(width / _HEADS))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    out: Floats = (weights @ v).transpose(1, 0, 2).reshape(count, width)
    return out


def _normed(x: Floats, weights: tuple[Floats, Floats]) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
    out: Floats = centred / spread * weights[0] + weights[1]
    return out


def _gelu(x: Floats) -> Floats:
    out: Floats = x * np.float32(0.5) * (np.float32(1.0) + erf(x / np.float32(np.sqrt(2.0))))
    return out
