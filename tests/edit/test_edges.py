"""Edits at the edge of what can be: one clear sentence, or nothing more than asked."""

from __future__ import annotations

from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip, TakeId
from studio.domain.device import Device, DeviceId, soundfont
from studio.domain.gap import Gap, Part
from studio.domain.notes import Automation, Notes
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.theory import Chord
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.edit.clips import AddClip, CopyClips, JoinClips, MoveClips, PasteClips
from studio.edit.command import Command
from studio.edit.mixer import SetAutomation, SetSend, SetVolume
from studio.edit.notes import SetNotes, SetVelocities
from studio.edit.phrasing import QuantiseNotes
from studio.edit.room import with_bars_before
from studio.edit.song import RestoreSong
from studio.edit.takes import PlaceTake, new_instrument
from studio.edit.tempo import MoveMarker, SetChord, SetChords, SetMeter
from studio.edit.tracks import (
    AddDevice,
    AddTrack,
    DuplicateTrack,
    MoveDevice,
    MoveTrack,
    RemoveDevice,
    SetDevice,
    SetInstrument,
    SetTrack,
)

REVERB = TrackId("t1")
CLIP = ClipId("c90")


@pytest.fixture
def song() -> Project:
    project = new_song()
    project = project.with_new_track(new_instrument(project, "Piano", 0))
    notes = Notes.of([0, 960, 1920], [480] * 3, [60, 64, 67])
    return project.with_clip_on(project.sources[0].id, NoteClip(CLIP, 3840, 3840, notes))


@pytest.mark.parametrize(
    "column", [("velocity", 0), ("length", 0), ("pitch", 200), ("pitch", 300), ("pitch", -1)]
)
def test_a_note_that_cannot_be_is_refused_in_a_sentence(
    song: Project, column: tuple[str, Any]
) -> None:
    with pytest.raises(StudioError, match="cannot be like that"):
        SetNotes(CLIP, frozenset({1}), (column,)).apply(song)


def test_drawn_velocities_reach_their_notes_and_no_others(song: Project) -> None:
    drawn = SetVelocities(CLIP, ((2, 200), (77, 1), (0, 5), (0, 7))).apply(song)
    clip = drawn.clip(CLIP)
    assert isinstance(clip, NoteClip)
    assert clip.notes.velocity.tolist() == [7, 90, 127]
    assert SetVelocities(CLIP, ()).apply(song) is song


def test_a_send_that_goes_takes_its_automation_along(song: Project) -> None:
    piano = song.sources[0].id
    drawn = SetAutomation(piano, Automation.of(f"send:{REVERB}", [0], [-6.0])).apply(song)
    without = SetSend(piano, REVERB, None).apply(drawn)
    assert not without.track(piano).sends
    assert not without.track(piano).automation
    assert SetSend(piano, REVERB, None).apply(without) is without


def test_room_in_front_leaves_strips_without_music_as_they_are(song: Project) -> None:
    moved = with_bars_before(song, 2)
    assert moved.track(REVERB) is song.track(REVERB)
    assert moved.master is song.master
    assert moved.clip(CLIP).start == song.clip(CLIP).start + 2 * 3840


