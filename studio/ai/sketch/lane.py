"""The chords of a gap's bars, and the stretch of the song that a continuation is modelled on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.ai.requests import Request, Task
from studio.ai.sketch import harmony
from studio.ai.sketch.form import Place
from studio.ai.sketch.listen import Heard, chords_over
from studio.ai.sketch.score import pulses, stream
from studio.ai.sketch.styles import Style
from studio.domain.project import ChordSpan
from studio.domain.tempo import MeterChange, TempoMap
from studio.domain.theory import Chord, Key


@dataclass(frozen=True, slots=True)
class Loop:
    """Bars that the bars of a gap are modelled on, over and over.

    Attributes:
        gap: Number of the gap's first bar; `first` of the first model bar; `bars` of them.
        close: Number of a bar among them in which the song ended: no model, as nothing moves there.
    """

    gap: int
    first: int
    bars: int
    close: int | None = None

    def model(self, bar: int) -> int:
        """The number of the bar that `bar` of the gap is modelled on."""
        found = self.first + (bar - self.gap) % self.bars
        return found - self.bars // 2 if found == self.close else found


def find_loop(request: Request, tempo: TempoMap, heard: Sequence[Heard]) -> Loop | None:
    """Eight, four, two or one bars before the gap, or after one at the song's start."""
    gap = tempo.bar_at(request.gap.start)
    after = tempo.bar_at(request.gap.end - 1) + 1
    there = 0
    for count in range(1, 9):
        bar = gap - count if request.gap.start > 0 else after + count - 1
        if bar < 1 or not _sounds(heard, tempo, bar):
            break
        there = count
    bars = max((length for length in (8, 4, 2, 1) if length <= there), default=0)
    if not bars:
        return None
    if request.gap.start == 0:
        return Loop(gap, after, bars)
    close = gap - 1 if is_close(heard, *_span(tempo, gap - 1)) else None
    return Loop(gap, gap - bars, bars, close)


def is_close(heard: Sequence[Heard], start: int, end: int) -> bool:
    """Whether a bar (ticks) holds only what is struck on its first beat, as a song's last does."""
    onsets = [note.start for note in heard if start <= note.start < end]
    return len(onsets) > 1 and max(onsets) == start


def _span(tempo: TempoMap, bar: int) -> tuple[int, int]:
    start = tempo.bar_start(bar)
    return start, start + tempo.meter_at(start).ticks_per_bar


def _sounds(heard: Sequence[Heard], tempo: TempoMap, bar: int) -> bool:
    start, end = _span(tempo, bar)
    return any(note.start < end and note.end > start for note in heard)


def chords_there(
    request: Request, heard: Sequence[Heard], key: Key, start: int, meter: MeterChange
) -> tuple[ChordSpan, ...]:
    """The chords that a bar has already: asked for, in the chord lane, or heard in its notes."""
    end = start + meter.ticks_per_bar
    for lane in (request.controls.chords, request.song.chords):
        spans = covering(lane, start, end)
        if spans:
            return spans
    inside = [note for note in heard if note.start < end and note.end > start]
    beats = pulses(meter.beats, meter.unit)
    middle = next((p.at for p in beats if p.at * 2 >= meter.ticks_per_bar), 0)
    return chords_over(inside, start, end, start + middle, key)


@dataclass(frozen=True)
class Lane:
    """Chords for the bars of a gap: given ones, heard ones, continued ones, invented ones.

    Attributes:
        loop: What the gap is modelled on, if it goes on in the manner of what is there.
    """

    request: Request
    style: Style
    style_name: str
    key: Key
    surprise: float
    seed: int
    heard: Sequence[Heard]
    loop: Loop | None

    def chords(
        self,
        bars: Sequence[tuple[int, MeterChange]],
        laid: Sequence[Place],
        tempo: TempoMap,
    ) -> tuple[frozenset[int], list[tuple[ChordSpan, ...]]]:
        """Chords of each bar, and the starts of bars where they were there already."""
        given = [self.given(start, meter) for start, meter in bars]
        known = frozenset(start for (start, _), spans in zip(bars, given, strict=True) if spans)
        invented = self._invented(bars, laid, tempo)
        self._meet(bars, given, invented)
        found = []
        for (start, meter), there, new in zip(bars, given, invented, strict=True):
            beats = pulses(meter.beats, meter.unit)
            found.append(there or harmony.spread(new, start, beats))
        return known, found

    def given(self, start: int, meter: MeterChange) -> tuple[ChordSpan, ...]:
        return chords_there(self.request, self.heard, self.key, start, meter)

    def _invented(
        self,
        bars: Sequence[tuple[int, MeterChange]],
        laid: Sequence[Place],
        tempo: TempoMap,
    ) -> list[tuple[Chord, ...]]:
        written: list[tuple[Chord, ...]] = []
        for index, place in enumerate(laid):
            section = place.section
            bank = self._material(section.letter)
            if section.turn and self.surprise > 0.5 and not self.loop:
                bank = harmony.vary(
                    bank, self.key, self.surprise, stream(self.seed, "vary", section)
                )
            chords = bank[place.bar % len(bank)]
            model = (
                self._model(bars[index][0], tempo) if self.loop and self.surprise <= 0.75 else ()
            )
            written.append(model or chords)
        return self._closed(written, laid)

    def _material(self, letter: str) -> Sequence[tuple[Chord, ...]]:
        bank: Sequence[tuple[Chord, ...]] = harmony.material(
            self.style_name, self.key, letter, stream(self.seed, "chords", letter)
        )
        if letter == "P":
            bank = harmony.parse("iv iv V V" if self.key.is_minor else "ii IV V V", self.key.tonic)
        if self.surprise > 0.25:
            bank = harmony.vary(
                bank, self.key, self.surprise * 0.7, stream(self.seed, "colour", letter)
            )
        return tuple(bank)

    def _model(self, start: int, tempo: TempoMap) -> tuple[Chord, ...]:
        """The chords of the bar that a continued bar is modelled on."""
        assert self.loop is not None
        at = tempo.bar_start(self.loop.model(tempo.bar_at(start)))
        return tuple(span.chord for span in self.given(at, tempo.meter_at(at)))

    def _closed(
        self, written: list[tuple[Chord, ...]], laid: Sequence[Place]
    ) -> list[tuple[Chord, ...]]:
        """Open ends for inner phrases where the style knows them, a cadence for the last."""
        kind = self.style.cadence
        looping = self.style.form in ("loop", "blues") or self.loop is not None
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


def covering(lane: Sequence[ChordSpan], start: int, end: int) -> tuple[ChordSpan, ...]:
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
