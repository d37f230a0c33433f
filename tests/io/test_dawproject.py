"""DAWproject files are valid, and hold a song's notes, clips, tempo and markers exactly."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip, WarpPoint
from studio.domain.device import Device, DeviceId
from studio.domain.notes import HOLD, LINEAR, Automation, Notes
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind
from studio.dsp.levels import gain
from studio.edit.takes import new_instrument
from studio.io.dawproject import write_dawproject
from studio.io.dawproject_xml import COLORS
from studio.media.store import MediaStore
from studio.ui.theme import DARK
from tests import strategies
from tests.io import dawproject_reader as reader

SCHEMAS = Path(__file__).parents[1] / "exchange"
REFERENCES = ("destination", "track", "parameter", "reference")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dawproject")


@pytest.fixture(scope="module")
def media(folder: Path) -> MediaStore:
    return MediaStore(folder / "media")


def sound(frames: int, channels: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    wave = np.sin(np.arange(frames * channels, dtype=np.float64) ** 1.2).reshape(frames, channels)
    return (wave * 0.7).astype(np.float32)


@pytest.fixture(scope="module")
def sources(media: MediaStore, folder: Path) -> list[AudioSource]:
    """Recordings: float stereo, 24-bit mono of another rate, both with awkward names."""
    soundfile.write(folder / "Flöte take 1.wav", sound(3000, 1), 44_100, "PCM_24")
    return [
        media.put_audio(sound(2000, 2), 48_000, "a/b: c.wav"),
        media.import_audio(folder / "Flöte take 1.wav"),
        media.put_audio(sound(500, 1), 8_000, "a b c.aif"),
    ]


def checked(path: Path) -> reader.Song:
    """The song in a file that is valid, with unique ids, no loose reference and every recording."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        for name in ("Project", "MetaData"):
            root = etree.fromstring(archive.read(f"{name.lower()}.xml"))
            etree.XMLSchema(file=SCHEMAS / f"{name}.xsd").assertValid(root)
        root = etree.fromstring(archive.read("project.xml"))
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(set(ids)) == len(ids)
        used = {e.get(name) for e in root.iter() for name in REFERENCES if e.get(name)}
        assert used <= set(ids)
        assert {e.get("path") for e in root.iter("File")} == set(names[2:])
    return reader.read(path)


def written(project: Project, media: MediaStore, folder: Path) -> reader.Song:
    write_dawproject(project, media, folder / "song.dawproject")
    return checked(folder / "song.dawproject")


def clean(text: str) -> str:
    """What XML can hold of a name."""
    kept = (c for c in text if c >= " " or c in "\t\n\r")
    return "".join(c for c in kept if c not in "\ufffe\uffff")


def tick(beats: float) -> int:
    at = beats * 960
    assert abs(at - round(at)) < 1e-4
    return round(at)


def seconds(song: reader.Song, beat: float) -> float:
    """Seconds to a beat, by the file's own tempos."""
    total = 0.0
    for (at, bpm), (until, _) in zip(song.tempos, [*song.tempos[1:], (beat, 0.0)], strict=True):
        total += max(min(until, beat) - at, 0.0) * 60 / bpm
    return total


# -- whole songs --------------------------------------------------------------------------------
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_another_reader_finds_notes_clips_tempo_and_markers_exactly(
    data: st.DataObject, media: MediaStore, sources: list[AudioSource], folder: Path
) -> None:
    recordings = st.sampled_from(sources)
    project = data.draw(strategies.projects(most_tracks=4, sources=recordings))
    found = written(project, media, folder)
    assert found.title == clean(project.title).replace("\r\n", "\n").replace("\r", "\n")
    assert [(tick(at), bpm) for at, bpm in found.tempos] == [
        (change.tick, change.bpm) for change in project.tempo.tempos
    ]
    assert [(tick(at), beats, unit) for at, beats, unit in found.meters] == [
        (meter.tick, meter.beats, meter.unit) for meter in project.tempo.meters
    ]
    assert [(tick(at), name) for at, name in found.markers] == [
        (marker.tick, clean(marker.name)) for marker in project.markers
    ]
    tracks = [project.master, *project.tracks[:-1]]
    assert len(found.tracks) == len(tracks)
    for theirs, ours in zip(found.tracks, tracks, strict=True):
        compare_strips(theirs, ours, project)
        assert len(theirs.clips) == len(ours.clips)
        for clip, mine in zip(theirs.clips, ours.clips, strict=True):
            assert (tick(clip.time), clip.name, clip.enabled) == (
                mine.start, clean(mine.name), not mine.muted
            )  # fmt: skip
            if isinstance(mine, NoteClip):
                compare_notes(clip, mine)
            else:
                compare_sound(clip, mine, found)


