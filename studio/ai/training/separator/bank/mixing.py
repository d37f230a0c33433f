"""Mixtures without end out of a bank: songs as they are, and stems that never met."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from studio.ai.training.separator.bank.effects import augmented, mastered
from studio.ai.training.separator.bank.index import AUDIBLE_DB, SAMPLE_RATE, STEMS, Bank, Clip
from studio.ai.training.separator.bank.takes import Audio
from studio.core.errors import StudioError

SECONDS = 8.0
WITHOUT_VOCALS = 0.3
WITHOUT = {"drums": 0.08, "bass": 0.08, "other": 0.05}
SONG_SHARE = 0.45
MATCHED_SHARE = 0.6  # of what is no song
RECORDED_SONG_SHARE = 0.25  # of the songs
FASTER_SHARE = 0.3
ADDED_SHARE = 0.5  # of the stems that a song lacks; vocals are always added
LARGEST_SPEED_SEMITONES = 2
TEMPO_TOLERANCE = 0.02
USUAL_DB = {"drums": -21.0, "bass": -22.0, "vocals": -20.0, "other": -22.0}
SPREAD_DB = 4.5
SONG_SPREAD_DB = 2.0
# How often a source is heard beside the others that have the stem; 1 for any that is not here.
WEIGHTS = {
    "recorded": 3.0, "shifted-singing": 2.0, "drummed": 3.0, "loops": 0.5, "mma-made": 2.0,
    "sung": 2.0, "choirs": 1.0, "speech": 0.6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pick:
    """A moment of a clip, played faster by a ratio."""

    clip: Clip
    start_seconds: float
    speed: float = 1.0


class Mixer:
    """Mixtures of a bank; the same seed and step give the same samples.

    Args:
        frames: Length of a mixture, at 44.1 kHz.
    """

    def __init__(
        self, bank: Bank, seed: int, *, split: str = "train", frames: int = int(SECONDS * 44_100)
    ) -> None:
        self.frames = frames
        self._bank = bank
        self._seed = seed
        self._shelves = {stem: Shelf(bank.of(split, stem)) for stem in STEMS}
        if not any(shelf.clips for shelf in self._shelves.values()):
            raise StudioError(f"The bank in {bank.folder} holds nothing for {split}.")
        songs = sorted(bank.songs(split).items())
        self._songs = [stems for _, stems in songs]
        self._recorded = [s for s in self._songs if _source(s) == "recorded"]

    def draw(self, step: int) -> Audio:
        """Stems float32 [4, 2, frames] in the order of `STEMS`; their sum is the mixture."""
        rng = np.random.default_rng([self._seed, step])
        song = bool(self._songs) and rng.random() < SONG_SHARE
        picks = self._song(rng) if song else self._remix(rng)
        if rng.random() < WITHOUT_VOCALS:
            picks.pop("vocals", None)
        for stem, share in WITHOUT.items():
            if rng.random() < share and len(picks) > 1:
                picks.pop(stem, None)
        spread = SONG_SPREAD_DB if song else SPREAD_DB
        usual = _song_gain_db(picks) if song else None
        out = np.zeros((len(STEMS), 2, self.frames), np.float32)
        for index, stem in enumerate(STEMS):
            if stem in picks:
                pick = picks[stem]
                own = _loudness_db(pick.clip)
                alone = usual is None or pick.clip.song is None
                gain = USUAL_DB[stem] - own if alone or usual is None else usual
                gain += rng.normal(0, spread)
                sound = augmented(self._read(pick), stem, rng)
                out[index] = sound * np.float32(10 ** (gain / 20))
        return mastered(out, rng)

    def _song(self, rng: np.random.Generator) -> dict[str, Pick]:
        recorded = self._recorded and rng.random() < RECORDED_SONG_SHARE
        table = self._recorded if recorded else self._songs
        song = table[int(rng.integers(len(table)))]
        speed = float(2 ** (rng.uniform(-2, 2) / 12)) if rng.random() < FASTER_SHARE else 1.0
        lead = song[str(rng.choice(sorted(song)))]
        start = self._start(lead, rng, speed)
        picks = {stem: Pick(clip, start, speed) for stem, clip in song.items()}
        for stem in STEMS:
            wanted = stem == "vocals" or rng.random() < ADDED_SHARE
            if stem not in picks and wanted and self._shelves[stem].clips:
                picks[stem] = self._beside(lead, start, speed, stem, rng)
        return picks

    def _remix(self, rng: np.random.Generator) -> dict[str, Pick]:
        """A clip of each stem; where they can be, in one tempo and key."""
        stems = [stem for stem in STEMS if self._shelves[stem].clips]
        first = "other" if "other" in stems else stems[0]
        lead = self._shelves[first].any(rng)
        start = self._start(lead, rng, 1.0)
        picks = {first: Pick(lead, start)}
        matched = rng.random() < MATCHED_SHARE
        for stem in stems:
            if stem != first and matched:
                picks[stem] = self._beside(lead, start, 1.0, stem, rng)
            elif stem != first:
                clip = self._shelves[stem].any(rng)
                speed = float(2 ** (rng.uniform(-2, 2) / 12))
                picks[stem] = Pick(clip, self._start(clip, rng, speed), speed)
        return picks

    def _beside(
        self, lead: Clip, start: float, speed: float, stem: str, rng: np.random.Generator
    ) -> Pick:
        """A clip in the tempo and key of another, from the same place of a bar; or any."""
        fitting = self._shelves[stem].fitting(lead, speed)
        if not fitting:
            clip = self._shelves[stem].any(rng)
            return Pick(clip, self._start(clip, rng, 1.0))
        clip, own_speed = fitting[int(rng.integers(len(fitting)))]
        begun = self._start(clip, rng, own_speed)
        if None in (lead.beat_seconds, clip.beat_seconds, lead.bpm, clip.bpm):
            return Pick(clip, begun, own_speed)
        bar = 240 / (clip.bpm or 1)
        phase = (start - (lead.beat_seconds or 0)) / (240 / (lead.bpm or 1)) % 1
        nearest = round((begun - (clip.beat_seconds or 0)) / bar - phase)
        at = (clip.beat_seconds or 0) + (nearest + phase) * bar
        return Pick(clip, at if at >= 0 else at + bar, own_speed)

    def _start(self, clip: Clip, rng: np.random.Generator, speed: float) -> float:
        """Where to begin in a clip: mostly where more than half of what follows can be heard."""
        length = self.frames / SAMPLE_RATE * speed
        room = max(clip.seconds - length, 0.0)
        for _ in range(4):
            start = float(rng.uniform(0, room)) if room else 0.0
            levels = clip.levels_db[int(start) : int(np.ceil(start + length))]
            if sum(level > AUDIBLE_DB for level in levels) > len(levels) / 2:
                return start
        return start

    def _read(self, pick: Pick) -> Audio:
        """The moment as stereo [2, frames]; silence after the end of the clip."""
        wanted = int(np.ceil(self.frames * pick.speed)) + 8
        audio = _frames(self._bank.folder / pick.clip.path, pick.start_seconds, wanted)
        if pick.speed != 1.0 and len(audio):
            audio = soxr.resample(audio, SAMPLE_RATE * pick.speed, SAMPLE_RATE, quality="MQ")
        out = np.zeros((2, self.frames), np.float32)
        size = min(len(audio), self.frames)
        out[:, :size] = audio[:size].T
        return out


def _frames(path: Path, start_seconds: float, count: int) -> npt.NDArray[np.float32]:
    """Up to `count` frames [n, 2]. Raises StudioError where the file cannot be read."""
    try:
        with soundfile.SoundFile(path) as file:
            file.seek(min(int(start_seconds * SAMPLE_RATE), file.frames))
            found: npt.NDArray[np.float32] = file.read(count, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise StudioError(
            f"{path} cannot be read: {error.error_string}", "Make the bank anew."
        ) from error
    return found


class Shelf:
    """The clips of one stem, and which of them fit a tempo and a key."""

    def __init__(self, clips: list[Clip]) -> None:
        self.clips = sorted(clips, key=lambda clip: clip.path)
        sources: dict[str, list[Clip]] = defaultdict(list)
        for clip in self.clips:
            sources[clip.source].append(clip)
        self._sources = list(sources.values())
        weights = np.array([WEIGHTS.get(name, 1.0) for name in sources])
        self._shares = weights / weights.sum() if len(weights) else weights
        self._bpm = _column(clip.bpm for clip in self.clips)
        self._tonic = _column(clip.tonic for clip in self.clips)
        self._minor = _column({"major": 0, "minor": 1}.get(c.mode or "") for c in self.clips)

    def any(self, rng: np.random.Generator) -> Clip:
        """A clip: first a source by its weight, then one of its clips."""
        clips = self._sources[int(rng.choice(len(self._sources), p=self._shares))]
        return clips[int(rng.integers(len(clips)))]

    def fitting(self, lead: Clip, lead_speed: float) -> list[tuple[Clip, float]]:
        """Clips that have the lead's tempo and key at some speed, up to two semitones away.

        What has no key, as drums, follows the tempo alone.
        """
        if lead.bpm is None:
            return []
        bpm = lead.bpm * lead_speed
        found: list[tuple[Clip, float]] = []
        exact = np.flatnonzero(np.isnan(self._tonic) & (np.abs(self._bpm / bpm - 1) < 0.12))
        found += [(self.clips[i], float(bpm / self._bpm[i])) for i in exact]
        if lead.tonic is None or lead.mode is None:
            return found
        same = self._minor == (lead.mode == "minor")
        shift = 12 * np.log2(lead_speed)
        for semitones in range(-LARGEST_SPEED_SEMITONES, LARGEST_SPEED_SEMITONES + 1):
            speed = 2 ** ((semitones + shift) / 12)
            tuned = (self._tonic + semitones) % 12 == lead.tonic
            timed = np.abs(self._bpm * speed / bpm - 1) < TEMPO_TOLERANCE
            found += [(self.clips[i], speed) for i in np.flatnonzero(same & tuned & timed)]
        return found


def _column(values: object) -> npt.NDArray[np.float64]:
    table = [np.nan if value is None else float(value) for value in values]  # type: ignore[attr-defined]
    return np.array(table, np.float64)


def _loudness_db(clip: Clip) -> float:
    """RMS of the seconds that can be heard."""
    heard = [level for level in clip.levels_db if level > AUDIBLE_DB]
    return float(10 * np.log10(np.mean(10 ** (np.array(heard) / 10)))) if heard else -40.0


def _song_gain_db(picks: dict[str, Pick]) -> float | None:
    """What brings a song's loudest stem to its usual level."""
    songs = [(s, _loudness_db(p.clip)) for s, p in picks.items() if p.clip.song is not None]
    return min((USUAL_DB[stem] - loud for stem, loud in songs), default=None)


def _source(song: dict[str, Clip]) -> str:
    return next(iter(song.values())).source
