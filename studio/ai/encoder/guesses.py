"""The tag whose examples lie nearest to a phrase, where they lie near enough."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from studio.ai import lexicon
from studio.ai.encoder import tags
from studio.ai.encoder.network import Encoder, Floats
from studio.ai.encoder.weights import READER
from studio.ai.encoder.wordpiece import words_of
from studio.core import paths
from studio.core.errors import StudioError

# Chosen on half of a labelled list; the other half is kept to judge them by.
NEARNESS = 0.06  # how fast an example counts for less as its cosine falls
LEAST_SHARE = 0.15  # of all that counts, which the nearest tag must hold
_FRAMES = ("{}", "{} music", "a song about {}")  # a phrase is looked at in each
_SPELLED_OUT = 3  # pieces of a word
_LONGEST = 160

Tag = tuple[str, object]  # (control, value) as `studio.ai.words` knows them


def table_file() -> Path:
    """The examples' vectors, shipped with the program."""
    return paths.resource("models", "words", "examples.safetensors")


class Guesses:
    """Guesses tags of phrases; equal phrases have equal tags.

    Args:
        vectors: Of every example of `tags.examples()`, one after the other.
    """

    def __init__(self, encoder: Encoder, vectors: Floats) -> None:
        self._encoder = encoder
        self._vectors = vectors
        rows = tags.examples()
        self._tags = list(rows)
        sizes = [len(phrases) for phrases in rows.values()]
        self._owner: NDArray[np.intp] = np.repeat(np.arange(len(sizes)), sizes)

    @classmethod
    def installed(cls) -> Self:
        """The ones shipped with the program.

        Raises:
            StudioError: The weights or the examples are missing, or do not belong together.
        """
        encoder = Encoder.installed()
        try:
            with safe_open(table_file(), "numpy") as stored:
                said, vectors = stored.metadata(), stored.get_tensor("examples")
        except OSError as error:
            raise StudioError(
                f"The examples of words cannot be read: {error}.", "Install the studio again."
            ) from error
        if said != identity():
            raise StudioError("The examples of words are damaged.", "Install the studio again.")
        return cls(encoder, vectors.astype(np.float32))

    def __call__(self, phrase: str) -> Tag | None:
        """The tag `phrase` most likely means; None where it says nothing of music.

        A single word that the encoder has to spell out is no word it knows.
        """
        words = words_of(phrase)
        if len(words) == 1 and len(self._encoder.words.pieces(words[0])) >= _SPELLED_OUT:
            return None
        shares = self.shares(phrase)
        best = int(shares.argmax())
        control, name = self._tags[best]
        if not control or round(float(shares[best]), 4) < LEAST_SHARE:
            return None
        return control, _value(control, name)

    def shares(self, phrase: str) -> NDArray[np.float64]:
        """Of each tag, nothing last: its share of all examples, each counted by its nearness."""
        cosines = self._vectors @ seen(self._encoder, phrase[:_LONGEST])
        counted = np.exp((cosines.astype(np.float64) - 1.0) / NEARNESS)
        sums = np.bincount(self._owner, counted)
        shares: NDArray[np.float64] = sums / sums.sum()
        return shares


def seen(encoder: Encoder, phrase: str) -> Floats:
    """A phrase in every frame, as one unit vector."""
    looks = [encoder.vector(frame.format(phrase)) for frame in _FRAMES]
    joined: Floats = np.concatenate(looks) / np.float32(np.sqrt(len(looks)))
    return joined


def identity() -> dict[str, str]:
    """What the stored vectors were made of."""
    said = json.dumps([_FRAMES, [[*tag, *phrases] for tag, phrases in tags.examples().items()]])
    return {"reader": READER, "table": hashlib.sha256(said.encode()).hexdigest()}


def store(encoder: Encoder, file: Path) -> None:
    """Write the vectors of all examples."""
    phrases: Iterable[str] = (p for rows in tags.examples().values() for p in rows)
    vectors = np.stack([seen(encoder, phrase) for phrase in phrases])
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file({"examples": vectors.astype(np.float16)}, file, identity())


def _value(control: str, name: str) -> object:
    """What the lexicon holds under a name: of paces and densities, the number."""
    rows: dict[float, tuple[str, ...]] = {
        "pace": lexicon.PACES, "density": lexicon.DENSITIES,
    }.get(control, {})  # fmt: skip
    return next((value for value, spellings in rows.items() if name in spellings), name)
