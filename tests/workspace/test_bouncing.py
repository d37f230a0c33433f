"""Clips made recordings and tracks frozen: what is heard stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.domain.device import Device, DeviceId, soundfont
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import MoveClips
from studio.edit.tracks import SetTrack
from studio.jobs.queue import JobQueue
from studio.render.offline import render_song
from studio.workspace.bouncing import Bouncing
from studio.workspace.files import Files
from studio.workspace.main_thread import MainThread
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes
from tests.render.songs import SMALL_SOUNDFONT

BEAT, RATE = 960, 48000
PIANO, RAIN = TrackId("t10"), TrackId("t11")


class Desk:
    """A song of a piano through a delay with automation, and of two pieces of noise."""

    def __init__(self) -> None:
        self.song = Song()
        self.selection = Selection(self.song)
        self.jobs = JobQueue(MainThread())
        takes = Takes(self.song)
        self.files = Files(self.song, takes, self.jobs)
        self.bouncing = Bouncing(self.song, self.selection, takes, self.jobs, self.files)
        self.errors: list[StudioError] = []
        self.bouncing.failed.connect(self.errors.append)
        self.song.failed.connect(self.errors.append)
        self.files.start((), 3600.0)
        self.song.open(self._project())

    def _project(self) -> Project:
        noise = np.random.default_rng(1).normal(0, 0.1, (RATE, 2)).astype(np.float32)
        source = self.files.media.put_audio(noise, RATE, "Rain.wav")
        notes = Notes.of([0, BEAT], [BEAT] * 2, [60, 67])
        delay = Device(DeviceId("d11"), "delay", (("mix", 0.4),))
        wet = Automation.of("d11:mix", [0, 4 * BEAT], [0.1, 0.9])
        level = Automation.of("volume", [0, 4 * BEAT], [-12.0, 0.0])
        piano = Track(
            PIANO, TrackKind.INSTRUMENT, "Piano", pan=-0.5, automation=(wet, level),
            devices=(soundfont(DeviceId("d10"), 0), delay),
            clips=(NoteClip(ClipId("c20"), BEAT, 2 * BEAT, notes, "verse"),),
        )  # fmt: skip
        rain = Track(
            RAIN, TrackKind.AUDIO, "Rain", volume_db=-3.0,
            clips=(
                AudioClip(ClipId("c21"), 0, source, 0, RATE // 2, gain_db=-6, fade_in_frames=999),
                AudioClip(ClipId("c22"), BEAT, source, RATE // 3, RATE // 2, fade_out_frames=5000),
            ),
        )  # fmt: skip
        return new_song(RATE).with_new_track(piano).with_new_track(rain)

    def heard(self) -> npt.NDArray[np.float32]:
        return np.concatenate(list(render_song(self.song.project, self.files.media, end=4 * RATE)))


@pytest.fixture
def desk(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TUTTI_SOUNDFONT", str(SMALL_SOUNDFONT))
    desk = Desk()
    yield desk
    desk.jobs.close()
    desk.files.close()


def steps(desk: Desk) -> list[str]:
    return [step.label for step in desk.song.steps]


def differs(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    """The largest difference of a sample; what is missing at an end is silence."""
    frames = max(len(a), len(b))
    whole = [np.pad(x, ((0, frames - len(x)), (0, 0))) for x in (a, b)]
    return float(np.abs(whole[0] - whole[1]).max())


def test_recordings_become_one_in_their_place_and_sound_the_same(desk: Desk, qtbot: QtBot) -> None:
    before = desk.heard()
    desk.selection.set_clips({ClipId("c21"), ClipId("c22")})
    desk.bouncing.bounce()
    qtbot.waitUntil(lambda: steps(desk) == ["Bounce"], timeout=20_000)
    (clip,) = desk.song.project.track(RAIN).clips
    assert isinstance(clip, AudioClip)
    assert (clip.start, clip.gain_db, clip.fade_in_frames) == (0, 0.0, 0)
    assert differs(before, desk.heard()) < 1e-6
    assert not desk.errors


def test_notes_become_a_recording_on_a_track_of_its_own(desk: Desk, qtbot: QtBot) -> None:
    before = desk.heard()
    desk.selection.set_clips({ClipId("c20")})
    desk.bouncing.bounce()
    qtbot.waitUntil(lambda: steps(desk) == ["Bounce"], timeout=20_000)
    piano, bounced, _ = desk.song.project.sources
    assert (bounced.name, bounced.kind) == ("Piano bounced", TrackKind.AUDIO)
    assert piano.clips[0].muted
    assert bounced.clips[0].start == BEAT
    assert [device.kind for device in bounced.devices] == ["delay"], "effects can still be changed"
    assert differs(before, desk.heard()) < 1e-4
    desk.song.undo()
    assert len(desk.song.project.sources) == 2


def test_clips_that_changed_meanwhile_are_left_alone(desk: Desk, qtbot: QtBot) -> None:
    desk.selection.set_clips({ClipId("c21")})
    desk.bouncing.bounce_to_track()
    desk.song.do(MoveClips(frozenset({ClipId("c21")}), BEAT))
    qtbot.waitUntil(lambda: bool(desk.errors), timeout=20_000)
    assert "changed" in desk.errors[0].message
    assert steps(desk) == ["Move clips"]


def test_a_frozen_track_sounds_the_same_until_it_is_edited(desk: Desk, qtbot: QtBot) -> None:
    before = desk.heard()
    desk.selection.set_tracks((PIANO,))
    desk.bouncing.toggle_freeze()
    qtbot.waitUntil(lambda: steps(desk) == ["Freeze track"], timeout=20_000)
    track = desk.song.project.track(PIANO)
    assert desk.bouncing.is_frozen(track)
    assert track.frozen is not None
    assert track.frozen.source.media in desk.song.project.media, "kept with the song"
    assert differs(before, desk.heard()) < 1e-4
    desk.song.do(SetTrack(PIANO, (("name", "Keys"),)))
    assert desk.bouncing.is_frozen(desk.song.project.track(PIANO)), "a name is not heard"
    desk.song.do(MoveClips(frozenset({ClipId("c20")}), BEAT))
    assert not desk.bouncing.is_frozen(desk.song.project.track(PIANO))
    assert differs(before, desk.heard()) > 0.01, "the edit is heard"
    desk.song.undo()
    assert desk.bouncing.is_frozen(desk.song.project.track(PIANO))


def test_a_frozen_track_plays_its_recording_and_is_thawed_by_the_same_action(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.selection.set_tracks((PIANO, RAIN))
    desk.bouncing.toggle_freeze()
    qtbot.waitUntil(lambda: len(steps(desk)) == 2, timeout=20_000)
    project = desk.song.project
    frozen = project.track(PIANO).frozen
    assert frozen is not None
    silent = np.zeros((frozen.source.frames, 2), np.float32)
    other = replace(frozen, source=desk.files.media.put_audio(silent, RATE))
    muted = project.with_track(replace(project.track(PIANO), frozen=other))
    only = [t if t.id != RAIN else replace(t, muted=True) for t in muted.tracks]
    sound = render_song(replace(muted, tracks=tuple(only)), desk.files.media, end=2 * RATE)
    assert max(float(np.abs(block).max()) for block in sound) == 0.0
    desk.bouncing.toggle_freeze()
    assert [track.frozen for track in desk.song.project.sources] == [None, None]
