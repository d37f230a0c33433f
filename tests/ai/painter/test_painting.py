"""Holes of any kind and length are filled by the method that suits them; all else stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from studio.ai.painter import chains, lasso, retrieval
from studio.ai.painter.canvas import Canvas
from studio.ai.painter.hole import Hole, Lasso, Painted, Patch, Samples, Strokes
from studio.ai.painter.painting import DRAWN, LIKELIEST, paint
from studio.core.errors import Cancelled, StudioError
from tests.ai.painter.test_painter import RATE, music

SONG = music()


def canvas(samples: Samples, rate: int = RATE) -> Canvas:
    frames, channels = samples.shape
    return Canvas(lambda first, end: samples[first:end], frames, channels, rate)


def painted(
    samples: Samples, strokes: Strokes, seed: int = 0, rate: int = RATE
) -> tuple[Samples, tuple[Painted, ...]]:
    on = canvas(samples, rate)
    told = paint(on, strokes, seed=seed, watch=lambda fraction: None)
    return on.read(on.first, on.end), told


def hole(first: float, seconds: float) -> Hole:
    return Hole(round(first * RATE), round((first + seconds) * RATE))


def same_outside(
    before: Samples, after: Samples, told: tuple[Painted, ...], added: int = 0
) -> bool:
    changed = (after[added : added + len(before)] != before).any(axis=1)
    for one in told:
        changed[max(one.first - added, 0) : max(one.end - added, 0)] = False
    return not changed.any()


@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_nothing_changes_outside_of_what_is_told(data: st.DataObject) -> None:
    rate = data.draw(st.sampled_from([8000, RATE, 96_000]))
    samples = SONG[: (8 if rate < 96_000 else 20) * RATE]
    samples = samples[:, : data.draw(st.sampled_from([1, 2]))]
    last = len(samples) - 10
    spans = st.tuples(st.integers(0, last), st.integers(1, rate // 4))
    drawn = data.draw(st.lists(spans, min_size=1, max_size=4))
    holes = tuple(Hole(first, min(first + frames, len(samples))) for first, frames in drawn)
    strokes = Strokes(holes, after=data.draw(st.sampled_from([0, 500])))
    try:
        after, told = painted(samples, strokes, data.draw(st.integers(0, 3)), rate)
    except StudioError as refusal:  # holes so close that nothing sound is left around one
        if "holds nothing that could fill" not in refusal.message:
            raise
        reject()
    assert same_outside(samples, after, told)
    assert np.isfinite(after).all()
    assert len(after) == len(samples) + strokes.after
    fade = round(0.021 * rate)
    for one in told[: -1 if strokes.after else None]:
        inside = [h for h in holes if h.first < one.end and one.first < h.end]
        assert min(h.first for h in inside) - fade <= one.first
        assert one.end <= max(h.end for h in inside) + fade


def test_each_length_has_its_method() -> None:
    holes = (hole(0.5, 0.003), hole(1, 0.03), hole(11, 1.0), hole(13, 9.0))
    _, told = painted(SONG, Strokes(holes))
    assert [one.method for one in told] == [LIKELIEST, DRAWN, retrieval.METHOD, chains.METHOD]
    assert told[2].why.endswith("8.0 s earlier")
    assert all(len(one.seams) == 2 for one in told)


def test_what_lies_in_the_holes_is_never_looked_at() -> None:
    holes = (hole(10.9, 0.05), hole(11, 1.0), hole(12.4, 0.3))
    loud = SONG.copy()
    for one in holes:
        loud[one.first : one.end] = 0.9
    first, second = (painted(samples, Strokes(holes)) for samples in (SONG, loud))
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_a_seed_gives_the_same_again_and_another_one_something_else() -> None:
    strokes = Strokes((hole(11, 1.0),))
    found = [painted(SONG, strokes, seed)[0] for seed in (0, 0, 1, 1, 2, 3)]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[2], found[3])
    assert len({samples.tobytes() for samples in found}) >= 2


def test_an_outline_is_filled_by_a_match_or_by_texture() -> None:
    outlines = (Lasso.box(hole(8, 1), 500, 2000), Lasso.box(hole(14, 0.15), 500, 2000))
    after, told = painted(SONG, Strokes(lassos=outlines))
    assert [one.method for one in told] == [lasso.MATCHED, lasso.METHOD]
    assert same_outside(SONG, after, told)
    assert all(one.leak_db is not None and one.leak_db < -30 for one in told)


def test_strength_says_how_much_of_an_outline_gives_way() -> None:
    outline = (Lasso.box(hole(14, 0.15), 500, 2000),)
    changes = [
        np.abs(painted(SONG, Strokes(lassos=outline, strength=share))[0] - SONG).max()
        for share in (0.0, 0.5, 1.0)
    ]
    assert changes[0] == 0.0
    assert changes[1] == pytest.approx(changes[2] / 2, rel=0.01)


def test_music_is_added_on_both_sides() -> None:
    strokes = Strokes(before=3 * RATE, after=5 * RATE)
    after, told = painted(SONG, strokes)
    assert len(after) == len(SONG) + 8 * RATE
    assert told[0].first == 0
    assert told[-1].end == len(after)
    assert same_outside(SONG, after, told, added=3 * RATE)
    assert after[: 3 * RATE].std() > 0.3 * SONG.std()
    assert np.abs(after[[0, -1]]).max() < 1e-3


def test_clicks_and_dropouts_are_healed() -> None:
    spoilt = SONG[: 12 * RATE].copy()
    spoilt[50_000:50_006] += 0.5
    spoilt[120_000:120_300] = 0.0
    after, told = painted(spoilt, Strokes(heal=True))
    assert len(told) == 2
    assert same_outside(spoilt, after, told)
    whole = SONG[: 12 * RATE]
    assert np.abs(after - whole)[49_900:50_100].max() < 0.05
    assert after[120_000:120_300].std() > 0.2 * whole[120_000:120_300].std()


def test_hours_are_read_near_the_hole_alone() -> None:
    asked: list[tuple[int, int]] = []

    def source(first: int, end: int) -> Samples:
        asked.append((first, end))
        return SONG[np.arange(first, end) % len(SONG), :1]

    rate, frames = 8000, 3 * 3600 * 8000
    on = Canvas(source, frames, 1, rate)
    middle = Hole(frames // 2, frames // 2 + rate)
    (told,) = paint(on, Strokes((middle,)), seed=0, watch=lambda fraction: None)
    assert told.method == retrieval.METHOD
    assert max(end - first for first, end in asked) <= 361 * rate


def test_progress_only_grows_and_may_be_cancelled() -> None:
    heard: list[float] = []
    strokes = Strokes((hole(2, 0.003), hole(11, 1.0)), after=RATE)
    paint(canvas(SONG), strokes, seed=0, watch=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)

    def stop(fraction: float) -> None:
        if fraction > 0.02:
            raise Cancelled

    with pytest.raises(Cancelled):
        paint(canvas(SONG), strokes, seed=0, watch=stop)


SILENT = np.zeros((4 * RATE, 1), np.float32)
ENDED = np.concatenate([SONG[: 6 * RATE], np.zeros((3 * RATE, 2), np.float32)])


@pytest.mark.parametrize(
    ("samples", "strokes", "sentence"),
    [
        (SONG, Strokes(), "nothing to write"),
        (SONG, Strokes((hole(23, 2),)), "the recording ends at 0:24.00"),
        (SONG, Strokes((hole(0, 24),)), "All of the recording"),
        (SILENT, Strokes((hole(1, 1),)), "nothing but silence"),
        (SONG[: RATE // 2], Strokes((hole(0.1, 0.3),)), "holds nothing that could fill 0.30 s"),
        (SONG[: RATE // 4], Strokes(after=RATE), "too short to go on from"),
        (ENDED, Strokes(after=RATE), "ends in silence"),
        (SONG, Strokes(after=11 * 60 * RATE), "No more than 10 minutes"),
        (SONG, Strokes(lassos=(Lasso.box(hole(30, 1), 100, 200),)), "beside the recording"),
        (SONG, Strokes(lassos=(Lasso.box(hole(3, 1), 12e3, 13e3),)), "nothing above 11.025 kHz"),
        (SONG, Strokes(lassos=(Lasso.box(hole(3, 0.2), 100, 101),)), "narrower than"),
        (SONG, Strokes(heal=True), "No clicks and no drop-outs"),
    ],
)  # fmt: skip
def test_what_cannot_be_painted_is_one_sentence(
    samples: Samples, strokes: Strokes, sentence: str
) -> None:
    on = canvas(samples)
    with pytest.raises(StudioError, match=sentence):
        paint(on, strokes, seed=0, watch=lambda fraction: None)
    assert on.patches == []


def test_a_canvas_shows_later_patches_over_earlier_ones() -> None:
    on = canvas(np.zeros((100, 1), np.float32))
    on.patches += [
        Patch(-5, np.ones((20, 1), np.float32), ""), Patch(10, np.full((95, 1), 2, np.float32), ""),
    ]  # fmt: skip
    assert (on.first, on.end) == (-5, 105)
    assert on.read(-5, 12)[:, 0].tolist() == [1.0] * 15 + [2.0] * 2
    assert on.read(-50, 200).shape == (110, 1)
