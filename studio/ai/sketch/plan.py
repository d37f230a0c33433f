"""The plan of a gap, made before a note is written: bars, chords, form, parts, dials."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from studio.ai.reading import read
from studio.ai.requests import Request, Task
from studio.ai.sketch.form import Place, energy_of, places, sections
from studio.ai.sketch.lane import Lane, Loop, find_loop, is_close
from studio.ai.sketch.listen import (
    Heard,
    instrument_tracks,
    key_of,
    notes_on,
    style_heard,
    style_named,
)
from studio.ai.sketch.score import Bar, pick, stream
from studio.ai.sketch.styles import MOODS, STYLE_OF_MOOD, STYLES, Mood, Style
from studio.ai.words import Understood
from studio.domain.project import ChordSpan
from studio.domain.tempo import MeterChange, TempoMap
from studio.domain.theory import Key


@dataclass(frozen=True, slots=True)
class Dials:
    """What words, moods and controls settle together, 0-1; swing and `late` as in `Style`."""

    density: float
    surprise: float
    energy: float
    swing: float
    swing16: float
    late: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides the music but the parts.

    Attributes:
        known: Bars whose chords stood in the song (or were asked for), by start tick.
        loop: For a continuation, the bars it is modelled on.
        echo: How often a bar takes up its model's rhythm and notes, 0-1.
        guessed: Whether nobody named the style: it is what the song is most like.
    """

    request: Request
    words: Understood
    style_name: str
    style: Style
    key: Key
    tempo: TempoMap
    bars: tuple[Bar, ...]
    dials: Dials
    seed: int
    shaped: bool
    known: frozenset[int] = frozenset()
    loop: Loop | None = None
    echo: float = 0.0
    heard: tuple[Heard, ...] = field(default=(), repr=False)
    guessed: bool = False

    @property
    def bpm(self) -> float:
        return self.tempo.tempo_at(self.bars[0].start)


def plan(request: Request) -> Plan:
    """Decide form, key, tempo and chords for a request's gap."""
    words = read(request)
    seed = seed_of(request)
    name = style_of(words, request)
    style = STYLES[name]
    heard = heard_around(request)
    key = _key(request, words, style, heard, seed)
    shaped = request.song.end == 0
    tempo = _tempo(request, words, style, seed) if shaped else request.song.tempo
    bars = _bars(request, words, tempo, shaped)
    dials = _dials(request, words, style, tempo.tempo_at(bars[0][0]))
    laid = _places(request, words, style, len(bars))
    loop = find_loop(request, tempo, heard) if _continues(request, words) else None
    lane = Lane(request, style, name, key, dials.surprise, seed, heard, loop)
    known, chords = lane.chords(bars, laid, tempo)
    planned = tuple(
        replace(
            _bar(start, meter, spans, key, place, dials.energy),
            locked=request.controls.keep_to_chords,
        )
        for (start, meter), spans, place in zip(bars, chords, laid, strict=True)
    )
    if len(planned) > 1 and _ends_song(request, planned[-1], heard):
        planned = (*planned[:-1], replace(planned[-1], final=True))
    return Plan(
        request,
        words,
        name,
        style,
        key,
        tempo,
        planned,
        dials,
        seed,
        shaped,
        known,
        loop,
        _echo(request, words) if loop else 0.0,
        tuple(heard),
        bool(heard) and _is_guessed(request, words),
    )


def seed_of(request: Request) -> int:
    """From the seed, the task, the place and the words: not from the dials, so that a dial varies
    what is there instead of drawing anew."""
    said = "|".join(
        (
            str(request.task),
            str(request.gap.start),
            str(request.gap.end),
            request.prompt.strip().lower(),
            request.negative.strip().lower(),
        )
    )
    digest = hashlib.sha256(f"{request.seed}|{said}".encode()).digest()
    return int.from_bytes(digest[:8], "little")


