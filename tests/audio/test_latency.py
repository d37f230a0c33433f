"""The click is found where it is, in noise too, and not where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from studio.audio.latency import Probe, click, found_at

RATE = 48000


@pytest.mark.parametrize("gain", [1.0, 0.01, -0.2])
def test_a_click_is_found_to_the_frame(gain: float) -> None:
    noise = np.random.default_rng(3).standard_normal((RATE, 2)).astype(np.float32) * 0.0005
    played = click(RATE)
    noise[7321 : 7321 + len(played), 1] += gain * played
    assert found_at(noise, played) == 7321


def test_nothing_is_found_in_silence_or_noise_alone() -> None:
    noise = np.random.default_rng(4).standard_normal((RATE, 2)).astype(np.float32) * 0.01
    assert found_at(np.zeros((RATE, 2), np.float32), click(RATE)) is None
    assert found_at(noise, click(RATE)) is None


def test_a_probe_plays_one_click_however_the_stream_is_cut() -> None:
    heard = []
    for size in (64, 333, 4096):
        probe, out = Probe(RATE, 1000), np.zeros((16_384, 2), np.float32)
        for start in range(0, len(out), size):
            probe.add(out[start : start + size], 500 + start)
        heard.append(out)
    assert (heard[0] == heard[1]).all()
    assert (heard[0] == heard[2]).all()
    at = probe.stream_frame - 500
    assert (heard[0][at : at + len(probe.click), 0] == probe.click).all()
    assert np.count_nonzero(heard[0][:, 0]) == np.count_nonzero(probe.click)
