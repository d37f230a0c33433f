"""The song as the network is told of it before it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from studio.ai.composer.descriptors import ONE_NOTE
from studio.ai.composer.draft import Draft, draft
from studio.ai.composer.seating import seated
from studio.ai.composer.vocabulary import MOST_SLOTS, OFFSETS, SECTIONS
from studio.ai.requests import Controls, Request, Task
from studio.ai.sketch.outcome import prepared
from studio.domain.clip import ClipId, NoteClip
from studio.domain.device import DeviceId, soundfont
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Track, TrackId, TrackKind

QUARTER = 960


def _song(
    *starts: Sequence[int], beats: int = 4, bars: int = 24, pitch: int = 60, role: str = "melody"
) -> Project:
    """A song of tracks `t0`, `t1` ... that play one pitch, an eighth long, at those ticks."""
    song = replace(new_song(), tempo=TempoMap.constant(120.0, beats, 4))
    for number, ticks in enumerate(starts):
        notes = Notes.of(list(ticks), QUARTER // 2, pitch, velocity=80)
        clip = NoteClip(ClipId(f"c{number}"), 0, bars * beats * QUARTER, notes)
        devices = (soundfont(DeviceId(f"d{number}"), 0),)
        track = Track(TrackId(f"t{number}"), TrackKind.INSTRUMENT, "", (clip,), devices, role=role)
        song = song.with_new_track(track)
    return song


def _drafted(song: Project, first: int, last: int, density: float = 0.5) -> Draft:
    """For bars [first, last) of the first track."""
    bar = song.tempo.meters[0].ticks_per_bar
    gap = Gap((TrackId("t0"),), first * bar, last * bar)
    controls = Controls(density=density)
    return draft(*prepared(Request(Task.REWRITE, gap, "composer", "", 1, song, controls=controls)))


def _described(found: Draft) -> list[int]:
    """Register, density and polyphony that the first player is asked for."""
    groups = ("register", "density", "polyphony")
    return [int(n) - OFFSETS[g] for g, n in zip(groups, found.lane.slots[0, 5:], strict=True)]


def test_a_track_is_asked_for_as_many_notes_as_it_has_around_the_gap() -> None:
    """Six notes a bar: the empty bars of the gap make it no sparser."""
    song = _song(range(0, 24 * 4 * QUARTER, 640))
    assert _described(_drafted(song, 8, 16)) == [4, 4, ONE_NOTE]


def test_density_is_counted_by_quarters_whatever_the_meter() -> None:
    """Three notes in three quarters are four in four, and twice that with the dial half up."""
    song = _song(range(0, 24 * 3 * QUARTER, QUARTER), beats=3)
    assert _described(_drafted(song, 8, 12))[1] == 3
    assert _described(_drafted(song, 8, 12, density=0.56))[1] == 3
    assert _described(_drafted(song, 8, 12, density=1.0))[1] == 5


def test_a_track_without_notes_around_is_asked_for_as_many_as_it_had() -> None:
    """Chords of one note a bar, told as such; around it lie bars enough, and nothing in them."""
    song = _song(range(0, 8 * 4 * QUARTER, 4 * QUARTER), pitch=40, role="chords", bars=8)
    lone = _described(_drafted(song, 0, 8))
    assert lone == _described(_drafted(_song(range(0, 24 * 4 * QUARTER, 4 * QUARTER), pitch=40,
        role="chords"), 8, 16))  # fmt: skip
    busier = _described(_drafted(song, 0, 8, density=1.0))
    assert (busier[0], busier[2]) == (lone[0], lone[2])
    assert busier[1] > lone[1]


def test_the_sections_of_the_song_hold_where_its_notes_are_written_anew() -> None:
    marked = (Marker(0, "Chorus"),)
    song = replace(_song(range(0, 24 * 4 * QUARTER, 640)), markers=marked)
    assert set(_drafted(song, 8, 16).piece.bars["section"].tolist()) == {SECTIONS.index("chorus")}
    gap = Gap((), 8 * 4 * QUARTER, 16 * 4 * QUARTER)
    whole = Request(Task.COMPOSE, gap, "composer", "", 1, song, "verse 8")
    inside = draft(*prepared(whole)).piece.bars["section"][8:16]
    assert set(inside.tolist()) == {SECTIONS.index("verse")}


def test_slots_go_to_those_who_play_near_the_gap() -> None:
    """Of more parts than there are slots, what only plays far away is not told of."""
    far = [range(60 * 4 * QUARTER, 64 * 4 * QUARTER, 240)] * MOST_SLOTS
    near = range(0, 8 * 4 * QUARTER, QUARTER)
    found = _drafted(_song(near, *far, near, bars=64), 2, 4)
    assert np.flatnonzero(found.lane.slot >= 0).tolist() == [0, MOST_SLOTS + 1]


def test_who_plays_drums_writes_them_whatever_the_track_sounds_like() -> None:
    found = _drafted(_song(range(0, 24 * 4 * QUARTER, QUARTER), pitch=38, role="drums"), 4, 8)
    assert found.piece.parts[0].drums
    assert found.lane.slots[0, 2] == OFFSETS["program"] + 128


def test_a_style_that_nobody_named_is_not_told() -> None:
    song = _song(range(0, 24 * 4 * QUARTER, 640))
    assert not _drafted(song, 8, 16).piece.styles
    assert _drafted(_named(song, "late funk"), 8, 16).piece.styles == ("funk",)


def test_swing_is_heard_where_the_style_is_only_a_guess() -> None:
    """Eighths two to one: the meter of three would have the song a straight waltz."""
    starts = [at for beat in range(24 * 3) for at in (beat * QUARTER, beat * QUARTER + 640)]
    assert _drafted(_song(starts, beats=3), 8, 16).piece.swing
    assert not _drafted(_song(range(0, 24 * 3 * QUARTER, 480), beats=3), 8, 16).piece.swing


def test_who_goes_on_may_reach_the_keys_that_were_heard() -> None:
    """A hand that plays lower than chords usually do."""
    song = _song(range(0, 8 * 4 * QUARTER, 640), pitch=31, role="chords")
    gap = Gap((TrackId("t0"),), 8 * 4 * QUARTER, 12 * 4 * QUARTER)
    plan, players = prepared(Request(Task.EXTEND, gap, "composer", "", 1, song))
    assert players[0].low > 31
    (found,) = seated(plan, players)
    assert found.low < 31 < players[0].high <= found.high
    narrow = replace(plan, request=replace(plan.request, gap=replace(gap, pitch_low=48)))
    assert seated(narrow, players)[0].low == 48


def _named(song: Project, name: str) -> Project:
    for _, clip in song.clips():
        assert isinstance(clip, NoteClip)
        song = song.with_clip(replace(clip, name=name))
    return song
