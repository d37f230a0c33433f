"""One voice."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ai.listening.heard import Floats
from studio.ai.listening.line import pitch_curve, sung_notes
from studio.ai.listening.mono import Mono
from studio.ai.listening.onsets import onsets
from studio.ai.nets import pitch_net
from tests.ai.listening.sounds import RATE, line

CURVES = pytest.mark.parametrize("curve", [pitch_curve, pitch_net.pitch_curve], ids=["yin", "net"])


def hum(pitches: list[float], seconds: float, vibrato: float = 0.0) -> Floats:
    """A voice without attack that glides from pitch to pitch in 40 ms."""
    count = round(seconds * RATE)
    steps = np.repeat(np.array(pitches), count)
    smooth = np.convolve(np.pad(steps, 441, mode="edge"), np.ones(883) / 883, mode="valid")
    time = np.arange(len(smooth)) / RATE
    pitch = smooth + vibrato * np.sin(2 * np.pi * 5.5 * time)
    phase = 2 * np.pi * np.cumsum(440.0 * 2.0 ** ((pitch - 69.0) / 12.0)) / RATE
    return np.asarray(0.2 * (np.sin(phase) + 0.4 * np.sin(2 * phase)), np.float32)


@CURVES
@pytest.mark.parametrize("pitch", [43.0, 57.3, 69.0, 81.5])
def test_the_pitch_of_a_steady_tone_is_exact(curve: object, pitch: float) -> None:
    found = curve(Mono.of(hum([pitch], 0.8), RATE))  # type: ignore[operator]
    inside = slice(len(found.pitch) // 4, -len(found.pitch) // 4)
    assert np.abs(found.pitch[inside] - pitch).max() <= 0.2
    assert (found.voiced[inside] >= 0.5).all()


@CURVES
def test_a_played_line_is_written_down(curve: object) -> None:
    pitches = [60, 62, 64, 64, 67, 65, 60]
    mono = Mono.of(line(pitches, 0.5), RATE)
    found = sung_notes(curve(mono), onsets(mono).strength)  # type: ignore[operator]
    assert found.pitch.tolist() == pitches
    assert np.abs(found.start - np.arange(7) * 0.5).max() <= 0.05


@CURVES
def test_a_hum_with_vibrato_a_little_flat_hits_the_keys(curve: object) -> None:
    pitches = [59.75, 61.75, 63.75, 66.75, 64.75]
    mono = Mono.of(hum(pitches, 0.6, vibrato=0.3), RATE)
    found = sung_notes(curve(mono), onsets(mono).strength)  # type: ignore[operator]
    assert found.pitch.tolist() == [60, 62, 64, 67, 65]
    assert np.abs(found.start - np.arange(5) * 0.6).max() <= 0.08


def test_pieces_of_a_long_line_join_as_if_it_were_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mono = Mono.of(line([60, 62, 64, 65, 67, 65, 64, 62], 0.5), RATE)
    wanted = pitch_curve(mono)
    monkeypatch.setattr("studio.ai.listening.line._LENGTH", 90)
    monkeypatch.setattr("studio.ai.listening.line._AROUND", 40)
    found = pitch_curve(mono)
    assert len(found.pitch) == len(wanted.pitch)
    sings = wanted.voiced >= 0.5
    assert np.array_equal(found.pitch[sings], wanted.pitch[sings])
    assert np.array_equal(found.voiced, wanted.voiced)
    assert np.array_equal(found.level, wanted.level)


def test_noise_sings_nothing() -> None:
    sound = np.random.default_rng(0).normal(size=RATE).astype(np.float32)
    mono = Mono.of(sound, RATE)
    assert not len(sung_notes(pitch_curve(mono), onsets(mono).strength))
