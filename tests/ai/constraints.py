"""What no model may break, whatever it is asked: `violations` for one request and its result.

`python -m tests.ai.constraints --requests 5000 --model sketch` asks for thousands of random things
and prints what was broken; it ends with status 1 where anything was.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from studio.ai import registry, wishes
from studio.ai.catalogue import Model
from studio.ai.requests import Request, Result, Task, take_id
from studio.ai.sketch.instruments import INSTRUMENTS, ROLES
from studio.ai.sketch.listen import standing_on
from studio.ai.words import understand
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Part, gathered, named
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Project
from studio.domain.theory import Chord

BREATHS = frozenset((*range(56, 61), *range(64, 80)))  # programs that sound one note at a time
_LINES = ("melody", "counter", "bass")
_SHORTENS = frozenset((Task.HUMANISE, Task.ARRANGE))  # tasks whose pitches are not the model's own


def violations(request: Request, result: Result) -> list[str]:
    """What a result breaks of what its request, or good sense, demands; empty where nothing."""
    found = list(_of_whole(request, result))
    for index, part in enumerate(result.parts):
        name = part.name or part.role or str(part.track)
        for check in _CHECKS:
            found += [f"part {index} ({name}): {said}" for said in check(request, result, part)]
    return found


# -- the whole ---------------------------------------------------------------------------------
def _of_whole(request: Request, result: Result) -> Iterator[str]:
    gap = request.gap
    if result.written_until != gap.end:
        yield f"written until {result.written_until}, not {gap.end}"
    yield from _shape(request, result)
    for one, following in pairwise(result.chords):
        if one.end > following.start:
            yield f"chords overlap at {following.start}"
    if any(span.start < gap.start or span.end > gap.end for span in result.chords):
        yield "a chord lies outside the gap"
    yield from _given_chords(request, result)
    if request.task is Task.HUMANISE:
        yield from _same_notes(request, result)


def _shape(request: Request, result: Result) -> Iterator[str]:
    """Tempo and meter are the song's, or in an empty song what was asked for."""
    tempo, controls = result.tempo, request.controls
    if request.song.end:
        if tempo is not None:
            yield "a tempo for a song that has one"
        tempo = request.song.tempo
    elif tempo is not None:
        words = understand(request.prompt, request.negative)
        meter = tempo.meter_at(0)
        wanted = controls.meter or words.meter
        if wanted is not None and (meter.beats, meter.unit) != wanted:
            yield f"meter {meter.beats}/{meter.unit}, not {wanted}"
        bpm = controls.bpm or words.bpm
        if bpm is not None and abs(tempo.tempo_at(0) - bpm) > 0.01:
            yield f"{tempo.tempo_at(0)} bpm, not {bpm}"
    for tick, _ in result.sections:
        if tempo is not None and tempo.next_bar(tick) != tick:
            yield f"a section begins within a bar, at {tick}"


def _given_chords(request: Request, result: Result) -> Iterator[str]:
    if request.task in _SHORTENS or not result.chords:
        return
    for span in request.controls.chords:
        tick = max(span.start, request.gap.start)
        if tick < min(span.end, result.chords[-1].end):
            there = chord_at(result.chords, tick)
            if there != span.chord:
                yield f"chord at {tick} is {there and there.name()}, not {span.chord.name()}"


def _same_notes(request: Request, result: Result) -> Iterator[str]:
    """What is humanised keeps every start, length and pitch, and adds and drops nothing."""
    for id in request.gap.tracks:
        there: Counter[tuple[int, int, int]] = Counter()
        for clip in request.song.track(id).clips:
            if isinstance(clip, NoteClip) and not clip.muted:
                there += Counter(_rows(clip.notes.where(request.gap.holds(clip)), clip.shift))
        wrote = Counter(
            row for part in result.parts if part.track == id for row in _rows(part.notes, 0)
        )
        if wrote != there:
            yield f"other notes on {id}: {len(wrote - there)} came, {len(there - wrote)} went"


def _rows(notes: Notes, shift: int) -> list[tuple[int, int, int]]:
    columns = (notes.start + shift, notes.length, notes.pitch)
    return list(zip(*(column.tolist() for column in columns), strict=True))


# -- a part ------------------------------------------------------------------------------------
def _limits(request: Request, result: Result, part: Part) -> Iterator[str]:
    notes, gap = part.notes, request.gap
    if np.any((notes.start < gap.start) | (notes.start >= gap.end)):
        yield "a note begins outside the gap"
    if request.task is not Task.HUMANISE and np.any(notes.end > gap.end):
        yield "a note ends beyond the gap"
    if np.any((notes.pitch < gap.pitch_low) | (notes.pitch > gap.pitch_high)):
        yield "a note lies outside the pitch band"
    if notes.locked.any():
        yield "a note is locked"
    if np.any(notes.start + notes.timing < 0):
        yield "a note is played before the song"


