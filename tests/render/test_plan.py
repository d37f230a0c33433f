"""Making a song ready to play: frames, overlaps, controllers, reuse, files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.domain.notes import HOLD, Automation, Notes
from studio.domain.tempo import TempoMap
from studio.domain.track import Send, TrackId
from studio.media.store import MediaStore
from studio.render.fluid import BEND
from studio.render.plan import Plan, compile_song, load_plan, plan_files, save_plan
from studio.render.tables import CONTROL, OFF, ON, Content, Table, compile_content
from tests import strategies
from tests.render.songs import (
    BAR,
    RATE,
    beat,
    bus,
    chords,
    compiled,
    device,
    difficult,
    heard,
    keys,
    noise,
    recording,
    song,
    tape,
)

TEMPO = TempoMap.constant(120.0)  # a beat is 24,000 frames, a tick 25


def content(*clips: NoteClip, drums: bool = False) -> Content:
    track = replace(keys("k", Notes.empty(), drums=drums), clips=clips)
    return compile_content(track, TEMPO, RATE, lambda clip: (Path(), 0, 0))


def clip(notes: Notes, start: int = 0, length: int = 4 * BAR, **rest: object) -> NoteClip:
    return NoteClip(ClipId("c"), start, length, notes, **rest)  # type: ignore[arg-type]


def spans(table: Table) -> list[tuple[int, int, int]]:
    return [(int(s["start"]), int(s["end"]), int(s["pitch"])) for s in table]


# -- notes ---------------------------------------------------------------------------------------
def test_notes_stand_on_the_grid_never_early() -> None:
    found = content(clip(Notes.of([0, 1, 960], [960, 960, 1], [60, 61, 62])))
    assert spans(found.spans) == [(0, 24_000, 60), (64, 24_064, 61), (24_000, 24_064, 62)]


def test_a_key_struck_again_ends_its_earlier_note() -> None:
    notes = Notes.of([0, 480, 480], [1920, 240, 960], [60, 60, 60])
    assert spans(content(clip(notes)).spans) == [(0, 12_032, 60), (12_032, 36_032, 60)]


def test_a_clip_shows_its_part_of_the_content_only() -> None:
    notes = Notes.of([0, 960, 1920, 2880], 960, [60, 61, 62, 63])
    shown = clip(notes, start=BAR, length=1440, offset=960)
    start = BAR * 25
    assert spans(content(shown).spans) == [
        (start, start + 24_000, 61),
        (start + 24_000, start + 36_032, 62),  # 36,000 on the grid
    ]


def test_timing_moves_a_note_and_not_before_the_song() -> None:
    notes = Notes.of([0, 960], 480, [60, 61], timing=[-100, 64])
    found = spans(content(clip(notes)).spans)
    assert found[0][0] == 0
    assert found[1][0] == -(-1024 * 25 // 64) * 64


def test_muted_notes_and_clips_are_left_out() -> None:
    notes = Notes.of([0, 960], 480, [60, 61], muted=[True, False])
    assert [pitch for _, _, pitch in spans(content(clip(notes)).spans)] == [61]
    assert not len(content(clip(notes, muted=True)).events)


@given(strategies.notes(most=12))
def test_every_note_that_begins_ends_and_no_key_is_held_twice(notes: Notes) -> None:
    found = content(clip(notes, length=strategies.MINUTES * 2))
    held: set[int] = set()
    for event in found.events:
        pitch = int(event["number"])
        if event["kind"] == ON:
            assert pitch not in held
            held.add(pitch)
        elif event["kind"] == OFF:
            held.remove(pitch)
    assert not held
    assert not (found.events["frame"] % 64).any()
    assert np.all(np.diff(found.events["frame"]) >= 0)


# -- controllers and automation ------------------------------------------------------------------
def test_controllers_are_sent_when_they_change_and_rest_after_the_clip() -> None:
    pedal = Automation.of("cc64", [0, 960, 1920], [0.0, 127.0, 0.0], HOLD)
    events = content(clip(Notes.empty(), length=2880, controllers=(pedal,))).events
    wanted = [(0, 0), (24_000, 127), (48_000, 0), (72_000, 0)]
    assert [(int(e["frame"]), int(e["value"])) for e in events] == wanted
    assert set(events["kind"]) == {CONTROL}


def test_a_bend_glides_and_returns() -> None:
    up = Automation.of("bend", [0, 960], [0.0, 2.0])
    events = content(clip(Notes.empty(), length=1920, controllers=(up,))).events
    assert set(events["number"]) == {BEND}
    values = events["value"].astype(int)
    assert values[0] == values[-1] == 8192
    assert np.all(np.diff(values[:-1]) > 0)
    assert len(events) > 80  # every 256 frames


def test_a_straight_line_keeps_its_ticks_over_a_tempo_change(media: MediaStore) -> None:
    line = Automation.of("volume", [0, 1920], [-20.0, 0.0])
    tempo = TempoMap.constant(120.0).with_tempo(960, 60.0)
    track = tape("t", automation=(line,))
    (lane,) = compiled(song(track, tempo=tempo), media).tracks[0].lanes
    assert lane.at(np.array([0, 12_000, 24_000, 48_000, 72_000])).tolist() == [
        -20.0, -15.0, -10.0, -5.0, 0.0,
    ]  # fmt: skip


# -- the plan ------------------------------------------------------------------------------------
def test_beats_follow_meter_and_tempo(media: MediaStore) -> None:
    tempo = TempoMap.constant(120.0, 3, 4).with_meter(3 * 960, 6, 8).with_tempo(960, 60.0)
    beats = compiled(song(tempo=tempo), media).beats
    assert beats["accent"][:10].tolist() == [True, False, False, True] + [False] * 5 + [True]
    assert beats["frame"][:5].tolist() == [0, 24_000, 72_000, 120_000, 144_000]
    assert beats["frame"][-1] > 25 * 60 * RATE


def test_what_did_not_change_is_the_same_object(media: MediaStore) -> None:
    project = difficult(media)
    before = compiled(project, media)
    track = project.track(TrackId("k"))
    louder = compiled(project.with_track(replace(track, volume_db=1.0)), media, before)
    assert louder.tracks[0].content is before.tracks[0].content
    assert louder.tracks[0].volume_db == 1.0
    assert louder.tracks[1:] == before.tracks[1:]
    assert louder.beats is before.beats
    faster = compiled(replace(project, tempo=TempoMap.constant(90.0)), media, before)
    assert faster.tracks[0].content is not before.tracks[0].content


def test_buses_in_a_circle_are_refused(media: MediaStore) -> None:
    a = bus("a", sends=(Send(TrackId("b")),))
    b = bus("b", sends=(Send(TrackId("a")),))
    with pytest.raises(StudioError, match="circle"):
        compiled(song(a, b), media)


def test_a_missing_recording_silences_its_clip_alone(media: MediaStore) -> None:
    there = recording(media, noise(4_800), id="a")
    source = replace(there.source, media="0" * 64, name="rain.wav")
    gone = [AudioClip(ClipId(id), 960, source, 0, 4_800) for id in "bc"]
    project = song(tape("t", there, *gone), keys("k", chords()))
    plan = compile_song(project, media, partly=True)
    assert [error.message for error in plan.problems] == [
        "The recording “rain.wav” is missing from the song's folder."
    ]
    without = compiled(song(tape("t", there), keys("k", chords())), media)
    assert np.array_equal(heard(plan, 48_000), heard(without, 48_000))
    with pytest.raises(StudioError, match="rain"):
        compile_song(project, media)


def test_a_recording_that_is_found_again_is_heard(tmp_path: Path) -> None:
    media, elsewhere = MediaStore(tmp_path / "media"), MediaStore(tmp_path / "elsewhere")
    project = song(tape("t", recording(elsewhere, noise(4_800))))
    before = compile_song(project, media, partly=True)
    recording(media, noise(4_800))
    after = compile_song(project, media, before, partly=True)
    assert before.problems
    assert not after.problems
    assert np.array_equal(heard(after, 4_800), noise(4_800))
    assert compile_song(project, media, after, partly=True).tracks[0] is after.tracks[0]


def test_a_saved_plan_names_the_files_it_needs(media: MediaStore, tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    save_plan(compiled(difficult(media), media), folder / "7")
    assert plan_files(folder / "7") == {path.name for path in folder.iterdir()}


def _sameness(plan: Plan) -> list[object]:
    return [
        (
            t.id, t.kind, t.name, t.content.digest, t.instrument, t.devices, t.volume_db, t.pan,
            t.muted, t.soloed, t.sends, [(x.parameter, x.points.tobytes()) for x in t.lanes],
        )
        for t in plan.tracks
    ]  # fmt: skip


def test_a_saved_plan_is_the_same_when_loaded(media: MediaStore, tmp_path: Path) -> None:
    plan = compiled(difficult(media), media)
    save_plan(plan, tmp_path / "plan.json")
    found = load_plan(tmp_path / "plan.json")
    assert _sameness(found) == _sameness(plan)
    assert (found.tempo, found.sample_rate, found.end) == (plan.tempo, RATE, plan.end)
    assert found.beats.tolist() == plan.beats.tolist()
    assert not found.tracks[0].content.events.flags.writeable


@settings(max_examples=25)
@given(st.data())
def test_any_song_can_be_made_ready_saved_and_loaded(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    project = data.draw(strategies.projects())
    kept = [
        replace(t, clips=tuple(c for c in t.clips if isinstance(c, NoteClip)), sends=())
        for t in project.tracks
    ]
    folder = tmp_path_factory.mktemp("plan")
    plan = compile_song(replace(project, tracks=tuple(kept)), MediaStore(folder / "media"))
    save_plan(plan, folder / "plan.json")
    assert _sameness(load_plan(folder / "plan.json")) == _sameness(plan)


def test_saving_again_writes_only_what_changed(media: MediaStore, tmp_path: Path) -> None:
    project = song(keys("k", chords()), keys("d", beat(), drums=True))
    before = compiled(project, media)
    save_plan(before, tmp_path / "one.json")
    known: dict[str, object] = {}
    loaded = load_plan(tmp_path / "one.json", files=known)
    written = set(tmp_path.glob("*.track"))
    changed = keys("k", chords().where(np.arange(6)))
    save_plan(compiled(project.with_track(changed), media, before), tmp_path / "two.json")
    assert len(set(tmp_path.glob("*.track")) - written) == 1
    again = load_plan(tmp_path / "two.json", loaded, known)
    assert again.tracks[1].content is loaded.tracks[1].content
    assert again.tracks[0].content is not loaded.tracks[0].content


def test_a_damaged_plan_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"sample_rate": 48000}))
    with pytest.raises(StudioError, match="cannot be read"):
        load_plan(tmp_path / "plan.json")


def test_a_fader_can_be_named_on_both_sides(media: MediaStore) -> None:
    track = tape("t", recording(media, noise(100)), devices=(device("limiter"),))
    track = replace(track, sends=(Send(TrackId("b")),))
    found = compiled(song(track, bus("b")), media).tracks[0].parameters
    knobs = ("xlimiter:ceiling_db", "xlimiter:release_ms")
    assert found == ("volume", "pan", "mute", "solo", "send:b", *knobs)
