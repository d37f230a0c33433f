"""The composer's plan: Sketch's, with forms and chords as songs have them where that suits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from studio.ai.composer import palettes, plans
from studio.ai.composer.forms import LEAST_BARS, MOST_BARS
from studio.ai.composer.progressions import (
    QUARTERS,
    Asked,
    Bar,
    Book,
    history_before,
    is_home,
    leads_home,
    numeral,
    tinted,
)
from studio.ai.composer.vocabulary import SECTIONS
from studio.ai.requests import Request, Task
from studio.ai.sketch import harmony, score
from studio.ai.sketch.form import Place, energy_of, places
from studio.ai.sketch.plan import Plan, plan
from studio.ai.sketch.progressions import PROGRESSIONS
from studio.ai.sketch.score import stream
from studio.domain.project import ChordSpan
from studio.domain.theory import Chord

# Which book a style's chords are drawn from; styles that are not named keep Sketch's chords.
BOOK_OF = {
    "pop": "songs", "rock": "songs", "soul": "songs", "country": "songs", "disco": "songs",
    "ballad": "songs", "folk": "songs", "reggae": "songs", "synthwave": "songs",
    "jazz": "standards",
}  # fmt: skip
TINT = {"songs": 0.3, "standards": 0.6}  # how much of each chord is the style's own habit
_TRIES = 16  # at chords that a short song's key has
_SECTION_OF = {"A": "verse", "B": "chorus", "C": "bridge", "P": "pre-chorus"}  # by letter


def planned(request: Request, learnt: plans.Plans | None = None) -> Plan:
    """The plan of a gap. Only where nothing is yet, in styles that songs were learnt of, in plain
    major or minor, does it differ from Sketch's; chords and forms asked for stay as they are.

    Args:
        learnt: In place of what the studio comes with.

    Raises:
        StudioError: What Sketch's plan raises, or the learnt counts are missing.
    """
    found = plan(request)
    suits = found.style_name in BOOK_OF and found.key.mode in ("major", "minor")
    if request.task is not Task.COMPOSE or found.loop or not suits:
        return found
    learnt = learnt or plans.shipped()
    found = _with_form(found, learnt)
    return _with_chords(found, learnt)


# --- form -------------------------------------------------------------------------------------


def _with_form(found: Plan, learnt: plans.Plans) -> Plan:
    """A song's form, unless one was asked for or the style goes round in a loop."""
    whole = LEAST_BARS <= len(found.bars) <= MOST_BARS
    if found.words.form or found.style.form != "song" or not whole:
        return found
    laid = learnt.forms.drawn(len(found.bars), stream(found.seed, "form"))
    if laid is None:
        return found
    bars = (_placed(bar, place, found) for bar, place in zip(found.bars, places(laid), strict=True))
    return replace(found, bars=tuple(bars))


def _placed(bar: score.Bar, place: Place, found: Plan) -> score.Bar:
    section = place.section
    return replace(
        bar, section=section.name, letter=section.letter, turn=section.turn, place=place.bar,
        count=section.bars, phrase=place.phrase, in_phrase=place.in_phrase,
        phrase_bars=place.phrase_bars, energy=energy_of(section, found.dials.energy),
    )  # fmt: skip


# --- chords -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bank:
    """The bars of a letter's material: the chord in each quarter."""

    numerals: tuple[Bar, ...]
    chords: tuple[tuple[Chord, ...], ...]


def _with_chords(found: Plan, learnt: plans.Plans) -> Plan:
    open_bars = [bar for bar in found.bars if bar.start not in found.known]
    if not open_bars:
        return found
    return _Chords(found, learnt).plan()


