"""From a sentence to notes in the song: what is asked, where it lands, and taking it back."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
from pytestqt.qtbot import QtBot

from studio.ai import registry
from studio.ai.chord_text import read_chords
from studio.ai.requests import Request, Take, Task, take_id
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, NoteClip, TakeId
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.theory import Chord
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import AddClip, TrimClip
from studio.edit.notes import DeleteNotes, SetNotes
from studio.edit.tracks import AddTrack, DeleteTracks, MoveTrack
from studio.jobs.queue import Context, InlineQueue, JobQueue, Lane, Queue
from studio.workspace.generation import Generation
from studio.workspace.intents import Intent
from studio.workspace.main_thread import MainThread
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


@dataclass(frozen=True)
class WriteSlowly(WriteHere):
    """Tells when it has begun, and goes on when it may."""

    begun: threading.Event
    let_go: threading.Event

    def run(self, context: Context) -> Take:
        self.begun.set()
        assert self.let_go.wait(10)
        return super().run(context)


@dataclass(frozen=True)
class TookTwoSeconds(WriteHere):
    """Says how long it took."""

    def run(self, context: Context) -> Take:
        return replace(super().run(context), seconds=2.0)


@dataclass(frozen=True)
class Refuses(WriteHere):
    """A model that cannot do it."""

    def run(self, context: Context) -> Take:
        raise StudioError("This model is not at home.")


class Desk:
    """A song with all that generates on it."""

    def __init__(self, jobs: Queue | None = None) -> None:
        self.jobs = jobs or InlineQueue()
        self.song = Song()
        self.selection = Selection(self.song)
        self.takes = Takes(self.song)
        self.generation = Generation(self.song, self.selection, self.takes, self.jobs, WriteHere)
        self.generation.set(model="sketch")  # whichever the studio would choose, this is instant
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


def test_how_long_it_takes_is_learnt_from_what_the_last_takes_took(desk: Desk) -> None:
    desk.generation._work = TookTwoSeconds
    assert desk.generation.outlook().seconds is None
    desk.write("pop with piano, bass and drums", bars=4)
    desk.generation.set(bars=8)
    assert desk.generation.outlook().seconds == pytest.approx(4.0)
    desk.generation.set(variations=3)
    assert desk.generation.outlook().seconds == pytest.approx(12.0)
    desk.selection.set_span((0, 3840), (desk.project.sources[0].id,))
    parts = len(desk.project.sources)
    assert desk.generation.outlook().seconds == pytest.approx(3 * 2.0 / 4 / parts)


def test_a_sentence_makes_a_song_in_one_step(desk: Desk) -> None:
    assert desk.generation.outlook().action == "Generate 8 bars"
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
    assert desk.generation.outlook().action == "Generate 16 bars"
    desk.write("pop song with piano, bass and drums", bars=4)
    assert desk.generation.outlook().action == "Extend by 4 bars"
    track = desk.project.sources[0]
    desk.selection.set_span((3840, 7680), (track.id,))
    assert desk.generation.outlook().action == "Rewrite 1 bar"
    assert desk.generation.outlook().sentence == f"Bar 2 of {track.name}"
    desk.selection.set_span((3840 + 960, 2 * 3840 + 960), (track.id,))
    assert desk.generation.outlook().action == "Rewrite these beats"
    assert desk.generation.outlook().sentence == f"Beats 2.2\N{EN DASH}3.1 of {track.name}"
    desk.selection.set_span((3840 + 960, 3840 + 1200), (track.id,))
    assert desk.generation.outlook().sentence == f"Beat 2.2 of {track.name}"
    desk.selection.set_span(None)
    desk.generation.set(prompt="add strings")
    assert desk.generation.outlook().action == "Add a part"
    desk.generation.set(intent=Intent.EXTEND_BEFORE)
    assert desk.generation.outlook().action == "Extend by 4 bars"


def test_a_selected_recording_does_not_stand_in_the_way(desk: Desk) -> None:
    desk.write("pop song with piano, bass and drums", bars=4)
    track = Track(desk.project.new_track_id(), TrackKind.AUDIO, "Voice")
    desk.song.do(AddTrack(track))
    source = AudioSource("0" * 64, 48000, 96000, 1)
    clip = AudioClip(desk.project.new_clip_id(), 0, source, 0, 96000)
    desk.song.do(AddClip(track.id, clip))
    desk.selection.set_clips({clip.id})
    assert desk.generation.outlook().action == "Extend by 4 bars"
    piano = desk.project.sources[0].clips[0]
    desk.selection.set_clips({clip.id, piano.id})
    assert (
        desk.generation.outlook().sentence
        == f"Bars 1\N{EN DASH}4 of {desk.project.sources[0].name}"
    )


def test_rewriting_says_how_many_locked_notes_it_keeps(desk: Desk) -> None:
    desk.write("pop song with piano, bass and drums", bars=4)
    track = desk.project.sources[0]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    first = frozenset({int(clip.notes.id[0])})
    desk.song.do(SetNotes(clip.id, first, (("locked", True),)))
    desk.selection.set_span((0, 3840), (track.id,))
    assert "keeping your 1 locked note" in desk.generation.outlook().sentence
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


# -- notes that are there ----------------------------------------------------------------------
def clip_of(desk: Desk, index: int = 0) -> NoteClip:
    clip = desk.project.sources[index].clips[0]
    assert isinstance(clip, NoteClip)
    return clip


def rows(clip: NoteClip) -> set[tuple[int, int, int]]:
    notes = clip.notes
    return set(zip(notes.start.tolist(), notes.length.tolist(), notes.pitch.tolist(), strict=True))


@pytest.fixture
def band(desk: Desk) -> Desk:
    """Four bars of flute, bass and drums; the flute's clip is open."""
    desk.write("pop in C with flute, bass and drums, no chords, no pad", bars=4)
    desk.generation.set(prompt="", bars=None)
    flute = next(t for t in desk.project.sources if t.role == "melody")
    desk.song.do(MoveTrack(flute.id, 0))
    desk.selection.set_clips({flute.clips[0].id})
    return desk