def refusals() -> list[tuple[Command, str]]:
    """Edits that cannot be done in the song of this module, and what is said of them."""
    note = NoteClip(ClipId("c91"), 0, 960)
    rain = AudioClip(ClipId("c91"), 0, AudioSource("0" * 64, 48000, 960, 1), 0, 960)
    gone, piano, master = TrackId("t99"), TrackId("t3"), TrackId("master")
    song_bus, delay = Track(TrackId("t77"), TrackKind.BUS, "Echo"), Device(DeviceId("d2"), "delay")
    font = soundfont(DeviceId("d88"), 0)
    return [
        (AddClip(gone, note), "no longer there"),
        (AddClip(piano, rain), "cannot hold this clip"),
        (AddClip(piano, NoteClip(CLIP, 0, 960)), "already in the song"),
        (AddTrack(new_song().master), "one master"),
        (AddTrack(Track(piano, TrackKind.BUS, "Echo")), "already in the song"),
        (DuplicateTrack(master), "one master"),
        (MoveTrack(master, 0), "stays at the end"),
        (SetTrack(piano, (("pan", 1.0),)), "has no pan"),
        (SetInstrument(REVERB, 0), "not an instrument track"),
        (SetInstrument(piano, 128), "between 0 and 127"),
        (AddDevice(piano, font), "one instrument"),
        (AddDevice(piano, delay), "already in the song"),
        (RemoveDevice(DeviceId("d4")), "keeps its instrument"),
        (MoveDevice(DeviceId("d4"), 1), "stays first"),
        (SetDevice(DeviceId("d99"), "mix", 0.5), "no longer there"),
        (SetSend(piano, master, -6.0), "not a bus"),
        (SetSend(REVERB, REVERB, -6.0), "feed back"),
        (SetVolume(gone, 0.0), "no longer there"),
        (SetChords(0, 960, (ChordSpan(0, 1920, Chord(0)),)), "reach out"),
        (SetChord(0, 0, Chord(0)), "needs a length"),
        (SetMeter(0, 4, 5), "A meter is"),
        (MoveMarker(0, 960), "no longer there"),
        (QuantiseNotes(CLIP, frozenset(), 0), "grid"),
        (SetNotes(CLIP, frozenset(), (("colour", 1),)), "has no colour"),
        (RestoreSong(new_song(44100)), "another song"),
        (PlaceTake(TakeId("k"), Gap((), 0, 9), (Part(REVERB, Notes.of(0, 1, 60)),), None), "hold"),
        (PasteClips(((song_bus.id, note),), 0), "no longer there"),
    ]


@pytest.mark.parametrize(
    ("command", "said"), refusals(), ids=lambda value: getattr(type(value), "__name__", "")
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    song: Project, command: Command, said: str
) -> None:
    with pytest.raises(StudioError, match=said):
        command.apply(song)


def test_clips_of_both_kinds_and_of_two_tracks_are_not_joined(song: Project) -> None:
    other = song.with_new_track(new_instrument(song, "Bass", 33))
    other = other.with_clip_on(other.sources[1].id, NoteClip(ClipId("c91"), 0, 960))
    with pytest.raises(StudioError, match="one track"):
        JoinClips(frozenset({CLIP, ClipId("c91")})).apply(other)
    assert JoinClips(frozenset({CLIP})).apply(song) is song


def test_a_group_keeps_its_rows_where_one_would_leave_them(song: Project) -> None:
    assert MoveClips(frozenset({CLIP}), by_tracks=1).apply(song) is song
    copied = CopyClips(frozenset({CLIP}), by_ticks=-9999, by_tracks=-1).apply(song)
    assert sorted(clip.start for clip in copied.sources[0].clips) == [0, 3840]
    assert CopyClips(frozenset()).apply(song) is song


def test_joining_over_a_space_keeps_every_note_in_its_place(song: Project) -> None:
    pasted = PasteClips(((song.sources[0].id, song.clip(CLIP)),), 9600).apply(song)
    joined = JoinClips(frozenset(clip.id for clip in pasted.sources[0].clips)).apply(pasted)
    clip = joined.clip(CLIP)
    assert isinstance(clip, NoteClip)
    assert (clip.start, clip.end) == (3840, 9600 + 3840)
    assert clip.notes.start.tolist() == [0, 960, 1920, 5760, 6720, 7680]


def test_a_new_level_leaves_a_send_where_it_taps_the_strip() -> None:
    song = new_song()
    song = song.with_new_track(new_instrument(song, "Piano", 0))
    piano, bus = song.sources[0].id, song.buses[0].id
    song = SetSend(piano, bus, -6.0, pre_fader=True).apply(song)
    song = SetSend(piano, bus, -12.0).apply(song)
    assert song.track(piano).sends == (Send(bus, -12.0, pre_fader=True),)
