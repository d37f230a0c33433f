"""A take lands in its gap and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import NoteClip, TakeId
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import TrackKind
from studio.edit.notes import DeleteNotes, SetNotes
from studio.edit.takes import KeepNotes, PlaceTake, new_instrument
from tests import strategies

BAR = 3840


def song_with_bass() -> tuple[Project, NoteClip]:
    project = new_song()
    track = new_instrument(project, "Bass", 33, role="bass")
    project = project.with_new_track(track)
    notes = Notes.of([0, 960, BAR, BAR + 960], [900] * 4, [40, 43, 45, 47], locked=[0, 0, 0, 1])
    clip = NoteClip(project.new_clip_id(), 0, 4 * BAR, notes)
    return project.with_clip_on(track.id, clip), clip


def take(project: Project, gap: Gap, *parts: Part, expected: str | None = None) -> PlaceTake:
    return PlaceTake(TakeId("k1"), gap, parts, expected, "a take")


def test_new_parts_get_tracks_with_sound_and_reverb() -> None:
    project = new_song()
    gap = Gap((), 0, 2 * BAR)
    parts = (
        Part(None, Notes.of(0, BAR, 36), "Drums", "drums", 0, drums=True),
        Part(None, Notes.of(0, BAR, 40), "Upright bass", "bass", 32),
    )
    placed = take(project, gap, *parts).apply(project)
    drums, bass = placed.sources
    assert drums.is_drums
    assert not bass.is_drums
    assert bass.instrument is not None
    assert bass.instrument.parameter("program", 0) == 32
    assert all(track.sends for track in (drums, bass))
    for clip in (drums.clips[0], bass.clips[0]):
        assert isinstance(clip, NoteClip)
        assert clip.notes.fresh.all()
    assert (bass.clips[0].start, bass.clips[0].take) == (0, TakeId("k1"))


def test_a_part_is_not_called_as_another_track() -> None:
    project, _ = song_with_bass()
    part = Part(None, Notes.of(0, BAR, 36), "Bass", "bass", 33)
    placed = take(project, Gap((), 0, BAR), part, part).apply(project)
    assert [track.name for track in placed.sources] == ["Bass", "Bass 2", "Bass 3"]


def test_rewritten_bars_keep_locked_notes_and_everything_outside() -> None:
    project, clip = song_with_bass()
    gap = Gap((project.sources[0].id,), BAR, 2 * BAR)
    part = Part(project.sources[0].id, Notes.of([BAR, BAR + 480], [400, 400], [50, 52]))
    placed = take(project, gap, part).apply(project)
    after = placed.clip(clip.id)
    assert isinstance(after, NoteClip)
    old = after.notes.where(~after.notes.fresh)
    assert old.table.tolist() == clip.notes.where([0, 1, 3]).table.tolist()
    assert after.notes.pitch[after.notes.fresh].tolist() == [50, 52]


def test_a_gap_after_the_clip_gets_a_clip_of_its_own() -> None:
    project, _clip = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), 3 * BAR, 6 * BAR)
    part = Part(id, Notes.of([3 * BAR, 4 * BAR, 5 * BAR], [960] * 3, [41, 42, 43]))
    placed = take(project, gap, part).apply(project)
    first, second = placed.track(id).clips
    assert isinstance(first, NoteClip)
    assert isinstance(second, NoteClip)
    assert (second.start, second.end) == (4 * BAR, 6 * BAR)
    assert first.notes.pitch.tolist() == [40, 43, 45, 47, 41]
    assert second.notes.start.tolist() == [0, BAR]


def test_a_gap_that_changed_meanwhile_is_left_alone() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), BAR, 2 * BAR)
    part = Part(id, Notes.of(BAR, 480, 60))
    command = take(project, gap, part, expected=gap.contents(project))
    elsewhere = DeleteNotes(clip.id, frozenset({0})).apply(project)
    assert command.apply(elsewhere) is not elsewhere
    inside = SetNotes(clip.id, frozenset({2}), (("velocity", 1),)).apply(project)
    with pytest.raises(StudioError, match="changed"):
        command.apply(inside)


def test_a_track_that_is_gone_takes_nothing() -> None:
    project, _ = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), 0, BAR)
    command = take(project, gap, Part(id, Notes.of(0, 1, 60)), expected=gap.contents(project))
    with pytest.raises(StudioError):
        command.apply(project.without_track(id))


def test_kept_notes_are_no_longer_fresh() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    placed = take(project, Gap((id,), 0, BAR), Part(id, Notes.of(0, 1, 60))).apply(project)
    kept = KeepNotes(frozenset({clip.id})).apply(placed)
    after = kept.clip(clip.id)
    assert isinstance(after, NoteClip)
    assert not after.notes.fresh.any()


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_notes_outside_the_gap_never_change(data: st.DataObject) -> None:
    project = data.draw(strategies.projects())
    on = [track.id for track in project.tracks if track.kind is TrackKind.INSTRUMENT]
    chosen = tuple(data.draw(st.sets(st.sampled_from(on), max_size=2)) if on else ())
    start = data.draw(strategies.ticks())
    gap = Gap(chosen, start, start + data.draw(st.integers(1, 20000)), 30, 90)
    parts = [Part(id, _inside(data.draw(strategies.notes()), gap)) for id in chosen]
    placed = take(project, gap, *parts).apply(project)
    for track in project.tracks:
        for clip in track.clips:
            after = placed.clip(clip.id)
            if not isinstance(clip, NoteClip):
                assert after is clip
                continue
            assert isinstance(after, NoteClip)
            kept = clip.notes.where(~gap.holds(clip)) if track.id in chosen else clip.notes
            assert set(kept.table.tolist()) <= set(after.notes.table.tolist())


def _inside(notes: Notes, gap: Gap) -> Notes:
    return notes.with_columns(
        start=gap.start + notes.start % gap.length, pitch=30 + notes.pitch % 61, locked=False
    )


def test_what_is_kept_of_a_gap_leaves_other_notes_fresh() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), 0, BAR)
    for start in (0, BAR):
        written = Part(id, Notes.of(start, 240, 60))
        project = take(project, Gap((id,), start, start + BAR), written).apply(project)
    after = KeepNotes(frozenset({clip.id}), gap).apply(project).clip(clip.id)
    assert isinstance(after, NoteClip)
    assert after.notes.start[after.notes.fresh].tolist() == [BAR]


def test_a_muted_clip_is_left_alone_and_the_take_is_heard() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    project = project.with_clip(replace(clip, muted=True))
    placed = take(project, Gap((id,), 0, BAR), Part(id, Notes.of(0, 240, 60))).apply(project)
    assert placed.clip(clip.id) == project.clip(clip.id)
    [made] = [c for c in placed.track(id).clips if c.id != clip.id]
    assert not made.muted
    assert (made.start, placed.clip_end(made)) == (0, BAR)


def test_two_parts_on_one_track_are_both_written() -> None:
    project, _ = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), 8 * BAR, 9 * BAR)
    parts = [Part(id, Notes.of(8 * BAR, 240, pitch)) for pitch in (60, 64)]
    placed = take(project, gap, *parts).apply(project)
    [made] = [c for c in placed.track(id).clips if c.start == 8 * BAR]
    assert isinstance(made, NoteClip)
    assert made.notes.pitch.tolist() == [60, 64]


def test_a_song_from_nothing_is_for_an_empty_song() -> None:
    empty, gap = new_song(), Gap((), 0, BAR)
    project, _ = song_with_bass()
    command = take(empty, gap, Part(None, Notes.of(0, 240, 60)), expected=gap.contents(empty))
    assert command.apply(empty).end == BAR
    with pytest.raises(StudioError, match="changed"):
        command.apply(project)


def test_sections_outside_the_gap_make_no_marker() -> None:
    project = new_song()
    command = replace(
        take(project, Gap((), 0, BAR), Part(None, Notes.of(0, 240, 60))),
        sections=((0, "Verse"), (BAR, "Chorus")),
    )
    assert [marker.name for marker in command.apply(project).markers] == ["Verse"]


def test_a_gap_that_names_notes_replaces_no_other() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), 0, 2 * BAR, notes=((clip.id, (1, 3)),))  # 3 is locked
    before = gap.contents(project)
    placed = take(project, gap, Part(id, Notes.of(960, 480, 50)), expected=before).apply(project)
    notes = placed.clip(clip.id).notes  # type: ignore[union-attr]
    assert notes.pitch.tolist() == [40, 50, 45, 47]
    assert notes.id.tolist() == [0, 4, 2, 3]
    elsewhere = SetNotes(clip.id, frozenset({0}), (("velocity", 3),)).apply(project)
    assert gap.contents(elsewhere) == before
    named = SetNotes(clip.id, frozenset({1}), (("velocity", 3),)).apply(project)
    assert gap.contents(named) != before


def test_notes_that_come_never_take_the_ids_of_those_that_gave_way() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    loose = SetNotes(clip.id, frozenset({3}), (("locked", False),)).apply(project)
    gap = Gap((id,), BAR, 2 * BAR)
    placed = take(loose, gap, Part(id, Notes.of([BAR, BAR + 480], [9, 9], 50))).apply(loose)
    assert placed.clip(clip.id).notes.id.tolist() == [0, 1, 4, 5]  # type: ignore[union-attr]


def test_notes_played_otherwise_are_the_same_notes() -> None:
    project, clip = song_with_bass()
    id = project.sources[0].id
    gap = Gap((id,), 0, 2 * BAR)
    part = Part(id, clip.notes.with_columns(velocity=33, timing=-7, id=[9, 8, 7, 6]))
    placed = replace(take(project, gap, part), played=True).apply(project)
    notes = placed.clip(clip.id).notes  # type: ignore[union-attr]
    assert notes.velocity.tolist() == [33, 33, 33, 90]  # the last one is locked
    assert notes.timing.tolist() == [-7, -7, -7, 0]
    assert notes.fresh.tolist() == [True, True, True, False]
    for column in ("id", "start", "length", "pitch"):
        assert getattr(notes, column).tolist() == getattr(clip.notes, column).tolist()


def test_what_new_parts_stand_in_for_is_muted_and_nothing_else() -> None:
    project, clip = song_with_bass()
    part = Part(None, Notes.of(0, 900, 40), "Cello", "bass", 42)
    command = replace(take(project, Gap((), 0, 2 * BAR), part), muted=((clip.id, (0, 3)),))
    placed = command.apply(project)
    notes = placed.clip(clip.id).notes  # type: ignore[union-attr]
    assert notes.muted.tolist() == [True, False, False, False]  # the last one is locked
    assert [track.name for track in placed.sources] == ["Bass", "Cello"]
    with pytest.raises(StudioError, match="stands in for"):
        command.apply(new_song())
