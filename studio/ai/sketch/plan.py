"""The plan of a gap, made before a note is written: bars, chords, form, parts, dials."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from studio.ai.requests import Request, Task
from studio.ai.sketch import harmony
from studio.ai.sketch.form import ENERGY, Place, places, sections
from studio.ai.sketch.listen import (
    Heard,
    chords_over,
    instrument_tracks,
    key_of,
    notes_on,
    style_heard,
)
from studio.ai.sketch.score import Bar, pick, pulses, stream
from studio.ai.sketch.styles import MOODS, STYLE_OF_MOOD, STYLES, Mood, Style
from studio.ai.words import Understood, understand
from studio.domain.project import ChordSpan
from studio.domain.tempo import MeterChange, TempoMap
from studio.domain.theory import Chord, Key


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
        loop: For a continuation: how many bars back each bar finds its model, 0 for none.
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
    loop: int = 0
    heard: tuple[Heard, ...] = field(default=(), repr=False)

    @property
    def bpm(self) -> float:
        return self.tempo.tempo_at(self.bars[0].start)


def plan(request: Request) -> Plan:
    """Decide form, key, tempo and chords for a request's gap."""
    words = understand(request.prompt, request.negative)
    seed = seed_of(request)
    name = style_of(words, request)
    style = STYLES[name]
    heard = heard_around(request)
    key = _key(request, words, style, heard, seed)
    shaped = request.song.end == 0
    tempo = _tempo(request, words, style, seed) if shaped else request.song.tempo
    bars = _bars(request, words, tempo, shaped)
    dials = _dials(request, words, style)
    laid = _places(request, words, style, len(bars))
    drawn = _Harmony(request, style, name, key, dials, seed, heard)
    loop = drawn.loop_length(tempo) if _continues(request, words) else 0
    known, chords = drawn.chords(bars, laid, loop, tempo)
    planned = tuple(
        _bar(start, meter, spans, key, place, dials.energy)
        for (start, meter), spans, place in zip(bars, chords, laid, strict=True)
    )
    if _ends_song(request):
        planned = (*planned[:-1], replace(planned[-1], final=True)) if len(planned) > 1 else planned
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
        tuple(heard),
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
    allowed = [mood for mood in words.moods if mood in STYLE_OF_MOOD]
    chosen = STYLE_OF_MOOD[allowed[0]] if allowed else "pop"
    return chosen if chosen not in words.avoided else "folk" if chosen == "pop" else "pop"


def heard_around(request: Request) -> list[Heard]:
    """All pitched notes of the song that the gap leaves."""
    found: list[Heard] = []
    for track in instrument_tracks(request.song):
        if not track.is_drums and track.role != "drums":
            found += [note for note in notes_on(track, request.gap) if note.kept]
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


def _ends_song(request: Request) -> bool:
    words = request.prompt.lower()
    return request.task is Task.COMPOSE or (
        request.task is Task.EXTEND
        and any(word in words for word in ("outro", "ending", "coda", "schluss", "finale"))
    )


def _continues(request: Request, words: Understood) -> bool:
    """Whether the gap goes on in the manner of what is there, as no style was asked for."""
    return request.task in (Task.EXTEND, Task.REWRITE) and not words.styles


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
    sounding = key_of(heard)
    if sounding is not None:
        return Key(sounding.tonic, words.mode) if words.mode else sounding
    return Key(pick(rng, style.tonics), mode)


def _tempo(request: Request, words: Understood, style: Style, seed: int) -> TempoMap:
    low, high = style.bpm
    middle = low + (high - low) * stream(seed, "tempo").random()
    pace = (words.pace or 1.0) * mood_of(words, request.controls.closeness).pace
    bpm = request.controls.bpm or words.bpm or round(middle * pace)
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


