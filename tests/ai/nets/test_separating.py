"""Recordings of any length, taken apart in windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import psutil
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.nets import separating
from studio.ai.nets.separating import Separated, separate
from studio.ai.nets.separator import Separator
from studio.ai.requests import STEMS
from studio.core.errors import Cancelled, StudioError
from tests.ai.nets.splitter import banded, network, noise

Sound = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def net() -> Separator:
    return network()


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separating, "CORE_SECONDS", 0.5)


class Desk:
    """A recording to read from, and stems as they were written."""

    def __init__(self, mix: Sound) -> None:
        self.mix = mix
        self.asked = 0
        self.written: dict[str, list[Sound]] = {stem: [] for stem in STEMS}
        self.frames = 0

    def read(self, first: int, count: int) -> Sound:
        assert first == self.asked
        self.asked += count
        return self.mix[first : first + count]

    def write(self, first: int, stems: dict[str, Sound]) -> None:
        assert first == self.frames
        assert list(stems) == list(STEMS)
        counts = {len(part) for part in stems.values()}
        assert len(counts) == 1
        self.frames += counts.pop()
        for stem, part in stems.items():
            assert part.dtype == np.float32
            self.written[stem].append(part.copy())

    def stems(self) -> Sound:
        empty = np.zeros((0, 2), np.float32)
        return np.stack([np.concatenate([empty, *parts]) for parts in self.written.values()])


def apart(
    net: Separator,
    mix: Sound,
    shifts: int = 0,
    progress: Callable[[float], None] = lambda _fraction: None,
) -> tuple[Sound, Separated]:
    desk = Desk(mix)
    told = separate(net, desk.read, len(mix), desk.write, shifts=shifts, progress=progress)
    assert desk.asked == len(mix)
    return desk.stems(), told


def sound(frames: int, seed: int = 1) -> Sound:
    return np.ascontiguousarray(noise(frames, seed)[0].T.numpy())


@settings(max_examples=15, deadline=None)
@given(frames=st.integers(0, 70_000), shifts=st.integers(0, 2), gain=st.sampled_from([1e-4, 1, 30]))
def test_stems_are_as_long_as_the_mix_and_sum_to_it(
    net: Separator, frames: int, shifts: int, gain: float
) -> None:
    mix = np.float32(gain) * sound(frames)
    stems, _ = apart(net, mix, shifts)
    assert stems.shape == (len(STEMS), frames, 2)
    assert np.abs(stems.sum(0) - mix).max(initial=0) <= 1e-6 * max(1.0, np.abs(mix).max(initial=0))


@pytest.mark.parametrize("frames", [1, 2, 511, 2047])
def test_a_recording_shorter_than_a_window_is_taken_apart(net: Separator, frames: int) -> None:
    stems, _ = apart(net, sound(frames))
    assert stems.shape == (len(STEMS), frames, 2)


def test_joins_differ_from_one_pass_by_rounding_alone(net: Separator) -> None:
    mix = sound(100_000)
    stems, _ = apart(net, mix)
    whole = net(torch.from_numpy(mix.T.copy())[None])[0].transpose(1, 2).numpy()
    assert np.abs(stems - whole).max() < 1e-6  # -120 dBFS
    assert np.abs(whole).max() > 0.1


def test_shifted_passes_are_their_mean_and_no_other_sound(net: Separator) -> None:
    mix = sound(30_000)
    once, _ = apart(net, mix)
    often, _ = apart(net, mix, shifts=3)
    again, _ = apart(net, mix, shifts=3)
    assert np.array_equal(often, again)
    assert not np.allclose(once, often, atol=1e-3)
    assert np.corrcoef(once.ravel(), often.ravel())[0, 1] > 0.8


def test_silence_stays_silent(net: Separator) -> None:
    stems, told = apart(net, np.zeros((60_000, 2), np.float32))
    assert not stems.any()
    assert all(np.isfinite(value) for value in told.confidence.values())


def test_a_dead_channel_stays_dead(net: Separator) -> None:
    mix = sound(60_000)
    mix[:, 1] = 0
    stems, _ = apart(net, mix)
    assert not stems[:, :, 1].any()
    assert np.abs(stems[:, :, 0]).max(1).min() > 0


def test_a_clipped_recording_is_taken_apart(net: Separator) -> None:
    mix = np.clip(30 * sound(30_000), -1, 1)
    stems, _ = apart(net, mix)
    assert np.isfinite(stems).all()
    assert np.abs(stems.sum(0) - mix).max() <= 1e-6


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_recording_with_values_that_are_no_numbers_is_refused(
    net: Separator, value: float
) -> None:
    mix = sound(30_000)
    mix[20_000, 1] = value
    with pytest.raises(StudioError, match="no numbers"):
        apart(net, mix)


def test_progress_rises_to_the_end_and_is_told_within_a_window(net: Separator) -> None:
    told: list[float] = []
    apart(net, sound(60_000), progress=told.append)
    assert told == sorted(told)
    windows = -(-60_000 // (round(0.5 * 44100 / 512) * 512))
    assert len(told) == windows * len(net.blocks)
    assert 0 <= told[0] < told[-1] <= 1


def test_the_work_ends_within_a_window_on_request(net: Separator) -> None:
    desk, calls = Desk(sound(60_000)), 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 4:  # in the second window, of two blocks each
            raise Cancelled

    with pytest.raises(Cancelled):
        separate(net, desk.read, 60_000, desk.write, check_cancelled=check)
    assert 0 < desk.frames < 30_000


def test_confidence_is_how_decided_the_masks_are(net: Separator) -> None:
    even = network()
    for layer in banded(even):
        layer.weight.zero_()
    decided = network()
    for layer in banded(decided):
        layer.weight.zero_()
        layer.bias.unflatten(-1, (len(STEMS), -1))[:, :, 0] = 20.0
    mix = sound(30_000)
    assert max(apart(even, mix)[1].confidence.values()) < 1e-6
    assert apart(decided, mix)[1].confidence["drums"] > 0.99
    decided.trust["drums"] = 0.5
    assert apart(decided, mix)[1].confidence["drums"] == pytest.approx(0.5, abs=1e-3)
    some = apart(net, mix)[1].confidence
    assert list(some) == list(STEMS)
    assert all(0 < value < 1 for value in some.values())


def test_memory_does_not_grow_with_the_recording(net: Separator) -> None:
    process, held = psutil.Process(), list[int]()
    part = sound(200_000)

    def read(first: int, count: int) -> Sound:
        return part[:count]

    def write(first: int, stems: dict[str, Sound]) -> None:
        held.append(process.memory_info().rss)

    separate(net, read, 120 * 44_100, write)
    assert len(held) > 200
    assert max(held[100:]) - max(held[:50]) < 20e6  # 60 s of the mix alone would be 21 MB