def style_of(words: Understood, request: Request) -> str:
    """The style named; else the one the song has; else one that suits the mood."""
    if words.style:
        return words.style
    heard = style_heard(request.song, request.gap)
    if heard:
        return heard
    if not words.moods and request.song.end and not _drums_wanted(request, words):
        return "ballad" if request.song.tempo.tempo_at(request.gap.start) < 90 else "folk"
    allowed = [mood for mood in words.moods if mood in STYLE_OF_MOOD]
    chosen = STYLE_OF_MOOD[allowed[0]] if allowed else "pop"
    return chosen if chosen not in words.avoided else "folk" if chosen == "pop" else "pop"


def _is_guessed(request: Request, words: Understood) -> bool:
    goes_on = request.task in (Task.EXTEND, Task.REWRITE, Task.ADD_PART)
    return goes_on and not words.style and not style_named(request.song)


def _drums_wanted(request: Request, words: Understood) -> bool:
    """Whether the gap may have drums, in a song that has none."""
    named = {*words.instruments, *request.controls.instruments}
    return bool(named & {"drums", "brushes"}) or request.task is Task.COMPOSE


def heard_around(request: Request) -> list[Heard]:
    """All pitched notes of the song that the gap leaves; where it names notes, these too: what is
    revised note by note still tells its key and its chords."""
    found: list[Heard] = []
    for track in instrument_tracks(request.song):
        if not track.is_drums and track.role != "drums":
            found += [
                note for note in notes_on(track, request.gap) if note.kept or request.gap.notes
            ]
    return sorted(found)


def mood_of(words: Understood, closeness: float) -> Mood:
    """The moods named, averaged; those refused, turned round at half strength.

    The more closely the words are to be followed, the stronger; at 0.7 as they stand in `MOODS`.
    """
    named = [MOODS[mood] for mood in words.moods if mood in MOODS]
    refused = [MOODS[mood] for mood in words.avoided if mood in MOODS]
    sums = np.zeros(4)
    for mood in named:
        sums += np.array([mood.major, mood.pace - 1.0, mood.energy, mood.density]) / len(named)
    for mood in refused:
        sums -= (
            0.5 * np.array([mood.major, mood.pace - 1.0, mood.energy, mood.density]) / len(refused)
        )
    sums *= min(closeness / 0.7, 1.4)
    return Mood(float(sums[0]), 1.0 + float(sums[1]), float(sums[2]), float(sums[3]))


_ENDINGS = ("outro", "ending", "coda", "schluss", "finale")


def _ends_song(request: Request, last: Bar, heard: Sequence[Heard]) -> bool:
    """Whether the gap's last bar is where everything comes to rest."""
    if request.task is Task.EXTEND:
        return any(word in request.prompt.lower() for word in _ENDINGS)
    if request.task is Task.COMPOSE:
        return True
    return last.end >= request.song.end and is_close(heard, last.start, last.end)


def _continues(request: Request, words: Understood) -> bool:
    """Whether the gap goes on in the manner of what is there, as no style was asked for."""
    return request.task in (Task.EXTEND, Task.REWRITE) and not words.styles


def _echo(request: Request, words: Understood) -> float:
    """An extension goes on much as before; a rewrite is asked for because it should differ.

    Words or dials that want another density or feel leave the model aside.
    """
    wanted = words.density is not None or words.feel or request.controls.density != 0.5
    if wanted or (request.task is Task.REWRITE and words.moods):
        return 0.0
    usual = 0.5 if request.task is Task.REWRITE else 1.0
    return usual * (1.0 - 0.5 * request.controls.surprise)


# --- key, tempo, bars -------------------------------------------------------------------------


def _key(
    request: Request, words: Understood, style: Style, heard: Sequence[Heard], seed: int
) -> Key:
    song, controls = request.song, request.controls
    stated = (
        (controls.key, words.key, song.key)
        if song.end == 0
        else (song.key, controls.key, words.key)
    )
    found = next((key for key in stated if key is not None), None)
    if found is not None:
        return found
    rng = stream(seed, "key")
    major = mood_of(words, request.controls.closeness).major
    minor = (
        style.minor
        if not major
        else style.minor * (1 - max(major, 0)) + max(-major, 0) * (1 - style.minor)
    )
    mode = words.mode or ("minor" if rng.random() < minor else "major")
    sounding = key_of(heard) or key_of(_spelt(request.controls.chords or song.chords))
    if sounding is not None:
        return Key(sounding.tonic, words.mode) if words.mode else sounding
    return Key(pick(rng, style.tonics), mode)


