"""From a sentence to notes in the song: what is asked, where it lands, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from pytestqt.qtbot import QtBot

from studio.ai import registry
from studio.ai.requests import Request, Take, Task, take_id
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.project import Project
from studio.domain.theory import Chord
from studio.edit.notes import DeleteNotes, SetNotes
from studio.edit.tracks import DeleteTracks
from studio.jobs.queue import Context, InlineQueue, Lane
from studio.workspace.generation import Generation, Intent, read_chords
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes


@dataclass(frozen=True)
class WriteHere:
    """Runs the model in this process: the same model, without the worker's pipe."""

    request: Request
    title: ClassVar[str] = "Write"
    lane: ClassVar[Lane] = Lane.MODEL

    def run(self, context: Context) -> Take:
        model = registry.load(registry.card(self.request.model))
        model.load("cpu")
        result = model.generate(self.request, context)
        return Take(take_id(self.request), self.request, result, 0.0)


class Desk:
    """A song with all that generates on it."""

    def __init__(self) -> None:
        self.song = Song()
        self.selection = Selection(self.song)
        self.takes = Takes(self.song)
        self.generation = Generation(
            self.song, self.selection, self.takes, InlineQueue(), WriteHere
        )
        self.errors: list[StudioError] = []
        self.generation.failed.connect(self.errors.append)

    @property
    def project(self) -> Project:
        return self.song.project

    def write(self, prompt: str, **fields: Any) -> None:
        self.generation.set(prompt=prompt, seed=7, seed_locked=True, **fields)
        self.generation.go()
        assert not self.errors


@pytest.fixture
def desk(qapp: Any) -> Desk:
    return Desk()


def test_a_sentence_makes_a_song_in_one_step(desk: Desk) -> None:
    assert desk.generation.action_words() == "Generate 8 bars"
    desk.write("slow jazz with piano, upright bass and brushes, 84 bpm, D minor", bars=4)
    assert len(desk.project.sources) >= 3
    assert desk.project.tempo.tempo_at(0) == 84.0
    assert desk.project.key is not None
    assert desk.project.key.name == "D minor"
    assert desk.project.chords
    assert len(desk.song.steps) == 1
    desk.song.undo()
    assert not desk.project.sources


def test_the_button_says_what_it_will_do(desk: Desk) -> None:
    desk.generation.set(prompt="a waltz for piano, 16 bars")
    assert desk.generation.action_words() == "Generate 16 bars"
    desk.write("pop song with piano, bass and drums", bars=4)
    assert desk.generation.action_words() == "Extend by 4 bars"
    track = desk.project.sources[0]
    desk.selection.set_span((3840, 7680), (track.id,))
    assert desk.generation.action_words() == "Rewrite 1 bar"
    assert desk.generation.sentence() == f"Bar 2 of {track.name}"
    desk.selection.set_span(None)
    desk.generation.set(prompt="add strings")
    assert desk.generation.action_words() == "Add a part"
    desk.generation.set(intent=Intent.EXTEND_BEFORE)
    assert desk.generation.action_words() == "Extend by 4 bars"


def test_rewriting_says_how_many_locked_notes_it_keeps(desk: Desk) -> None:
    desk.write("pop song with piano, bass and drums", bars=4)
    track = desk.project.sources[0]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    first = frozenset({int(clip.notes.id[0])})
    desk.song.do(SetNotes(clip.id, first, (("locked", True),)))
    desk.selection.set_span((0, 3840), (track.id,))
    assert "keeping your 1 locked note" in desk.generation.sentence()
    locked = clip.notes.where(clip.notes.mask_of(first)).pitch.tolist()
    desk.write("busier")
    after = desk.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert after.notes.pitch[after.notes.locked].tolist() == locked


def test_extending_backwards_makes_room_and_is_one_step(desk: Desk) -> None:
    desk.write("folk guitar and bass in G", bars=4)
    before = desk.project
    desk.write("", intent=Intent.EXTEND_BEFORE, bars=2)
    assert len(desk.song.steps) == 2
    shifted = {c.id: c.start for _, c in desk.project.clips()}
    for _, clip in before.clips():
        assert shifted[clip.id] == clip.start + 2 * 3840
    assert min(shifted.values()) < 2 * 3840
    desk.song.undo()
    assert desk.project is before


def test_variations_take_each_others_place(desk: Desk) -> None:
    desk.write("rock band with drums, bass and guitar", bars=2, variations=3)
    first, second, third = reversed(desk.takes.entries)
    assert [entry.number for entry in (first, second, third)] == [1, 2, 3]
    assert desk.takes.is_placed(first.take.id)
    tracks = len(desk.project.sources)
    desk.takes.use_variation(3)
    assert desk.takes.is_placed(third.take.id)
    assert not desk.takes.is_placed(first.take.id)
    assert len(desk.project.sources) == tracks
    assert len(desk.song.steps) == 1