def test_selected_notes_alone_are_rewritten(band: Desk) -> None:
    clip = clip_of(band)
    chosen = frozenset(clip.notes.id[2:4].tolist())
    band.selection.set_notes(chosen)
    assert band.generation.outlook().action == "Rewrite 2 notes"
    assert "your 2 notes of" in band.generation.outlook().sentence.lower()
    band.write("")
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    kept = clip.notes.where(~clip.notes.mask_of(chosen))
    assert after.notes.where(after.notes.mask_of(kept.id.tolist())) == kept
    assert not after.notes.mask_of(chosen).any()


def test_a_variation_says_how_many_notes_it_changes_and_whose_child_it_is(band: Desk) -> None:
    clip = clip_of(band)
    band.generation.set(intent=Intent.VARY, amount=0.3)
    count = round(0.3 * len(clip.notes))
    assert band.generation.counts_amount
    assert band.generation.outlook().action == f"Vary {count} notes"
    assert band.generation.outlook().sentence.startswith(
        f"{count} of the {len(clip.notes)} notes of"
    )
    assert band.generation.outlook().sentence.endswith("; all others stay")
    first = band.takes.entries[0].take.id
    band.write("")
    take = band.takes.entries[0].take
    assert take.request.parents == (first,)
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert len(rows(clip) - rows(after)) <= count