def compare_strips(theirs: reader.Track, ours: Track, project: Project) -> None:
    assert (theirs.name, theirs.color) == (clean(ours.name), COLORS[ours.color])
    assert theirs.volume == pytest.approx(float(gain(ours.volume_db)), abs=1e-8)
    assert theirs.pan == pytest.approx((ours.pan + 1) / 2, abs=1e-8)
    assert (theirs.mute, theirs.solo) == (ours.muted, ours.soloed)
    assert [(name, kind) for name, _, kind in theirs.sends] == [
        (clean(project.track(send.bus).name), "pre" if send.pre_fader else "post")
        for send in ours.sends
    ]
    assert [level for _, level, _ in theirs.sends] == pytest.approx(
        [float(gain(send.level_db)) for send in ours.sends], abs=1e-8
    )
    moved = {lane.parameter.capitalize(): lane for lane in ours.automation}
    assert set(theirs.automation) == set(moved)
    for name, lane in moved.items():
        points = {tick(at): value for at, value, _ in theirs.automation[name].points if on_tick(at)}
        pan = name == "Pan"
        expected = lane.at(lane.points["tick"])
        expected = (expected + 1) / 2 if pan else gain(expected)
        at = lane.points["tick"].tolist()
        assert [points[t] for t in at] == pytest.approx(expected.tolist(), abs=1e-6)


def on_tick(beats: float) -> bool:
    return abs(beats * 960 - round(beats * 960)) < 1e-4


def compare_notes(theirs: reader.Clip, ours: NoteClip) -> None:
    assert tick(theirs.duration) == ours.length
    expected, cents = [], []
    for row in ours.notes.table.tolist():
        _, at, length, pitch, velocity, _, muted, _, detune, timing = row
        if ours.offset <= at < ours.offset + ours.length and not muted:
            begin = at - ours.offset + ours.start + timing
            end = min(begin + length, ours.start + ours.length)
            begin = max(begin, ours.start)
            expected.append((begin, max(end - begin, 1), pitch, velocity))
            cents.append(detune)
    assert sorted(
        (tick(note.time), tick(note.duration), note.key, round(note.velocity * 127))
        for note in theirs.notes
    ) == sorted(expected)
    found = sorted(note.transpose * 100 for note in theirs.notes)
    assert found == pytest.approx(sorted(cents), abs=1e-6)
    assert len(theirs.lanes) == len(ours.controllers)


def compare_sound(theirs: reader.Clip, ours: AudioClip, song: reader.Song) -> None:
    rate = ours.source.sample_rate
    assert theirs.sample_rate == rate
    length = seconds(song, theirs.time + theirs.duration) - seconds(song, theirs.time)
    if ours.warp:
        for point in ours.warp:
            assert round(theirs.content_at(point.tick / 960) * rate) == point.source_frame
        assert tick(theirs.duration) == ours.warp[-1].tick
    else:
        assert [round(at * rate) for at in theirs.shown] == [
            ours.offset_frames, ours.offset_frames + ours.length_frames
        ]  # fmt: skip
        assert length == pytest.approx(ours.seconds, abs=1e-6)
        for part in np.linspace(0, 1, 7):
            beat = theirs.time + theirs.duration * part
            heard = seconds(song, beat) - seconds(song, theirs.time) + ours.offset_frames / rate
            assert theirs.content_at(beat - theirs.time) == pytest.approx(heard, abs=1e-6)
    stretch = length / ours.seconds
    assert theirs.fades == pytest.approx(
        (ours.fade_in_frames / rate * stretch, ours.fade_out_frames / rate * stretch), abs=1e-6
    )


