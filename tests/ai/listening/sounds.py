"""Small music of which everything is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from studio.ai.listening.heard import Floats

RATE = 22_050
CHORDS = ((48, 60, 64, 67), (45, 60, 64, 69), (41, 60, 65, 69), (43, 59, 62, 67))  # C Am F G
CHORD_NAMES = ["C", "Am", "F", "G"]


def tone(pitch: float, seconds: float, level: float = 0.2, rate: int = RATE) -> Floats:
    """A plucked tone with five overtones."""
    time = np.arange(round(seconds * rate)) / rate
    hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    parts = [np.sin(2 * np.pi * hz * n * time) / n**1.3 for n in range(1, 6) if hz * n < rate / 2]
    shape = np.minimum(time / 0.01, 1.0) * np.exp(-time) * np.minimum((seconds - time) / 0.02, 1.0)
    return np.asarray(level * shape * sum(parts), np.float32)


def kick(rate: int = RATE) -> Floats:
    time = np.arange(round(0.2 * rate)) / rate
    wave = np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-time * 40))))
    return np.asarray(0.8 * wave * np.minimum(time / 0.004, 1.0) * np.exp(-time * 18), np.float32)


def noise(seconds: float, low_hz: float, level: float, rate: int = RATE) -> Floats:
    """A burst of noise above `low_hz`."""
    count = round(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(1).normal(size=count))
    spectrum[: round(low_hz * seconds)] = 0.0
    decay = np.exp(-np.arange(count) / (0.15 * count))
    return np.asarray(level * np.fft.irfft(spectrum, count) * decay, np.float32)


def put(sound: Floats, part: Floats, second: float, rate: int = RATE) -> None:
    first = round(second * rate)
    room = max(len(sound) - first, 0)
    sound[first : first + len(part)] += part[:room]


def line(pitches: Sequence[float], seconds: float, rate: int = RATE) -> Floats:
    """Tones one after the other."""
    sound = np.zeros(round(len(pitches) * seconds * rate), np.float32)
    for index, pitch in enumerate(pitches):
        put(sound, tone(pitch, 0.9 * seconds, rate=rate), index * seconds, rate)
    return sound


def band(
    beats: Sequence[float] | npt.NDArray[np.float64], beats_per_bar: int = 4, rate: int = RATE
) -> Floats:
    """Kick on the first and third beat of a bar, snare on the others, a hi-hat on each and between
    them; a chord of `CHORDS` and its bass to the bar."""
    sound = np.zeros(round((beats[-1] + 1.0) * rate), np.float32)
    length = beats[1] - beats[0]
    for index, second in enumerate(beats):
        bar, place = divmod(index, beats_per_bar)
        hat = noise(0.05, 8000.0 if rate > 20_000 else 2500.0, 0.05, rate)
        put(sound, hat, second, rate)
        put(sound, 0.5 * hat, second + length / 2, rate)
        if place % 2 == 0:
            put(sound, kick(rate), second, rate)
        else:
            put(sound, noise(0.15, 400.0, 0.3, rate), second, rate)
        if place == 0:
            for pitch in CHORDS[bar % len(CHORDS)]:
                put(sound, tone(pitch, beats_per_bar * length * 0.98, 0.06, rate), second, rate)
    return sound