def _tracks(request: Request, result: Result, part: Part) -> Iterator[str]:
    gap, asked = request.gap, request.controls.instruments
    if part.track is None:
        if gap.tracks and request.task is not Task.ADD_PART and not asked:
            yield "a new track, beside those of the gap"
        return
    if gap.tracks and part.track not in gap.tracks:
        yield f"written on {part.track}, which is not the gap's"
    if request.task in (Task.ARRANGE, Task.HARMONISE):
        yield "written on a track that is there"


def _instruments(request: Request, result: Result, part: Part) -> Iterator[str]:
    words = understand(request.prompt, request.negative)
    if part.track is not None:
        return
    asked = request.controls.instruments
    if asked and not any(_is(part, name) for name in asked):
        yield f"nobody asked for {part.name}"
    if asked or request.task is not Task.COMPOSE:
        return
    if any(_is(part, name) for name in words.excluded):
        yield f"{part.name} was refused"
    if words.only and not any(_is(part, name) for name in words.instruments):
        yield f"{part.name} plays, and only others were wanted"


def _is(part: Part, name: str) -> bool:
    if name in ROLES and not part.drums:
        return part.role == name or (name == "bass" and part.program in range(32, 40))
    if name == "drums":
        return part.drums
    instrument = INSTRUMENTS.get(name)
    return instrument is not None and (part.program, part.drums) == (
        instrument.program, instrument.drums,
    )  # fmt: skip


def _doubles(request: Request, result: Result, part: Part) -> Iterator[str]:
    """No key is struck while it sounds: not by the part's own notes, nor beside those that stay."""
    if request.task is Task.HUMANISE:
        return
    there: list[tuple[int, int, int]] = []
    if part.track is not None:
        standing = standing_on(request.song.track(part.track), request.gap)
        there = [(note.pitch, note.start, note.end) for note in standing]
    own = [(pitch, start, start + length) for start, length, pitch in _rows(part.notes, 0)]
    by_key: dict[int, list[tuple[int, int]]] = {}
    for pitch, start, end in own:
        by_key.setdefault(pitch, []).append((start, end))
    for pitch, spans in by_key.items():
        spans.sort()
        if any(a[1] > b[0] for a, b in pairwise(spans)):
            yield f"key {pitch} is struck while it sounds"
        stays = [(start, end) for key, start, end in there if key == pitch]
        if any(a < d and c < b for a, b in spans for c, d in stays):
            yield f"key {pitch} is struck beside a note that stays"


def _key(request: Request, result: Result, part: Part) -> Iterator[str]:
    key = result.key or request.song.key
    if part.drums or key is None or request.task in _SHORTENS:
        return
    if _on_drums(request, part) or not request.controls.keep_to_scale:
        return
    for start, _, pitch in _rows(part.notes, 0):
        chord = chord_at(result.chords, start)
        if pitch not in key and (chord is None or pitch % 12 not in chord.pitch_classes):
            yield f"{pitch} at {start} is neither in {key.name} nor in its chord"


def _chord_lock(request: Request, result: Result, part: Part) -> Iterator[str]:
    locked = request.controls.keep_to_chords and request.task not in _SHORTENS
    if part.drums or _on_drums(request, part) or not locked:
        return
    for start, length, pitch in _rows(part.notes, 0):
        for span in result.chords:
            sounds = span.start < start + length and span.end > start
            if sounds and pitch % 12 not in span.chord.pitch_classes:
                yield f"{pitch} at {start} sounds over {span.chord.name()}"


def _on_drums(request: Request, part: Part) -> bool:
    track = request.song.find_track(part.track) if part.track is not None else None
    return track is not None and (track.is_drums or part.role == "drums" or track.role == "drums")


def _range(request: Request, result: Result, part: Part) -> Iterator[str]:
    """A new part lies where its instrument plays, unless the gap's band leaves no room there."""
    gap = request.gap
    if part.track is not None or part.drums or (gap.pitch_low, gap.pitch_high) != (0, 127):
        return
    kin = [i for i in INSTRUMENTS.values() if i.program == part.program and not i.drums]
    if not kin or not len(part.notes):
        return
    low, high = min(i.low for i in kin), max(i.high for i in kin)
    if part.role == "bass":
        low, high = min(low, 40), max(high, 52)
    if part.notes.pitch.min() < low or part.notes.pitch.max() > high:
        yield f"{part.notes.pitch.min()}-{part.notes.pitch.max()} is not within {low}-{high}"


