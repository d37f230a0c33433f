"""Cutting time out of a song, putting some in, and closing up."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.domain.theory import Chord
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.ripple import DeleteTime, InsertTime, RippleDelete, all_tracks, excerpt
from tests import strategies

BAR = 3840
LEAD, BASS = TrackId("t1"), TrackId("t2")


def song() -> Project:
    """A clip a bar on two tracks, four bars."""
    project = Project()
    for index, id in enumerate((LEAD, BASS)):
        clips = tuple(
            NoteClip(ClipId(f"c{10 + 4 * index + bar}"), bar * BAR, BAR, Notes.of(0, 960, 60 + bar))
            for bar in range(4)
        )
        project = project.with_new_track(Track(id, TrackKind.INSTRUMENT, id, clips=clips))
    return project


def heard(project: Project, id: TrackId) -> list[tuple[int, int]]:
    """Start and pitch of what a track plays."""
    clips = [clip for clip in project.track(id).clips if isinstance(clip, NoteClip)]
    return [
        (int(start) + clip.shift, int(pitch))
        for clip in clips
        for start, pitch in zip(clip.notes.start, clip.notes.pitch, strict=True)
        if clip.offset <= start < clip.offset + clip.length
    ]


def test_deleted_clips_leave_no_hole_on_their_track_and_others_stay() -> None:
    before = song()
    after = RippleDelete(frozenset({ClipId("c10"), ClipId("c12")})).apply(before)
    assert heard(after, LEAD) == [(0, 61), (BAR, 63)]
    assert heard(after, BASS) == heard(before, BASS)


def test_time_is_taken_out_of_some_tracks_or_of_the_song() -> None:
    lead = DeleteTime(frozenset({LEAD}), BAR, 3 * BAR).apply(song())
    assert heard(lead, LEAD) == [(0, 60), (BAR, 63)]
    assert heard(lead, BASS) == heard(song(), BASS)
    both = DeleteTime(None, BAR, 3 * BAR).apply(song())
    assert heard(both, BASS) == [(0, 60), (BAR, 63)]
    assert all_tracks(both, (LEAD, BASS)) is None
    assert all_tracks(both, (LEAD,)) == frozenset({LEAD})


def test_sections_chords_tempo_and_meter_close_up_with_the_song() -> None:
    minor = Chord.parse("Dm")
    tempo = TempoMap(
        (TempoChange(0, 100.0), TempoChange(2 * BAR, 140.0)),
        (MeterChange(0, 4, 4), MeterChange(2 * BAR, 3, 4)),
    )
    before = song()
    before = Project(
        tempo=tempo, tracks=before.tracks, next_id=before.next_id,
        chords=(ChordSpan(0, 4 * BAR, minor),),
        markers=(Marker(0, "Verse"), Marker(2 * BAR, "Chorus")),
    )  # fmt: skip
    after = DeleteTime(None, BAR, 3 * BAR).apply(before)
    assert after.markers == (Marker(0, "Verse"), Marker(BAR, "Chorus"))
    assert after.chords == (ChordSpan(0, 2 * BAR, minor),)
    assert [change.tick for change in after.tempo.tempos] == [0, BAR]
    assert after.tempo.meter_at(BAR).beats == 3
    later = InsertTime(None, BAR, BAR).apply(before)
    assert later.markers[1] == Marker(3 * BAR, "Chorus")
    assert later.tempo.tempo_at(3 * BAR - 1) == 100.0
    assert later.chords == (ChordSpan(0, BAR, minor), ChordSpan(2 * BAR, 3 * BAR, minor))


@given(song=strategies.projects(), at=strategies.ticks(), length=st.integers(1, 40_000))
def test_time_put_in_and_taken_out_again_leaves_what_is_heard(
    song: Project, at: int, length: int
) -> None:
    there = InsertTime(None, at, length).apply(song)
    back = DeleteTime(None, at, at + length).apply(there)
    for track in song.tracks:
        assert sorted(heard(back, track.id)) == sorted(heard(song, track.id))
        for lane, again in zip(track.automation, back.track(track.id).automation, strict=True):
            assert np.array_equal(lane.points, again.points)
    assert back.markers == song.markers
    assert back.tempo.tempos == song.tempo.tempos


def test_an_excerpt_holds_its_bars_and_no_section_of_others() -> None:
    whole = song()
    whole = Project(
        tracks=whole.tracks, next_id=whole.next_id,
        markers=(Marker(0, "Verse"), Marker(BAR, "Chorus"), Marker(3 * BAR, "Outro")),
    )  # fmt: skip
    part = excerpt(whole, BAR, 3 * BAR)
    assert heard(part, LEAD) == [(0, 61), (BAR, 62)]
    assert part.markers == (Marker(0, "Chorus"),)
    assert part.end == 2 * BAR
    assert excerpt(whole, 0, 9 * BAR) is whole


def test_where_nothing_is_nothing_is_deleted() -> None:
    whole = song()
    assert DeleteTime(None, 9 * BAR, 10 * BAR).apply(whole) is whole
    assert DeleteTime(frozenset({LEAD}), 9 * BAR, 10 * BAR).apply(whole) is whole
