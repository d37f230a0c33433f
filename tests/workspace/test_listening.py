"""Listening to recordings of the song: what is kept, and what the song makes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.ai import record, registry, wishes
from studio.ai.listening import placing
from studio.ai.listening.heard import Beats, Heard
from studio.ai.listening.listen import listen
from studio.ai.listening.mono import Mono
from studio.ai.listening.placing import writing
from studio.ai.requests import Request
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackKind
from studio.edit.clips import DeleteClips, MoveClips, SetClip, SplitClips, TrimClip
from studio.edit.command import Command
from studio.jobs.queue import InlineQueue, JobQueue, Queue
from studio.media.store import MediaStore
from studio.render.offline import render_plan
from studio.render.plan import compile_song
from studio.workspace.listening import Listening
from studio.workspace.main_thread import MainThread
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes
from tests.ai.listening.sounds import RATE, band
from tests.workspace.works import Here, Slowly

BAR, BPM, LEAD = 3840, 104.0, 0.3
BEATS = LEAD + 60.0 / BPM * np.arange(32.0)


class Desk:
    """A song with a recording of a band, and all that listens to it."""

    def __init__(self, folder: Path, jobs: Queue | None = None) -> None:
        self.media = MediaStore(folder / "media", folder / "cache")
        self.song = Song()
        self.song.open(self._recorded(self.media.put_audio(band(BEATS)[:, None], RATE, "Band.wav")))
        self.takes, self.selection = Takes(self.song), Selection(self.song)
        self.selection.set_clips({self.clip.id})
        self.works: list[Request] = []
        self.listening = Listening(
            self.song, self.selection, self.takes, jobs or InlineQueue(), self._work,
            lambda: self.media,
        )  # fmt: skip
        self.errors: list[StudioError] = []
        self.notes: list[str] = []
        self.listening.failed.connect(self.errors.append)
        self.listening.noted.connect(lambda level, message, hint: self.notes.append(message))

    def _recorded(self, source: AudioSource) -> Project:
        project = new_song(48_000)
        track = Track(project.new_track_id(), TrackKind.AUDIO, "Audio")
        project = project.with_new_track(track)
        clip = AudioClip(project.new_clip_id(), 0, source, 0, source.frames, "Band")
        return project.with_clip_on(track.id, clip)

    def _work(self, request: Request) -> Here:
        self.works.append(request)
        return Here(request)

    def add(self, sound: np.ndarray, name: str) -> ClipId:
        """Another recording, selected."""
        source = self.media.put_audio(sound.astype(np.float32)[:, None], RATE, f"{name}.wav")
        project = self.song.project
        clip = AudioClip(project.new_clip_id(), 0, source, 0, source.frames, name)
        self.song.open(project.with_clip_on(project.sources[0].id, clip))
        self.selection.set_clips({clip.id})
        return clip.id

    @property
    def clip(self) -> AudioClip:
        found = next(clip for _, clip in self.song.project.clips())
        assert isinstance(found, AudioClip)
        return found

    def rendered(self) -> Beats:
        """The beats that are heard in what the song sounds like."""
        plan = compile_song(self.song.project, self.media)
        sound = np.concatenate(list(render_plan(plan, premaster=True, tail_seconds=0.0)))
        return listen(Mono(lambda a, b: sound[a:b], len(sound), 48_000)).beats

    def off_the_grid(self) -> tuple[float, float]:
        """How far what is heard lies from the song's beats, and downbeats from its bars, at most;
        in seconds, but for what all of it is early by."""
        beats, tempo = self.rendered(), self.song.project.tempo
        end = self.song.project.end + BAR
        step = tempo.meter_at(0).ticks_per_beat
        away = _nearest(beats.seconds, tempo.seconds(np.arange(0, end, step)))
        down = _nearest(beats.seconds[beats.downbeats], tempo.seconds(tempo.bar_starts(0, end)))
        usual = float(np.median(away))
        assert abs(usual) < 0.012  # beats are told a little early
        return float(np.abs(away - usual).max()), float(np.abs(down - usual).max())


def _nearest(seconds: np.ndarray, lines: np.ndarray) -> np.ndarray:
    apart = seconds[:, None] - lines[None]
    return np.asarray(np.take_along_axis(apart, np.abs(apart).argmin(axis=1)[:, None], 1)[:, 0])


@pytest.fixture
def desk(qapp: object, tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_was_heard_is_told_and_kept(desk: Desk) -> None:
    assert desk.listening.heard(desk.clip) is None
    desk.listening.listen()
    (said,) = desk.notes
    assert said.startswith("Heard 104.0 bpm, 4 beats a bar, C major, ")
    (entry,) = desk.takes.entries
    assert not entry.unplaced
    assert not desk.song.steps
    desk.listening.listen()
    desk.song.do(TrimClip(desk.clip.id, 2 * BAR, -BAR))
    desk.song.do(MoveClips(frozenset({desk.clip.id}), 999))
    desk.listening.listen()
    (request,) = desk.works
    assert request.controls.audio is not None
    assert request.controls.audio.frames == desk.clip.source.frames
    heard = desk.listening.heard(desk.clip)
    assert heard is not None
    assert len(heard.beats) == len(BEATS)
    assert np.abs(heard.beats.seconds - BEATS).max() < 0.015
    assert not desk.errors


def test_clips_of_one_recording_are_told_of_once(desk: Desk) -> None:
    desk.song.do(SplitClips(frozenset({desk.clip.id}), 3 * BAR))
    clips = [clip for _, clip in desk.song.project.clips()]
    desk.selection.set_clips(clip.id for clip in clips)
    desk.listening.listen()
    assert (len(desk.works), len(desk.notes)) == (1, 1)
    assert all(desk.listening.heard(c) for c in clips if isinstance(c, AudioClip))


def test_a_song_that_was_opened_again_knows_what_was_heard(desk: Desk) -> None:
    desk.listening.listen()
    (entry,) = desk.takes.entries
    back = record.take_from_json(record.take_to_json(entry.take, desk.media), desk.media)
    desk.takes.open([])
    assert desk.listening.heard(desk.clip) is None
    desk.takes.open([replace(entry, take=back)])
    assert desk.listening.heard(desk.clip) is not None
    desk.takes.discard(back.id)
    assert desk.listening.heard(desk.clip) is None


def test_the_song_follows_the_recording_in_one_step(desk: Desk) -> None:
    before = desk.clip
    desk.listening.follow()
    assert not desk.errors
    assert [step.label for step in desk.song.steps] == ["Follow a recording's tempo"]
    assert [(t.tick, t.bpm) for t in desk.song.project.tempo.tempos] == [(0, BPM)]
    assert replace(desk.clip, start=before.start) == before
    assert max(desk.off_the_grid()) < 0.015
    desk.song.undo()
    assert desk.clip == before
    assert desk.song.project.key is None


def test_a_trimmed_and_moved_clip_is_fitted_in_one_step(desk: Desk) -> None:
    desk.song.do(TrimClip(desk.clip.id, 3000, -2500))
    desk.song.do(MoveClips(frozenset({desk.clip.id}), 777))
    before, steps = desk.clip, len(desk.song.steps)
    desk.listening.fit()
    assert not desk.errors
    assert len(desk.song.steps) == steps + 1
    assert desk.song.project.tempo.tempos[0].bpm == 120.0
    assert abs(desk.clip.start - before.start) <= BAR // 2 + 960
    beats = desk.rendered()
    assert beats.bpm == pytest.approx(120.0, rel=0.002)
    assert max(desk.off_the_grid()) < 0.02
    desk.song.undo()
    assert desk.clip == before


def test_chords_and_sections_are_written_and_the_composer_goes_by_them(desk: Desk) -> None:
    desk.listening.write()
    assert "is not in time with the song" in desk.notes[0]
    desk.song.undo()
    desk.listening.follow()
    desk.listening.write()
    assert len(desk.notes) == 1
    assert len(desk.works) == 1
    assert len(desk.song.steps) == 2
    project = desk.song.project
    assert [span.chord.name() for span in project.chords] == 2 * ["C", "Am", "F", "G"]
    assert {span.length for span in project.chords[:-1]} == {BAR}
    assert all(project.tempo.next_bar(s.start) == s.start for s in project.chords)
    assert [marker.name for marker in project.markers] == ["Section A"]
    assert project.key is not None
    sketch = registry.card("sketch")
    span = (project.chords[0].start, project.chords[-1].end)
    wish = Wish("bass", seed=1)
    request = wishes.add_part(project, sketch, wish, span)
    written = registry.load(sketch).generate(request, Plain()).parts[0].notes
    roots = {}
    for span_ in project.chords:
        there = (written.start >= span_.start) & (written.start < span_.end)
        roots[span_.start] = int(written.pitch[there][0]) % 12 == span_.chord.root
    assert all(roots.values())


class Plain:
    """A model's context that tells nobody."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: object) -> None: ...

    def check_cancelled(self) -> None: ...


