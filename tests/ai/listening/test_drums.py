"""Kick, snare and hi-hat."""

from __future__ import annotations

import numpy as np

from studio.ai.listening.drums import HAT, KICK, SNARE, drum_notes
from studio.ai.listening.heard import Floats
from studio.ai.listening.mono import Mono
from tests.ai.listening.sounds import band, kick, noise, put, tone

RATE = 44_100


def beat(bars: int) -> tuple[Floats, dict[int, list[float]]]:
    """Rock: kick on 1 and 3, snare on 2 and 4, hi-hat on each eighth, at 120 bpm."""
    sound = np.zeros(round((bars * 2.0 + 0.5) * RATE), np.float32)
    strokes: dict[int, list[float]] = {KICK: [], SNARE: [], HAT: []}
    for eighth in range(8 * bars):
        second = 0.1 + 0.25 * eighth
        put(sound, noise(0.04, 8000.0, 0.05, RATE), second, RATE)
        strokes[HAT].append(second)
        if eighth % 4 == 0:
            put(sound, kick(RATE), second, RATE)
            strokes[KICK].append(second)
        if eighth % 4 == 2:
            put(sound, noise(0.15, 300.0, 0.25, RATE), second, RATE)
            strokes[SNARE].append(second)
    return sound, strokes


def test_each_stroke_is_heard_once_as_its_drum() -> None:
    sound, strokes = beat(6)
    found = drum_notes(Mono.of(sound, RATE))
    for key, seconds in strokes.items():
        heard = found.start[found.pitch == key]
        assert len(heard) == len(seconds), key
        assert np.abs(heard - seconds).max() <= 0.03


def test_held_tones_are_no_drums() -> None:
    sound, strokes = beat(6)
    for pitch in (40.0, 52.0, 59.0, 64.0):
        put(sound, tone(pitch, 12.0, 0.02, RATE), 0.0, RATE)
    found = drum_notes(Mono.of(sound, RATE))
    assert abs(len(found) - sum(len(seconds) for seconds in strokes.values())) <= 3


def test_a_rate_without_cymbals_still_has_drums() -> None:
    sound, strokes = beat(4)
    low = Mono.of(sound[::5].copy(), RATE // 5)
    heard = drum_notes(low)
    struck = heard.start[heard.pitch != HAT]
    assert all(np.abs(struck - second).min() < 0.04 for second in strokes[KICK] + strokes[SNARE])


def test_who_plays_a_tune_is_no_drummer() -> None:
    sound = np.zeros(4 * RATE, np.float32)
    for index, pitch in enumerate((72, 74, 76, 77, 79, 77, 76, 74)):
        put(sound, tone(pitch, 0.45, 0.2, RATE), 0.5 * index, RATE)
    assert not len(drum_notes(Mono.of(sound, RATE)))


def test_soft_drums_in_a_band_are_heard_beside_it() -> None:
    """Chords that swell and a bass hide the kick, and not the cymbals."""
    beats = np.arange(0.5, 8.0, 0.5)
    sound = 0.4 * band(beats, rate=44_100)
    for bar in range(4):
        for pitch in (48, 60, 64, 67, 72):
            put(sound, tone(pitch, 2.0, 0.12, 44_100), 2.0 * bar, 44_100)
    heard = drum_notes(Mono.of(sound, 44_100))
    hats = heard.start[heard.pitch == HAT]
    assert all(np.abs(hats - beat).min() < 0.04 for beat in beats)