def test_variations_of_named_notes_take_each_others_place(band: Desk) -> None:
    clip = clip_of(band)
    band.selection.set_notes(clip.notes.id[1:5].tolist())
    band.write("", variations=3)
    third, second, first = band.takes.entries[:3]
    assert band.takes.is_placed(first.take.id)
    band.takes.keep(first.take.id)  # now switching is no longer an undo
    band.takes.use_variation(2)
    assert band.takes.is_placed(second.take.id)
    assert not band.takes.is_placed(first.take.id)
    band.takes.keep(second.take.id)
    band.takes.use_variation(3)
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    stays = rows(clip) - {row for i, row in enumerate(sorted(rows(clip))) if 1 <= i < 5}
    wrote = {
        (int(n["start"]), int(n["length"]), int(n["pitch"]))
        for n in third.take.result.parts[0].notes.table
    }
    assert rows(after) == stays | wrote


def test_a_take_of_named_notes_is_known_again_when_the_song_is_opened(band: Desk) -> None:
    clip = clip_of(band)
    band.selection.set_notes(clip.notes.id[1:5].tolist())
    band.write("")
    entries = list(reversed(band.takes.entries))
    band.takes.open(entries)
    take = entries[-1].take.id
    assert band.takes.is_placed(take)
    band.takes.keep(take)
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    fresh = after.notes.fresh
    assert fresh[after.notes.mask_of(clip.notes.id[:1].tolist())].all()
    assert int(fresh.sum()) == len(clip.notes) - 4


def test_humanising_moves_nothing_and_its_variations_are_one_step(band: Desk) -> None:
    clip = clip_of(band)
    steps = len(band.song.steps)
    band.generation.set(intent=Intent.HUMANISE, amount=0.8)
    assert band.generation.outlook().action == f"Humanise {len(clip.notes)} notes"
    band.write("", variations=2)
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert rows(after) == rows(clip)
    assert after.notes.id.tolist() == clip.notes.id.tolist()
    assert after.notes.velocity.tolist() != clip.notes.velocity.tolist()
    band.takes.use_variation(2)
    assert len(band.song.steps) == steps + 1
    band.song.undo()
    assert band.project.clip(clip.id) == clip


def test_selected_notes_go_on_behind_themselves(band: Desk) -> None:
    clip = clip_of(band)
    first = clip.notes.where(clip.notes.starting_in(0, 3840))
    band.selection.set_notes(first.id.tolist())
    band.generation.set(intent=Intent.CONTINUE, bars=2)
    assert band.generation.counts_bars
    assert "going on from your" in band.generation.outlook().sentence
    assert band.generation.outlook().action.startswith("Continue for")
    band.write("", bars=2)
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert {row for row in rows(after) if row[0] < 3840} == {
        row for row in rows(clip) if row[0] < 3840
    }


def test_a_melody_is_harmonised_on_new_tracks(band: Desk) -> None:
    there = [track.id for track in band.project.sources]
    band.selection.set_notes(clip_of(band).notes.id.tolist())
    band.generation.do("harmonise")
    assert not band.errors
    made = [track for track in band.project.sources if track.id not in there]
    assert [track.role for track in made] == ["chords"]
    band.generation.set(prompt="jazz with upright bass, rhodes and flute")
    assert "(upright bass and electric piano)" in band.generation.outlook("harmonise").sentence


def test_an_arranged_part_is_muted_until_it_is_undone(band: Desk) -> None:
    clip = clip_of(band)
    band.generation.set(prompt="clarinet")
    assert band.generation.outlook("arrange").sentence.endswith(
        "clarinet; the part itself is muted"
    )
    band.generation.do("arrange")
    assert not band.errors
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert after.notes.muted.all()
    assert band.project.sources[-1].name == "Clarinet"
    band.song.undo()
    assert band.project.clip(clip.id) == clip