def test_what_cannot_be_is_one_sentence_and_changes_nothing(desk: Desk) -> None:
    song = desk.song.project
    tasks = (desk.listening.follow, desk.listening.fit, desk.listening.write)
    desk.selection.set_clips(())
    for ask in (desk.listening.listen, *tasks):
        ask()
        assert desk.errors.pop().message == "Select a recording first."
    assert not desk.works
    rng = np.random.default_rng(1)
    short = desk.add(0.1 * rng.normal(size=RATE), "Short")
    desk.listening.follow()
    assert "too short" in str(desk.errors.pop())
    desk.selection.set_clips({short, desk.clip.id})
    for ask in tasks:
        ask()
        assert desk.errors.pop().message == "2 recordings are selected."
    desk.add(np.zeros(5 * RATE), "Silence")
    for ask, said in zip(tasks, ("steady beat", "steady beat", "chords"), strict=True):
        ask()
        assert f"No {said}" in str(desk.errors.pop())
    desk.listening.listen()
    assert desk.notes == ["Nothing was heard in “Silence”."]
    assert not desk.errors
    assert not desk.song.steps
    assert (song.tempo, song.chords) == (desk.song.project.tempo, desk.song.project.chords)


@pytest.fixture
def slow(qapp: object, tmp_path: Path) -> Iterator[Desk]:
    queue = JobQueue(MainThread())
    yield Desk(tmp_path, queue)
    queue.close()


