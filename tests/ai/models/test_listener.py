"""The adapter that listens: what it is asked and what it answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.ai import registry, sound_wishes
from studio.ai.cards import LISTENER_CARD
from studio.ai.models.listener import Listener
from studio.ai.requests import Controls, Excerpt, Request, Result, Task, take_id
from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, WarpPoint
from studio.domain.gap import Gap
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.media.store import MediaStore
from tests.ai.listening.sounds import RATE, band, line

BEATS = np.arange(0.5, 12.4, 0.5)


class Watched:
    """Counts what is told, and cancels after `after` looks."""

    def __init__(self, after: int = 10**9) -> None:
        self.left, self.fractions = after, [0.0]

    def progress(self, fraction: float, text: str = "") -> None:
        self.fractions.append(fraction)

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.fixture(scope="module")
def listener() -> Listener:
    threads = torch.get_num_threads()
    made = Listener()
    made.load("cpu")
    torch.set_num_threads(threads)
    return made


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaStore:
    return MediaStore(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def played(media: MediaStore) -> AudioSource:
    return media.put_audio(band(BEATS)[:, None], RATE, "band")


@pytest.fixture(scope="module")
def hummed(media: MediaStore) -> AudioSource:
    return media.put_audio(line([60, 62, 64, 67], 0.5)[:, None], RATE, "tune")


def asked(source: AudioSource, task: Task, media: MediaStore, kind: str = "notes") -> Request:
    controls = Controls(listen_for=kind)
    return sound_wishes.about_file(task, LISTENER_CARD, source, media, controls)


def test_the_studio_chooses_it_for_listening() -> None:
    for task in (Task.LISTEN, Task.TRANSCRIBE):
        assert registry.default_for(task) is LISTENER_CARD


def test_a_recording_is_told_in_ticks_of_its_own_tempo(
    listener: Listener, played: AudioSource, media: MediaStore
) -> None:
    context = Watched()
    found = listener.generate(asked(played, Task.LISTEN, media), context)
    assert found.tempo is not None
    assert found.tempo.tempos[-1].bpm == pytest.approx(120.0, rel=0.01)
    assert found.key is not None
    assert found.key.name in ("C major", "A minor")
    assert len(found.beats) == pytest.approx(len(BEATS), abs=3)
    downs = np.array([beat.seconds for beat in found.beats if beat.downbeat])
    places = [found.tempo.position(int(tick)) for tick in found.tempo.ticks(downs + 0.015)]
    assert {place.beat for place in places} == {1}
    named = {span.chord.name() for span in found.chords}
    assert {"C", "Am", "F", "G"} <= named
    assert all(a.end <= b.start for a, b in zip(found.chords, found.chords[1:], strict=False))
    assert context.fractions == sorted(context.fractions)


def test_equal_wishes_have_equal_results(
    listener: Listener, played: AudioSource, media: MediaStore
) -> None:
    request = asked(played, Task.LISTEN, media)
    first, second = (listener.generate(request, Watched()) for _ in range(2))
    assert first == second
    assert take_id(request) != take_id(asked(played, Task.TRANSCRIBE, media))


def test_a_tune_is_written_down(listener: Listener, hummed: AudioSource, media: MediaStore) -> None:
    found = listener.generate(asked(hummed, Task.TRANSCRIBE, media, "melody"), Watched())
    (part,) = found.parts
    assert part.notes.pitch.tolist() == [60, 62, 64, 67]
    assert np.abs(part.notes.start - np.arange(4) * 960).max() <= 100  # at 120 bpm
    assert (part.role, part.drums) == ("melody", False)


def test_drums_are_written_down_as_drums(
    listener: Listener, played: AudioSource, media: MediaStore
) -> None:
    (part,) = listener.generate(asked(played, Task.TRANSCRIBE, media, "drums"), Watched()).parts
    assert part.drums
    assert set(part.notes.pitch.tolist()) == {36, 38, 42}


def about_clip(song: Project, source: AudioSource, media: MediaStore, clip: AudioClip) -> Request:
    track = Track(TrackId("t1"), TrackKind.AUDIO, "Audio", clips=(clip,))
    song = replace(song, tracks=(track, song.master))
    controls = Controls(listen_for="melody")
    return sound_wishes.about_clip(Task.TRANSCRIBE, LISTENER_CARD, song, clip.id, media, controls)


def test_notes_lie_under_the_clip_that_sounds(
    listener: Listener, hummed: AudioSource, media: MediaStore
) -> None:
    """Of a clip that begins with the second tone, at bar 3."""
    frames = hummed.frames - RATE // 2
    clip = AudioClip(ClipId("c1"), 7680, hummed, RATE // 2, frames)
    (part,) = listener.generate(about_clip(new_song(), hummed, media, clip), Watched()).parts
    assert part.notes.pitch.tolist() == [62, 64, 67]
    assert np.abs(part.notes.start - 7680 - np.arange(3) * 960).max() <= 100


def test_notes_of_a_warped_clip_follow_its_beats(
    listener: Listener, hummed: AudioSource, media: MediaStore
) -> None:
    """Stretched to twice its length."""
    warp = (WarpPoint(0, 0), WarpPoint(hummed.frames, 7680))
    clip = AudioClip(ClipId("c1"), 960, hummed, 0, hummed.frames, warp=warp)
    song = replace(new_song(), tempo=TempoMap.constant(90.0))
    (part,) = listener.generate(about_clip(song, hummed, media, clip), Watched()).parts
    assert np.abs(part.notes.start - 960 - np.arange(4) * 1920).max() <= 200


def test_it_stops_on_request(listener: Listener, played: AudioSource, media: MediaStore) -> None:
    with pytest.raises(Cancelled):
        listener.generate(asked(played, Task.LISTEN, media), Watched(3))


def test_a_wish_without_a_recording_is_refused(listener: Listener, tmp_path: Path) -> None:
    del tmp_path
    empty = Request(Task.LISTEN, Gap((), 0, 960), "listener", "", 0, new_song())
    with pytest.raises(StudioError, match="no recording"):
        listener.generate(empty, Watched())


def test_an_excerpt_is_heard_from_its_own_start(
    listener: Listener, hummed: AudioSource, media: MediaStore
) -> None:
    request = asked(hummed, Task.TRANSCRIBE, media, "melody")
    later = Excerpt(hummed, RATE, hummed.frames - RATE)
    request = replace(request, controls=replace(request.controls, audio=later))
    (part,) = listener.generate(request, Watched()).parts
    assert part.notes.pitch.tolist() == [64, 67]
    assert part.notes.start[0] < 100
