"""MMA's library of grooves: which there are, in which meter, and what each is for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_KINDS = (
    ("intro", re.compile(r"intro", re.I)),
    ("fill", re.compile(r"fill|break", re.I)),
    ("end", re.compile(r"end(ing)?\w{0,2}$", re.I)),
    ("", re.compile(r"metronome|^none$", re.I)),
)
_SECTION_FILL = re.compile(r"^.+\dF[AB]$|fiveF[AB]$|rockF[AB]$")
_SECTION_END = re.compile(r"(\d|five|rock)E$")
_COLUMNS = re.compile(r"//\s*\|([^|]+)\|")
_TENTHS = re.compile(r"(?<=[{;])(\s*\d)\.(\d)(?=\s)")
# Positions are written with one decimal; what was meant shows in how the bar above is drawn.
_SIXTEENTHS = {"2": "25", "3": "25", "7": "75", "8": "75"}
_TWELFTHS = {
    "1": "0834", "2": "1667", "3": "3334", "4": "4167", "6": "5834", "7": "6667", "8": "8334",
    "9": "9167",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Groove:
    """A named pattern.

    Attributes:
        bars: How long it is before it repeats.
        kind: "main", "intro", "fill" or "end".
    """

    name: str
    bars: int
    kind: str


@dataclass(frozen=True, slots=True)
class Family:
    """The grooves of one file of the library: what one band plays in one song.

    Attributes:
        file: Folder and stem within the library, such as "stdlib/bvfunk".
        beats: MMA's beats in a bar.
        meter: Beats and unit of the bar as written in a song.
    """

    file: str
    beats: int
    meter: tuple[int, int]
    grooves: tuple[Groove, ...]

    @property
    def quarters_per_beat(self) -> float:
        """How long MMA's beat is in the song."""
        return self.meter[0] * 4 / self.meter[1] / self.beats

    def of_kind(self, kind: str) -> tuple[Groove, ...]:
        return tuple(g for g in self.grooves if g.kind == kind)


def _kind(name: str) -> str:
    if _SECTION_FILL.match(name):
        return "fill"
    if _SECTION_END.search(name):
        return "end"
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), "main")


def _meter(beats: int, signature: str) -> tuple[int, int]:
    if beats == 4:
        return 4, 4
    if beats in (2, 6) or (beats == 3 and signature == "6/8"):
        return 6, 8
    return beats, 4


def _lines(text: str) -> Iterator[list[str]]:
    """Words of each line outside the documentation, without comments."""
    plain = re.sub(r"(?ims)^\s*begin\s+doc.*?^\s*end\b", "", text)
    for line in plain.splitlines():
        words = line.split("//")[0].split()
        if words:
            yield words


def family_of(file: str, text: str) -> Family | None:
    """What a file of the library defines; None where its meter changes or is none of ours."""
    beats, signature, bars = 4, "", 1
    grooves: dict[str, Groove] = {}
    meters: set[tuple[int, tuple[int, int]]] = set()
    for words in _lines(text):
        command = words[0].lower()
        if command == "time":
            beats = int(float(words[1].split("/")[0]))
        elif command == "timesig":
            signature = "/".join(words[1:3]) if "/" not in words[1] else words[1]
        elif command == "seqsize":
            bars = int(words[1])
        elif command == "groove" and words[1] in grooves:
            bars = grooves[words[1]].bars
        elif command == "defgroove":
            kind = _kind(words[1])
            grooves[words[1]] = Groove(words[1], bars, kind)
            meters.add((beats, _meter(beats, signature)))
    known = tuple(g for g in grooves.values() if g.kind)
    if len(meters) != 1 or not any(g.kind == "main" for g in known):
        return None
    beats, meter = meters.pop()
    return Family(file, beats, meter, known) if meter in {(4, 4), (3, 4), (6, 8)} else None


def families(library: Path) -> dict[str, Family]:
    """The families of a library folder, by file."""
    found: dict[str, Family] = {}
    for path in sorted(library.glob("*/*.mma")):
        file = f"{path.parent.name}/{path.stem}"
        family = family_of(file, path.read_text(encoding="latin-1"))
        if family is not None:
            found[file] = family
    return found


def exact(pattern: str) -> str:
    """A drum pattern whose positions, rounded to tenths of a beat, are where they were drawn.

    The comment over each sequence draws a bar in sixteenths, or in twelfths of a beat.
    """
    drawn = [len(columns) for columns in _COLUMNS.findall(pattern)]
    places = _TWELFTHS if drawn and max(drawn) > 16 else _SIXTEENTHS
    return _TENTHS.sub(lambda m: f"{m[1]}.{places.get(m[2], m[2])}", pattern)


def drum_patterns(path: Path) -> dict[str, str]:
    """Name -> definition of each pattern of a file of drums, positions made exact."""
    blocks = re.split(r"(?im)^\s*SeqClear\s*$", path.read_text(encoding="latin-1"))[1:]
    found = {}
    for block in blocks:
        match = re.search(r"(?im)^DefGroove\s+(\S+).*", block)
        if match is not None:
            found[match.group(1)] = "SeqClear\n" + exact(block[: match.start()])
    return found
