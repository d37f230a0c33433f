"""Time-stretching."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from studio.dsp.stretch import stretch, warp

RATE = 48000


def tone(seconds: float) -> npt.NDArray[np.float32]:
    """440 Hz, shape [1, frames]."""
    frames = np.arange(round(seconds * RATE))
    return (0.3 * np.sin(2 * np.pi * 440 * frames / RATE)).astype(np.float32)[None]


def pitch(sound: npt.NDArray[np.float32]) -> float:
    size = 1 << 18
    return float(np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size)).argmax() * RATE / size)


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.25, 2.0])
def test_length_changes_and_pitch_stays(factor: float) -> None:
    out = stretch(np.repeat(tone(2.0), 2, axis=0), RATE, factor=factor)
    assert out.shape == (2, round(2 * RATE * factor))
    assert pitch(out[0, RATE // 4 : RATE]) == pytest.approx(440.0, abs=2.0)


def test_each_part_comes_out_where_it_is_told() -> None:
    """Bursts at every half second, moved apart and together, begin within 5 ms of their places."""
    places = np.arange(0, 4 * RATE + 1, RATE // 2)
    sound = np.zeros((1, 4 * RATE), np.float32)
    for place in places[:-1]:
        burst = np.random.default_rng(int(place)).standard_normal(1200) * 0.3
        sound[0, place + 480 : place + 1680] = burst
    steps = np.array([24_000, 30_000, 18_000, 18_000, 24_000, 36_000, 20_000, 24_000])
    target = np.concatenate([[0], np.cumsum(steps)])
    out = warp(sound, RATE, source=places.tolist(), target=target.tolist())
    assert out.shape == (1, target[-1])
    for start, step in zip(target, steps, strict=False):
        onset = int(np.argmax(np.abs(out[0, start : start + step // 2]) > 0.1))
        assert abs(onset - 480 * step / 24_000) < 0.005 * RATE


@pytest.mark.parametrize("factor", [0.79, 0.9, 1.03, 1.2])
def test_a_long_part_keeps_time_throughout(factor: float) -> None:
    """Clicks come where they belong, at the end of half a minute as at its start."""
    places = np.arange(RATE // 2, 29 * RATE, RATE)
    sound = np.zeros((1, 30 * RATE), np.float32)
    burst = np.random.default_rng(1).standard_normal(1200) * 0.3
    for place in places:
        sound[0, place : place + 1200] = burst
    out = warp(sound, RATE, source=[0, 30 * RATE], target=[0, round(30 * RATE * factor)])[0]
    middle = np.rint((places + 600) * factor).astype(int)
    around = np.arange(-RATE // 10, RATE // 10)
    heard = out[middle[:, None] + around] ** 2
    late = (heard * around).sum(axis=1) / heard.sum(axis=1)  # by where its energy lies
    assert np.abs(late).max() < 0.005 * RATE


def test_parts_join_without_a_click() -> None:
    source, target = [0, RATE, 2 * RATE, 3 * RATE], [0, RATE * 3 // 2, RATE * 2, RATE * 3]
    out = warp(tone(3.0), RATE, source=source, target=target)[0]
    assert np.abs(np.diff(out)).max() < 0.05  # the tone itself moves 0.017 a frame
    assert np.sqrt((out[4800:-4800] ** 2).mean()) == pytest.approx(0.3 / 2**0.5, rel=0.1)


def test_silence_comes_before_the_first_place() -> None:
    out = warp(tone(1.0), RATE, source=[0, RATE], target=[1000, 1000 + RATE])
    assert not out[:, :1000].any()
    assert np.array_equal(out[:, 1000:], tone(1.0))


def test_a_part_of_no_frames_is_left_silent() -> None:
    out = warp(tone(1.0), RATE, source=[0, 0, RATE], target=[0, 480, 480 + RATE])
    assert not out[:, :-RATE].any()
    assert np.sqrt((out[:, RATE // 2 :] ** 2).mean()) == pytest.approx(0.3 / 2**0.5, rel=0.05)
