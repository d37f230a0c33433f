"""MIDI files hold a song's notes to the tick, for this studio and for other readers."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pretty_midi
import pytest
import symusic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.device import DeviceId, soundfont
from studio.domain.notes import HOLD, Automation, Notes
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind
from studio.io.midi import read_midi, write_midi
from tests import strategies

Played = tuple[int, int, int, int]  # start, length, pitch, velocity


def heard(track: Track) -> list[Played]:
    """What a track plays: by the definitions of clip and note, one note at a time."""
    found: list[tuple[int, int, int, int]] = []  # start, end, pitch, velocity
    for clip in track.clips:
        if not isinstance(clip, NoteClip) or clip.muted:
            continue
        for row in clip.notes.table:
            at = int(row["start"])
            if clip.offset <= at < clip.offset + clip.length and not row["muted"]:
                start = at - clip.offset + clip.start + int(row["timing"])
                end = min(start + int(row["length"]), clip.start + clip.length)
                start = max(start, 0)
                found.append((start, max(end, start + 1), int(row["pitch"]), int(row["velocity"])))
    played = []
    for index, note in enumerate(found):
        again = [
            other[0]
            for place, other in enumerate(found)
            if other[2] == note[2] and (*other[:2], place) > (*note[:2], index)
        ]
        end = min([note[1], *again])
        if end > note[0]:
            played.append((note[0], end - note[0], note[2], note[3]))
    return sorted(played)


def notes_of(track: Track) -> list[Played]:
    """Song ticks of every note on a track, nothing applied."""
    return sorted(
        (
            int(row["start"]) + clip.shift,
            int(row["length"]),
            int(row["pitch"]),
            int(row["velocity"]),
        )
        for clip in track.clips
        if isinstance(clip, NoteClip)
        for row in clip.notes.table
    )


def micros(tempo: TempoMap) -> list[tuple[int, int]]:
    return [(change.tick, round(60e6 / change.bpm)) for change in tempo.tempos]


def sounding(project: Project) -> list[Track]:
    return [track for track in project.sources if heard(track)]


def there_and_back(project: Project, folder: Path) -> Project:
    write_midi(project, folder / "song.mid")
    return read_midi(folder / "song.mid")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("midi")


# -- there and back -----------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(project=strategies.projects(most_tracks=4))
def test_a_song_keeps_its_notes_tempo_meter_key_and_names(project: Project, folder: Path) -> None:
    found = there_and_back(project, folder)
    assert micros(found.tempo) == micros(project.tempo)
    assert found.tempo.meters == project.tempo.meters
    assert found.key == project.key
    assert found.markers == tuple(
        Marker(m.tick, m.name.strip(" \t\r\n\0")) for m in project.markers
    )
    assert found.title == (project.title.strip(" \t\r\n\0") or "song")
    expected = sounding(project)
    assert [notes_of(track) for track in found.sources] == [heard(track) for track in expected]
    for track, before in zip(found.sources, expected, strict=True):
        name = before.name.strip(" \t\r\n\0")
        assert track.name == name or not name
        assert track.devices[0].parameters == before.devices[0].parameters


@settings(max_examples=40, deadline=None)
@given(project=strategies.projects(most_tracks=4))
def test_another_reader_finds_the_same_song(project: Project, folder: Path) -> None:
    write_midi(project, folder / "song.mid")
    score: Any = symusic.Score(folder / "song.mid")
    assert score.ticks_per_quarter == 960
    assert [(t.time, t.mspq) for t in score.tempos] == micros(project.tempo)
    assert [(s.time, s.numerator, s.denominator) for s in score.time_signatures] == [
        (meter.tick, meter.beats, meter.unit) for meter in project.tempo.meters
    ]
    named = [marker.tick for marker in project.markers if marker.name]  # it passes over empty ones
    assert [m.time for m in score.markers if m.text] == named
    expected = sounding(project)
    found = [track for track in score.tracks if track.note_num()]
    assert [
        sorted((n.time, n.duration, n.pitch, n.velocity) for n in track.notes) for track in found
    ] == [heard(track) for track in expected]
    assert [track.is_drum for track in found] == [track.is_drums for track in expected]
    assert [track.program for track in found] == [
        int(track.devices[0].parameter("program", 0)) for track in expected
    ]


@settings(max_examples=25, deadline=None)
@given(project=strategies.projects(most_tracks=3))
def test_a_third_reader_hears_every_note_at_its_second(project: Project, folder: Path) -> None:
    write_midi(project, folder / "song.mid")
    tempos = tuple(TempoChange(tick, 60e6 / mspq) for tick, mspq in micros(project.tempo))
    tempo = TempoMap(tempos, project.tempo.meters)
    found = sorted(
        (note.pitch, note.start, note.end)
        for instrument in pretty_midi.PrettyMIDI(str(folder / "song.mid")).instruments
        for note in instrument.notes
    )
    expected = sorted(
        (pitch, float(tempo.seconds(start)), float(tempo.seconds(start + length)))
        for track in project.sources
        for start, length, pitch, _ in heard(track)
    )
    np.testing.assert_allclose(np.array(found), np.array(expected), atol=1e-6, rtol=0)


@settings(max_examples=40, deadline=None)
@given(project=strategies.projects())
def test_what_was_read_is_written_the_same_again(project: Project, folder: Path) -> None:
    once = there_and_back(project, folder)
    first = (folder / "song.mid").read_bytes()
    write_midi(once, folder / "again.mid")
    twice = read_midi(folder / "again.mid")
    assert [notes_of(track) for track in twice.sources] == [notes_of(t) for t in once.sources]
    assert twice.tempo == once.tempo
    write_midi(project, folder / "song.mid")
    assert (folder / "song.mid").read_bytes() == first


def song_with(*clips: NoteClip, program: int = 0) -> Project:
    track = Track(
        TrackId("t3"), TrackKind.INSTRUMENT, "Piano", clips, (soundfont(DeviceId("d4"), program),)
    )
    return new_song().with_new_track(track)


def lanes_of(project: Project) -> dict[str, Automation]:
    clip = project.sources[0].clips[0]
    assert isinstance(clip, NoteClip)
    return {lane.parameter: lane for lane in clip.controllers}


def test_a_pedal_and_a_bend_return_to_rest_where_the_clip_ends(tmp_path: Path) -> None:
    lanes = (
        Automation.of("cc64", [960, 1920], [127, 0], HOLD),
        Automation.of("bend", [0, 960, 3000], [0.0, 7.5, 7.5]),
        Automation.of("pressure", [100], [55.0], HOLD),
    )
    clip = NoteClip(ClipId("c5"), 0, 1440, Notes.of([0], [1440], [60]), controllers=lanes)
    later = NoteClip(ClipId("c6"), 1920, 1920, Notes.of([0], [1920], [64]))
    found = lanes_of(there_and_back(song_with(clip, later), tmp_path))
    assert found["cc64"].at([0, 959, 960, 1439, 1440, 3000]).tolist() == [127, 127, 127, 127, 0, 0]
    assert found["bend"].at([480])[0] == pytest.approx(3.75, abs=0.3)
    assert found["bend"].at([960, 1439, 1440]) == pytest.approx([7.5, 7.5, 0], abs=12 / 8192)
    assert found["pressure"].at([50, 1439, 1440]).tolist() == [55, 55, 0]


def test_twenty_instruments_and_two_kits_never_share_a_channel(tmp_path: Path) -> None:
    song = new_song()
    for number in range(24):
        drums = number >= 20
        clip = NoteClip(song.new_clip_id(2), 0, 960, Notes.of([0], [960], [40 + number]))
        kit = number % 2 * 8
        device = soundfont(song.new_device_id(1), kit if drums else number, drums)
        track = Track(
            song.new_track_id(), TrackKind.INSTRUMENT, f"Part {number}", (clip,), (device,)
        )
        song = song.with_new_track(track)
    found = there_and_back(song, tmp_path)
    assert [t.name for t in found.sources] == [f"Part {number}" for number in range(24)]
    assert [t.devices[0].parameters for t in found.sources] == [
        t.devices[0].parameters for t in song.sources
    ]
    places: dict[tuple[int, int], set[int]] = {}
    for chunk in (tmp_path / "song.mid").read_bytes().split(b"MTrk")[2:]:
        port = chunk[chunk.index(b"\xff\x21\x01") + 3] if b"\xff\x21\x01" in chunk else 0
        at = next(i for i, byte in enumerate(chunk) if 0xC0 <= byte <= 0xCF)
        places.setdefault((port, chunk[at] & 15), set()).add(chunk[at + 1])
    assert len(places) == 22
    assert all(len(programs) == 1 for programs in places.values())


def test_muted_notes_and_clips_stay_out_but_a_muted_track_does_not(tmp_path: Path) -> None:
    notes = Notes.of([0, 960], [960, 960], [60, 62], muted=[False, True])
    quiet = NoteClip(ClipId("c6"), 3840, 960, Notes.of([0], [960], [70]), muted=True)
    song = song_with(NoteClip(ClipId("c5"), 0, 1920, notes), quiet)
    song = song.with_track(replace(song.sources[0], muted=True))
    assert notes_of(there_and_back(song, tmp_path).sources[0]) == [(0, 960, 60, 90)]


def test_a_variation_bank_is_kept(tmp_path: Path) -> None:
    song = song_with(NoteClip(ClipId("c5"), 0, 960, Notes.of([0], [960], [60])), program=5)
    track = song.sources[0]
    device = track.devices[0].with_parameter("bank", 8)
    song = song.with_track(replace(track, devices=(device,)))
    found = there_and_back(song, tmp_path).sources[0].devices[0]
    assert (found.parameter("bank", 0), found.parameter("program", 0)) == (8, 5)


def test_a_song_beyond_what_the_format_holds_is_refused(tmp_path: Path) -> None:
    clip = NoteClip(ClipId("c5"), 2**28, 960, Notes.of([0], [960], [60]))
    with pytest.raises(StudioError, match="too long"):
        write_midi(song_with(clip), tmp_path / "song.mid")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["D dorian", "C major", "F# minor", "Bb major", "A blues"])
def test_every_key_comes_back(name: str, tmp_path: Path) -> None:
    song = replace(song_with(), key=Key.parse(name))
    assert there_and_back(song, tmp_path).key == Key.parse(name)
    score: Any = symusic.Score(tmp_path / "song.mid")
    accidentals = {"D dorian": 0, "C major": 0, "F# minor": 3, "Bb major": -2, "A blues": 0}
    assert score.key_signatures[0].key == accidentals[name]


# -- files of others ----------------------------------------------------------------------------
def number(value: int) -> bytes:
    """A variable-length quantity."""
    out = [value & 127]
    while value := value >> 7:
        out.append(value & 127 | 128)
    return bytes(reversed(out))


def track(*events: tuple[int, bytes], end: int = 0) -> bytes:
    """A track chunk of (delta, bytes)."""
    body = b"".join(number(delta) + data for delta, data in events)
    body += number(end) + b"\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def meta(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + number(len(data)) + data


def midi(*tracks: bytes, format: int = 1, division: int = 960) -> bytes:
    return b"".join(
        [
            b"MThd\0\0\0\6",
            format.to_bytes(2, "big"),
            len(tracks).to_bytes(2, "big"),
            division.to_bytes(2, "big", signed=division < 0),
            *tracks,
        ]
    )


def read(data: bytes, folder: Path) -> Project:
    path = folder / "found.mid"
    path.write_bytes(data)
    return read_midi(path)


def only(project: Project) -> list[Played]:
    assert len(project.sources) == 1
    return notes_of(project.sources[0])


def test_running_status_and_silent_strikes_are_understood(tmp_path: Path) -> None:
    part = track((0, b"\x90\x3c\x50"), (96, b"\x3c\x00"), (0, b"\x3e\x51"), (48, b"\x3e\x00"))
    found = read(midi(part, division=96), tmp_path)
    assert only(found) == [(0, 960, 60, 80), (960, 480, 62, 81)]
    assert found.tempo == TempoMap()
    assert found.key is None


def test_a_key_struck_twice_is_let_go_in_order(tmp_path: Path) -> None:
    part = track(
        (0, b"\x90\x3c\x50"), (100, b"\x90\x3c\x51"), (100, b"\x80\x3c\x00"), (300, b"\x80\x3c\x00")
    )
    assert only(read(midi(part), tmp_path)) == [(0, 200, 60, 80), (100, 400, 60, 81)]


def test_keys_never_let_go_sound_to_the_end_of_their_track(tmp_path: Path) -> None:
    part = track((0, b"\x90\x3c\x50"), (10, b"\x80\x3d\x00"), end=1000)
    assert only(read(midi(part), tmp_path)) == [(0, 1010, 60, 80)]


def test_all_notes_off_lets_go_of_every_key(tmp_path: Path) -> None:
    part = track((0, b"\x90\x3c\x50"), (480, b"\xb0\x7b\x00"), end=1000)
    found = read(midi(part), tmp_path)
    assert only(found) == [(0, 480, 60, 80)]
    assert lanes_of(found) == {}


def test_one_track_of_many_channels_becomes_a_track_for_each(tmp_path: Path) -> None:
    part = track(
        (0, meta(3, b"My tune")), (0, b"\xc0\x21"), (0, b"\x90\x24\x50"), (0, b"\x99\x26\x50"),
        (0, b"\xc1\x30"), (0, b"\x91\x40\x50"), end=960,
    )  # fmt: skip
    found = read(midi(part, format=0), tmp_path)
    assert found.title == "My tune"
    assert [(t.name, t.role, t.is_drums) for t in found.sources] == [
        ("Fingered bass", "bass", False), ("Drums", "drums", True), ("Strings 1", "", False)
    ]  # fmt: skip


def test_a_volume_or_pan_set_once_is_fader_and_pan(tmp_path: Path) -> None:
    note = (0, b"\x90\x3c\x50")
    once = track((0, b"\xb0\x07\x10"), (0, b"\xb0\x07\x40"), (0, b"\xb0\x0a\x00"), note, end=960)
    found = read(midi(once), tmp_path)
    assert found.sources[0].volume_db == pytest.approx(40 * np.log10(64 / 127), abs=0.01)
    assert found.sources[0].pan == -1
    assert lanes_of(found) == {}
    moving = track((0, b"\xb0\x07\x40"), note, (480, b"\xb0\x07\x50"), end=960)
    found = read(midi(moving), tmp_path)
    assert found.sources[0].volume_db == 0
    assert lanes_of(found)["cc7"].at([0, 480]).tolist() == [64, 80]


@given(value=st.integers(0, 127), pan=st.integers(1, 127))
def test_every_fader_and_pan_of_a_file_comes_back(folder: Path, value: int, pan: int) -> None:
    part = track(
        (0, bytes((0xB0, 7, value))), (0, bytes((0xB0, 10, pan))), (0, b"\x90\x3c\x50"), end=960
    )
    once = read(midi(part), folder)
    again = there_and_back(once, folder)
    score: Any = symusic.Score(folder / "song.mid")
    sent = {change.number: change.value for change in score.tracks[0].controls}
    assert (sent[7], sent[10]) == (value, pan)
    faders = [(t.volume_db, t.pan) for t in (once.sources[0], again.sources[0])]
    assert faders[0] == faders[1]


def test_a_fader_above_full_is_full(tmp_path: Path) -> None:
    song = song_with(NoteClip(ClipId("c5"), 0, 960, Notes.of([0], [960], [60])))
    song = song.with_track(replace(song.sources[0], volume_db=6.0, pan=0.5))
    found = there_and_back(song, tmp_path).sources[0]
    assert found.volume_db == 0
    assert found.pan == pytest.approx(0.5, abs=1 / 126)


def test_the_program_at_the_first_note_wins(tmp_path: Path) -> None:
    setup = track((0, b"\xc1\x08"))
    first = track((0, b"\xc0\x05"), (10, b"\xc0\x07"), (10, b"\x90\x3c\x50"), (9, b"\xc0\x09"))
    second = track((0, b"\x91\x3c\x50"), end=9)
    found = read(midi(setup, first, second), tmp_path)
    assert [t.devices[0].parameter("program", 0) for t in found.sources] == [7, 8]


def test_a_meter_that_changes_inside_a_bar_waits_for_the_next_one(tmp_path: Path) -> None:
    conductor = track(
        (0, meta(0x58, b"\x07\x03\x18\x08")), (3360 + 5, meta(0x58, b"\x04\x02\x18\x08"))
    )
    found = read(midi(conductor), tmp_path)
    assert found.tempo.meters == (MeterChange(0, 7, 8), MeterChange(6720, 4, 4))


@pytest.mark.parametrize("bpm", [97.0, 133.0, 71.5, 120.25, 99.99, 174.123, 959.0, 10.0])
def test_a_tempo_comes_back_as_it_was_typed(bpm: float, tmp_path: Path) -> None:
    path = tmp_path / "song.mid"
    write_midi(replace(new_song(), tempo=TempoMap((TempoChange(0, bpm),))), path)
    assert read_midi(path).tempo.tempos == (TempoChange(0, bpm),)


@given(micros=st.integers(62_500, 6_000_000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_tempo_of_a_file_is_written_as_it_was_read(micros: int, tmp_path: Path) -> None:
    path, again = tmp_path / "song.mid", tmp_path / "again.mid"
    write_midi(replace(new_song(), tempo=TempoMap((TempoChange(0, 60e6 / micros),))), path)
    write_midi(read_midi(path), again)
    score: Any = symusic.Score(str(again))
    assert score.tempos[0].mspq == micros


def test_tempos_outside_all_music_are_brought_inside(tmp_path: Path) -> None:
    conductor = track(
        (0, meta(0x51, b"\xff\xff\xff")), (96, meta(0x51, b"\0\0\1")), (96, meta(0x51, b"\0\0\0"))
    )
    found = read(midi(conductor, division=96), tmp_path)
    assert found.tempo.tempos == (TempoChange(0, 10.0), TempoChange(960, 960.0))


def test_events_not_understood_move_nothing(tmp_path: Path) -> None:
    part = track(
        (100, meta(0x0B, b"?")), (100, b"\xf0\x03\x01\x02\xf7"), (100, meta(0x59, b"\x63\x00")),
        (100, meta(0x58, b"\x00\x09")), (0, b"\x90\x3c\x50"), end=60,
    )  # fmt: skip
    strange = b"XFIH\0\0\0\3abc"
    data = midi(part)
    data = data[:14] + strange + data[14:]
    assert only(read(data, tmp_path)) == [(400, 60, 60, 80)]
    assert only(read(b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + data, tmp_path)) == [(400, 60, 60, 80)]


def test_a_file_cut_short_gives_what_it_still_holds(tmp_path: Path) -> None:
    part = track((0, b"\x90\x3c\x50"), (480, b"\x80\x3c\x40"), (0, b"\x90\x3e\x50"), end=480)
    assert only(read(midi(part)[:-7], tmp_path)) == [(0, 480, 60, 80)]
    with pytest.raises(StudioError, match="damaged"):
        read(midi(part)[:-22], tmp_path)


def test_what_lies_beyond_all_time_is_left_out(tmp_path: Path) -> None:
    far = [(2**28 - 1, b"\x80\x01\x00")] * 8
    part = track((0, b"\x90\x3c\x50"), (1, b"\x80\x3c\x40"), *far, (9, b"\x90\x3e\x50"), end=9)
    assert only(read(midi(part, division=1), tmp_path)) == [(0, 960, 60, 80)]


def test_seconds_become_beats_at_120(tmp_path: Path) -> None:
    for division, ticks_per_second in ((-25 * 256 + 40, 1000), (-30 * 256 + 80, 2400)):
        part = track((ticks_per_second // 2, b"\x90\x3c\x50"), end=ticks_per_second)
        found = read(midi(track((0, meta(0x51, b"\1\0\0"))), part, division=division), tmp_path)
        assert only(found) == [(960, 1920, 60, 80)]
        assert found.tempo == TempoMap()


def test_a_controller_rests_until_its_first_message(tmp_path: Path) -> None:
    part = track(
        (0, b"\xb0\x65\x00"), (0, b"\xb0\x64\x00"), (0, b"\xb0\x06\x0c"),
        (0, b"\x90\x3c\x50"), (240, b"\xb0\x40\x7f"), (0, b"\xe0\x00\x60"), (0, b"\xb0\x0b\x20"),
        end=480,
    )  # fmt: skip
    found = lanes_of(read(midi(part), tmp_path))
    assert sorted(found) == ["bend", "cc11", "cc64"]
    assert found["cc64"].at([0, 239, 240]).tolist() == [0, 0, 127]
    assert found["cc11"].at([0, 239, 240]).tolist() == [127, 127, 32]
    assert found["bend"].at([0, 239, 240]).tolist() == [0, 0, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp932"])
def test_names_are_read_in_the_writing_they_were_written(encoding: str, tmp_path: Path) -> None:
    name = "ピアノの歌" if encoding == "cp932" else "Flöte élégante, naïve"
    part = track((0, meta(3, name.encode(encoding))), (0, b"\x90\x3c\x50"), end=9)
    assert read(midi(track(), part), tmp_path).sources[0].name == name


def test_a_file_without_notes_is_an_empty_song(tmp_path: Path) -> None:
    found = read(midi(track((0, meta(0x51, b"\x0f\x42\x40")))), tmp_path)
    assert found.sources == ()
    assert found.tempo.tempos == (TempoChange(0, 60.0),)
    assert found.title == "found"


@pytest.mark.parametrize(
    "data", [b"", b"not music", b"MThd", b"MThd\0\0\0\6\0\7\0\1\0\0", b"RIFF1234WAVEfmt "]
)
def test_what_is_no_midi_file_is_refused_in_one_sentence(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as refused:
        read(data, tmp_path)
    assert "found.mid" in refused.value.message


def test_loose_patterns_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="patterns"):
        read(midi(track(), format=2), tmp_path)
    with pytest.raises(StudioError, match="could not be read"):
        read_midi(tmp_path / "none.mid")


PART = track(
    (0, meta(3, b"a")), (5, b"\xb0\x00\x08"), (0, b"\xc0\x05"),
    (0, meta(0x58, b"\x03\x02\x18\x08")), (0, b"\x90\x3c\x50"), (40, b"\x3c\x00"),
    (0, b"\xe0\x01\x02"), (0, b"\x99\x3c\x50"), end=70,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(8, 14 + len(PART)), st.integers(0, 255)), max_size=6),
    kept=st.integers(0, 14 + len(PART)),
)
def test_no_damage_does_more_than_be_refused(
    changes: list[tuple[int, int]], kept: int, folder: Path
) -> None:
    data = bytearray(midi(PART, format=0))
    for at, value in changes:
        data[min(at, len(data) - 1)] = value
    with contextlib.suppress(StudioError):
        found = read(bytes(data[:kept]), folder)
        assert all(len(notes_of(track)) for track in found.sources)
