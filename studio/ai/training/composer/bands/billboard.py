"""Charts of the McGill Billboard annotations (Burgoyne, Wild and Fujinaga, ISMIR 2011)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from studio.ai.training.composer.bands.archives import members
from studio.ai.training.composer.bands.charts import Bar, Change, Chart, Section, filled
from studio.domain.theory import Chord

LICENCE = "CC0-1.0"
_SECTIONS = {
    "intro": "intro", "pre-intro": "intro", "verse": "verse", "pre-verse": "interlude",
    "chorus": "chorus", "refrain": "chorus", "pre-chorus": "pre-chorus",
    "prechorus": "pre-chorus", "pre chorus": "pre-chorus", "bridge": "bridge", "solo": "solo",
    "interlude": "interlude", "trans": "interlude", "transition": "interlude",
    "instrumental": "solo", "outro": "outro", "coda": "outro", "fadeout": "outro",
    "fade out": "outro", "theme": "theme", "main theme": "theme",
}  # fmt: skip
_HARTE = {
    "maj": "", "min": "m", "7": "7", "min7": "m7", "maj7": "maj7", "5": "5", "1": "",
    "maj(9)": "add9", "sus4": "sus4", "maj6": "6", "sus4(b7,9)": "9sus4", "sus4(b7)": "7sus4",
    "min9": "m9", "7(#9)": "7#9", "maj9": "maj9", "9": "9", "11": "9sus4", "13": "13",
    "sus2": "sus2", "5(b7)": "7", "dim": "dim", "min6": "m6", "min11": "m11", "maj6(9)": "69",
    "hdim7": "m7b5", "sus4(9)": "sus4", "7(b9)": "7b9", "min(9)": "m", "aug(b7)": "aug7",
    "min7(11)": "m7", "min(11)": "m", "maj13": "maj9", "maj(11)": "", "dim7": "dim7",
    "7(#11)": "7#11", "aug": "aug", "minmaj7": "mmaj7", "min13": "m9", "7(b13)": "7",
    "1(b3,b7)": "m7", "1(b7)": "7",
}  # fmt: skip
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_DEGREES = (0, 2, 4, 5, 7, 9, 11)  # of a bass, counted from the root in major
_CHORD = re.compile(r"^([A-G][b#]*):([^/]+)(?:/([b#]*)(\d+))?$")
_METERS = {"4/4": (4, 4), "12/8": (4, 4), "3/4": (3, 4), "6/8": (6, 8)}


def pitch_class(name: str) -> int:
    """Of a letter with any number of accidentals."""
    return (_NATURALS[name[0]] + name.count("#") - name[1:].count("b")) % 12


def chord_of(text: str) -> Chord | None:
    """A chord in the notation of Harte et al. (ISMIR 2005); None where none sounds."""
    match = _CHORD.match(text)
    if match is None:
        return None
    letter, harte, accidentals, degree = match.groups()
    quality = _HARTE.get(harte) or _HARTE.get(harte.split("(")[0], "")
    root, bass = pitch_class(letter), None
    if degree is not None:
        step = _DEGREES[(int(degree) - 1) % 7]
        bass = (root + step + accidentals.count("#") - accidentals.count("b")) % 12
    return Chord(root, quality, None if bass == root else bass)


def _bar(text: str, quarters: float) -> Bar:
    tokens = [t for t in text.split() if not t.startswith("(")]
    changes: list[Change] = []
    for index, token in enumerate(tokens):
        at = round(index * quarters / len(tokens) * 2) / 2
        chord = chord_of(token)
        if chord is not None and not (changes and changes[-1].at == at):
            changes.append(Change(at, chord))
    return tuple(changes)


def _line(text: str) -> tuple[str, str, int]:
    """Section name ("" where it goes on), the text between the bar lines, times played."""
    head, _, rest = text.partition("|")
    body, _, tail = rest.rpartition("|")
    names = [part.strip() for part in head.split(",")]
    name = next((_SECTIONS[n] for n in names if n in _SECTIONS), "")
    repeat = re.search(r"\bx(\d+)", tail)
    return name, body, int(repeat.group(1)) if repeat else 1


def sections_of(text: str, quarters: float) -> tuple[Section, ...]:
    """The sections of an annotation whose bars last so many quarters."""
    found: list[tuple[str, list[Bar]]] = []
    for line in text.splitlines():
        _, tab, content = line.partition("\t")
        if not tab or "|" not in content:
            continue
        name, body, times = _line(content)
        fresh = name and not (name == "outro" and found and found[-1][0] == "outro")
        if fresh or not found:
            found.append((name or "verse", []))
        found[-1][1].extend([_bar(bar, quarters) for bar in body.split("|")] * times)
    bars = filled(bar for _, group in found for bar in group)
    sections: list[Section] = []
    start = 0
    for name, group in found if bars else []:
        sections.append(Section(name, bars[start : start + len(group)]))
        start += len(group)
    return tuple(s for s in sections if s.bars)


def is_minor(sections: tuple[Section, ...], tonic: int) -> bool:
    """Whether the chords on the tonic are minor more often than major."""
    chords = [c.chord for section in sections for bar in section.bars for c in bar]
    thirds = [3 in c.intervals for c in chords if c.root == tonic and {3, 4} & {*c.intervals}]
    return sum(thirds) * 2 > len(thirds)


def chart_of(text: str) -> Chart | None:
    """The chart of one annotation; None where its meter is too rare or it has no chord."""
    header = dict(
        line[2:].split(": ", 1)
        for line in text.splitlines()
        if line.startswith("# ") and ": " in line
    )
    meter = _METERS.get(header.get("metre", ""))
    if meter is None or not re.match(r"^[A-G][b#]*$", header.get("tonic", "")):
        return None
    sections = sections_of(text, meter[0] * 4 / meter[1])
    if not sections:
        return None
    tonic = pitch_class(header["tonic"])
    title = f"{header.get('title', '')} ({header.get('artist', '')})"
    minor = is_minor(sections, tonic)
    source = "McGill Billboard annotations"
    return Chart(title, meter, tonic, minor, sections, LICENCE, source, (title,))


def charts(data: Path) -> Iterator[Chart]:
    """All songs of the archive in a common meter, each title once."""
    seen: set[str] = set()
    for name, content in members(data, "mcgill-billboard-chords", ".txt"):
        chart = chart_of(content.decode("utf-8")) if "/salami_chords/" in name else None
        if chart is not None and chart.title not in seen:
            seen.add(chart.title)
            yield chart
