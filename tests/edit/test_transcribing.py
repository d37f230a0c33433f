"""What is written by a recording stays with it, whatever became of its clip meanwhile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip, TakeId
from studio.domain.clip_time import source_frames
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.transcribing import PlaceBeside

RATE, BAR = 1000, 3840
CLIP = ClipId("c8")
SOURCE = AudioSource("0" * 64, RATE, 60 * RATE, 1, "Take 1.wav")
STARTS = np.arange(BAR, 8 * BAR, 960)
PART = Part(None, Notes.of(STARTS, np.full(len(STARTS), 480), 40), "Bass", "bass", 33)
HEARD = TempoMap.constant(97.5)


def song(tempo: TempoMap, clip: AudioClip) -> Project:
    track = Track(TrackId("t9"), TrackKind.AUDIO, "Take 1", clips=(clip,))
    return replace(new_song(), tempo=tempo).with_new_track(track)


def clip(start: int, cut: int = 0) -> AudioClip:
    return AudioClip(CLIP, start, SOURCE, cut, 60 * RATE - cut, "Take 1")


def sounding(project: Project) -> np.ndarray:
    """The frames of the recording that are heard where the notes start."""
    there = project.clip(CLIP)
    (written,) = project.sources[1].clips
    assert isinstance(there, AudioClip)
    assert isinstance(written, NoteClip)
    return source_frames(there, project.tempo, written.notes.start + written.shift)


@given(start=st.integers(0, 9 * BAR), cut=st.integers(0, 50 * RATE), shapes=st.booleans())
def test_notes_sound_at_the_same_moments_of_a_clip_that_was_moved_and_trimmed(
    start: int, cut: int, shapes: bool
) -> None:
    then = song(HEARD, clip(700))
    command = PlaceBeside(
        TakeId("k1"), then, CLIP, BAR, 8 * BAR, (PART,), "Bass", shapes=shapes
    )  # fmt: skip
    wanted = source_frames(clip(700), HEARD, STARTS)
    now = command.apply(song(TempoMap(), clip(start, cut)))
    assert now.tempo == (HEARD if shapes else TempoMap())
    there = now.clip(CLIP)
    assert isinstance(there, AudioClip)
    first = source_frames(there, now.tempo, [0])[0]  # heard where the song begins
    ends = source_frames(clip(700), HEARD, STARTS + 480)
    assert (ends > first + 1).any() or len(now.sources) == 1
    if len(now.sources) > 1:
        found = sounding(now)
        assert np.abs(found - np.maximum(wanted, first)[len(wanted) - len(found) :]).max() <= 1.0
        assert (ends[: len(ends) - len(found)] <= first + 1).all()
