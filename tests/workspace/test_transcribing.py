"""Notes from recordings of the song, and parts that go with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.ai import record
from studio.ai.listening.heard import Floats
from studio.ai.requests import Request
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import DeleteClips, MoveClips
from studio.edit.takes import new_instrument
from studio.edit.tempo import SetTempoMap
from studio.jobs.queue import InlineQueue
from studio.media.store import MediaStore
from studio.ui.takes.cards import about, title
from studio.workspace.intents import Settings
from studio.workspace.listening import Listening
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes
from studio.workspace.transcribing import Transcribing
from tests.ai.listening.sounds import CHORDS, RATE, band, line
from tests.workspace.works import Here

BAR, BPM, LEAD = 3840, 104.0, 0.3
BEATS = LEAD + 60.0 / BPM * np.arange(32.0)
TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


class Desk:
    """A song with a recording on it that is selected, and all that writes from it."""

    def __init__(self, folder: Path, sound: Floats, start: int = 0) -> None:
        self.media = MediaStore(folder / "media", folder / "cache")
        self.song = Song()
        source = self.media.put_audio(sound[:, None], RATE, "riff.wav")
        project = new_song(48_000)
        project = project.with_new_track(Track(project.new_track_id(), TrackKind.AUDIO, "Guitar"))
        clip = AudioClip(project.new_clip_id(), start, source, 0, source.frames, "Riff")
        self.song.open(project.with_clip_on(project.sources[0].id, clip))
        self.takes, self.selection = Takes(self.song), Selection(self.song)
        self.selection.set_clips({clip.id})
        self.works: list[Request] = []
        queue, rest = InlineQueue(), (self._work, lambda: self.media)
        self.listening = Listening(self.song, self.selection, self.takes, queue, *rest)
        self.transcribing = Transcribing(
            self.song, self.selection, self.takes, self.listening, queue, *rest,
            lambda: Settings(model="sketch"),
        )  # fmt: skip
        self.errors: list[StudioError] = []
        self.transcribing.failed.connect(self.errors.append)
        self.listening.failed.connect(self.errors.append)

    def _work(self, request: Request) -> Here:
        self.works.append(request)
        return Here(request)

    @property
    def project(self) -> Project:
        return self.song.project

    @property
    def clip(self) -> AudioClip:
        clip = next(c for t, c in self.project.clips() if t.kind is TrackKind.AUDIO)
        assert isinstance(clip, AudioClip)
        return clip

    def track(self, name: str) -> tuple[Track, NoteClip]:
        """The track of a name or role, which holds one clip of notes."""
        (track,) = (t for t in self.project.sources if name in (t.name, t.role))
        (clip,) = track.clips
        assert isinstance(clip, NoteClip)
        return track, clip

    def seconds(self, clip: NoteClip) -> np.ndarray:
        """When notes begin, from the beginning of the recording."""
        tempo = self.project.tempo
        starts = tempo.seconds(clip.notes.start + clip.shift)
        return np.asarray(starts - float(tempo.seconds(self.clip.start)))

    def names(self) -> list[str]:
        return [track.name for track in self.project.sources]


@pytest.fixture(scope="module")
def played() -> Floats:
    return band(BEATS)


@pytest.fixture
def tune(qapp: Any, tmp_path: Path) -> Desk:
    return Desk(tmp_path, line(TUNE, 0.5), start=BAR)


@pytest.fixture
def riff(qapp: Any, tmp_path: Path, played: Floats) -> Desk:
    return Desk(tmp_path, played)


def test_a_tune_comes_as_notes_on_a_track_under_its_own(tune: Desk) -> None:
    tune.transcribing.write_down("melody")
    assert not tune.errors
    assert tune.names() == ["Guitar", "Guitar melody"]
    track, clip = tune.track("Guitar melody")
    assert (track.role, track.is_drums, clip.name) == ("melody", False, "Riff melody")
    assert track.instrument is not None
    assert track.instrument.parameter("program", 0) == 80
    assert clip.notes.pitch.tolist() == list(TUNE)
    assert np.abs(tune.seconds(clip) - 0.5 * np.arange(8)).max() <= 0.06
    assert clip.start == tune.clip.start
    assert len(tune.song.steps) == 1
    assert not tune.clip.muted
    tune.song.undo()
    assert tune.names() == ["Guitar"]


def test_the_take_tells_what_it_was_written_from_and_comes_back(tune: Desk) -> None:
    tune.transcribing.write_down("melody")
    (entry,) = tune.takes.entries
    assert tune.takes.is_placed(entry.take.id)
    assert "Melody from Riff" in about(entry.take)
    assert title(entry.take).startswith("Melody")
    data = record.take_to_json(entry.take, tune.media)
    back = replace(entry, take=record.take_from_json(data, tune.media))
    again = Takes(tune.song)
    again.open([back])
    assert again.is_placed(entry.take.id)
    tune.song.do(DeleteClips(frozenset({tune.track("Guitar melody")[1].id})))
    assert not again.is_placed(entry.take.id)


def test_drums_come_on_a_kit(riff: Desk) -> None:
    riff.transcribing.write_down("drums")
    track, clip = riff.track("Guitar drums")
    assert track.is_drums
    away = np.abs(riff.seconds(clip)[:, None] - BEATS).min(axis=0)
    assert (away <= 0.05).mean() > 0.8


def test_only_the_selected_bars_are_written_down(tune: Desk) -> None:
    tune.selection.set_clips(())
    tune.selection.set_span((BAR + 960, BAR + 2880), (tune.project.sources[0].id,))
    tune.transcribing.write_down("melody")
    _, clip = tune.track("Guitar melody")
    assert clip.notes.pitch.tolist() == [62, 64]
    assert (clip.start, clip.end) == (BAR + 960, BAR + 2880)


def test_notes_go_along_with_a_recording_that_moved_since(tune: Desk) -> None:
    tune.transcribing.write_down("melody")
    (entry,) = tune.takes.entries
    tune.song.undo()
    tune.song.do(MoveClips(frozenset({tune.clip.id}), 1234))
    tune.song.do(SetTempoMap(TempoMap.constant(90.0).with_tempo(2 * BAR, 70.0)))
    assert tune.takes.place(entry.take.id)
    _, clip = tune.track("Guitar melody")
    assert np.abs(tune.seconds(clip) - 0.5 * np.arange(8)).max() <= 0.06


def test_notes_of_a_recording_that_is_gone_are_kept_among_the_takes(tune: Desk) -> None:
    tune.transcribing.write_down("melody")
    (entry,) = tune.takes.entries
    tune.song.undo()
    tune.song.do(DeleteClips(frozenset({tune.clip.id})))
    batch = tune.takes.new_batch()
    tune.takes.add(entry.take, batch)
    assert "gone" in tune.takes.entries[0].unplaced
    assert tune.takes.place(entry.take.id)
    assert tune.names() == ["Guitar", "Guitar melody"]


@pytest.mark.parametrize(
    ("sound", "kind", "said"),
    [
        (np.zeros(RATE, np.float32), "notes", "No notes were heard in “Riff”."),
        (np.zeros(RATE // 50, np.float32), "melody", "No tune was heard in “Riff”."),
        (line(TUNE, 0.5), "drums", "No drums were heard in “Riff”."),
    ],
    ids=["silence", "an instant", "a flute as drums"],
)
def test_what_holds_none_says_so_and_changes_nothing(
    qapp: Any, tmp_path: Path, sound: Floats, kind: str, said: str
) -> None:
    desk = Desk(tmp_path, sound)
    desk.transcribing.write_down(kind)
    assert [error.message for error in desk.errors] == [said]
    assert not desk.song.steps
    assert not desk.takes.entries


def test_what_cannot_be_asked_is_one_sentence(tune: Desk) -> None:
    tune.selection.set_clips(())
    tune.selection.set_span((8 * BAR, 9 * BAR), (tune.project.sources[0].id,))
    tune.transcribing.write_down("notes")
    tune.transcribing.add_part("bass")
    assert [error.message for error in tune.errors] == ["Select a recording first."] * 2
    short = Desk(tune.media.folder.parent / "short", line((60, 62), 0.5))
    short.transcribing.add_part("bass")
    assert "too short" in short.errors[0].message
    short.transcribing.harmonise()
    assert not short.song.steps
    assert not tune.works


def roots(desk: Desk, clip: NoteClip) -> list[bool]:
    """Of each of the recording's bars, whether the bass begins it on its chord's root."""
    seconds, found = desk.seconds(clip), []
    for bar, second in enumerate(BEATS[::4]):
        near = np.flatnonzero(np.abs(seconds - second) < 0.06)
        found.append(
            bool(len(near)) and int(clip.notes.pitch[near].min()) % 12 == CHORDS[bar % 4][0] % 12
        )
    return found


def test_a_bass_for_a_recording_alone_gives_the_song_its_tempo(riff: Desk) -> None:
    riff.transcribing.add_part("bass")
    assert not riff.errors
    track, clip = riff.track("bass")
    assert riff.names() == ["Guitar", track.name]
    assert sum(roots(riff, clip)) >= 7
    tempo = riff.project.tempo
    assert tempo.tempo_at(4 * BAR) == pytest.approx(BPM, rel=0.005)
    downbeat = tempo.seconds(tempo.bar_start(3)) - tempo.seconds(riff.clip.start)
    assert np.abs(BEATS[::4] - downbeat).min() <= 0.05
    assert {"C", "Am", "F", "G"} <= {span.chord.name() for span in riff.project.chords}
    assert riff.project.key is not None
    assert len(riff.song.steps) == 1
    assert "for Riff" in about(riff.takes.entries[0].take)
    riff.song.undo()
    assert riff.project.tempo == TempoMap()
    assert not riff.project.chords


def test_a_song_with_notes_keeps_its_tempo_and_the_part_goes_with_the_recording(
    riff: Desk,
) -> None:
    track = new_instrument(riff.project, "Mine", 0)
    clip = NoteClip(riff.project.new_clip_id(3), 0, BAR, Notes.of([0], [BAR], [60]))
    riff.song.open(riff.project.with_new_track(replace(track, clips=(clip,))))
    riff.selection.set_clips({riff.clip.id})
    riff.transcribing.add_part("bass")
    assert not riff.errors
    assert riff.project.tempo == TempoMap()
    assert riff.project.find_track(TrackId(track.id)) is not None
    assert sum(roots(riff, riff.track("bass")[1])) >= 7


def test_one_recording_is_listened_to_once(riff: Desk) -> None:
    riff.transcribing.add_part("bass")
    riff.transcribing.add_part("drums")
    assert [str(request.task) for request in riff.works] == [
        "listen", "transcribe", "add_part", "add_part",
    ]  # fmt: skip
    assert riff.track("drums")[0].is_drums


def test_a_tune_is_harmonised_in_one_step(tune: Desk) -> None:
    tune.transcribing.harmonise()
    assert not tune.errors
    assert tune.names()[:2] == ["Guitar", "Riff melody"]
    assert len(tune.names()) == 3
    _, clip = tune.track("Riff melody")
    assert clip.notes.pitch.tolist() == list(TUNE)
    assert not (clip.notes.start % 240).any()
    assert tune.clip.muted
    assert tune.project.chords
    assert tune.project.key is not None
    assert len(tune.song.steps) == 1
    tune.song.undo()
    assert tune.names() == ["Guitar"]
