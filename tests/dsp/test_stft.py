from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.dsp.stft import (
    FLOOR_DB,
    Scale,
    hz_of_position,
    pooled,
    position_of_hz,
    spectrum_db,
    to_bytes,
)

RATE = 48000


def sine(hz: float, level_db: float = 0.0, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time)).astype(np.float32)


@pytest.mark.parametrize("level_db", [0.0, -6.0, -40.0])
def test_a_sine_reads_its_level_at_its_bin(level_db: float) -> None:
    hz = 100 * RATE / 2048
    levels = spectrum_db(sine(hz, level_db), fft_size=2048, hop=512, columns=8, start=4096)
    assert np.argmax(levels[0]) == 100
    assert levels[:, 100] == pytest.approx(level_db, abs=0.01)


def test_what_lies_outside_the_samples_is_silent() -> None:
    levels = spectrum_db(sine(1000), fft_size=1024, hop=256, columns=4, start=10**6)
    assert np.all(levels == pytest.approx(FLOOR_DB))
    before = spectrum_db(sine(1000), fft_size=1024, hop=256, columns=4, start=-(10**6))
    assert np.all(before == pytest.approx(FLOOR_DB))


def test_tiles_join_without_a_seam() -> None:
    samples = np.random.default_rng(1).standard_normal(RATE).astype(np.float32) * 0.1
    whole = spectrum_db(samples, fft_size=2048, hop=512, columns=64)
    second = spectrum_db(samples, fft_size=2048, hop=512, columns=32, start=32 * 512)
    np.testing.assert_array_equal(whole[32:], second)


def test_a_click_is_seen_in_every_bin_and_survives_pooling() -> None:
    samples = np.zeros(RATE, np.float32)
    samples[512 * 10] = 1.0
    levels = spectrum_db(samples, fft_size=1024, hop=512, columns=20)
    assert np.ptp(levels[10]) < 0.01
    assert pooled(levels, 4)[2].max() == levels[10].max()


def test_bytes_cover_the_range() -> None:
    shown = to_bytes(np.array([[FLOOR_DB, FLOOR_DB / 2, 0.0, 20.0]], np.float32))
    assert shown.tolist() == [[0, 127, 255, 255]]


@given(
    st.sampled_from(list(Scale)),
    st.floats(20, 200),
    st.floats(1000, 24000),
    st.floats(0, 1),
)
def test_a_position_leads_back_to_itself(
    scale: Scale, low: float, high: float, position: float
) -> None:
    hz = hz_of_position(position, scale, low, high)
    assert position_of_hz(hz, scale, low, high) == pytest.approx(position, abs=1e-9)


def test_an_octave_is_as_tall_anywhere_on_the_log_scale() -> None:
    at = position_of_hz([100, 200, 400], Scale.LOG, 20, 20000)
    assert at[1] - at[0] == pytest.approx(at[2] - at[1])


@pytest.mark.parametrize(("fft_size", "hop"), [(1023, 256), (0, 256), (1024, 0)])
def test_sizes_that_make_no_sense_are_refused(fft_size: int, hop: int) -> None:
    with pytest.raises(ValueError, match="even window"):
        spectrum_db(sine(100), fft_size=fft_size, hop=hop, columns=1)


def test_columns_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="divide"):
        pooled(np.zeros((5, 3), np.float32), 2)
