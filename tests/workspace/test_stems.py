"""Splitting a clip of the song: what comes, where it sounds, and taking it back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.ai import record
from studio.ai.requests import STEMS, Quality
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackKind
from studio.edit.clips import DeleteClips, MoveClips
from studio.jobs.queue import InlineQueue, JobQueue, Queue
from studio.media.store import MediaStore
from studio.render.offline import render_plan
from studio.render.plan import compile_song
from studio.workspace.main_thread import MainThread
from studio.workspace.song import Song
from studio.workspace.stems import Splitting, Stems
from studio.workspace.takes import Takes
from tests.ai.models.test_separator import write_untaught
from tests.ai.stems.test_splitting import noise
from tests.workspace.works import Here, Slowly


class Desk:
    """A song with a recording on it, and all that splits it."""

    def __init__(self, folder: Path, jobs: Queue | None = None) -> None:
        self.media = MediaStore(folder / "media", folder / "cache")
        self.song = Song()
        self.song.open(self._recorded())
        self.takes = Takes(self.song)
        self.jobs = jobs or InlineQueue()
        self.stems = Stems(self.song, self.takes, self.jobs, Here, lambda: self.media)
        self.errors: list[StudioError] = []
        self.stems.failed.connect(self.errors.append)

    def _recorded(self) -> Project:
        source = self.media.put_audio(noise(44_100, 2, 2.0), 44_100, "riff.wav")
        project = new_song(48_000)
        project = project.with_new_track(
            Track(project.new_track_id(), TrackKind.AUDIO, "Guitar", volume_db=-3.0, pan=0.2)
        )
        clip = AudioClip(
            project.new_clip_id(), 481, source, 10_007, 60_000, "Riff", gain_db=-8.0,
            fade_in_frames=900, fade_out_frames=3000,
        )  # fmt: skip
        return project.with_clip_on(project.sources[0].id, clip)

    @property
    def project(self) -> Project:
        return self.song.project

    @property
    def clip(self) -> AudioClip:
        clip = self.project.sources[0].clips[0]
        assert isinstance(clip, AudioClip)
        return clip

    def split(self, **how: Any) -> None:
        self.stems.split([self.clip.id], Splitting(**how))
        assert not self.errors

    def heard(self, project: Project) -> np.ndarray:
        plan = compile_song(project, self.media)
        return np.concatenate(list(render_plan(plan, premaster=True, tail_seconds=0.1)))

    def names(self) -> Sequence[str]:
        return [track.name for track in self.project.sources]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    write_untaught(folder)
    return folder


@pytest.fixture
def separator(weights: Path, studio_home: Path) -> None:
    """A separator among the user's own models."""
    (studio_home / "models").mkdir()
    (studio_home / "models" / "tiny").symlink_to(weights)