def _spelt(chords: Sequence[ChordSpan]) -> list[Heard]:
    """Chords as notes, their roots below: what tells a key where nothing else does."""
    found = []
    for span in chords:
        pitches = [36 + span.chord.root, *(60 + tone for tone in span.chord.pitch_classes)]
        found += [Heard(span.start, span.end, pitch, 90, True) for pitch in pitches]
    return sorted(found)


def _tempo(request: Request, words: Understood, style: Style, seed: int) -> TempoMap:
    low, high = style.bpm
    middle = low + (high - low) * stream(seed, "tempo").random()
    pace = (words.pace or 1.0) * mood_of(words, request.controls.closeness).pace
    lasting = words.bpm_over(request.gap.length) if request.task is Task.COMPOSE else None
    bpm = request.controls.bpm or words.bpm or lasting or round(middle * pace)
    beats, unit = _meter(request, words, style)
    return TempoMap.constant(float(np.clip(bpm, 20.0, 400.0)), beats, unit)


def _meter(request: Request, words: Understood, style: Style) -> tuple[int, int]:
    song = request.song.tempo.meters[0]
    stated = request.controls.meter or words.meter
    if stated:
        return stated
    return (song.beats, song.unit) if (song.beats, song.unit) != (4, 4) else style.meter


def _bars(
    request: Request, words: Understood, tempo: TempoMap, shaped: bool
) -> list[tuple[int, MeterChange]]:
    """Start and meter of every bar that touches the gap; at most as many as were asked for."""
    gap = request.gap
    first = tempo.bar_start(tempo.bar_at(gap.start))
    starts = [first, *tempo.bar_starts(first + 1, gap.end)]
    found = [(start, tempo.meter_at(start)) for start in starts]
    if shaped and request.task is Task.COMPOSE:
        whole = [bar for bar in found if bar[0] + bar[1].ticks_per_bar <= gap.end] or found[:1]
        stated = request.controls.meter or words.meter  # then the gap was measured in such bars
        meter = found[0][1] if stated else request.song.tempo.meter_at(gap.start)
        asked = gap.length // meter.ticks_per_bar
        found = whole[: words.bars or max(asked, 1)] if len(whole) > 1 else whole
    return found


def _dials(request: Request, words: Understood, style: Style, bpm: float) -> Dials:
    """Controls over words over the style; fast music swings less (Friberg & Sundström 2002)."""
    mood, controls = mood_of(words, request.controls.closeness), request.controls
    density = controls.density
    if density == 0.5:
        density = (words.density if words.density is not None else 0.5) + mood.density
    swing, swing16, late = style.swing, style.swing16, style.late
    slower = float(np.clip((320.0 - bpm) / 180.0, 0.0, 1.0))
    if words.feel == "swing":
        swing, swing16 = (0.8, 0.0) if not style.swing16 else (0.0, 0.7)
    elif words.feel == "straight":
        swing, swing16, late = 0.0, 0.0, 0
    elif words.feel == "laid back":
        late = 22
    return Dials(
        float(np.clip(density, 0.05, 1.0)),
        controls.surprise,
        mood.energy,
        swing * slower,
        swing16,
        late,
    )


def _places(request: Request, words: Understood, style: Style, bars: int) -> list[Place]:
    if words.form:
        return places(sections(bars, style.form, words.form))
    if request.task in (Task.REWRITE, Task.EXTEND) and bars < 16:
        return places(sections(bars, "classical" if bars < 8 else style.form))
    return places(sections(bars, style.form))


def _bar(
    start: int,
    meter: MeterChange,
    spans: tuple[ChordSpan, ...],
    key: Key,
    place: Place,
    lift: float,
) -> Bar:
    section = place.section
    return Bar(
        start, meter, spans, key, section.name, section.letter, section.turn, place.bar,
        section.bars, place.phrase, place.in_phrase, place.phrase_bars, energy_of(section, lift),
    )  # fmt: skip
