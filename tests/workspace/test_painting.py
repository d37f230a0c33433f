"""A part of a recording's sound is changed as one step, and only that part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.ai import record
from studio.ai.painter.hole import Hole, Lasso, Strokes
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip
from studio.domain.project import new_song
from studio.domain.track import Track, TrackKind
from studio.edit.clips import DeleteClips, MoveClips
from studio.jobs.queue import InlineQueue
from studio.media.store import MediaStore
from studio.render.offline import render_plan
from studio.render.plan import compile_song
from studio.workspace import placements
from studio.workspace.audition import SingleOut, alone
from studio.workspace.painting import Painting
from studio.workspace.song import Song
from studio.workspace.takes import Takes
from tests.ai.painter.test_painter import RATE, music
from tests.workspace.works import Here

FIRST = RATE  # of the recording, at which the clip begins
BOX = Strokes(lassos=(Lasso.box(Hole(6 * RATE, 7 * RATE), 300.0, 3000.0),))
SHORT = Strokes((Hole(5 * RATE, 5 * RATE + 400),))


class Desk:
    """A song with a recording on it, and all that paints in it."""

    def __init__(self, folder: Path) -> None:
        self.media = MediaStore(folder / "media", folder / "cache")
        self.source = self.media.put_audio(music(12.0), RATE, "riff.wav")
        project = new_song(48_000)
        project = project.with_new_track(
            Track(project.new_track_id(), TrackKind.AUDIO, "Guitar", volume_db=-3.0)
        )
        clip = AudioClip(project.new_clip_id(), 960, self.source, FIRST, 10 * RATE, "Riff")
        self.song = Song()
        self.song.open(project.with_clip_on(project.sources[0].id, clip))
        self.takes = Takes(self.song)
        self.painting = Painting(self.song, self.takes, InlineQueue(), Here, lambda: self.media)
        self.painting.answer_again()
        self.errors: list[StudioError] = []
        self.painting.failed.connect(self.errors.append)

    @property
    def clip(self) -> AudioClip:
        clip = self.song.project.sources[0].clips[0]
        assert isinstance(clip, AudioClip)
        return clip

    def shown(self) -> np.ndarray:
        clip = self.clip
        return self.media.samples(
            clip.source, clip.offset_frames, clip.offset_frames + clip.length_frames
        )

    def changed(self) -> tuple[int, int]:
        """The first and the last frame of the recording that is not what it was."""
        before = music(12.0)[FIRST : 11 * RATE]
        at = np.flatnonzero((self.shown() != before).any(axis=1)) + FIRST
        return int(at[0]), int(at[-1])


@pytest.fixture
def desk(qapp: Any, tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_erasing_is_one_step_that_changes_nothing_else_to_the_bit(desk: Desk) -> None:
    before, told = desk.clip, []
    desk.painting.shaded.connect(lambda label, painted: told.append((label, painted)))
    desk.painting.erase(before.id, BOX)
    first, last = desk.changed()
    assert 6 * RATE - 0.021 * RATE <= first < last <= 7 * RATE + 0.021 * RATE
    assert [step.label for step in desk.song.steps] == ["Erase sound"]
    shown = replace(desk.clip, source=before.source, offset_frames=before.offset_frames)
    assert shown == before
    ((label, (painted,)),) = told
    assert label == "Erase sound"
    assert painted.leak_db < -15
    desk.song.undo()
    assert desk.clip == before
    assert not desk.takes.entries


def test_a_level_is_changed_in_a_band(desk: Desk) -> None:
    desk.painting.change_level(desk.clip.id, BOX, 6.0)
    inside = slice(6 * RATE - FIRST, 7 * RATE - FIRST)
    louder, before = desk.shown()[inside], music(12.0)[6 * RATE : 7 * RATE]
    assert 1.05 < louder.std() / before.std() < 2.0
    assert desk.song.undo_label == "Change level"


def test_what_the_painter_writes_is_a_take_with_its_seams(desk: Desk) -> None:
    before = desk.clip
    desk.painting.regenerate(before.id, BOX)
    assert not desk.errors
    (entry,) = desk.takes.entries
    first, last = desk.changed()
    (painted,) = entry.take.result.painted
    assert painted.first <= first < last < painted.end
    assert len(painted.seams) == 2
    assert desk.clip.take == entry.take.id
    assert desk.takes.is_placed(entry.take.id)
    desk.song.undo()
    assert desk.clip == before
    assert not desk.takes.is_placed(entry.take.id)
    assert desk.takes.place(entry.take.id)
    assert desk.takes.is_placed(entry.take.id)


def test_again_is_another_version_that_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.painting.regenerate(desk.clip.id, BOX)
    first = desk.takes.entries[0].take.id
    desk.takes.again(first, new_seed=7)
    second = desk.takes.entries[0]
    assert (second.number, second.batch) == (2, desk.takes.entries[1].batch)
    assert desk.clip.take == first
    desk.takes.use_variation(2)
    assert desk.clip.take == second.take.id
    assert desk.takes.is_placed(second.take.id)
    assert not desk.takes.is_placed(first)
    assert len(desk.song.steps) == 1


def test_healing_fills_from_beside_and_clicks_are_found(desk: Desk) -> None:
    desk.painting.heal(desk.clip.id, BOX)
    (entry,) = desk.takes.entries
    assert entry.take.request.controls.strokes.near
    assert entry.take.result.painted[0].method == "texture"
    desk.painting.heal(desk.clip.id, Strokes())  # nothing is broken here
    assert "No clicks" in str(desk.errors[-1])
    assert len(desk.song.steps) == 1


def test_a_take_never_lands_on_what_changed_meanwhile(desk: Desk) -> None:
    desk.painting.regenerate(desk.clip.id, SHORT)
    take = desk.takes.entries[0]
    desk.song.undo()
    desk.painting.erase(desk.clip.id, BOX)
    erased = desk.clip.source
    desk.takes.place(take.take.id, force=False)
    assert desk.clip.source == erased
    assert desk.takes.entries[0].unplaced
    desk.song.do(MoveClips(frozenset({desk.clip.id}), by_ticks=960))
    moved = desk.clip.start
    assert desk.takes.place(take.take.id)
    assert desk.clip.take == take.take.id
    desk.song.do(DeleteClips(frozenset({desk.clip.id})))
    assert desk.takes.place(take.take.id)
    assert desk.clip.take == take.take.id
    assert moved >= desk.clip.start


def test_a_song_that_is_opened_knows_which_version_it_plays(desk: Desk) -> None:
    desk.painting.regenerate(desk.clip.id, SHORT)
    take = desk.takes.entries[0].take
    again = record.take_from_json(record.take_to_json(take, desk.media), desk.media)
    found = placements.found(again, desk.song.project)
    assert found is not None
    assert found.stands_in(desk.song.project)
    desk.painting.erase(desk.clip.id, BOX)
    assert not found.stands_in(desk.song.project)


def test_only_what_is_selected_is_heard_where_it_sounds(desk: Desk) -> None:
    clip, track = desk.clip, desk.song.project.sources[0]
    work = SingleOut(clip.source, BOX, desk.media)
    single = InlineQueue().submit(work).result
    assert single is not None
    song = alone(desk.song.project, track, clip, single)
    heard = np.concatenate(
        list(render_plan(compile_song(song, desk.media), premaster=True, tail_seconds=0.1))
    )
    start = round((float(song.tempo.seconds(960)) + 5.0) * 48_000)  # of the box, in the song
    assert not heard[: start - 1500].any()
    assert np.abs(heard[start : start + 48_000]).max() > 0.01
    spectrum = np.abs(np.fft.rfft(heard[start : start + 48_000, 0] * np.hanning(48_000))) ** 2
    assert spectrum[300:3000].sum() > 50 * (spectrum[:200].sum() + spectrum[4000:].sum())
