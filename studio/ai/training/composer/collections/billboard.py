"""The McGill Billboard annotations: chords, bars and sections of popular songs, without notes.

The format is described in J. A. Burgoyne, J. Wild and I. Fujinaga, "An expert ground truth set for
audio chord recognition and music analysis", ISMIR 2011.
"""

from __future__ import annotations

import re
from typing import TypedDict

from studio.domain.theory import Chord, pitch_class

NO_CHORD = ""
SECTION_OF = {
    "intro": "intro", "verse": "verse", "chorus": "chorus", "bridge": "bridge", "solo": "solo",
    "interlude": "interlude", "outro": "outro", "trans": "interlude", "transition": "interlude",
    "pre-chorus": "pre-chorus", "prechorus": "pre-chorus", "instrumental": "interlude",
    "instrumental break": "interlude", "fadeout": "outro", "coda": "outro", "ending": "outro",
    "refrain": "chorus", "theme": "theme", "main theme": "theme", "secondary theme": "theme",
    "pre-verse": "interlude", "pre-intro": "intro", "fadein": "intro", "fade in": "intro",
    "spoken verse": "verse", "vocal": "verse", "break": "interlude",
}  # fmt: skip
# What Harte's syntax calls a chord, in the studio's own writing.
_QUALITY_OF = {
    "maj": "", "min": "m", "maj7": "maj7", "min7": "m7", "7": "7", "5": "5", "1": "",
    "sus4": "sus4", "sus2": "sus2", "maj6": "6", "min6": "m6",
    "maj9": "maj9", "min9": "m9", "9": "9", "11": "11",
    "13": "13", "min11": "m11", "min13": "m13", "maj13": "maj13", "dim": "dim", "dim7": "dim7",
    "hdim7": "m7b5", "aug": "aug", "minmaj7": "mmaj7", "maj(9)": "add9", "min(9)": "madd9",
    "maj6(9)": "69", "sus4(b7)": "7sus4", "sus4(b7,9)": "9sus4", "sus4(b7,9,13)": "9sus4",
    "sus4(9)": "sus4", "sus2(b7)": "7sus4", "7(#9)": "7#9", "7(b9)": "7b9", "7(#11)": "7#11",
    "5(b7)": "7", "aug(b7)": "aug7", "min7(11)": "m11", "min(11)": "m", "maj(11)": "",
}  # fmt: skip
_CHORD = re.compile(r"^([A-G])([#b]*):([^/]+)(?:/.*)?$")
_BAR_METER = re.compile(r"^\((\d+)/(\d+)\)$")
_NAME = re.compile(r"^([A-Z])('*)$")


class Section(TypedDict):
    """`bars` hold one chord for every beat (a dotted one in compound meters); "" is no chord."""

    name: str
    letter: str
    tonic: str
    meter: str
    bars: list[list[str]]


class Song(TypedDict):
    """`title` is the song's, `meter` and `tonic` those it starts with."""

    id: str
    title: str
    artist: str
    meter: str
    tonic: str
    sections: list[Section]


def chord_text(harte: str) -> str:
    """`C:min7/b3` -> `Cm7`; `N` and what names no chord -> `NO_CHORD`."""
    found = _CHORD.match(harte)
    if not found:
        return NO_CHORD
    root = sum({"#": 1, "b": -1}[sign] for sign in found[2]) + pitch_class(found[1])
    whole = found[3]
    quality = _QUALITY_OF.get(whole, _QUALITY_OF.get(whole.split("(")[0], ""))
    return Chord(root % 12, quality).name(flats="b" in found[2])


def parse(text: str, identity: str = "") -> Song:
    """The song of one annotation file."""
    song = Song(id=identity, title="", artist="", meter="4/4", tonic="", sections=[])
    meter, tonic = "4/4", ""
    for line in text.splitlines():
        if line.startswith("#"):
            name, _, value = line[1:].partition(":")
            name, value = name.strip(), value.strip()
            if name == "metre":
                meter = value
            elif name == "tonic":
                tonic = value
            elif name == "title":
                song["title"] = value
            elif name == "artist":
                song["artist"] = value
            if not song["sections"]:
                song["meter"], song["tonic"] = meter, tonic
        elif "\t" in line:
            _read_line(song, line.split("\t", 1)[1], meter, tonic)
    song["sections"] = [section for section in song["sections"] if section["bars"]]
    return song


def _read_line(song: Song, content: str, meter: str, tonic: str) -> None:
    words, bars, rest = _parts(content)
    letter, name = "", ""
    for word in words:
        found = _NAME.match(word)
        if found:
            letter = word
        elif word in SECTION_OF or word.split(" ")[0] in SECTION_OF:
            name = SECTION_OF.get(word) or SECTION_OF[word.split(" ")[0]]
    new = letter or name or not song["sections"]
    if new or song["sections"][-1]["meter"] != meter or song["sections"][-1]["tonic"] != tonic:
        before = song["sections"][-1] if song["sections"] and not new else None
        song["sections"].append(
            Section(
                name=before["name"] if before else name,
                letter=before["letter"] if before else letter,
                tonic=tonic,
                meter=meter,
                bars=[],
            )
        )
    times = re.search(r"\bx(\d+)", rest)
    line = _bars(bars, meter)
    song["sections"][-1]["bars"] += [
        list(bar) for _ in range(int(times[1]) if times else 1) for bar in line
    ]


def _parts(content: str) -> tuple[list[str], str, str]:
    """What stands before the first bar line, between the bar lines, and after the last."""
    first, last = content.find("|"), content.rfind("|")
    if first < 0:
        return [word.strip() for word in content.split(",") if word.strip()], "", ""
    words = [word.strip() for word in content[:first].split(",") if word.strip()]
    return words, content[first + 1 : last], content[last + 1 :]


def _bars(text: str, meter: str) -> list[list[str]]:
    bars = []
    before = NO_CHORD
    for bar in text.split("|") if text.strip() else []:
        tokens = bar.split()
        found = _BAR_METER.match(tokens[0]) if tokens else None
        beats = _beats(found[0][1:-1] if found else meter)
        chords: list[str] = []
        for token in tokens[1:] if found else tokens:
            before = before if token == "." else chord_text(token)
            chords.append(before)
        bars.append(_spread(chords or [before], beats))
    return bars


def _beats(meter: str) -> int:
    beats, unit = (int(word) for word in meter.split("/"))
    return beats // 3 if unit == 8 and beats % 3 == 0 else beats


def _spread(chords: list[str], beats: int) -> list[str]:
    """One chord a beat: evenly where they divide the bar, else the last one lasts."""
    if beats % len(chords) == 0:
        return [chord for chord in chords for _ in range(beats // len(chords))]
    return (chords + [chords[-1]] * beats)[:beats]