def begin(desk: Desk, qtbot: QtBot) -> threading.Event:
    """Start to follow; it goes on when what is returned is set."""
    begun, let_go = threading.Event(), threading.Event()

    def work(request: Request) -> Here:
        desk.works.append(request)
        return Slowly(request, begun, let_go)

    desk.listening._work = work
    desk.listening.follow()
    qtbot.waitUntil(begun.is_set, timeout=30_000)
    return let_go


def test_a_recording_is_listened_to_once_for_all_that_is_asked(slow: Desk, qtbot: QtBot) -> None:
    """And the song changes as it is by then."""
    let_go = begin(slow, qtbot)
    slow.listening.write()
    slow.song.do(SetClip(frozenset({slow.clip.id}), (("name", "Take 2"),)))
    let_go.set()
    qtbot.waitUntil(lambda: len(slow.song.steps) == 3, timeout=60_000)
    assert len(slow.works) == 1
    assert slow.clip.name == "Take 2"
    assert len(slow.song.project.chords) == 8
    assert not slow.errors


def test_a_clip_that_is_gone_by_then_is_one_sentence(slow: Desk, qtbot: QtBot) -> None:
    let_go = begin(slow, qtbot)
    slow.song.do(DeleteClips(frozenset({slow.clip.id})))
    let_go.set()
    qtbot.waitUntil(lambda: bool(slow.errors), timeout=60_000)
    assert slow.errors[0].message == "That recording is no longer there."
    assert len(slow.song.steps) == 1


def test_listening_can_be_cancelled_and_asked_for_again(slow: Desk, qtbot: QtBot) -> None:
    let_go = begin(slow, qtbot)
    jobs = slow.listening._jobs
    jobs.cancel(jobs.jobs[0])
    let_go.set()
    qtbot.waitUntil(lambda: all(job.finished for job in jobs.jobs), timeout=60_000)
    assert not slow.song.steps
    slow.listening.follow()
    qtbot.waitUntil(lambda: len(slow.song.steps) == 1, timeout=60_000)
    assert not slow.errors


def test_what_was_asked_of_a_song_comes_into_no_other(slow: Desk, qtbot: QtBot) -> None:
    let_go = begin(slow, qtbot)
    slow.song.open(new_song())
    let_go.set()
    jobs = slow.listening._jobs
    qtbot.waitUntil(lambda: all(job.finished for job in jobs.jobs), timeout=60_000)
    assert not slow.takes.entries
    assert not slow.errors


@dataclass
class Held:
    """`placing.writing`, which goes on when it may, and the threads that it ran on."""

    begun: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def __call__(self, project: Project, clip: AudioClip, heard: Heard) -> Command:
        self.threads.append(threading.current_thread())
        self.begun.set()
        assert self.let_go.wait(60)
        return writing(project, clip, heard)


@pytest.fixture
def held(slow: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Held:
    """What was heard is being written into the song."""
    held = Held()
    monkeypatch.setattr(placing, "writing", held)
    slow.listening.write()
    qtbot.waitUntil(held.begun.is_set, timeout=60_000)
    return held


def test_the_song_may_change_while_what_was_heard_is_laid_out(
    slow: Desk, held: Held, qtbot: QtBot
) -> None:
    slow.song.do(MoveClips(frozenset({slow.clip.id}), 2 * BAR))
    held.let_go.set()
    qtbot.waitUntil(lambda: len(slow.song.steps) == 2, timeout=60_000)
    assert slow.song.project.chords[0].start >= 2 * BAR
    assert threading.main_thread() not in held.threads
    assert not slow.errors


def test_what_is_laid_out_for_a_song_comes_into_no_other(
    slow: Desk, held: Held, qtbot: QtBot
) -> None:
    slow.song.open(new_song())
    held.let_go.set()
    jobs = slow.listening._jobs
    qtbot.waitUntil(lambda: all(job.finished for job in jobs.jobs), timeout=60_000)
    assert not slow.song.steps
    assert not slow.errors


def test_notes_stay_on_their_bars(desk: Desk) -> None:
    project = desk.song.project
    piano = Track(project.new_track_id(), TrackKind.INSTRUMENT, "Piano")
    project = project.with_new_track(piano)
    clip = NoteClip(project.new_clip_id(), 2 * BAR, BAR)
    desk.song.open(project.with_clip_on(piano.id, clip))
    desk.selection.set_clips({desk.clip.id})
    desk.listening.follow()
    assert desk.song.project.clip(clip.id) == clip
    assert max(desk.off_the_grid()) < 0.015