def _monophony(request: Request, result: Result, part: Part) -> Iterator[str]:
    """Winds that play a line, and basses, sound one note at a time."""
    if request.task is Task.HUMANISE or part.drums or part.track is not None:
        return
    if part.role != "bass" and not (part.program in BREATHS and part.role in _LINES):
        return
    spans = sorted((start, start + length) for start, length, _ in _rows(part.notes, 0))
    if any(a[1] > b[0] for a, b in pairwise(spans)):
        yield "two notes sound at once in a part that has one voice"


def _arranged(request: Request, result: Result, part: Part) -> Iterator[str]:
    """An arrangement says nothing that the part did not."""
    if request.task is Task.ARRANGE:
        source = gathered(request.song, request.controls.source)
        said = {(start, pitch % 12) for start, _, pitch in _rows(source, 0)}
        for start, _, pitch in _rows(part.notes, 0):
            if (start, pitch % 12) not in said:
                yield f"{pitch} at {start} is not in what was arranged"


_CHECKS: tuple[Callable[[Request, Result, Part], Iterator[str]], ...] = (
    _limits, _tracks, _instruments, _doubles, _key, _chord_lock, _range, _monophony, _arranged,
)  # fmt: skip


def chord_at(chords: tuple[ChordSpan, ...], tick: int) -> Chord | None:
    return next((span.chord for span in chords if span.start <= tick < span.end), None)


# -- placed ------------------------------------------------------------------------------------
def placed(request: Request, result: Result) -> Project:
    """The request's song with the result in it, as window and command line place it."""
    return wishes.placement(take_id(request), request, result, force=False).apply(request.song)


def changes_outside(request: Request, after: Project) -> list[str]:
    """What placing a result changed that was not the gap's; empty where nothing."""
    found = []
    muted = request.controls.source if request.task is Task.ARRANGE else ()
    for track, clip in request.song.clips():
        there = after.find_clip(clip.id)
        if there is None or there[0].id != track.id:
            found.append(f"clip {clip.id} is gone")
        elif not isinstance(clip, NoteClip) or not isinstance(there[1], NoteClip):
            found += [] if there[1] == clip else [f"clip {clip.id} is another one"]
        else:
            held = request.gap.holds(clip) & (track.id in request.gap.tracks)
            kept = clip.notes.where(~held)
            silent = named(replace(clip, notes=kept), muted) & ~kept.locked
            kept = kept.with_columns(silent, muted=True)
            now = there[1].notes.where(there[1].notes.mask_of(kept.id.tolist()))
            if now != kept:
                found.append(f"a note of {clip.id} that the gap leaves is another one")
    for track in request.song.tracks:
        after_track = after.find_track(track.id)
        if after_track is None or replace(after_track, clips=track.clips) != track:
            found.append(f"track {track.id} is another one")
    return found


# -- thousands ---------------------------------------------------------------------------------
class Quiet:
    """A context that lets everything pass."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


def loaded(id: str) -> Model:
    model = registry.load(registry.card(id))
    model.load("cpu")
    return model


def broken(model: Model, request: Request) -> list[str]:
    """What a model breaks by one request: its rules, what the gap leaves, or its promises."""
    try:
        result = model.generate(request, Quiet())
    except StudioError as error:
        return [] if "no room" in error.message else [f"refused: {error}"]
    found = violations(request, result)
    return found + (changes_outside(request, placed(request, result)) if not found else [])


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main() -> int:
    from tests.ai.random_requests import random_request

    parser = argparse.ArgumentParser(description="Ask for random things and print what breaks.")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first request")
    parser.add_argument("--model", default="sketch")
    options = parser.parse_args()
    model, card = loaded(options.model), registry.card(options.model)
    started, asked, bad = time.monotonic(), Counter[str](), 0
    for seed in range(options.first, options.first + options.requests):
        kind, request = random_request(seed, card)
        if request is None:
            asked["nothing to ask"] += 1
            continue
        asked[kind] += 1
        found = broken(model, request)
        bad += bool(found)
        for said in found[:3]:
            say(f"seed {seed} ({kind}, “{request.prompt}”): {said}")
    say(f"{options.requests} requests in {time.monotonic() - started:.0f} s; {bad} broken")
    say(", ".join(f"{kind} {count}" for kind, count in sorted(asked.items())))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