def _dials(request: Request, words: Understood, style: Style) -> Dials:
    mood, controls = mood_of(words, request.controls.closeness), request.controls
    density = controls.density
    if density == 0.5:
        density = (words.density if words.density is not None else 0.5) + mood.density
    swing, swing16, late = style.swing, style.swing16, style.late
    if words.feel == "swing":
        swing, swing16 = (0.8, 0.0) if not style.swing16 else (0.0, 0.7)
    elif words.feel == "straight":
        swing, swing16, late = 0.0, 0.0, 0
    elif words.feel == "laid back":
        late = 22
    return Dials(
        float(np.clip(density, 0.05, 1.0)), controls.surprise, mood.energy, swing, swing16, late
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
    energy = float(
        np.clip(ENERGY.get(section.name, 0.6) + lift + 0.04 * min(section.turn, 2), 0.15, 1.0)
    )
    return Bar(
        start, meter, spans, key, section.name, section.letter, section.turn, place.bar,
        section.bars, place.phrase, place.in_phrase, place.phrase_bars, energy,
    )  # fmt: skip


# --- chords -----------------------------------------------------------------------------------


def chords_there(
    request: Request, heard: Sequence[Heard], key: Key, start: int, meter: MeterChange
) -> tuple[ChordSpan, ...]:
    """The chords that a bar has already: asked for, in the chord lane, or heard in its notes."""
    end = start + meter.ticks_per_bar
    for lane in (request.controls.chords, request.song.chords):
        spans = _covering(lane, start, end)
        if spans:
            return spans
    inside = [note for note in heard if note.start < end and note.end > start]
    beats = pulses(meter.beats, meter.unit)
    middle = next((p.at for p in beats if p.at * 2 >= meter.ticks_per_bar), 0)
    return chords_over(inside, start, end, start + middle, key)


@dataclass(frozen=True)
class _Harmony:
    """Chords for the bars of a gap: given ones, heard ones, continued ones, invented ones."""

    request: Request
    style: Style
    style_name: str
    key: Key
    dials: Dials
    seed: int
    heard: Sequence[Heard]

    def chords(
        self,
        bars: Sequence[tuple[int, MeterChange]],
        laid: Sequence[Place],
        loop: int,
        tempo: TempoMap,
    ) -> tuple[frozenset[int], list[tuple[ChordSpan, ...]]]:
        """Chords of each bar, and the starts of bars where they were there already."""
        given = [self.given(start, meter) for start, meter in bars]
        known = frozenset(start for (start, _), spans in zip(bars, given, strict=True) if spans)
        invented = self._invented(bars, laid, loop, tempo)
        self._meet(bars, given, invented)
        found = []
        for (start, meter), there, new in zip(bars, given, invented, strict=True):
            beats = pulses(meter.beats, meter.unit)
            found.append(there or harmony.spread(new, start, beats))
        return known, found

    def given(self, start: int, meter: MeterChange) -> tuple[ChordSpan, ...]:
        return chords_there(self.request, self.heard, self.key, start, meter)

    def loop_length(self, tempo: TempoMap) -> int:
        """How many bars before (or after) the gap are a model for it: eight, four, two or one."""
        step = -1 if self.request.gap.start > 0 else 1
        edge = (
            tempo.bar_at(self.request.gap.start)
            if step < 0
            else tempo.bar_at(self.request.gap.end - 1)
        )
        there = 0
        for count in range(1, 9):
            bar = edge + step * count
            if bar < 1:
                break
            start = tempo.bar_start(bar)
            end = start + tempo.meter_at(start).ticks_per_bar
            if not any(note.start < end and note.end > start for note in self.heard):
                break
            there = count
        return max((length for length in (8, 4, 2, 1) if length <= there), default=0)

    def _invented(
        self,
        bars: Sequence[tuple[int, MeterChange]],
        laid: Sequence[Place],
        loop: int,
        tempo: TempoMap,
    ) -> list[tuple[Chord, ...]]:
        written: list[tuple[Chord, ...]] = []
        for index, place in enumerate(laid):
            section = place.section
            bank = self._material(section.letter)
            if section.turn and self.dials.surprise > 0.5 and not loop:
                bank = harmony.vary(
                    bank, self.key, self.dials.surprise, stream(self.seed, "vary", section)
                )
            chords = bank[place.bar % len(bank)]
            model = (
                self._model(bars[index][0], loop, tempo)
                if loop and self.dials.surprise <= 0.75
                else ()
            )
            written.append(model or chords)
        return self._closed(written, laid, loop)

    def _material(self, letter: str) -> Sequence[tuple[Chord, ...]]:
        bank: Sequence[tuple[Chord, ...]] = harmony.material(
            self.style_name, self.key, letter, stream(self.seed, "chords", letter)
        )
        if letter == "P":
            bank = harmony.parse("iv iv V V" if self.key.is_minor else "ii IV V V", self.key.tonic)
        if self.dials.surprise > 0.25:
            bank = harmony.vary(
                bank, self.key, self.dials.surprise * 0.7, stream(self.seed, "colour", letter)
            )
        return tuple(bank)

    def _model(self, start: int, loop: int, tempo: TempoMap) -> tuple[Chord, ...]:
        """The chords of the bar that a continued bar is modelled on."""
        bar = model_bar(self.request, tempo, start, loop)
        at = tempo.bar_start(bar)
        return tuple(span.chord for span in self.given(at, tempo.meter_at(at)))

    def _closed(
        self, written: list[tuple[Chord, ...]], laid: Sequence[Place], loop: int
    ) -> list[tuple[Chord, ...]]:
        """Open ends for inner phrases where the style knows them, a cadence for the last."""
        kind = self.style.cadence
        looping = self.style.form in ("loop", "blues") or bool(loop)
        for index, place in enumerate(laid[:-1]):
            last_of_phrase = place.in_phrase == place.phrase_bars - 1
            if (
                last_of_phrase
                and not looping
                and place.bar < place.section.bars - 1
                and place.phrase_bars >= 4
            ):
                half = harmony.half_cadence(kind, self.key)
                if half and stream(self.seed, "half", place.section.letter).random() < 0.6:
                    written[index] = half
        if self.request.task in (Task.COMPOSE, Task.EXTEND) and len(written) > 1:
            close = harmony.cadence(kind, self.key, stream(self.seed, "cadence"))
            if self.request.task is Task.EXTEND and self.request.gap.start == 0:
                close = (
                    close[0],
                    (harmony.chord_of("V5" if kind == "power" else "V", self.key.tonic),),
                )
            written[-2:] = list(close)
        elif self.request.task is Task.COMPOSE:
            written[-1] = harmony.cadence(kind, self.key, stream(self.seed, "cadence"))[-1]
        return written

    def _meet(
        self,
        bars: Sequence[tuple[int, MeterChange]],
        given: Sequence[tuple[ChordSpan, ...]],
        invented: list[tuple[Chord, ...]],
    ) -> None:
        """Invented chords lead to standing ones by their dominant, if the key has it."""
        if self.request.task is not Task.REWRITE:
            return
        edge = bars[-1][0] + bars[-1][1].ticks_per_bar
        beyond = self.given(edge, self.request.song.tempo.meter_at(edge))
        for index, spans in enumerate(given):
            following = given[index + 1] if index + 1 < len(given) else beyond
            if spans or not following or index == 0:
                continue
            target = following[0].chord
            fifth = (target.root + 7) % 12
            triads = [Chord(fifth, quality) for quality in ("", "m")]
            fitting = [
                chord for chord in triads if chord.pitch_classes <= set(self.key.pitch_classes)
            ]
            if invented[index][-1].root == target.root and fitting:
                invented[index] = (fitting[0],)


def model_bar(request: Request, tempo: TempoMap, start: int, loop: int) -> int:
    """The number of the bar before the gap (or after it) that the bar at `start` is modelled on."""
    bar = tempo.bar_at(start)
    if request.gap.start > 0:
        first = tempo.bar_at(request.gap.start)
        return first - loop + (bar - first) % loop
    return tempo.bar_at(request.gap.end - 1) + 1 + (bar - 1) % loop


def _covering(lane: Sequence[ChordSpan], start: int, end: int) -> tuple[ChordSpan, ...]:
    """The lane's chords over [start, end), stretched over its holes; empty where it has none."""
    inside = sorted((s for s in lane if s.start < end and s.end > start), key=lambda s: s.start)
    if not inside:
        return ()
    heads = [start, *(span.start for span in inside[1:]), end]
    return tuple(
        ChordSpan(heads[i], heads[i + 1] - heads[i], span.chord)
        for i, span in enumerate(inside)
        if heads[i] < heads[i + 1]
    )
