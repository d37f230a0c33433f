"""The null device keeps time; the device's edge resamples without a seam."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.audio.converter import Converter
from studio.audio.device import NULL, NullDevice, devices, open_device
from studio.core.errors import StudioError

Block = npt.NDArray[np.float32]


class _Noise:
    """A source that remembers what it gave."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)
        self.given: list[Block] = []
        self.missed = 0

    def __call__(self, block: Block, missed: bool) -> None:
        block[:] = self._random.standard_normal(block.shape, np.float32) * np.float32(0.1)
        self.given.append(block.copy())
        self.missed += missed


@settings(max_examples=25)
@given(
    rates=st.sampled_from([(48000, 44100), (44100, 48000), (48000, 96000), (96000, 44100)]),
    sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=12),
)
def test_the_edge_gives_what_one_resampling_of_the_whole_gives(
    rates: tuple[int, int], sizes: list[int]
) -> None:
    source = _Noise()
    converter = Converter(*rates, source)
    blocks = [np.zeros((size, 2), np.float32) for size in sizes]
    for block in blocks:
        converter.fill(block, False)
    heard = np.concatenate(blocks)
    silence = np.zeros((converter.primed_frames, 2), np.float32)
    whole = soxr.resample(np.concatenate([silence, *source.given]), *rates, quality="HQ")
    start = round(converter.primed_frames * rates[1] / rates[0])
    start -= round(converter.latency_frames * rates[1] / rates[0])
    # A stream starts on the grid of its own output, so the two may stand a frame apart.
    errors = [
        np.abs(heard[8:-8] - whole[start + shift + 8 : start + shift + len(heard) - 8]).max(
            initial=0
        )
        for shift in (-1, 0, 1)
    ]
    assert len(heard) < 17 or min(errors) < 1e-4


def test_a_missed_block_is_told_of_once_across_the_edge() -> None:
    source = _Noise()
    converter = Converter(48000, 44100, source)
    converter.fill(np.zeros((1024, 2), np.float32), True)
    converter.fill(np.zeros((1024, 2), np.float32), False)
    assert source.missed == 1


def test_the_null_device_keeps_time_and_its_file_holds_what_was_played(tmp_path: Path) -> None:
    source = _Noise()
    tap = tmp_path / "tap.f32"
    began = time.perf_counter()
    device = open_device(f"{NULL}: {tap}", 48000, 480, source)
    while time.perf_counter() - began < 0.5:
        time.sleep(0.01)
    device.close()
    took = time.perf_counter() - began
    frames = sum(map(len, source.given))
    assert isinstance(device, NullDevice)
    assert device.silent
    assert frames / 48000 < took + 0.05
    assert frames / 48000 > 0.3  # a busy machine may miss some; it skips them
    written = np.fromfile(tap, np.float32).reshape(-1, 2)
    assert (written == np.concatenate(source.given)).all()


def test_every_machine_has_the_null_device() -> None:
    assert devices()[-1].name == NULL


def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(StudioError, match="There is no audio device Theremin"):
        open_device("Theremin", 48000, 256, _Noise())
