"""Other notes in a MIDI file leave all else in it as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mido
import pytest

from studio.domain.clip import NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.io.midi import read_midi
from studio.io.midi_rewriting import rewrite_midi


def message(kind: str, time: int = 0, **values: object) -> mido.Message:
    return mido.Message(kind, time=time, **values)


def original(path: Path) -> Path:
    """Words, a system message, programs that change, a key struck while it is held."""
    words = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name="Song"),
            mido.MetaMessage("set_tempo", tempo=512_821),
            mido.MetaMessage("lyrics", text="la", time=96),
            mido.MetaMessage("lyrics", text="li", time=300),
        ]
    )
    keys = mido.MidiTrack(
        [
            message("program_change", program=4),
            message("sysex", data=(1, 2, 3)),
            message("note_on", note=60, velocity=80),
            message("note_on", 48, note=60, velocity=70),
            message("note_off", 24, note=60, velocity=33),
            message("note_on", 24, note=60, velocity=0),
            message("note_on", 288, note=64, velocity=90),
            message("note_off", 96, note=64, velocity=64),
            message("program_change", program=9),
            message("note_on", 96 * 3, note=67, velocity=90),
            message("note_off", 96, note=67, velocity=64),
        ]
    )
    file = mido.MidiFile(type=1, ticks_per_beat=96)
    file.tracks += [words, keys]
    file.save(path)
    return path


def timed(path: Path) -> list[list[tuple[int, mido.Message]]]:
    found = []
    for track in mido.MidiFile(path).tracks:
        now, messages = 0, []
        for one in track:
            now += one.time
            messages.append((now, one.copy(time=0)))
        found.append(messages)
    return found


def clip_of(song: Project) -> NoteClip:
    clip = song.sources[0].clips[0]
    assert isinstance(clip, NoteClip)
    return clip


def test_a_song_that_did_not_change_is_the_same_file(tmp_path: Path) -> None:
    path = original(tmp_path / "a.mid")
    song = read_midi(path)
    rewrite_midi(path, song, song, tmp_path / "b.mid")
    assert timed(tmp_path / "b.mid") == timed(path)


def test_only_the_notes_that_changed_are_other_events(tmp_path: Path) -> None:
    path = original(tmp_path / "a.mid")
    song = read_midi(path)
    clip = clip_of(song)
    stays = clip.notes.where(clip.notes.pitch != 64)
    added = Notes.of([3840, 4080], [480, 240], [72, 74], timing=[0, 10])
    after = song.with_clip(replace(clip, notes=stays.joined(added)))
    rewrite_midi(path, song, after, tmp_path / "b.mid")

    was, becomes = timed(path), timed(tmp_path / "b.mid")
    assert becomes[0] == was[0]
    gone = [one for one in was[1] if one not in becomes[1]]
    assert [(at, m.type, m.note) for at, m in gone] == [(384, "note_on", 64), (480, "note_off", 64)]
    came = [one for one in becomes[1] if one not in was[1]]
    assert [(at, m.type, m.note) for at, m in came] == [
        (384, "note_on", 72),
        (409, "note_on", 74),
        (432, "note_off", 72),
        (433, "note_off", 74),
    ]
    assert mido.MidiFile(tmp_path / "b.mid").ticks_per_beat == 96


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-12],
        lambda data: data.replace(b"\xff\x05\x02la", b"\xff\x59\x02\x63\x05"),
    ],
    ids=["cut short", "no such key"],
)
def test_a_damaged_file_is_written_anew(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = original(tmp_path / "a.mid")
    path.write_bytes(damage(path.read_bytes()))
    song = read_midi(path)
    rewrite_midi(path, song, song, tmp_path / "b.mid")
    rows = [clip_of(found).notes.pitch.tolist() for found in (song, read_midi(tmp_path / "b.mid"))]
    assert rows[0] == rows[1]
