"""What holds for every gap in every song: limits, locks, bands, meters, whatever the task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.models.sketch import Sketch
from studio.ai.requests import Controls, Request, Result, Task, take_id
from studio.ai.sketch.listen import standing_on
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap, Part
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import TrackKind
from studio.edit.takes import PlaceTake
from tests import strategies
from tests.ai.sketch_report import Silent, chord_at, song_of

PROMPTS = (
    "",
    "jazz",
    "busy funk",
    "sparse ambient",
    "waltz",
    "only piano",
    "metal",
    "bossa nova",
    "reggae",
    "latin",
)
TASKS = (Task.COMPOSE, Task.EXTEND, Task.REWRITE, Task.ADD_PART)
ROLES = ("bass", "drums", "chords", "melody", "pad", "counter")


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Any wish a musician could make of any song."""
    song = draw(strategies.projects())
    tracks = [track.id for track in song.tracks if track.kind is TrackKind.INSTRUMENT]
    chosen = (
        tuple(draw(st.lists(st.sampled_from(tracks), unique=True, max_size=3))) if tracks else ()
    )
    start = draw(strategies.ticks(3840 * 24))
    low = draw(st.integers(0, 100))
    high = draw(st.integers(low + 12, 127)) if draw(st.booleans()) else 127
    low = low if high < 127 else 0
    gap = Gap(chosen, start, start + draw(st.integers(1, 3840 * 6)), low, high)
    asked = draw(st.lists(st.sampled_from(ROLES), max_size=2, unique=True))
    controls = Controls(
        instruments=tuple(asked),
        surprise=draw(st.sampled_from((0.0, 0.4, 1.0))),
        density=draw(st.sampled_from((0.1, 0.5, 0.95))),
    )
    task, prompt = draw(st.sampled_from(TASKS)), draw(st.sampled_from(PROMPTS))
    return Request(
        task, gap, "sketch", "1", draw(st.integers(0, 9)), song, prompt, controls=controls
    )


def write(request: Request) -> Result | None:
    """The result, or None where the studio rightly says that nothing fits."""
    try:
        return Sketch().generate(request, Silent())
    except StudioError as error:
        if "no room" not in error.message:
            raise
        return None


@settings(max_examples=120)
@given(requests())
def test_a_gap_is_filled_within_its_limits_and_around_what_stands(request: Request) -> None:
    result = write(request)
    if result is None:
        return
    assert result.written_until == request.gap.end
    for part in result.parts:
        _check_limits(part, request.gap)
        _check_no_doubles(part, request)
        if not part.drums:
            _check_key(part, result)


def _check_limits(part: Part, gap: Gap) -> None:
    notes = part.notes
    assert np.all(notes.start >= gap.start)
    assert np.all(notes.end <= gap.end)
    assert np.all((notes.pitch >= gap.pitch_low) & (notes.pitch <= gap.pitch_high))
    assert not notes.locked.any()
    assert np.all(notes.start + notes.timing >= 0)


def _check_no_doubles(part: Part, request: Request) -> None:
    rows = list(zip(part.notes.start, part.notes.end, part.notes.pitch, strict=True))
    if part.track is not None:
        track = request.song.track(part.track)
        rows_there = [(n.start, n.end, n.pitch) for n in standing_on(track, request.gap)]
        for start, end, pitch in rows:
            assert not any(s < end and start < e and p == pitch for s, e, p in rows_there)
    for pitch in {row[2] for row in rows}:
        same = sorted(row for row in rows if row[2] == pitch)
        assert all(a[1] <= b[0] for a, b in pairwise(same))


def _check_key(part: Part, result: Result) -> None:
    assert result.key is not None
    for start, pitch in zip(part.notes.start, part.notes.pitch, strict=True):
        chord = chord_at(result.chords, int(start)).chord
        assert int(pitch) in result.key or int(pitch) % 12 in chord.pitch_classes


@st.composite
def rewrites(draw: st.DrawFn) -> Request:
    """A wish for a gap inside a whole band's song, of which some notes are locked."""
    prompt, seed = draw(st.sampled_from(PROMPTS)), draw(st.integers(0, 5))
    song = _band(prompt, seed)
    tracks = [track.id for track in song.sources]
    for track in song.sources:
        for clip in track.clips:
            if isinstance(clip, NoteClip):
                every = draw(st.integers(2, 9))
                locked = clip.notes.with_columns(locked=clip.notes.id % every == 0)
                song = song.with_clip(replace(clip, notes=locked))
    chosen = tuple(draw(st.lists(st.sampled_from(tracks), unique=True, min_size=1)))
    start = draw(st.sampled_from((0, 480, 3840, 5000, 7680)))
    gap = Gap(chosen, start, start + draw(st.sampled_from((240, 960, 3840, 9000, 15360, 23040))))
    task = draw(st.sampled_from((Task.REWRITE, Task.EXTEND, Task.ADD_PART)))
    words = draw(st.sampled_from(PROMPTS))
    return Request(task, gap, "sketch", "1", draw(st.integers(0, 9)), song, words)


@cache
def _band(prompt: str, seed: int) -> Project:
    return song_of(prompt, seed, 6)


@settings(max_examples=60)
@given(rewrites())
def test_a_rewritten_band_keeps_its_locks_its_limits_and_its_key(request: Request) -> None:
    result = write(request)
    if result is None:
        return
    for part in result.parts:
        _check_limits(part, request.gap)
        _check_no_doubles(part, request)
        if not part.drums:
            _check_key(part, result)
    again = write(request)
    assert again is not None
    assert [part.notes for part in again.parts] == [part.notes for part in result.parts]


@settings(max_examples=40)
@given(requests())
def test_placing_a_take_leaves_everything_outside_the_gap_as_it_was(request: Request) -> None:
    result = write(request)
    if result is None:
        return
    song = request.song
    place = PlaceTake(take_id(request), request.gap, result.parts, request.gap.contents(song))
    placed = place.apply(song)
    for track in song.tracks:
        for clip in track.clips:
            if not isinstance(clip, NoteClip):
                continue
            found = placed.clip(clip.id)
            assert isinstance(found, NoteClip)
            kept = clip.notes.where(~request.gap.holds(clip))
            same = np.isin(kept.id, found.notes.id)
            assert same.all()


@settings(max_examples=30)
@given(
    st.integers(1, 13), st.sampled_from((2, 4, 8, 16)), st.sampled_from(PROMPTS), st.integers(0, 99)
)
def test_every_meter_is_filled_bar_by_bar(beats: int, unit: int, prompt: str, seed: int) -> None:
    bar = beats * 3840 // unit
    gap = Gap((), 0, bar * 6)
    song = _in_meter(beats, unit)
    request = Request(Task.COMPOSE, gap, "sketch", "1", seed, song, prompt)
    result = Sketch().generate(request, Silent())
    assert result.tempo is not None
    meter = result.tempo.meter_at(0)
    if prompt != "waltz":
        assert (meter.beats, meter.unit) == (beats, unit)
    for start in range(0, result.chords[-1].end, meter.ticks_per_bar):
        assert _any_onset(result.parts, start, start + meter.ticks_per_bar)


def _in_meter(beats: int, unit: int) -> Project:
    return replace(new_song(), tempo=TempoMap.constant(120.0, beats, unit))


def _any_onset(parts: Sequence[Part], start: int, end: int) -> bool:
    return any(part.notes.starting_in(start, end).any() for part in parts)
