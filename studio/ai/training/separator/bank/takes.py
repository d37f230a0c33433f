"""What a source hands over: stems that sound together, and what is known of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Audio: TypeAlias = npt.NDArray[np.float32]  # [2, frames], 44.1 kHz
Notes: TypeAlias = npt.NDArray[Any]  # table of `NOTE`
NOTE = np.dtype(
    [("start", "<f8"), ("end", "<f8"), ("pitch", "u1"), ("velocity", "u1")]
)  # in seconds
HELD_OUT_EVERY = 25  # groups: one in so many for each of valid and test


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """Stems of one moment of music; `index.Clip` says what the values mean.

    Attributes:
        licence: Of what all stems hold; of several things, each with its name, parted by "; ".
        sounds: Of each stem, what it was played with: name and licence.
    """

    stems: Mapping[str, Audio]
    group: str
    split: str
    licence: str
    bpm: float | None = None
    tonic: int | None = None
    mode: str | None = None
    beat_seconds: float | None = None
    sounds: Mapping[str, Collection[str]] = field(default_factory=dict)


class Source(Protocol):
    """Where takes come from.

    Attributes:
        name: Of the source, as files and the index name it.
        share: Of the hours wanted per stem that it should fill.
    """

    name: str
    share: float

    def names(self) -> Iterator[str]:
        """Names of all takes it could make, those to be made first first."""
        ...

    def take(self, key: str) -> Take | None:
        """The take of this name, always the same; None where it came to nothing."""
        ...


def chance(*words: str | int) -> np.random.Generator:
    """A generator that depends on these words alone."""
    digest = hashlib.sha256(repr(words).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, np.uint32).astype(np.int64))


def split_of(group: str) -> str:
    """Where a group belongs: most of them in training."""
    number = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % HELD_OUT_EVERY
    return {0: "test", 1: "valid"}.get(number, "train")


def turn(name: str, group: str) -> float:
    """Where a name comes in an order by chance; what is held out comes earlier than the rest.

    So a bank that is only begun has something of every split.
    """
    return float(chance("turn", name).random()) * (1.0 if split_of(group) == "train" else 0.3)