@pytest.fixture
def desk(qapp: Any, separator: None, tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_stems_come_as_one_step_under_their_clip_which_is_muted(desk: Desk) -> None:
    desk.split(model="tiny")
    assert desk.names() == ["Guitar", *(f"Guitar {stem}" for stem in STEMS)]
    assert desk.clip.muted
    assert [step.label for step in desk.song.steps] == ["Split into stems"]
    (entry,) = desk.takes.entries
    assert desk.takes.is_placed(entry.take.id)
    assert not entry.unplaced
    desk.song.undo()
    assert desk.names() == ["Guitar"]
    assert not desk.clip.muted
    assert not desk.takes.is_placed(entry.take.id)
    desk.song.redo()
    assert desk.takes.is_placed(entry.take.id)


def test_the_song_sounds_as_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates differ, and the clip begins between the frames of the song: still they cancel out."""
    monkeypatch.setattr("studio.ai.sound_wishes.MARGIN_SECONDS", 0.1)
    before = desk.heard(desk.project)
    desk.split(model="tiny")
    audio = desk.takes.entries[0].take.request.controls.audio
    assert audio is not None
    assert 0 < audio.first_frame < desk.clip.offset_frames
    after = desk.heard(desk.project)
    assert after.shape == before.shape
    assert np.abs(before).max() > 0.05
    assert 20 * np.log10(np.abs(after - before).max() + 1e-12) < -110


def test_one_stem_and_the_rest(desk: Desk) -> None:
    desk.split(stems=("vocals",), quality=Quality.BEST, model="tiny")
    assert desk.names() == ["Guitar", "Guitar vocals", "Guitar instrumental"]
    (entry,) = desk.takes.entries
    assert all(sound.experimental for sound in entry.take.result.sounds)


def test_a_take_that_was_discarded_leaves_the_song_and_can_be_placed_again(desk: Desk) -> None:
    desk.split(model="tiny")
    id = desk.takes.entries[0].take.id
    desk.song.undo()
    assert desk.takes.place(id)
    assert len(desk.project.sources) == 5
    desk.takes.discard(id)
    assert desk.names() == ["Guitar"]


def test_how_long_it_takes_is_known_after_the_first_time(desk: Desk) -> None:
    how = Splitting(model="tiny")
    assert desk.stems.seconds([desk.clip], how) is None
    desk.split(model="tiny")
    again = desk.stems.seconds([desk.clip], how)
    assert again == pytest.approx(2.0)
    assert desk.stems.seconds([desk.clip], replace(how, quality=Quality.BEST)) is None


def test_the_log_gives_the_take_and_its_place_back(desk: Desk) -> None:
    desk.split(model="tiny")
    (entry,) = desk.takes.entries
    data = record.take_to_json(entry.take, desk.media)
    back = record.take_from_json(data, desk.media)
    assert back == entry.take
    assert back.request.media is desk.media
    again = Takes(desk.song)
    again.open([replace(entry, take=back)])
    assert again.is_placed(back.id)
    stem = desk.project.sources[1].clips[0].id
    desk.song.do(DeleteClips(frozenset({stem})))
    assert not again.is_placed(back.id)


@pytest.fixture
def slow(qapp: Any, separator: None, tmp_path: Path, qtbot: QtBot) -> Any:
    queue = JobQueue(MainThread())
    yield Desk(tmp_path, queue)
    queue.close()


def begin(desk: Desk, qtbot: QtBot) -> threading.Event:
    """Start to split; it goes on when what is returned is set."""
    begun, let_go = threading.Event(), threading.Event()
    desk.stems._work = lambda request: Slowly(request, begun, let_go)
    desk.split(model="tiny")
    qtbot.waitUntil(begun.is_set, timeout=30_000)
    return let_go


def test_stems_go_along_with_a_clip_that_moved_meanwhile(slow: Desk, qtbot: QtBot) -> None:
    let_go = begin(slow, qtbot)
    slow.song.do(MoveClips(frozenset({slow.clip.id}), 960))
    let_go.set()
    qtbot.waitUntil(lambda: bool(slow.takes.entries), timeout=60_000)
    (entry,) = slow.takes.entries
    assert not entry.unplaced
    assert len(slow.song.steps) == 2
    assert len(slow.project.sources) == 5
    assert slow.project.sources[1].clips[0].start == slow.clip.start == 481 + 960


def test_stems_of_a_song_that_was_closed_come_into_no_other(slow: Desk, qtbot: QtBot) -> None:
    let_go = begin(slow, qtbot)
    slow.song.open(new_song())
    let_go.set()
    qtbot.waitUntil(lambda: all(job.finished for job in slow.jobs.jobs), timeout=60_000)
    assert not slow.takes.entries
    assert not slow.errors


def test_stems_follow_a_song_that_was_saved_elsewhere_meanwhile(
    slow: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    let_go = begin(slow, qtbot)
    elsewhere = MediaStore(tmp_path / "other" / "media")
    elsewhere.copy_from(slow.media, slow.clip.source.media)
    slow.media = elsewhere
    let_go.set()
    qtbot.waitUntil(lambda: len(slow.project.sources) == 5, timeout=60_000)
    assert all(elsewhere.has(hash) for hash in slow.project.media)


def test_what_cannot_be_split_is_one_sentence(desk: Desk) -> None:
    desk.stems.split([desk.clip.id], Splitting(model="nobody"))
    assert "no model called" in str(desk.errors.pop())
    desk.stems.split([ClipId("c99")], Splitting())
    assert not desk.errors
    assert not desk.takes.entries
