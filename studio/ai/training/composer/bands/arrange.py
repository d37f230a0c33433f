"""What a band plays in each section of a chart, as a song file of MMA."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from studio.ai.training.composer.bands.charts import Bar, Chart
from studio.ai.training.composer.bands.grooves import Family, Groove
from studio.domain.theory import SHARP_NAMES, Chord

FILL_SHARE = 0.8
RICHER = ("sus", "plus", "horns", "voice", "arp", "strum", "hit")
# How MMA writes the qualities of `studio.domain.theory` that it writes in another way.
_NAMES = {
    "dim": "mb5", "maj7": "M7", "mmaj7": "mM7", "7sus4": "7sus", "9sus4": "sus9",
    "69": "6(add9)", "maj9": "M9", "maj13": "M13", "maj7#11": "M7#11", "madd9": "m",
}  # fmt: skip
# Notes that a groove leaves out by chance (RSkip) stay so: all of them at once were never meant.
_STEADY = ("RTime 0", "RVolume 0", "RDuration 0", "Chord Arpeggio Strum 0")


@dataclass(frozen=True, slots=True)
class Played:
    """A groove and for how many bars it plays."""

    groove: Groove
    bars: int


def chord_name(chord: Chord) -> str:
    """The chord as MMA writes it."""
    over = "" if chord.bass is None else f"/{SHARP_NAMES[chord.bass]}"
    return f"{SHARP_NAMES[chord.root]}{_NAMES.get(chord.quality, chord.quality)}{over}"


def bar_line(bar: Bar, quarters_per_beat: float) -> str:
    """A bar of chords, each with the beat it begins on."""
    return " ".join(f"{chord_name(c.chord)}@{1 + c.at / quarters_per_beat:g}" for c in bar)


def _variants(family: Family, rng: np.random.Generator) -> dict[str, Groove]:
    """Which main groove each kind of section has: choruses a richer one than verses, if any."""
    mains = family.of_kind("main")
    verse = mains[int(rng.integers(len(mains)))]
    others = [g for g in mains if g is not verse] or [verse]
    richer = [
        g
        for g in others
        if g.name.lower().startswith(verse.name.lower())
        or any(word in g.name.lower()[4:] for word in RICHER)
    ]
    table = richer or others
    chorus = table[int(rng.integers(len(table)))]
    bridge = others[int(rng.integers(len(others)))]
    return {
        "verse": verse, "intro": verse, "interlude": verse, "pre-chorus": bridge,
        "chorus": chorus, "theme": verse, "bridge": bridge, "solo": chorus, "outro": chorus,
    }  # fmt: skip


def _section(
    family: Family, main: Groove, name: str, bars: int, *, last: bool, rng: np.random.Generator
) -> Iterator[Played]:
    intros = [g for g in family.of_kind("intro") if g.bars <= bars] if name == "intro" else []
    ends = [g for g in family.of_kind("end") if g.bars < bars] if last else []
    fills = [g for g in family.of_kind("fill") if g.bars == 1] if bars >= 4 and not last else []
    first = intros[int(rng.integers(len(intros)))] if intros else None
    if first is not None:
        yield Played(first, first.bars)
        bars -= first.bars
    close = ends or (fills if bars > 1 and rng.random() < FILL_SHARE else [])
    final = close[int(rng.integers(len(close)))] if close else None
    if bars - (final.bars if final else 0) > 0:
        yield Played(main, bars - (final.bars if final else 0))
    if final is not None:
        yield Played(final, final.bars)


def plan(family: Family, chart: Chart, rng: np.random.Generator) -> list[Played]:
    """Grooves over all bars of the chart: intro, fills before changes, ending where there are."""
    variants = _variants(family, rng)
    played: list[Played] = []
    for index, section in enumerate(chart.sections):
        last = index == len(chart.sections) - 1
        main = variants[section.name]
        played += _section(family, main, section.name, len(section.bars), last=last, rng=rng)
    return played


def _head(chart: Chart, family: Family, bpm: float, seed: int) -> list[str]:
    fifths = chart.key.fifths
    signature = f"{abs(fifths)}{'#' if fifths >= 0 else 'b'} {'minor' if chart.minor else 'major'}"
    tempo = bpm / family.quarters_per_beat
    return [f"RndSeed {seed}", f"Tempo {tempo:g}", f"KeySig {signature}"]


def song_file(
    chart: Chart,
    family: Family,
    played: list[Played],
    *,
    bpm: float,
    seed: int,
    patterns: dict[str, str] | None = None,
) -> str:
    """The song in MMA's language, nothing left to chance but which of a groove's patterns come.

    Args:
        patterns: Name -> definition, of grooves that are not taken from the library as it is.
    """
    lines = _head(chart, family, bpm, seed)
    names = dict.fromkeys(p.groove.name for p in played)
    for name in names if patterns is not None else ():
        lines += [patterns[name], f"DefGroove {name}"]  # type: ignore[index]
    bars = iter(chart.bars)
    for part in played:
        name = part.groove.name
        lines.append(f"Groove {name}" if patterns is not None else f"Groove {family.file}:{name}")
        lines += [f"AllTracks {command}" for command in _STEADY]
        for _ in range(part.bars):
            lines.append(bar_line(next(bars), family.quarters_per_beat))
    return "\n".join(lines) + "\n"