@settings(max_examples=20, deadline=None)
@given(
    start=st.integers(0, 1920),
    changes=st.dictionaries(st.integers(1, 5000), st.integers(40, 300), max_size=4),
    offset=st.integers(0, 8000),
)
def test_a_recording_keeps_its_speed_across_tempo_changes(
    start: int, changes: dict[int, int], offset: int, media: MediaStore, folder: Path
) -> None:
    source = media.put_audio(sound(24_000, 1), 8_000, "three seconds")
    clip = AudioClip(
        ClipId("c9"), start, source, offset, 24_000 - offset, fade_in_frames=80, fade_out_frames=99
    )
    track = Track(TrackId("t9"), TrackKind.AUDIO, "Tape", (clip,))
    tempos = {0: 120} | changes
    tempo = TempoMap(tuple(TempoChange(at, float(bpm)) for at, bpm in sorted(tempos.items())))
    song = replace(new_song(), tempo=tempo).with_new_track(track)
    found = written(song, media, folder)
    (theirs,) = next(track for track in found.tracks if track.name == "Tape").clips
    compare_sound(theirs, clip, found)
    end = start + theirs.duration * 960
    inside = [at for at in changes if start < at < end - 1e-3]
    assert len(theirs.warps) == 2 + len(inside)


# -- one song with everything -------------------------------------------------------------------
@pytest.fixture
def everything(sources: list[AudioSource]) -> Project:
    song = replace(
        new_song(),
        title="All & <more>",
        key=Key.parse("D minor"),
        tempo=TempoMap(
            (TempoChange(0, 120.0), TempoChange(7680, 90.0)),
            (MeterChange(0, 4, 4), MeterChange(3840, 7, 8)),
        ),
        markers=(Marker(0, "Verse"), Marker(3840, "Chorus")),
    )
    keys = replace(new_instrument(song, "Keys", 4), volume_db=-6.0, pan=-0.5)
    notes = Notes.of([0, 960, 1920], [480, 960, 240], [60, 64, 67], timing=[0, -60, 10])
    pedal = Automation.of("cc64", [0, 1000], [127, 0], HOLD)
    song = song.with_new_track(keys)
    song = song.with_clip_on(
        keys.id,
        NoteClip(song.new_clip_id(), 3840, 1920, notes, "Riff", offset=480, controllers=(pedal,)),
    )
    drums = new_instrument(song, "Drums", 0, drums=True)
    song = song.with_new_track(drums)
    song = song.with_clip_on(
        drums.id, NoteClip(song.new_clip_id(), 0, 960, Notes.of([0], [120], [36]), "Beat")
    )
    tape = Track(
        song.new_track_id(), TrackKind.AUDIO, "Tape", color=2, soloed=True,
        devices=(
            Device(DeviceId("d90"), "eq", (("low_cut_hz", 80.0), ("mid_db", -3.0))),
            Device(DeviceId("d91"), "compressor", (("ratio", 4.0),), bypassed=True),
            Device(DeviceId("d92"), "chorus"),
        ),
        automation=(
            Automation.of("volume", [0, 3840], [-60.0, 0.0], LINEAR),
            Automation.of("pan", [0, 960], [-1.0, 1.0], HOLD),
        ),
    )  # fmt: skip
    song = song.with_new_track(tape)
    first = AudioClip(
        ClipId("c50"), 960, sources[0], 100, 1500, "Intro",
        gain_db=6.0, fade_in_frames=48, fade_out_frames=96,
    )  # fmt: skip
    warp = (WarpPoint(0, 0), WarpPoint(1000, 960), WarpPoint(3000, 1440))
    second = AudioClip(
        ClipId("c51"), 3840, sources[1], 0, 3000, "Loop", gain_db=-3.0, warp=warp, muted=True
    )
    return song.with_clip_on(tape.id, first).with_clip_on(tape.id, second)


def project_xml(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("project.xml"))


