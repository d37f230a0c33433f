"""The outline shows every sample's reach, at any zoom."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.media.peaks import BASE_FRAMES, build, level_sizes

HALF = 2.0**-10  # float16 keeps 11 bits


def noise(frames: int, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(frames).uniform(-1, 1, (frames, channels)).astype(np.float32)


def in_blocks(sound: np.ndarray, size: int) -> list[np.ndarray]:
    return [sound[start : start + size] for start in range(0, len(sound), size)]


@given(frames=st.integers(1, 30_000), size=st.integers(1, 9_000))
def test_the_outline_does_not_depend_on_the_blocks_it_came_in(frames: int, size: int) -> None:
    sound = noise(frames)
    whole, pieces = build([sound]), build(in_blocks(sound, max(size, frames // 50 + 1)))
    assert whole.frames == pieces.frames == frames
    assert np.array_equal(whole.table, pieces.table)
    assert len(whole.table) == sum(level_sizes(frames))


@given(
    frames=st.integers(1, 60_000),
    start=st.floats(-5_000, 60_000),
    length=st.floats(1, 90_000),
    pixels=st.integers(1, 300),
)
def test_each_pixel_holds_the_samples_it_covers(
    frames: int, start: float, length: float, pixels: int
) -> None:
    sound = noise(frames)
    found = build([sound]).read(start, start + length, pixels)
    assert found.shape == (pixels, 1, 2)
    edges = np.linspace(start, start + length, pixels + 1)
    for pixel in range(pixels):
        low, high = int(np.ceil(edges[pixel])), int(np.ceil(edges[pixel + 1]))
        covered = sound[max(low, 0) : max(high, 0)]
        if len(covered):
            assert found[pixel, 0, 0] <= covered.min() + HALF
            assert found[pixel, 0, 1] >= covered.max() - HALF
        if edges[pixel] >= frames or edges[pixel + 1] <= 0:
            assert not found[pixel].any()


@given(
    frames=st.integers(1, 60_000),
    edges=st.lists(st.floats(-5_000, 90_000), min_size=2, max_size=60, unique=True).map(sorted),
)
def test_uneven_pixels_hold_the_samples_they_cover(frames: int, edges: list[float]) -> None:
    sound = noise(frames)
    found = build([sound]).read_between(np.array(edges))
    for pixel, (start, end) in enumerate(pairwise(edges)):
        covered = sound[max(int(np.ceil(start)), 0) : max(int(np.ceil(end)), 0)]
        if len(covered):
            assert found[pixel, 0, 0] <= covered.min() + HALF
            assert found[pixel, 0, 1] >= covered.max() - HALF


@given(pixels=st.integers(1, 400))
def test_a_pixel_reaches_no_further_than_one_bin_beyond_itself(pixels: int) -> None:
    sound = np.zeros((400 * BASE_FRAMES, 1), dtype=np.float32)
    sound[200 * BASE_FRAMES + 7] = 1.0
    found = build([sound]).read(0, len(sound), pixels)[:, 0, 1]
    assert found.max() == 1.0
    assert 1 <= (found > 0).sum() <= 3


def test_channels_are_kept_apart() -> None:
    sound = np.column_stack([np.full(5_000, 0.5), np.full(5_000, -0.25)]).astype(np.float32)
    found = build([sound]).read(0, 5_000, 10)
    assert np.array_equal(found[0], [[0.5, 0.5], [-0.25, -0.25]])


def test_samples_beyond_full_scale_are_drawn_as_they_are() -> None:
    assert build([np.full((300, 1), 3.5, np.float32)]).read(0, 300, 1)[0, 0, 1] == 3.5


def test_nothing_is_asked_and_nothing_comes() -> None:
    outline = build([noise(1_000)])
    assert outline.read(0, 1_000, 0).shape == (0, 1, 2)
    assert not outline.read(500, 500, 4).any()
    assert not outline.read(5_000, 6_000, 4).any()
