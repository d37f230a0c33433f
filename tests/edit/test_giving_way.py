"""What a model wrote never cuts a note that stays."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clip import ClipId, NoteClip
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.giving_way import giving_way

GAP = Gap((TrackId("t2"),), 960, 2880)
SONG_TICKS = 3840


def track_of(notes: Notes) -> Track:
    clip = NoteClip(ClipId("c3"), 0, SONG_TICKS, notes)
    return Track(TrackId("t2"), TrackKind.INSTRUMENT, "Keys", clips=(clip,))


def fitted(kept: tuple[int, int, int], written: tuple[int, int, int]) -> list[tuple[int, int]]:
    """Start and length, as played, of one written note beside one kept (start, length, pitch)."""
    notes = giving_way(Notes.of(*written), track_of(Notes.of(*kept)), GAP)
    return list(zip((notes.start + notes.timing).tolist(), notes.length.tolist(), strict=True))


def test_a_note_waits_until_its_key_is_let_go() -> None:
    assert fitted((0, 1000, 60), (960, 480, 60)) == [(1000, 440)]


def test_a_note_whose_key_stays_down_is_left_out() -> None:
    assert fitted((0, 2000, 60), (960, 480, 60)) == []


def test_a_note_ends_where_a_kept_one_begins() -> None:
    assert fitted((2880, 480, 60), (2640, 960, 60)) == [(2640, 240)]


def test_other_keys_are_free() -> None:
    assert fitted((0, 2000, 62), (960, 480, 60)) == [(960, 480)]


def test_a_note_played_early_stays_in_the_gap() -> None:
    written = Notes.of([960, 1440], 240, 60, timing=[-12, -12])
    notes = giving_way(written, track_of(Notes.empty()), GAP)
    assert (notes.start + notes.timing).tolist() == [960, 1428]


def rows(start: int, end: int, timing: int) -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    row = st.tuples(
        st.integers(start, end - 1),
        st.integers(1, 1500),
        st.integers(60, 62),
        st.integers(-timing, timing),
    )
    return st.lists(row, max_size=12)


def table(found: list[tuple[int, int, int, int]]) -> Notes:
    start, length, pitch, timing = np.array(found, np.int64).reshape(-1, 4).T
    return Notes.of(start, length, pitch, timing=timing)


@given(rows(0, SONG_TICKS, 20), rows(GAP.start, GAP.end, 20))
def test_no_kept_key_is_struck_or_let_go(kept: Any, written: Any) -> None:
    track = track_of(table(kept))
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    for note in giving_way(table(written), track, GAP).table:
        start = note["start"] + note["timing"]
        assert start >= GAP.start
        stays = clip.notes.where(clip.notes.pitch == note["pitch"])
        begins = stays.start + stays.timing
        ends = np.minimum(begins + stays.length, SONG_TICKS)
        assert np.all((ends <= start) | (begins >= start + note["length"]) | (ends <= begins))
