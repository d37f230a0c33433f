"""What holds for every gap in every song: limits, locks, bands, meters, whatever the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai import registry, wishes
from studio.ai.models.sketch import Sketch
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap, NoteSet, Part
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import TrackKind
from studio.edit.takes import new_instrument
from tests import strategies
from tests.ai.constraints import changes_outside, placed, violations
from tests.ai.sketch_report import Silent, song_of

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
CARD = registry.card("sketch")
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
    assert violations(request, result) == []


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
    assert violations(request, result) == []
    again = write(request)
    assert again is not None
    assert [part.notes for part in again.parts] == [part.notes for part in result.parts]


@settings(max_examples=40)
@given(requests())
def test_placing_a_take_leaves_everything_outside_the_gap_as_it_was(request: Request) -> None:
    result = write(request)
    if result is None:
        return
    assert changes_outside(request, placed(request, result)) == []


Wished = Callable[[Project, Wish, Gap, NoteSet], Request]
WISHES: dict[str, Wished] = {
    "rewrite": lambda song, wish, gap, notes: wishes.rewrite(song, CARD, wish, gap),
    "vary": lambda song, wish, gap, notes: wishes.vary(song, CARD, wish, gap),
    "humanise": lambda song, wish, gap, notes: wishes.humanise(song, CARD, wish, gap),
    "go on": lambda song, wish, gap, notes: wishes.go_on(song, CARD, wish, notes),
    "harmonise": lambda song, wish, gap, notes: wishes.harmonise(song, CARD, wish, notes),
    "arrange": lambda song, wish, gap, notes: wishes.arrange(song, CARD, wish, notes),
}


@st.composite
def wishes_about_notes(draw: st.DrawFn) -> Request | None:
    """Any wish about notes that are there, in any song; None where it rightly is refused."""
    kind = draw(st.sampled_from(sorted(WISHES)))
    song = draw(strategies.projects(last_tick=3840 * 12))
    content = draw(strategies.notes(last_tick=3840 * 6).filter(len))
    track = new_instrument(song, "Part", draw(st.integers(0, 127)), drums=draw(st.booleans()))
    song = song.with_new_track(track)
    start, length = draw(strategies.ticks(3840 * 12)), draw(st.integers(1, 3840 * 8))
    clip = NoteClip(song.new_clip_id(), start, length, content, offset=draw(st.integers(0, 3840)))
    song = song.with_clip_on(track.id, clip)
    ids = draw(st.sets(st.sampled_from(content.id.tolist()), min_size=1))
    notes = ((clip.id, tuple(sorted(ids))),)
    gap = Gap((track.id,), start, start + length, notes=notes if draw(st.booleans()) else ())
    controls = Controls(
        surprise=draw(st.sampled_from((0.0, 0.4, 1.0))),
        density=draw(st.sampled_from((0.1, 0.5, 0.95))),
        amount=draw(st.sampled_from((0.2, 0.5, 1.0))),
        keep_to_chords=draw(st.booleans()),
    )
    seed, prompt = draw(st.integers(0, 9)), draw(st.sampled_from(("", "jazz", "waltz", "metal")))
    wish = Wish(prompt, bars=draw(st.integers(1, 4)), seed=seed, controls=controls)
    try:
        return WISHES[kind](song, wish, gap, notes)
    except StudioError as error:
        known = ("no notes", "is locked", "drum part", "nothing to extend")
        if not any(word in error.message for word in known):
            raise
        return None


@settings(max_examples=120)
@given(wishes_about_notes())
def test_notes_of_any_song_can_be_asked_about(request: Request | None) -> None:
    if request is None:
        return
    result = write(request)
    if result is not None:
        assert violations(request, result) == []
        assert changes_outside(request, placed(request, result)) == []


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
