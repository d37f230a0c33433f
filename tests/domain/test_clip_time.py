"""Where in the song the moments of a recording are heard."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clip import AudioClip, AudioSource, ClipId, WarpPoint
from studio.domain.clip_time import song_ticks, source_frames
from studio.domain.tempo import TempoMap

RATE, BAR = 48_000, 3840
SOURCE = AudioSource("00", RATE, 4 * RATE, 1)
PLAIN = AudioClip(ClipId("c1"), BAR, SOURCE, RATE, RATE)
WARPED = AudioClip(
    ClipId("c1"), BAR, SOURCE, 0, 4 * RATE,
    warp=(WarpPoint(0, 0), WarpPoint(RATE, 2 * BAR), WarpPoint(4 * RATE, 3 * BAR)),
)  # fmt: skip


def test_a_clip_without_points_runs_at_its_own_speed() -> None:
    tempo = TempoMap().with_tempo(2 * BAR, 60.0)
    frames = source_frames(PLAIN, tempo, [BAR, 2 * BAR, 2 * BAR + 960, BAR - 960])
    assert frames.tolist() == [RATE, 3 * RATE, 4 * RATE, RATE / 2]
    assert int(song_ticks(PLAIN, tempo, 4 * RATE)) == 2 * BAR + 960


def test_a_warped_clip_is_heard_where_its_points_say() -> None:
    assert float(source_frames(WARPED, TempoMap(), 2 * BAR)) == RATE / 2
    assert int(song_ticks(WARPED, TempoMap(), RATE / 2)) == 2 * BAR


def test_around_a_warped_clip_time_goes_on_as_at_its_edges() -> None:
    assert song_ticks(WARPED, TempoMap(), [-RATE / 4, 4.6 * RATE]).tolist() == [
        BAR // 2, 4 * BAR + BAR // 5,
    ]  # fmt: skip
    assert int(song_ticks(WARPED, TempoMap(), -9 * RATE)) == 0


@given(st.integers(0, 40 * BAR), st.floats(40, 240))
def test_ticks_come_back(tick: int, bpm: float) -> None:
    tempo = TempoMap.constant(97.0).with_tempo(5 * BAR, bpm)
    for clip in (PLAIN, WARPED):
        back = song_ticks(clip, tempo, source_frames(clip, tempo, [tick]))
        assert np.abs(back - tick).max() <= 1
