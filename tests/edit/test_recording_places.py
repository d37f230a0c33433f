"""What was recorded lands where it was heard, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId, NoteClip
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.history import History
from studio.edit.keys_played import Stretch, notes_played
from studio.edit.recording import ChooseTurn, PlaceRecorded, Played, Sung
from studio.edit.takes import new_instrument
from tests import strategies

RATE, BAR = 48000, 3840
VOICE = TrackId("t5")
SOURCE = AudioSource("ab" * 32, RATE, 30 * RATE, 1, "Voice.wav")


def song(*clips: AudioClip) -> Project:
    return new_song().with_new_track(Track(VOICE, TrackKind.AUDIO, "Voice", clips))


def sung(song_frame: int, offset: int, length: int) -> Sung:
    return Sung(VOICE, "Voice", SOURCE, song_frame, offset, length)


def clips_of(project: Project) -> list[AudioClip]:
    return [clip for _, clip in project.clips() if isinstance(clip, AudioClip)]


@given(
    tempo=strategies.tempo_maps(),
    frame=st.integers(0, 100 * RATE),
    offset=st.integers(0, RATE),
)
def test_every_frame_stands_where_it_was_heard(tempo: TempoMap, frame: int, offset: int) -> None:
    start = replace(song(), tempo=tempo)
    placed = PlaceRecorded((sung(frame, offset, 20 * RATE),)).apply(start)
    (clip,) = clips_of(placed)
    stands = placed.tempo.frame(clip.start, RATE)
    assert stands - frame == clip.offset_frames - offset
    assert 0 <= stands - frame < RATE  # at most a tick of a very slow tempo is left out
    assert clip.offset_frames + clip.length_frames == offset + 20 * RATE


def test_a_recording_takes_the_place_of_what_lies_there_and_undo_brings_it_back() -> None:
    old = AudioClip(ClipId("c7"), 0, SOURCE, 0, 10 * RATE)
    silent = AudioClip(ClipId("c8"), BAR, SOURCE, 0, RATE, muted=True)
    history = History(song(old, silent))
    before = history.project
    history.do(PlaceRecorded((sung(4 * RATE, 0, 2 * RATE),)))
    spans = sorted(
        (clip.start, history.project.clip_end(clip))
        for clip in clips_of(history.project)
        if not clip.muted
    )
    assert len(spans) == 3
    assert all(abs(a[1] - b[0]) <= 1 for a, b in pairwise(spans))
    assert history.project.find_clip(silent.id) is not None
    history.undo()
    assert history.project == before


def test_sound_of_a_track_that_is_gone_comes_on_a_track_of_its_name() -> None:
    placed = PlaceRecorded((replace(sung(0, 0, RATE), track=TrackId("t77")),)).apply(song())
    assert [track.name for track in placed.sources] == ["Voice", "Voice"]
    assert len(placed.sources[1].clips) == 1


def test_another_take_is_heard_at_the_same_place_and_keeps_the_trim() -> None:
    turns = (1000, 1000 + 4 * RATE, 1000 + 8 * RATE)
    whole = replace(sung(2 * RATE, turns[2], 4 * RATE), turns=turns, turn=2)
    project = PlaceRecorded((whole,)).apply(song())
    (clip,) = clips_of(project)
    trimmed = replace(clip, offset_frames=clip.offset_frames + 500, length_frames=RATE)
    project = project.with_clip(trimmed)
    first = ChooseTurn(clip.id, 0).apply(project).clip(clip.id)
    assert isinstance(first, AudioClip)
    assert (first.offset_frames, first.turn) == (turns[0] + 500, 0)
    assert (first.start, first.length_frames) == (trimmed.start, RATE)
    with pytest.raises(StudioError, match="no such take"):
        ChooseTurn(clip.id, 3).apply(project)


# --- notes ------------------------------------------------------------------------------------
ON, OFF, CC = 0x90, 0x80, 0xB0


def played(*messages: tuple[int, tuple[int, ...]], end: int = 4 * BAR) -> Notes:
    return notes_played([Stretch(end, messages)])[0]


def rows(notes: Notes) -> list[tuple[int, int, int, int]]:
    return list(
        zip(
            notes.start.tolist(),
            notes.length.tolist(),
            notes.pitch.tolist(),
            notes.velocity.tolist(),
            strict=True,
        )
    )


def test_keys_become_notes_with_their_velocities() -> None:
    found = played((10, (ON, 60, 80)), (20, (ON | 3, 64, 1)), (500, (OFF, 60, 0)),
                   (700, (ON | 3, 64, 0)))  # fmt: skip
    assert rows(found) == [(10, 490, 60, 80), (20, 680, 64, 1)]


def test_the_pedal_holds_notes_until_it_is_lifted_or_the_key_is_struck_again() -> None:
    found = played(
        (0, (CC, 64, 127)), (0, (ON, 60, 90)), (100, (OFF, 60, 0)), (400, (ON, 60, 70)),
        (450, (OFF, 60, 0)), (480, (ON, 67, 50)), (960, (CC, 64, 0)), (1200, (OFF, 67, 0)),
    )  # fmt: skip
    assert rows(found) == [(0, 400, 60, 90), (400, 560, 60, 70), (480, 720, 67, 50)]


def test_a_key_that_is_held_when_the_loop_turns_ends_there() -> None:
    turns = [Stretch(BAR, ((BAR - 10, (ON, 60, 90)),)), Stretch(BAR, ((50, (OFF, 60, 0)),))]
    assert rows(notes_played(turns)[0]) == [(BAR - 10, 10, 60, 90)]


def test_wheels_and_pressure_are_controllers_and_the_pedal_is_none() -> None:
    messages = ((0, (CC, 1, 5)), (9, (CC, 64, 99)), (10, (0xE0, 0, 96)), (20, (0xD0, 44)))
    _, lanes = notes_played([Stretch(100, messages)])
    found = {lane.parameter: lane.points["value"].tolist() for lane in lanes}
    assert found == {"cc1": [5], "bend": [1.0], "pressure": [44]}


def test_sixteenths_are_only_for_those_who_ask() -> None:
    message = Stretch(960, ((130, (ON, 60, 90)), (300, (OFF, 60, 0))))
    assert notes_played([message])[0].start.tolist() == [130]
    assert notes_played([message], sixteenths=True)[0].start.tolist() == [240]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 500),
            st.sampled_from((ON, OFF, CC)),
            st.sampled_from((60, 61, 64)),
            st.integers(0, 127),
        ),
        max_size=40,
    )
)
def test_no_key_sounds_twice_at_a_time_and_no_note_outlasts_the_song(
    steps: list[tuple[int, int, int, int]],
) -> None:
    ticks = np.cumsum([step for step, *_ in steps]).tolist()
    messages = tuple((tick, tuple(rest)) for tick, (_, *rest) in zip(ticks, steps, strict=True))
    end = (ticks[-1] if ticks else 0) + 1
    found = played(*messages, end=end)
    struck = sum(kind == ON and value > 0 for _, kind, _, value in steps)
    assert len(found) == struck
    assert not len(found) or int(found.end.max()) <= end
    for pitch in (60, 61, 64):
        mine = [row for row in rows(found) if row[2] == pitch]
        assert all(a[0] + a[1] <= b[0] or b[0] - a[0] < 1 for a, b in pairwise(mine))


def keys_song() -> tuple[Project, TrackId]:
    made = new_instrument(new_song(), "Keys", 0)
    return new_song().with_new_track(made), made.id


def take(track: TrackId, start: int, end: int, *ticks: int) -> PlaceRecorded:
    notes = Notes.of(ticks, [100] * len(ticks), [60] * len(ticks))
    lane = Automation.of("cc1", list(ticks), [64.0] * len(ticks))
    return PlaceRecorded(played=(Played(track, "Keys", notes, (lane,), start, end),))


def test_played_notes_make_a_clip_of_whole_bars() -> None:
    project, track = keys_song()
    placed = take(track, BAR + 100, 2 * BAR + 50, BAR + 200, 2 * BAR).apply(project)
    (clip,) = placed.track(track).clips
    assert isinstance(clip, NoteClip)
    assert (clip.start, clip.end) == (BAR, 3 * BAR)
    assert (clip.notes.start + clip.shift).tolist() == [BAR + 200, 2 * BAR]


def test_an_overdub_adds_to_the_clip_it_began_in() -> None:
    project, track = keys_song()
    once = take(track, 0, BAR, 0, 960).apply(project)
    twice = take(track, 10, BAR, 480, 960).apply(once)
    (clip,) = twice.track(track).clips
    assert isinstance(clip, NoteClip)
    assert sorted((clip.notes.start + clip.shift).tolist()) == [0, 480, 960, 960]
    assert clip.controllers[0].points["tick"].tolist() == [0, 480, 960]
