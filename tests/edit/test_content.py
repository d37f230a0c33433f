"""Content slipped under a clip's edges, and stretched with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clip import AudioClip, AudioSource, Clip, ClipId, NoteClip
from studio.domain.clip_time import source_frames
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.content import SlipClips, StretchClip
from studio.edit.trim import heard_notes
from tests import strategies

ID, BAR = ClipId("c9"), 3840
deltas = st.integers(-9000, 9000)


def song(clip: Clip, tempo: TempoMap | None = None) -> Project:
    kind = TrackKind.INSTRUMENT if isinstance(clip, NoteClip) else TrackKind.AUDIO
    track = Track(TrackId("t1"), kind, "A", clips=(replace(clip, id=ID),))
    return replace(Project(), tempo=tempo or TempoMap()).with_new_track(track)


@given(strategies.note_clips(), deltas)
def test_slipped_notes_are_heard_that_much_later_and_the_clip_stays(
    clip: NoteClip, by: int
) -> None:
    slipped = SlipClips(frozenset({ID}), by).apply(song(clip)).clip(ID)
    assert isinstance(slipped, NoteClip)
    assert (slipped.start, slipped.length) == (clip.start, clip.length)
    shown = clip.notes.start - clip.offset + by
    assert np.array_equal(slipped.notes.start - slipped.offset, shown)
    back = SlipClips(frozenset({ID}), -by).apply(song(slipped)).clip(ID)
    assert isinstance(back, NoteClip)
    assert np.array_equal(heard_notes(back).table, heard_notes(clip).table)


@given(strategies.audio_clips(), deltas, strategies.tempo_maps())
def test_a_slipped_recording_stays_inside_itself(clip: AudioClip, by: int, tempo: TempoMap) -> None:
    project = song(clip, tempo)
    after = SlipClips(frozenset({ID}), by).apply(project)
    slipped = after.clip(ID)
    assert isinstance(slipped, AudioClip)
    assert slipped.start == clip.start
    if not clip.warp:
        assert slipped.length_frames == clip.length_frames
    else:
        assert after.clip_end(slipped) == project.clip_end(clip)


def test_a_recording_slips_by_the_time_that_was_dragged() -> None:
    source = AudioSource("00", 48000, 480_000, 1)
    clip = AudioClip(ID, BAR, source, 96_000, 96_000)
    slipped = SlipClips(frozenset({ID}), 960).apply(song(clip)).clip(ID)
    assert isinstance(slipped, AudioClip)
    assert slipped.offset_frames == 72_000, "half a second at 120 bpm"


def test_a_stretched_clip_keeps_its_content_from_edge_to_edge() -> None:
    source = AudioSource("00", 48000, 480_000, 1)
    clip = AudioClip(ID, BAR, source, 96_000, 96_000)
    project = song(clip)
    longer = StretchClip(ID, 0, BAR).apply(project)
    stretched = longer.clip(ID)
    assert isinstance(stretched, AudioClip)
    assert longer.clip_end(stretched) == 3 * BAR
    frames = source_frames(stretched, project.tempo, [BAR, 2 * BAR, 3 * BAR])
    assert frames.tolist() == [96_000, 144_000, 192_000]
    left = StretchClip(ID, -BAR // 2, 0).apply(longer)
    assert left.clip(ID).start == BAR // 2
    assert left.clip_end(left.clip(ID)) == 3 * BAR


@given(strategies.note_clips(), deltas, deltas)
def test_stretched_notes_keep_their_order_and_their_share(
    clip: NoteClip, left: int, right: int
) -> None:
    project = song(clip)
    after = StretchClip(ID, left, right).apply(project)
    stretched = after.clip(ID)
    assert isinstance(stretched, NoteClip)
    assert 0.2 <= stretched.length / clip.length <= 4 or clip.length < 8
    ratio = stretched.length / clip.length
    by_id = {int(row["id"]): int(row["start"]) for row in stretched.notes.table}
    for row in clip.notes.table:
        assert abs(by_id[int(row["id"])] - int(row["start"]) * ratio) <= 0.5
