"""Writing takes into a bank: trimmed, levelled, some through a lossy codec, each only once."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np
import soundfile

from studio.ai.training.separator.bank.index import (
    AUDIBLE_DB,
    SAMPLE_RATE,
    STEMS,
    Clip,
    replace,
    save,
)
from studio.ai.training.separator.bank.takes import Audio, Take, chance
from studio.media.recording import BLOCK_FRAMES

logger = logging.getLogger(__name__)
CODED_SHARE = 0.25
PEAK = 0.9
SHORTEST_SECONDS = 8.0
LEAST_ACTIVE = 0.08
_SILENCE = 10 ** (-60 / 20)


def levels_db(audio: Audio) -> tuple[int, ...]:
    """RMS of each whole second, in whole dB of full scale, at least -120."""
    seconds = audio.shape[1] // SAMPLE_RATE
    blocks = audio[:, : seconds * SAMPLE_RATE].reshape(2, seconds, SAMPLE_RATE)
    power = np.square(blocks, dtype=np.float64).mean(axis=(0, 2))
    return tuple(int(x) for x in np.rint(10 * np.log10(np.maximum(power, 1e-12))))


def trimmed(audio: Audio) -> tuple[Audio, float]:
    """Without silence at both ends; and the seconds that went at the start."""
    loud = np.flatnonzero(np.abs(audio).max(axis=0) > _SILENCE)
    if not len(loud):
        return audio[:, :0], 0.0
    return audio[:, loud[0] : loud[-1] + 1], float(loud[0] / SAMPLE_RATE)


def coded(audio: Audio, codec: str, rng: np.random.Generator) -> Audio:
    """The audio after Ogg Vorbis or MP3 of a random quality, not shifted, as long as before."""
    frames = audio.shape[1]
    file = io.BytesIO()
    kind, subtype = {"vorbis": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III")}[codec]
    level = float(rng.uniform(0.2, 0.9))  # of compression
    with soundfile.SoundFile(
        file, "w", SAMPLE_RATE, 2, subtype, format=kind, compression_level=level
    ) as encoder:
        for first in range(0, frames, BLOCK_FRAMES):
            encoder.write(audio[:, first : first + BLOCK_FRAMES].T)
    file.seek(0)
    decoded = soundfile.read(file, dtype="float32", always_2d=True)[0].T
    lag = _lag(audio, decoded) if codec == "mp3" else 0
    found = np.zeros_like(audio)
    part = decoded[:, max(lag, 0) : max(lag, 0) + frames]
    found[:, : part.shape[1]] = part
    return found


def _lag(audio: Audio, decoded: Audio) -> int:
    """Frames by which an MP3 decoder comes late, where it does not know of the encoder's delay."""
    size = 1 << 17
    start = max(0, int(np.abs(audio).max(axis=0).argmax()) - size // 4)
    a = audio[:, start : start + size].sum(axis=0)
    b = decoded[:, start : start + size].sum(axis=0)
    product = np.fft.rfft(b, 2 * size) * np.conj(np.fft.rfft(a, 2 * size))
    return int(np.fft.irfft(product)[:4096].argmax())


class Store:
    """The folder of a bank.

    Whatever was added is on the disk; `entries` says of each take what files came of it, and is
    written last, so that a run that was stopped goes on where it was.
    """

    def __init__(self, work: Path) -> None:
        self.folder = work / "bank"
        self._entries = self.folder / "entries"
        self._entries.mkdir(parents=True, exist_ok=True)
        self.clips: list[Clip] = []
        self._known: set[str] = set()
        self._read()

    def _read(self) -> None:
        """Takes in what lies there, and what another run has added since."""
        for path in sorted(self._entries.glob("*.json")):
            if path.stem not in self._known:
                self._known.add(path.stem)
                self.clips += msgspec.json.decode(path.read_bytes(), type=tuple[Clip, ...])

    def has(self, source: str, key: str) -> bool:
        """Whether this take was made, even if it came to nothing."""
        return f"{source}-{key}" in self._known

    def seconds(self, source: str) -> float:
        """Of the source's stem that has most."""
        sums = dict.fromkeys(STEMS, 0.0)
        for clip in self.clips:
            if clip.source == source:
                sums[clip.stem] += clip.seconds
        return max(sums.values())

    def add(self, source: str, key: str, take: Take | None) -> list[Clip]:
        """Writes the stems of a take that can be heard; None is remembered too."""
        name = f"{source}-{key}"
        made = list(self._written(source, name, take)) if take is not None else []
        replace(self._entries / f"{name}.json", msgspec.json.encode(made))
        if name not in self._known:  # another run may have made it in the meantime
            self._known.add(name)
            self.clips += made
        return made

    def _written(self, source: str, name: str, take: Take) -> Iterator[Clip]:
        rng = chance("store", name)
        stems = _levelled(take.stems)
        skipped = 0.0
        if len(stems) == 1:
            [(only, sound)] = stems.items()
            stems[only], skipped = trimmed(sound)
        beat = None if take.beat_seconds is None else round(take.beat_seconds - skipped, 4)
        codec = str(rng.choice(["vorbis", "mp3"])) if rng.random() < CODED_SHARE else None
        song = name if len(stems) > 1 else None
        for stem, audio in stems.items():
            sound, been = _through(codec, audio, rng, f"{stem} of {name}")
            levels = levels_db(sound)
            active = float(np.mean([level > AUDIBLE_DB for level in levels])) if levels else 0.0
            if active < LEAST_ACTIVE or sound.shape[1] < SHORTEST_SECONDS * SAMPLE_RATE:
                continue
            path = f"{take.split}/{stem}/{name}.flac"
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(
                self.folder / path, sound.T, SAMPLE_RATE, "PCM_16", compression_level=0.3
            )
            licence = "; ".join([take.licence, *sorted(take.sounds.get(stem, ()))])
            yield Clip(
                path=path, stem=stem, source=source, licence=licence, split=take.split,
                group=take.group, seconds=round(sound.shape[1] / SAMPLE_RATE, 3),
                active=round(active, 3), levels_db=levels, bpm=take.bpm, tonic=take.tonic,
                mode=take.mode, beat_seconds=beat, song=song, coded=been,
            )  # fmt: skip

    def save(self) -> None:
        """Brings the index and the table of hours up to date."""
        self._read()
        save(self.folder, self.clips)


def _through(
    codec: str | None, audio: Audio, rng: np.random.Generator, what: str
) -> tuple[Audio, str | None]:
    """The audio after the codec, and its name; as it was where there is none, or it fails."""
    if codec is None:
        return audio, None
    try:
        return coded(audio, codec, rng), codec
    except soundfile.LibsndfileError as error:
        logger.warning("Without %s: %s: %s", codec, what, error)
        return audio, None


def _levelled(stems: Mapping[str, Audio]) -> dict[str, Audio]:
    """All stems that can be heard, by one gain, so that the loudest peaks at `PEAK`."""
    found = dict(stems)
    peak = max((float(np.abs(a).max(initial=0.0)) for a in found.values()), default=0.0)
    found = {s: a for s, a in found.items() if np.abs(a).max(initial=0.0) > _SILENCE * peak}
    gain = np.float32(PEAK / peak) if peak else np.float32(0)
    return {stem: audio * gain for stem, audio in found.items()}