@pytest.mark.parametrize(("intent", "more"), [("busier", True), ("calmer", False)])
def test_a_selection_is_made_busier_or_calmer(band: Desk, intent: str, more: bool) -> None:
    drums = next(t for t in band.project.sources if t.is_drums)
    clip = drums.clips[0]
    assert isinstance(clip, NoteClip)
    band.selection.set_span((0, 4 * 3840), (drums.id,))
    assert f"made {intent}" in band.generation.outlook(intent).sentence
    band.generation.do(intent)
    assert not band.errors
    after = band.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert (len(after.notes) > len(clip.notes)) is more
    assert len(rows(after) & rows(clip)) > 0.6 * min(len(after.notes), len(clip.notes))


def test_a_part_of_a_role_is_added_whatever_the_prompt_says(band: Desk) -> None:
    band.generation.set(prompt="slow jazz with piano and brushes")
    band.generation.add("counter")
    assert not band.errors
    assert band.project.sources[-1].role == "counter"


def test_what_cannot_be_done_is_said_and_not_offered(band: Desk) -> None:
    drums = next(t for t in band.project.sources if t.is_drums)
    band.selection.set_clips({drums.clips[0].id})
    assert not band.generation.outlook("arrange").possible
    assert "drum part" in band.generation.outlook("arrange").sentence
    assert band.generation.outlook("vary").possible
    band.selection.set_span((40 * 3840, 41 * 3840), (drums.id,))
    assert not band.generation.outlook("humanise").possible
    assert "no notes" in band.generation.outlook("humanise").sentence


def test_notes_and_a_range_are_never_selected_at_once(band: Desk) -> None:
    clip = clip_of(band)
    band.selection.set_span((0, 3840), (band.project.sources[0].id,))
    band.selection.set_notes(clip.notes.id[:2].tolist())
    assert band.selection.span is None
    band.selection.set_span((0, 3840), (band.project.sources[0].id,))
    assert not band.selection.notes
    band.selection.set_notes(())
    assert band.selection.span == (0, 3840)


def test_a_second_song_from_nothing_does_not_land_on_the_first(desk: Desk) -> None:
    desk.generation.set(prompt="pop with piano", bars=2)
    late = WriteHere(desk.generation.request()).run(Quiet())
    desk.write("disco", bars=2)
    placed = desk.project
    desk.takes.add(late, desk.takes.new_batch())
    assert desk.project is placed
    assert "changed" in desk.takes.entries[0].unplaced


def test_again_is_another_variation_of_the_same_wish(desk: Desk) -> None:
    desk.write("disco", bars=2)
    [first] = desk.takes.entries
    placed = desk.project
    desk.takes.again(first.take.id)
    assert list(desk.takes.entries) == [first]
    desk.takes.again(first.take.id, new_seed=99)
    second, first = desk.takes.entries
    assert (first.number, second.number) == (1, 2)
    assert first.batch == second.batch
    assert desk.project is placed
    desk.takes.use_variation(2)
    assert len(desk.project.sources) == len(second.take.result.parts)
    assert len(desk.song.steps) == 1


def test_a_take_without_notes_takes_nothing_of_the_musicians_back(desk: Desk) -> None:
    desk.write("disco", bars=2)
    track = desk.project.sources[0]
    desk.selection.set_span((0, 3840), (track.id,))
    empty = WriteHere(desk.generation.request()).run(Quiet())
    empty = replace(empty, result=replace(empty.result, parts=(), sections=(), chords=()))
    mine = desk.project
    desk.takes.add(empty, desk.takes.new_batch())
    assert desk.project is mine
    desk.takes.discard(empty.id)
    assert desk.project is mine


def test_a_new_part_for_which_nothing_was_written_makes_no_track(desk: Desk) -> None:
    desk.write("pop with piano and bass, no drums", bars=2)
    made = desk.takes.entries[0].take
    desk.song.undo()
    silent = replace(made.result.parts[0], notes=Notes.empty())
    parts = (silent, *made.result.parts[1:])
    thin = replace(made, id=TakeId("thin"), result=replace(made.result, parts=parts))
    desk.takes.add(thin, desk.takes.new_batch())
    assert [track.name for track in desk.project.sources] == [part.name for part in parts[1:]]
    assert desk.takes.is_placed(thin.id)
    desk.takes.open(list(reversed(desk.takes.entries)))
    assert desk.takes.is_placed(thin.id)