def test_a_variation_lands_on_the_same_tracks_after_other_edits(desk: Desk) -> None:
    desk.write("rock band with drums, bass and guitar", bars=2, variations=2)
    second, first = desk.takes.entries
    desk.takes.keep(first.take.id)
    tracks = {track.id for track in desk.project.sources}
    desk.takes.place(second.take.id)
    assert desk.takes.is_placed(second.take.id)
    roles = [part.role for part in first.take.result.parts]
    if roles == [part.role for part in second.take.result.parts]:
        assert {track.id for track in desk.project.sources} == tracks


def test_the_same_wish_gives_the_same_take(desk: Desk) -> None:
    desk.write("lo-fi hip hop, dreamy", bars=4)
    made = desk.takes.entries[0].take
    desk.song.undo()
    desk.write("lo-fi hip hop, dreamy", bars=4)
    again = desk.takes.entries[0].take
    assert again.id == made.id
    assert again.result.parts == made.result.parts


def test_a_result_that_comes_after_the_gap_changed_is_kept_unplaced(desk: Desk) -> None:
    desk.write("pop with piano", bars=4)
    track = desk.project.sources[0]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    desk.selection.set_span((0, 3840), (track.id,))
    request = desk.generation.request()
    take = WriteHere(replace(request, seed=99)).run(Quiet())
    desk.song.do(DeleteNotes(clip.id, frozenset({int(clip.notes.id[0])})))
    mine = desk.project
    desk.takes.add(take, desk.takes.new_batch())
    assert desk.project is mine
    entry = desk.takes.entries[0]
    assert "changed" in entry.unplaced
    assert desk.takes.place(entry.take.id)
    assert desk.takes.is_placed(entry.take.id)


def test_a_take_for_a_track_that_is_gone_is_kept(desk: Desk) -> None:
    desk.write("pop with piano", bars=4)
    track = desk.project.sources[0]
    desk.selection.set_span((0, 3840), (track.id,))
    take = WriteHere(desk.generation.request()).run(Quiet())
    desk.song.do(DeleteTracks(frozenset({track.id})))
    desk.takes.add(take, desk.takes.new_batch())
    assert desk.takes.entries[0].unplaced
    assert not desk.takes.place(take.id)
    assert "gone" in desk.takes.entries[0].unplaced


def test_discarding_a_take_takes_its_music_back(desk: Desk) -> None:
    desk.write("disco", bars=2)
    desk.takes.discard(desk.takes.entries[0].take.id)
    assert not desk.project.sources
    assert not desk.takes.entries


def test_a_kept_take_is_no_longer_fresh(desk: Desk) -> None:
    desk.write("disco", bars=2)
    desk.takes.keep(desk.takes.entries[0].take.id)
    for _, clip in desk.project.clips():
        assert isinstance(clip, NoteClip)
        assert not clip.notes.fresh.any()


def test_learning_needs_a_clip_and_writes_after_it(desk: Desk, qtbot: QtBot) -> None:
    desk.write("folk melody for flute", bars=4)
    desk.generation.set(intent=Intent.LEARN, bars=2)
    with qtbot.waitSignal(desk.generation.failed):
        desk.generation.go()
    desk.errors.clear()
    track = desk.project.sources[0]
    desk.selection.set_clips({track.clips[0].id})
    desk.write("", bars=2)
    assert desk.takes.entries[0].take.request.task is Task.LEARN
    assert len(desk.project.track(track.id).clips) == 2


def test_chords_are_read_bar_by_bar(desk: Desk) -> None:
    spans = read_chords("Dm7 | G7 | Cmaj7 A7", desk.project.tempo, 3840)
    assert [(s.start, s.length) for s in spans] == [
        (3840, 3840), (7680, 3840), (11520, 1920), (13440, 1920),
    ]  # fmt: skip
    assert spans[3].chord == Chord.parse("A7")
    with pytest.raises(StudioError, match="H7"):
        read_chords("H7", desk.project.tempo, 0)


def test_given_chords_are_followed(desk: Desk) -> None:
    desk.write("pop with piano and bass", bars=4, chords="Am | F | C | G")
    names = [span.chord.name() for span in desk.project.chords]
    assert names[:4] == ["Am", "F", "C", "G"]


class Quiet:
    """A context nobody listens to."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, value: Any) -> None: ...

    def check_cancelled(self) -> None: ...
