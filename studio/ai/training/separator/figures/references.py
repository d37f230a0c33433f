"""Real music of which the stems are known, and which is no part of the bank.

Under `real` of the folder of work may lie, unpacked: the Python package stempeg, which holds six
seconds of a song of MUSDB18 (Rafii et al. 2017), and the songs of Frets on Fire from Debian's
packages fretsonfire-songs-muldjord and -sectoid, of which guitar and rest are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from studio.ai.requests import STEMS
from studio.ai.training.separator.songs import Song, Sound

# Of a .stem.mp4: the mix comes first.
_STREAMS = ("drums", "bass", "other", "vocals")
FRETS_SECONDS = (30, 60)  # of each song of Frets on Fire


def excerpts(work: Path) -> Iterator[Song]:
    """Songs in Native Instruments' format of stems."""
    for path in sorted((work / "real").rglob("*.stem.mp4")):
        streams = dict(zip(_STREAMS, list(_streams(path))[1:], strict=True))
        frames = min(one.shape[1] for one in streams.values())
        stems = np.stack([streams[stem][:, :frames] for stem in STEMS])
        yield Song(path.name.removesuffix(".stem.mp4"), stems)


def _streams(path: Path) -> Iterator[Sound]:
    """Every stream [2, n] of a file."""
    import av

    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    for number in range(count):
        with av.open(str(path)) as container:
            parts = [frame.to_ndarray() for frame in container.decode(audio=number)]
        yield np.concatenate(parts, 1).astype(np.float32)


def guitars(work: Path) -> Iterator[tuple[str, Sound]]:
    """Parts of songs: name, and guitar and rest as [2, 2, n]."""
    first, last = (44_100 * seconds for seconds in FRETS_SECONDS)
    for path in sorted((work / "real").rglob("guitar.ogg")):
        pair = []
        for name in ("guitar.ogg", "song.ogg"):
            with soundfile.SoundFile(path.with_name(name)) as file:
                file.seek(min(first, file.frames))
                pair.append(file.read(last - first, dtype="float32", always_2d=True).T)
        frames = min(one.shape[1] for one in pair)
        yield path.parent.name, np.stack([one[:, :frames] for one in pair])
