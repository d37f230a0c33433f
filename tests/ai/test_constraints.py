"""No request breaks a limit, a lock or a promise; and what checks this would see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from studio.ai import registry, wishes
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.wishes import Wish
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord
from tests.ai.constraints import Quiet, broken, changes_outside, loaded, placed, violations
from tests.ai.random_requests import KINDS, random_request
from tests.ai.sketch_report import song_of

BAR = 3840
SKETCH = registry.card("sketch")
EACH = 12  # requests of each kind here; `python -m tests.ai.constraints` asks for thousands


@pytest.mark.parametrize("block", range(len(KINDS)))
def test_sketch_breaks_nothing_whatever_it_is_asked(block: int) -> None:
    model = loaded("sketch")
    for seed in range(block * EACH, (block + 1) * EACH):
        kind, request = random_request(seed, SKETCH)
        if request is not None:
            assert (seed, kind, broken(model, request)) == (seed, kind, [])


def test_every_kind_of_wish_is_asked_for() -> None:
    asked = {random_request(seed, SKETCH)[0] for seed in range(len(KINDS) * EACH)}
    assert asked == set(KINDS)


# -- what checks would see it ------------------------------------------------------------------
@pytest.fixture(scope="module")
def band() -> Project:
    return song_of("a happy pop song in C", 1, 4)


def add_flute(song: Project, **controls: Any) -> tuple[Request, Result]:
    dials = Controls(instruments=("flute",), **controls)
    request = wishes.add_part(song, SKETCH, Wish(controls=dials), (0, 4 * BAR))
    return request, loaded("sketch").generate(request, Quiet())


def with_part(result: Result, **changes: Any) -> Result:
    return replace(result, parts=(replace(result.parts[0], **changes), *result.parts[1:]))


def notes(**columns: Any) -> Callable[[Notes], Notes]:
    return lambda found: found.with_columns(**columns)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (notes(start=9 * BAR), "outside the gap"),
        (notes(length=9 * BAR), "beyond the gap"),
        (notes(locked=True), "locked"),
        (notes(timing=-9 * BAR), "before the song"),
        (notes(pitch=61), "neither in C major nor in its chord"),
        (notes(pitch=36), "not within"),
        (notes(pitch=72, start=BAR), "struck while it sounds"),
        (notes(length=BAR), "two notes sound at once"),
    ],
)
def test_a_part_that_breaks_something_is_found_out(
    band: Project, change: Callable[[Notes], Notes], said: str
) -> None:
    request, result = add_flute(band)
    assert violations(request, result) == []
    broken_ = with_part(result, notes=change(result.parts[0].notes))
    assert any(said in found for found in violations(request, broken_))


def test_a_pitch_band_and_the_chord_lock_are_looked_at(band: Project) -> None:
    request, result = add_flute(band, keep_to_chords=True)
    assert violations(request, result) == []
    key_notes = np.resize([60, 62, 64, 65, 67, 69, 71], len(result.parts[0].notes))
    free = with_part(result, notes=result.parts[0].notes.with_columns(pitch=key_notes + 12))
    assert any("sounds over" in found for found in violations(request, free))
    narrow = replace(request, gap=replace(request.gap, pitch_low=100))
    assert any("pitch band" in found for found in violations(narrow, result))


def test_wrong_instruments_tracks_and_shapes_are_found_out(band: Project) -> None:
    request, result = add_flute(band)
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"program": 40, "role": "pad"}, "nobody asked"),
        ({"track": band.sources[0].id}, "struck"),
    )
    for change, said in changes:
        wrong = with_part(result, **change)
        wrong = with_part(wrong, notes=first_clip(band).notes) if "track" in change else wrong
        assert any(said in found for found in violations(request, wrong))
    assert violations(request, replace(result, written_until=3))
    assert violations(request, replace(result, tempo=TempoMap.constant(120.0)))
    late = ChordSpan(9 * BAR, BAR, Chord(0))
    assert any("outside" in found for found in violations(request, replace(result, chords=(late,))))
    given = replace(
        request, controls=replace(request.controls, chords=(ChordSpan(0, BAR, Chord(6)),))
    )
    assert any("not F#" in found for found in violations(given, result))


def first_clip(song: Project) -> NoteClip:
    clip = song.sources[0].clips[0]
    assert isinstance(clip, NoteClip)
    return clip


def test_a_humanised_note_that_moved_is_found_out(band: Project) -> None:
    gap = Gap((band.sources[0].id,), 0, 4 * BAR)
    request = wishes.humanise(band, SKETCH, Wish(), gap)
    result = loaded("sketch").generate(request, Quiet())
    assert violations(request, result) == []
    start = result.parts[0].notes.start.copy()
    start[-1] -= 10
    moved = with_part(result, notes=result.parts[0].notes.with_columns(start=start))
    assert any("1 came, 1 went" in found for found in violations(request, moved))


def test_an_arrangement_that_invents_notes_is_found_out(band: Project) -> None:
    clip = first_clip(band)
    source = ((clip.id, tuple(clip.notes.id.tolist())),)
    request = wishes.arrange(band, SKETCH, Wish(), source)
    result = loaded("sketch").generate(request, Quiet())
    assert violations(request, result) == []
    more = result.parts[0].notes.joined(Notes.of(17, 5, 66))
    assert any("not in what" in f for f in violations(request, with_part(result, notes=more)))


def test_changes_that_are_not_the_gaps_are_found_out(band: Project) -> None:
    request, result = add_flute(band)
    after = placed(request, result)
    assert changes_outside(request, after) == []
    clip = first_clip(band)
    softer = replace(clip, notes=clip.notes.with_columns(velocity=3))
    assert changes_outside(request, after.with_clip(softer))
    assert changes_outside(request, after.without_clip(clip.id))
    louder = replace(after.sources[0], volume_db=3.0)
    assert changes_outside(request, after.with_track(louder))


def test_an_empty_song_gets_the_meter_and_the_tempo_that_were_asked_for() -> None:
    request = wishes.compose(new_song(), SKETCH, Wish("a waltz at 90 bpm, no drums", bars=4))
    result = loaded("sketch").generate(request, Quiet())
    assert request.task is Task.COMPOSE
    assert violations(request, result) == []
    assert violations(request, replace(result, tempo=TempoMap.constant(90.0)))
    assert violations(request, replace(result, tempo=TempoMap.constant(91.0, 3, 4)))
    drums = Part(None, Notes.empty(), "Drums", "drums", drums=True)
    assert violations(request, replace(result, parts=(*result.parts, drums)))