def test_placing_that_fails_leaves_the_other_variation_where_it_is(desk: Desk) -> None:
    desk.write("pop with piano", bars=2)
    track = desk.project.sources[0]
    desk.selection.set_span((0, 3840), (track.id,))
    desk.write("busier", variations=2)
    second, first = desk.takes.entries[:2]
    broken = replace(
        second.take,
        id=TakeId("broken"),
        result=replace(
            second.take.result,
            parts=(replace(second.take.result.parts[0], track=TrackId("t999")),),
        ),
    )
    desk.takes.add(broken, second.batch)
    before = desk.project
    assert not desk.takes.place(broken.id)
    assert desk.project is before
    assert desk.takes.is_placed(first.take.id)


def test_keeping_a_take_keeps_its_notes_alone(desk: Desk) -> None:
    desk.write("pop with piano", bars=2)
    desk.takes.keep(desk.takes.entries[0].take.id)
    track = desk.project.sources[0]
    for bar in (0, 1):
        desk.selection.set_span((bar * 3840, (bar + 1) * 3840), (track.id,))
        desk.write("busier")
    desk.takes.keep(desk.takes.entries[0].take.id)
    [clip] = desk.project.track(track.id).clips
    assert isinstance(clip, NoteClip)
    later = clip.notes.start >= 3840
    assert not clip.notes.fresh[later].any()
    assert clip.notes.fresh[~later].all()


def test_a_take_of_a_song_that_was_opened_again_is_in_its_place(desk: Desk) -> None:
    desk.write("rock band with drums, bass and guitar", bars=2, variations=2)
    entries = list(reversed(desk.takes.entries))
    desk.song.open(desk.project)
    desk.takes.open(entries)
    first, second = entries
    assert desk.takes.is_placed(first.take.id)
    assert not desk.takes.is_placed(second.take.id)
    tracks = len(desk.project.sources)
    assert desk.takes.place(first.take.id)
    assert len(desk.project.sources) == tracks


def test_room_in_front_of_the_song_is_made_once(desk: Desk) -> None:
    desk.write("folk guitar and bass in G", bars=4)
    desk.write("", intent=Intent.EXTEND_BEFORE, bars=2)
    end = desk.project.end
    entry = desk.takes.entries[0]
    clip = next(c for _, c in desk.project.clips() if c.start < 2 * 3840)
    assert isinstance(clip, NoteClip)
    desk.song.do(SetNotes(clip.id, frozenset({int(clip.notes.id[0])}), (("velocity", 1),)))
    assert not desk.takes.is_placed(entry.take.id)
    desk.takes.place(entry.take.id)
    assert desk.project.end == end


def test_what_is_written_for_a_song_does_not_land_in_another(qapp: Any, qtbot: QtBot) -> None:
    desk = Desk(JobQueue(MainThread()))
    begun, let_go = threading.Event(), threading.Event()
    desk.generation._work = lambda request: WriteSlowly(request, begun, let_go)
    desk.generation.set(prompt="disco", bars=2, variations=2)
    desk.generation.go()
    assert desk.generation.overlay is not None
    assert begun.wait(10)
    desk.song.open(new_song())
    assert desk.generation.overlay is None
    let_go.set()
    qtbot.waitUntil(lambda: not desk.jobs.jobs, timeout=20_000)
    assert not desk.generation.busy
    assert not desk.project.sources
    assert not desk.takes.entries
    desk.jobs.close()


def test_a_wish_that_fails_leaves_no_gap_on_the_screen(desk: Desk) -> None:
    desk.generation._work = Refuses
    desk.generation.set(prompt="disco", variations=2)
    desk.generation.go()
    assert len(desk.errors) == 2
    assert desk.generation.overlay is None
    assert not desk.generation.busy
    assert not desk.takes.jobs


