"""What is outlined is weighed, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.painter.hole import Hole, Lasso, Samples, Strokes
from studio.ai.painter.shading import Shading
from tests.ai.painter.test_painter import RATE, music

SOUND = music(4.0)
BOX = Lasso.box(Hole(RATE, 2 * RATE), 400.0, 1200.0)


def of(sound: Samples, strokes: Strokes, factor: float) -> Shading:
    return Shading(lambda first, end: sound[max(first, 0) : end], len(sound), RATE, strokes, factor)


def tones(*hz: float) -> Samples:
    time = np.arange(3 * RATE) / RATE
    every = [0.2 * np.sin(2 * np.pi * one * time) for one in hz]
    return np.asarray(np.sum(every, axis=0)[:, None], np.float32)


def level_db(sound: Samples, hz: float) -> float:
    """Of a tone in the middle second."""
    part = sound[RATE : 2 * RATE, 0] * np.hanning(RATE)
    return float(20 * np.log10(np.abs(np.fft.rfft(part))[round(hz)] / (RATE / 4) + 1e-12))


@pytest.mark.parametrize("factor", [0.0, 0.5, 4.0])
def test_only_the_band_changes_and_by_the_factor(factor: float) -> None:
    sound = tones(700, 3000)
    outline = Lasso.box(Hole(RATE // 2, 5 * RATE // 2), 500.0, 1000.0)
    shading = of(sound, Strokes(lassos=(outline,)), factor)
    made = shading.read(0, len(sound))
    leak = shading.painted()[0].leak_db
    assert leak is not None
    assert leak < -50
    wanted = level_db(sound, 700) + 20 * np.log10(factor) if factor else -90.0
    got = level_db(made, 700)
    assert got < wanted if not factor else got == pytest.approx(wanted, abs=0.1)
    assert level_db(made, 3000) == pytest.approx(level_db(sound, 3000), abs=0.01)


@given(
    first=st.integers(0, 3 * RATE),
    frames=st.integers(1, RATE),
    low=st.floats(0, 5000),
    height=st.floats(20, 5000),
    whole=st.booleans(),
)
@settings(max_examples=12, deadline=None)
def test_every_bit_outside_of_the_fades_stays(
    first: int, frames: int, low: float, height: float, whole: bool
) -> None:
    hole = Hole(first, first + frames)
    strokes = Strokes((hole,)) if whole else Strokes(lassos=(Lasso.box(hole, low, low + height),))
    shading = of(SOUND, strokes, 0.0)
    made = shading.read(0, len(SOUND))
    (span,) = shading.spans
    assert hole.first - span.first <= 0.021 * RATE
    assert span.end - hole.end <= 0.021 * RATE
    assert np.array_equal(made[: span.first], SOUND[: span.first])
    assert np.array_equal(made[span.end :], SOUND[span.end :])


def test_a_hole_is_silent_and_joins_without_a_click() -> None:
    shading = of(SOUND, Strokes((Hole(RATE + 3000, 2 * RATE + 3000),)), 0.0)
    assert not shading.read(RATE + 3000, 2 * RATE + 3000).any()
    (told,) = shading.painted()
    assert [seam.frame for seam in told.seams] == [told.first, told.end]
    assert max(seam.click_db for seam in told.seams) < 3
    assert (told.method, told.why, told.leak_db) == ("level", "silenced", None)


def test_blocks_of_any_size_give_the_same() -> None:
    shading = of(SOUND, Strokes(lassos=(BOX,)), 0.25)
    whole = shading.read(0, len(SOUND))
    blocks = [shading.read(at, min(at + 7001, len(SOUND))) for at in range(0, len(SOUND), 7001)]
    assert np.abs(np.concatenate(blocks) - whole).max() < 1e-6


def test_what_is_heard_alone_is_what_erasing_takes_away() -> None:
    shading = of(SOUND, Strokes((Hole(3 * RATE, 3 * RATE + 500),), (BOX,)), 0.0)
    both = shading.part(0, len(SOUND)) + shading.read(0, len(SOUND))
    assert np.abs(both - SOUND).max() < 1e-5
    (_, told) = shading.painted()
    assert told.leak_db is not None
    assert told.leak_db < -15  # there are tones at the very edges of the band
