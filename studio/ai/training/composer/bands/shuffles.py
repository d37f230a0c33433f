"""New songs out of sections of old ones: chords as degrees of the key, so that any two fit."""

from __future__ import annotations

import numpy as np

from studio.ai.training.composer.bands.charts import Bar, Change, Chart, Section, moved
from studio.ai.training.composer.bands.progressions import FORMS
from studio.domain.theory import Chord

SOURCES = {
    "intro": ("intro", "verse"), "verse": ("verse",), "chorus": ("chorus",),
    "bridge": ("bridge", "interlude", "solo"), "pre-chorus": ("pre-chorus", "bridge"),
    "solo": ("solo", "verse"), "interlude": ("interlude", "solo", "verse"),
    "theme": ("theme", "chorus", "verse"), "outro": ("outro", "chorus"),
}  # fmt: skip


def _fitted(bars: tuple[Bar, ...], count: int) -> tuple[Bar, ...]:
    """The first bars, or the section again from its start where it is shorter."""
    return tuple(bars[i % len(bars)] for i in range(count))


def _section(table: list[Chart], kind: str, rng: np.random.Generator) -> tuple[Section, str]:
    for name in SOURCES[kind]:
        found = [
            (section, chart.title)
            for chart in table
            for section in chart.sections
            if section.name == name and len(section.bars) >= 4
        ]
        if found:
            return found[int(rng.integers(len(found)))]
    chart = table[int(rng.integers(len(table)))]
    return max(chart.sections, key=lambda s: len(s.bars)), chart.title


def in_c(charts: list[Chart], *, minor: bool) -> list[Chart]:
    """The charts in four quarters and this mode, all on the tonic C."""
    fitting = [c for c in charts if c.meter == (4, 4) and c.minor == minor]
    return [moved(c, -c.tonic) for c in fitting]


def song(table: list[Chart], rng: np.random.Generator, number: int) -> Chart:
    """A song by one of the forms; sections of one kind have equal chords, of one song each.

    Args:
        table: Charts of one mode, all on the tonic C.
    """
    chosen: dict[str, tuple[Section, str]] = {}
    sections = []
    for part in str(rng.choice(FORMS)).split(", "):
        name, bars = part.rsplit(" ", 1)
        if name not in chosen:
            chosen[name] = _section(table, name, rng)
        sections.append(Section(name, _fitted(chosen[name][0].bars, int(bars))))
    minor = table[0].minor
    end = Change(0.0, Chord(0, "m" if minor else ""))
    sections[-1] = Section(sections[-1].name, (*sections[-1].bars[:-1], (end,)))
    parents = tuple(dict.fromkeys(title for _, title in chosen.values()))
    title = f"Sections {number}"
    source = "McGill Billboard annotations, shuffled"
    return Chart(title, (4, 4), 0, minor, tuple(sections), table[0].licence, source, parents)