def test_the_file_has_the_shape_that_importers_read(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    written(everything, media, tmp_path)
    root = project_xml(tmp_path / "song.dawproject")
    roles = [channel.get("role") for channel in root.iter("Channel")]
    assert roles == ["master", "regular", "regular", "regular", "effect"]
    assert [t.get("contentType") for t in root.iter("Track")] == [
        "audio", "notes", "notes", "audio", "audio"
    ]  # fmt: skip
    assert root.find("Transport/Tempo").get("unit") == "bpm"
    assert root.find("Arrangement/Lanes").get("timeUnit") == "beats"
    assert [m.get("name") for m in root.findall("Arrangement/Markers/Marker")] == [
        "Verse",
        "Chorus",
    ]
    tempo = root.findall("Arrangement/TempoAutomation/RealPoint")
    assert [point.get("interpolation") for point in tempo] == ["hold", "hold"]
    assert len(root.findall("Arrangement/Lanes/Lanes/Clips/Clip/Notes")) == 1
    assert len(root.findall("Arrangement/Lanes/Lanes/Clips/Clip/Lanes/Notes")) == 1
    double = root.findall("Arrangement/Lanes/Lanes/Clips/Clip/Clips/Clip/Warps")
    assert [len(warps.findall("Warp")) for warps in double] == [2, 3]
    assert all(clip.get("duration") for clip in root.iter("Clip"))
    assert {note.get("channel") for note in root.iter("Note")} == {"0", "9"}


def test_devices_the_format_knows_go_along_and_others_are_named(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    found = written(everything, media, tmp_path)
    tape = next(track for track in found.tracks if track.name == "Tape")
    assert [name for name, _ in tape.devices] == ["Equalizer", "Compressor"]
    assert tape.devices[0][1] == {"Freq": 1000.0, "Gain": -3.0, "Q": 1.0}
    assert tape.devices[1][1]["Ratio"] == 4.0
    assert found.tracks[0].devices == [("Limiter", {"Release": 0.1, "Threshold": -1.0})]
    root = project_xml(tmp_path / "song.dawproject")
    assert [e.get("value") for e in root.iter("Enabled")] == ["true", "true", "false"]
    assert [track.get("comment") for track in root.iter("Track")] == [
        None, "General MIDI program 5.", "General MIDI drum kit 1.",
        "Effects left out: chorus.", "Effects left out: reverb.",
    ]  # fmt: skip


def test_a_ramp_in_decibels_stays_one(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    found = written(everything, media, tmp_path)
    tape = next(track for track in found.tracks if track.name == "Tape")
    times, values, _ = zip(*tape.automation["Volume"].points, strict=True)
    for beat in np.linspace(0, 4, 33):
        level = 20 * np.log10(np.interp(beat, times, values))
        assert level == pytest.approx(-60 + 15 * beat, abs=0.05)
    assert tape.automation["Pan"].points == [(0.0, 0.0, True), (1.0, 1.0, True)]


def test_controllers_start_where_the_clip_does(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    found = written(everything, media, tmp_path)
    (pedal,) = next(track for track in found.tracks if track.name == "Keys").clips[0].lanes
    assert pedal.target == {"expression": "channelController", "channel": "0", "controller": "64"}
    assert [(tick(at), value, hold) for at, value, hold in pedal.points] == [
        (0, 1.0, True), (520, 0.0, True)
    ]  # fmt: skip


def test_recordings_go_along_with_their_clips_gain(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    found = written(everything, media, tmp_path)
    clips = next(track for track in found.tracks if track.name == "Tape").clips
    assert [clip.file for clip in clips] == ["audio/b_c.wav", "audio/Flote_take_1.wav"]
    with zipfile.ZipFile(tmp_path / "song.dawproject") as archive:
        for clip, loud, subtype, (frames, channels) in zip(
            clips, (6.0, -3.0), ("FLOAT", "PCM_24"), ((2000, 2), (3000, 1)), strict=True
        ):
            with soundfile.SoundFile(io.BytesIO(archive.read(clip.file))) as file:
                assert file.subtype == subtype
                samples = file.read(dtype="float64", always_2d=True)
            expected = sound(frames, channels) * 10 ** (loud / 20)
            np.testing.assert_allclose(samples, expected, atol=2e-7)
        metadata = etree.fromstring(archive.read("metadata.xml"))
    assert metadata.findtext("Title") == "All & <more>"
    assert metadata.findtext("Comment") == "Key: D minor"


def test_equal_songs_give_equal_files(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        write_dawproject(everything, media, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_cancelling_leaves_what_was_there(
    everything: Project, media: MediaStore, tmp_path: Path
) -> None:
    path = tmp_path / "song.dawproject"
    path.write_bytes(b"before")

    def stop(fraction: float, _text: str) -> None:
        assert 0 <= fraction <= 1
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_dawproject(everything, media, path, progress=stop)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_recording_is_named(everything: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"a/b: c\.wav"):
        write_dawproject(everything, MediaStore(tmp_path / "none"), tmp_path / "song.dawproject")
    assert list(tmp_path.iterdir()) == []


def test_tracks_have_the_colours_of_the_window() -> None:
    assert DARK.tracks == COLORS


def test_an_empty_song_is_a_valid_file(media: MediaStore, tmp_path: Path) -> None:
    found = written(new_song(), media, tmp_path)
    assert [track.name for track in found.tracks] == ["Master", "Reverb"]
