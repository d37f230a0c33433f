"""Making room in front of a song."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.project import Project
from studio.edit.room import with_bars_before
from tests import strategies


@given(song=strategies.projects(), bars=st.integers(0, 9))
def test_a_song_moved_later_sounds_as_before_only_later(song: Project, bars: int) -> None:
    moved = with_bars_before(song, bars)
    by = bars * song.tempo.meter_at(0).ticks_per_bar
    at = np.array([0, 1, 960, 10_000, 123_456])
    delay = moved.tempo.seconds(at + by) - song.tempo.seconds(at)
    assert np.allclose(delay, delay[0])
    assert [moved.tempo.bar_at(int(tick) + by) - bars for tick in at] == [
        song.tempo.bar_at(int(tick)) for tick in at
    ]
    for (_, before), (_, after) in zip(song.clips(), moved.clips(), strict=True):
        assert after.start == before.start + by
        assert getattr(after, "notes", None) == getattr(before, "notes", None)
    for track, later in zip(song.tracks, moved.tracks, strict=True):
        for old, new in zip(track.automation, later.automation, strict=True):
            assert np.allclose(new.at(at + by), old.at(at))
    assert [span.start - by for span in moved.chords] == [span.start for span in song.chords]
    assert [mark.tick - by for mark in moved.markers] == [mark.tick for mark in song.markers]


@given(song=strategies.projects())
def test_no_bars_change_nothing(song: Project) -> None:
    assert with_bars_before(song, 0) == song