def test_only_the_first_variation_is_heard_while_it_is_written(desk: Desk) -> None:
    heard: list[int] = []

    def listen() -> None:
        preview = desk.generation.preview()
        if preview is not None:
            heard.append(len(preview.sources))

    desk.generation.overlay_changed.connect(listen)
    desk.write("rock band with drums, bass and guitar", bars=2, variations=2)
    first = desk.takes.entries[-1]
    assert heard
    assert max(heard) <= len(first.take.result.parts)


def test_every_new_track_is_in_what_is_heard_from_the_first_note_on(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []
    heard: list[int] = []

    def listen() -> None:
        preview, overlay = desk.generation.preview(), desk.generation.overlay
        if overlay is not None and overlay.result.parts:
            notes = sum(len(part.notes) for part in overlay.result.parts)
            seen.append((len(overlay.result.parts), notes))
        if preview is not None:
            heard.append(len(preview.sources))

    desk.generation.overlay_changed.connect(listen)
    desk.write("rock band with drums, bass and guitar", bars=2)
    tracks = len(desk.project.sources)
    assert seen[0] == (tracks, 0), "who will play is seen before the first note"
    assert heard == [tracks] * (len(seen) - 1)


def test_a_new_song_counts_its_bars_in_the_meter_of_its_words(desk: Desk) -> None:
    desk.generation.set(prompt="a waltz for piano, 16 bars", chords="Am | Dm")
    request = desk.generation.request()
    assert desk.generation.outlook().sentence == "Bars 1\N{EN DASH}16 of a new song"
    spans = request.controls.chords  # again and again to the end
    assert [span.start for span in spans] == [bar * 3 * 960 for bar in range(16)]
    assert [span.chord.name() for span in spans[-2:]] == ["Am", "Dm"]
    desk.generation.set(prompt="pop", chords="Am | F | C")
    assert desk.generation.outlook().sentence == "Bars 1\N{EN DASH}9 of a new song"


def test_chords_count_from_the_gap(desk: Desk) -> None:
    desk.write("pop with piano", bars=4)
    track = desk.project.sources[0]
    desk.selection.set_clips({track.clips[0].id})
    desk.selection.set_span((3840, 7680), (track.id,))
    desk.generation.set(chords="Am")
    assert desk.generation.request().controls.chords[0].start == 3840
    desk.selection.clear()
    desk.generation.set(intent=Intent.EXTEND_BEFORE, bars=2)
    request = desk.generation.request()
    assert request.controls.chords[0].start == request.gap.start


def test_notes_that_are_not_heard_cannot_be_rewritten(desk: Desk) -> None:
    desk.write("pop with piano", bars=2)
    track = desk.project.sources[0]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    desk.song.do(TrimClip(clip.id, left_by=3840))
    hidden = clip.notes.id[clip.notes.starting_in(0, 3840)].tolist()
    desk.selection.set_note_clip(clip.id)
    desk.selection.set_notes(hidden)
    assert desk.generation.outlook().sentence.startswith("The selected notes are not heard.")
    desk.selection.set_notes(clip.notes.id.tolist())
    assert desk.generation.request().gap.start >= 3840


class Quiet:
    """A context nobody listens to."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, value: Any) -> None: ...

    def check_cancelled(self) -> None: ...


def test_words_that_add_an_instrument_add_a_part_though_it_plays_already(desk: Desk) -> None:
    desk.write("pop with piano, no drums", bars=2)
    desk.generation.set(prompt="add another piano")
    assert desk.generation.request().task is Task.ADD_PART
    desk.generation.set(prompt="piano")
    assert desk.generation.request().task is Task.EXTEND
    desk.generation.set(prompt="")
    desk.generation.add("bass")
    new = desk.project.sources[-1]
    assert new.clips[0].name == new.name  # no words to call it by