class _Chords:
    """Draws the chords of a plan."""

    def __init__(self, found: Plan, learnt: plans.Plans) -> None:
        self._found, self._learnt = found, learnt
        self._minor = found.key.is_minor
        self._book: Book = learnt.books[BOOK_OF[found.style_name]]
        own = _own(found.style_name, self._minor)
        self._tint = tinted(self._minor, own.progressions)
        at = palettes.colour(own.share, stream(found.seed, "palette"))
        self._palette = palettes.Palette(
            self._minor, learnt.palettes[at], own.qualities, self._known_qualities(), own.share
        )

    def plan(self) -> Plan:
        found, banks = self._found, self._banks()
        bars = []
        for bar in found.bars:
            if bar.start not in found.known:
                bank = banks[bar.letter]
                bar = _over(bar, bank.chords[bar.place % len(bank.chords)])
            bars.append(bar)
        return replace(found, bars=self._closed(bars))

    def _known_qualities(self) -> dict[str, str]:
        found = self._found
        spans = [span for bar in found.bars if bar.start in found.known for span in bar.chords]
        return {self._numeral(span.chord): span.chord.quality for span in reversed(spans)}

    def _numeral(self, chord: Chord) -> str:
        degree = (chord.root - self._found.key.tonic) % 12
        return numeral(degree, chord.quality, self._minor)

    def _chord(self, name: str) -> Chord:
        rng = stream(self._found.seed, "quality", name)
        return self._palette.chord(name, self._found.key.tonic, rng)

    # --- material ---------------------------------------------------------------------------

    def _banks(self) -> dict[str, _Bank]:
        found = self._found
        banks: dict[str, _Bank] = {}
        shared = found.style.form == "song" and self._learnt.forms.is_shared(
            stream(found.seed, "shared")
        )
        for letter in dict.fromkeys(bar.letter for bar in found.bars):
            bank = self._bank(letter)
            if letter == "B" and shared and "A" in banks and not self._fixed(letter):
                bank = banks["A"]
            banks[letter] = bank
        return banks

    def _bank(self, letter: str) -> _Bank:
        found = self._found
        mine = [bar for bar in found.bars if bar.letter == letter]
        names = [bar.section.lower() for bar in mine if bar.section.lower() in SECTIONS]
        told = _SECTION_OF.get(letter)
        section = told if told and (told in names or not names) else (names or [told or "verse"])[0]
        fixed = self._fixed(letter)
        asked = Asked(
            section,
            self._minor,
            max(bar.count for bar in mine),
            {at: tuple(self._numeral(chord) for chord in row) for at, row in fixed.items()},
            looped=found.style.form == "loop",
            opens=self._opens(letter),
            share=float(np.clip(0.7 + 0.4 * found.dials.surprise, 0.7, 0.98)),
            tint=self._tint,
            tint_weight=TINT[BOOK_OF[found.style_name]],
        )
        drawn = self._drawn(asked, letter)
        chords = [
            fixed.get(at) or tuple(self._chord(name) for name in bar)
            for at, bar in enumerate(drawn)
        ]
        return _Bank(drawn, tuple(chords))

    def _drawn(self, asked: Asked, letter: str) -> tuple[Bar, ...]:
        """A letter's material. A song that is too short to come home from elsewhere borrows no
        chords, if it can: nothing else would tell its key."""
        scale = self._found.key.pitch_classes
        drawn = self._book.drawn(asked, stream(self._found.seed, "progression", letter))
        for turn in range(_TRIES if self._is_short() else 0):
            own = (self._chord(name).root for bar in drawn for name in bar)
            if all(root in scale for root in own):
                break
            rng = stream(self._found.seed, "progression", letter, turn)
            drawn = self._book.drawn(asked, rng)
        return drawn

    def _is_short(self) -> bool:
        return len(self._found.bars) < LEAST_BARS

    def _opens(self, letter: str) -> bool:
        """Whether a letter's material begins a song that is too short to come home later on; jazz
        standards begin anywhere."""
        bars, book = self._found.bars, BOOK_OF[self._found.style_name]
        return book == "songs" and self._is_short() and letter == bars[0].letter

    def _fixed(self, letter: str) -> dict[int, tuple[Chord, ...]]:
        """The chords that stand in a letter's bars, by their place in it; the first time counts."""
        found: dict[int, tuple[Chord, ...]] = {}
        for bar in self._found.bars:
            if bar.letter == letter and bar.start in self._found.known:
                found.setdefault(bar.place, quarters(bar))
        return found

    # --- close ------------------------------------------------------------------------------

    def _closed(self, bars: list[score.Bar]) -> tuple[score.Bar, ...]:
        """The song's last bar on the tonic, and the one before it leading there."""
        known = self._found.known
        if bars[-1].start in known:
            return tuple(bars)
        home = "i" if self._minor else "I"
        bars[-1] = _over(bars[-1], (self._chord(home),) * QUARTERS)
        if len(bars) > 1 and bars[-2].start not in known:
            heard = [tuple(self._numeral(c) for c in quarters(bar)) for bar in bars[-4:-1]]
            if not leads_home(heard[-1][-1]):
                asked = Asked("outro", self._minor, 2)
                before = [n for n in history_before(heard, len(heard) - 1) if not is_home(n)]
                rng = stream(self._found.seed, "close")
                chord = self._chord(self._book.approach(asked, before, rng))
                if self._is_short() and chord.root not in self._found.key.pitch_classes:
                    chord = self._chord("V")
                bars[-2] = _over(bars[-2], (chord,) * QUARTERS)
        return tuple(bars)


def quarters(bar: score.Bar) -> tuple[Chord, ...]:
    """The chord at each quarter of a bar."""
    ticks = [bar.start + bar.length * quarter // QUARTERS for quarter in range(QUARTERS)]
    return tuple(bar.chord_at(tick) for tick in ticks)


def _over(bar: score.Bar, chords: Sequence[Chord]) -> score.Bar:
    """The bar over other chords, each beginning on a felt beat."""
    pulses = bar.pulses
    count = len(pulses)
    heads: dict[int, Chord] = {}
    for quarter, chord in enumerate(chords):
        if quarter == 0 or chord != chords[quarter - 1]:
            index = -(-quarter * count // QUARTERS)
            if index < count and pulses[index].at not in heads:
                heads[pulses[index].at] = chord
    starts = [*heads, bar.length]
    spans = tuple(
        ChordSpan(bar.start + at, starts[i + 1] - at, heads[at]) for i, at in enumerate(heads)
    )
    return replace(bar, chords=spans)


# --- the style's own habits -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Own:
    """What Sketch's progressions tell of a style.

    Attributes:
        share: Of its chords that are more than triads.
    """

    progressions: tuple[tuple[Bar, ...], ...]
    qualities: Mapping[str, Mapping[str, float]]
    share: float


def _own(style: str, minor: bool) -> _Own:
    mode = "minor" if minor else "major"
    texts = [text for row in PROGRESSIONS[style][mode].values() for text in row]
    parsed = [harmony.parse(text, 0) for text in texts]
    qualities: dict[str, dict[str, float]] = {}
    chords = [chord for bars in parsed for bar in bars for chord in bar]
    for chord in chords:
        row = qualities.setdefault(f"{mode} {numeral(chord.root, chord.quality, minor)}", {})
        row[chord.quality] = row.get(chord.quality, 0.0) + 1.0
    found = tuple(
        tuple(tuple(numeral(c.root, c.quality, minor) for c in bar) for bar in bars)
        for bars in parsed
    )
    more = sum(palettes.is_more_than_triad(chord.quality) for chord in chords)
    return _Own(found, qualities, more / len(chords))
