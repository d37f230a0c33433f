"""What a song is made of: what is refused, what is found, what stays the same object."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip, WarpPoint
from studio.domain.device import Device, DeviceId
from studio.domain.gap import Gap, Part
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Send, Track, TrackId, TrackKind

SOURCE = AudioSource("0" * 64, 48000, 48000, 2, "rain.wav")


def song() -> Project:
    sent = Automation.of("send:t1", [0], [-6.0])
    volume = Automation.of("volume", [0], [-3.0])
    track = Track(
        TrackId("t5"), TrackKind.INSTRUMENT, "Piano", (NoteClip(ClipId("c6"), 0, 3840),),
        sends=(Send(TrackId("t1")),), automation=(sent, volume),
    )  # fmt: skip
    rain = Track(
        TrackId("t7"), TrackKind.AUDIO, "Rain", (AudioClip(ClipId("c8"), 0, SOURCE, 0, 9),)
    )
    return new_song().with_new_track(track).with_new_track(rain)


def test_what_is_not_there_cannot_be_looked_up() -> None:
    project = song()
    with pytest.raises(KeyError):
        project.track(TrackId("t99"))
    with pytest.raises(KeyError):
        project.clip(ClipId("c99"))
    with pytest.raises(KeyError):
        project.track_of(ClipId("c99"))
    assert project.find_clip(ClipId("c99")) is None


def test_a_song_needs_a_known_rate_and_its_master_at_the_end() -> None:
    with pytest.raises(ValueError, match="Hz"):
        Project(sample_rate=8000)
    with pytest.raises(ValueError, match="master"):
        Project(tracks=())


def test_a_bus_that_goes_takes_sends_and_their_automation_along() -> None:
    project = song()
    left = project.without_track(TrackId("t1"))
    piano = left.track(TrackId("t5"))
    assert not piano.sends
    assert [lane.parameter for lane in piano.automation] == ["volume"]
    assert left.track(TrackId("t7")) is project.track(TrackId("t7"))


def test_sources_come_before_buses_and_the_master_stays_last() -> None:
    kinds = [track.kind for track in song().tracks]
    assert kinds == [TrackKind.INSTRUMENT, TrackKind.AUDIO, TrackKind.BUS, TrackKind.MASTER]
    bus = Track(TrackId("t20"), TrackKind.BUS, "Delay")
    assert song().with_new_track(bus).tracks[-2] is bus
    assert song().with_new_track(bus, at=99).tracks[-2] is bus


def test_new_ids_meet_nothing_that_is_there() -> None:
    project = song()
    assert project.next_id == 9
    assert project.with_clip_on(TrackId("t5"), NoteClip(ClipId("c40"), 0, 1)).next_id == 41


def test_a_recording_keeps_its_seconds_and_a_warped_one_its_ticks() -> None:
    plain = AudioClip(ClipId("c1"), 960, SOURCE, 0, 48000)
    warped = replace(plain, warp=(WarpPoint(0, 0), WarpPoint(48000, 960)))
    project = new_song()
    slow = replace(project, tempo=project.tempo.with_tempo(0, 60.0))
    assert [p.clip_end(plain) - 960 for p in (project, slow)] == [1920, 960]
    assert [p.clip_end(warped) - 960 for p in (project, slow)] == [960, 960]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": -1}, {"length_frames": 0}, {"offset_frames": 1}, {"fade_in_frames": -1},
        {"fade_in_frames": 30000, "fade_out_frames": 30000}, {"warp": (WarpPoint(0, 0),)},
        {"warp": (WarpPoint(0, 5), WarpPoint(9, 9))}, {"warp": (WarpPoint(5, 0), WarpPoint(5, 9))},
    ],
)  # fmt: skip
def test_a_recording_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    clip = AudioClip(ClipId("c1"), 0, SOURCE, 0, 48000)
    with pytest.raises(ValueError):
        replace(clip, **wrong)  # type: ignore[arg-type]


def test_what_else_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="clip"):
        NoteClip(ClipId("c1"), 0, 0)
    with pytest.raises(ValueError, match="fader"):
        Track(TrackId("t1"), TrackKind.BUS, "Loud", volume_db=13.0)
    with pytest.raises(ValueError, match="gap"):
        Gap((), 5, 5)
    with pytest.raises(ValueError, match="pitches"):
        Gap((), 0, 5, 60, 50)


def test_a_track_knows_its_instrument() -> None:
    effect = Device(DeviceId("d1"), "delay", (("time", 0.3), ("mix", 0.2)))
    assert [name for name, _ in effect.parameters] == ["mix", "time"]
    assert effect.with_parameter("mix", 1).parameter("mix", 0.0) == 1.0
    bus = Track(TrackId("t1"), TrackKind.BUS, "Echo", devices=(effect,))
    assert bus.instrument is None
    assert bus.effects == (effect,)
    assert not bus.is_drums
    project = song()
    assert project.media == {SOURCE.media}
    assert len(project.buses) == 1


def test_a_gap_knows_what_it_would_replace() -> None:
    project = song()
    gap = Gap((TrackId("t5"), TrackId("t77")), 0, 960)
    assert "t77:gone" in gap.contents(project)
    assert gap.length == 960
    assert Part(None, Notes.empty()).notes == Notes.empty()
