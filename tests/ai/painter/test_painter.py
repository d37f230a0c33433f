"""Holes are filled with what belongs there, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.painter import chains, healing, joins, lasso, loops, retrieval, seams
from studio.ai.painter.hole import Hole, Lasso, Samples
from studio.ai.painter.interpolation import interpolated
from studio.ai.painter.places import Atlas, Wanted

RATE = 22_050
BEAT = RATE // 2


def music(seconds: float = 24.0, seed: int = 0) -> Samples:
    """Four chords round and round with a beat of noise, each turn a little different."""
    rng = np.random.default_rng(seed)
    frames = int(seconds * RATE)
    time = np.arange(frames) / RATE
    out = np.zeros((frames, 2))
    for beat in range(frames // BEAT):
        at = slice(beat * BEAT, min((beat + 1) * BEAT, frames))
        local = time[at] - time[at.start]
        shape = np.minimum(local / 0.005, 1.0) * np.exp(-2 * local) * (1.0 - 2.0 * local)
        root = (110.0, 130.8, 98.0, 146.8)[beat // 4 % 4]
        for ratio in (1.0, 1.25, 1.5, 2.0):
            tone = np.sin(2 * np.pi * root * ratio * time[at]) * shape
            out[at] += 0.08 * tone[:, None] * (1.0 + 0.1 * rng.standard_normal(2))
        if beat % 2:
            strike = rng.standard_normal((len(local), 2)) * np.exp(-40 * local)[:, None]
            out[at] += 0.1 * strike
    return (out + 1e-4 * rng.standard_normal(out.shape)).astype(np.float32)


def without(samples: Samples, *holes: Hole) -> Samples:
    left = samples.copy()
    for hole in holes:
        left[hole.first : hole.end] = 0.0
    return left


def error_db(samples: Samples, truth: Samples) -> float:
    return float(10 * np.log10(((samples - truth) ** 2).mean() / (truth**2).mean()))


def test_a_tone_is_continued_through_a_short_hole() -> None:
    time = np.arange(RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 440 * time) + 0.2 * np.sin(2 * np.pi * 1234 * time))[:, None]
    samples = (tone + 1e-4 * np.random.default_rng(0).standard_normal(tone.shape)).astype("f4")
    hole = Hole(10_000, 10_300)
    found = interpolated(without(samples, hole), hole)
    assert error_db(found, samples[hole.first : hole.end]) < -30


@given(first=st.integers(0, 4000), frames=st.integers(1, 400), seed=st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_what_lay_in_a_hole_is_never_looked_at(first: int, frames: int, seed: int) -> None:
    samples = music(0.2, seed)
    hole = Hole(first, min(first + frames, len(samples)))
    other = samples.copy()
    other[hole.first : hole.end] = 9.0
    assert np.array_equal(interpolated(samples, hole), interpolated(other, hole))


def test_noise_keeps_its_level_where_it_is_drawn() -> None:
    samples = np.random.default_rng(1).standard_normal((RATE, 1)).astype(np.float32)
    hole = Hole(8000, 9000)
    likeliest, drawn = interpolated(samples, hole), interpolated(samples, hole, seed=1)
    assert likeliest.std() < 0.5
    assert drawn.std() == pytest.approx(1.0, abs=0.15)
    assert np.array_equal(drawn, interpolated(samples, hole, seed=1))


def test_silence_is_filled_with_silence() -> None:
    samples = np.zeros((RATE, 2), np.float32)
    assert np.abs(interpolated(samples, Hole(5000, 5500), seed=3)).max() < 1e-3


@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.0])
def test_a_hole_is_filled_from_where_the_music_was_in_the_same_bar(seconds: float) -> None:
    samples = music()
    hole = Hole(11 * RATE + 777, 11 * RATE + 777 + int(seconds * RATE))
    atlas = Atlas(without(samples, hole), RATE, [hole])
    best = atlas.places(Wanted.for_hole(hole, len(samples)))[0]
    moved = best.first - hole.first
    turns = round(moved / (16 * BEAT))
    assert turns != 0
    assert abs(moved - turns * 16 * BEAT) < 0.03 * RATE


def test_a_patch_changes_nothing_outside_its_fades_and_has_no_click() -> None:
    samples = music()
    hole = Hole(11 * RATE, 12 * RATE)
    holed = without(samples, hole)
    atlas = Atlas(holed, RATE, [hole])
    place = atlas.places(Wanted.for_hole(hole, len(samples)))[0]
    patch = retrieval.patch(atlas, hole, place)
    after = holed.copy()
    after[patch.first : patch.end] = patch.samples
    assert seams.changed_outside(samples, after, patch) == 0
    fade = retrieval.fade_frames(hole, RATE)
    assert (patch.first, patch.end) == (hole.first - fade, hole.end + fade)
    assert all(seam.click_db < 3.0 for seam in seams.seams(after, RATE, patch))


def test_a_hard_cut_is_told_from_a_seam() -> None:
    samples = music(4.0)
    cut = samples.copy()
    cut[RATE:] = 0.4
    assert seams.click_db(cut, RATE, RATE) > 10 > seams.click_db(samples, RATE, RATE + 500)


def test_a_piece_is_brought_to_the_level_around_the_hole() -> None:
    samples = music()
    samples[: 12 * RATE] *= 0.5
    hole = Hole(10 * RATE, 11 * RATE)
    atlas = Atlas(without(samples, hole), RATE, [hole])
    louder = [p for p in atlas.places(Wanted.for_hole(hole, len(samples))) if p.first > 12 * RATE]
    patch = retrieval.patch(atlas, hole, louder[0])
    there = samples[hole.first : hole.end]
    level = 20 * np.log10(patch.samples.std() / there.std())
    assert abs(level) < 2.0


@given(alike=st.booleans(), frames=st.integers(40, 400), seed=st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_a_fade_keeps_the_level_whether_or_not_both_are_alike(
    alike: bool, frames: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    one = rng.standard_normal((frames, 2)).astype(np.float32)
    other = one if alike else rng.standard_normal((frames, 2)).astype(np.float32)
    found = joins.faded(one, other)
    if alike:
        assert np.allclose(found, one, atol=1e-5)
    else:
        assert found.std() == pytest.approx(1.0, abs=0.3)


def test_music_goes_on_as_long_as_is_asked_and_by_seed() -> None:
    atlas = Atlas(music(), RATE)
    frames, fade = 20 * RATE, round(0.02 * RATE)
    heard: list[float] = []
    made, taken = chains.continued(atlas, frames, seed=1, watch=heard.append)
    assert len(taken) >= 3
    assert len(made) == frames + 2 * fade
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert np.array_equal(made, chains.continued(atlas, frames, seed=1, watch=heard.append)[0])
    loud = made.reshape(-1)[: RATE * 2 * 16].reshape(16, -1).std(axis=1)
    assert loud.min() > 0.02


@pytest.mark.parametrize("span", [(0, 3), (8, 20), (21, 24)])
def test_a_long_hole_anywhere_is_filled(span: tuple[int, int]) -> None:
    samples = music()
    hole = Hole(span[0] * RATE, span[1] * RATE)
    atlas = Atlas(without(samples, hole), RATE, [hole])
    patch = chains.patch(atlas, hole, seed=3, watch=lambda fraction: None)
    assert patch.first <= hole.first
    assert hole.end <= patch.end <= len(samples)
    assert patch.samples.std() > 0.3 * samples.std()


def test_too_short_a_recording_has_nothing_to_go_on_with() -> None:
    atlas = Atlas(music(0.3), RATE)
    with pytest.raises(ValueError, match="too short"):
        chains.continued(atlas, RATE, seed=0, watch=lambda fraction: None)


def test_a_lasso_takes_a_whistle_out_and_leaves_the_rest() -> None:
    samples = music(8.0)
    time = np.arange(RATE) / RATE
    whistle = (0.3 * np.sin(2 * np.pi * 3000 * time) * np.hanning(RATE))[:, None]
    spoilt = samples.copy()
    spoilt[3 * RATE : 4 * RATE] += whistle.astype(np.float32)
    outline = Lasso.box(Hole(3 * RATE, 4 * RATE), 2500, 3500)
    patch = lasso.filled(spoilt, RATE, outline, seed=0)
    after = spoilt.copy()
    after[patch.first : patch.end] = patch.samples
    assert seams.changed_outside(spoilt, after, patch) == 0
    inside = slice(3 * RATE, 4 * RATE)
    assert error_db(after[inside], samples[inside]) < error_db(spoilt[inside], samples[inside]) - 8
    leak = seams.leak_db(spoilt, after, RATE, Hole(3 * RATE, 4 * RATE), (2400, 3600))
    assert leak < -30


def test_an_outline_holds_what_lies_inside_it() -> None:
    triangle = Lasso(((0, 0), (100, 0), (100, 1000)))
    held = triangle.holds(np.array([10.0, 90.0]), np.array([50.0, 500.0]))
    assert held.tolist() == [[True, True], [False, True]]
    with pytest.raises(ValueError, match="encloses"):
        Lasso(((0, 0), (100, 0), (50, 0)))


def test_clicks_are_found_and_drums_are_none() -> None:
    samples = music(6.0)
    spoilt = samples.copy()
    places = [20_000, 50_000, 90_000, 120_000]
    for at in places:
        spoilt[at : at + 6] += 0.4
    found = healing.clicks(spoilt, RATE)
    assert all(any(hole.first <= at < hole.end for hole in found) for at in places)
    assert len(healing.clicks(samples, RATE)) == 0
    assert all(hole.frames < 0.006 * RATE for hole in found)


def test_a_dropout_is_exact_silence_amid_sound() -> None:
    samples = music(3.0)
    samples[30_000:30_400] = 0.0
    samples[-500:] = 0.0
    assert healing.dropouts(samples, RATE) == [Hole(30_000, 30_400)]


def test_a_loop_ends_as_its_beginning_was_led_into() -> None:
    samples = music()
    found = loops.nearest(samples, RATE, Hole(16 * BEAT, 32 * BEAT + 90))
    assert abs(found.frames - 16 * BEAT) < 4
    loop = loops.seamless(samples, RATE, found.first, found.frames)
    assert len(loop) == found.frames
    turned = np.concatenate([loop, loop])
    assert seams.click_db(turned, RATE, len(loop)) < 3.0
