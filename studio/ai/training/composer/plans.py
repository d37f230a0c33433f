"""Learns forms and chords for the composer's plan, and measures them on songs held out."""

from __future__ import annotations

import argparse
import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from studio.ai.composer import palettes
from studio.ai.composer.forms import END, KINDS, LENGTHS, Forms, contexts
from studio.ai.composer.forms import NAMES as SECTION_NAMES
from studio.ai.composer.piece import Piece
from studio.ai.composer.plans import Plans, as_json
from studio.ai.composer.progressions import (
    QUARTERS,
    START,
    Bar,
    Counts,
    Smoothed,
    numeral,
)
from studio.ai.composer.vocabulary import QUALITIES
from studio.ai.training.composer import plan_figures
from studio.ai.training.composer.bands.archives import data_folder, members
from studio.ai.training.composer.collections.billboard import NO_CHORD, Section, Song, parse
from studio.ai.training.composer.progressions import Stretch, learnt, nats
from studio.ai.training.composer.shards import Shards
from studio.domain.theory import Chord, pitch_class

_log = logging.getLogger(__name__)
ARCHIVE = "mcgill-billboard-chords"
LICENCE = (
    "CC0-1.0. Learnt from the McGill Billboard annotations (Burgoyne, Wild and Fujinaga, ISMIR "
    "2011; CC0) and from OpenEWLD (Simonetta et al.; MIT; public domain tunes)."
)
TENTHS_HELD_OUT = 1  # of the songs, for the test; as many for choosing
_FORM_WEIGHTS = (1.0, 2.0, 6.0)
_PHRASE = 16  # bars of a lead sheet that are learnt as one section
_KIND_OF = {"": "verse", "theme": "verse"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, required=True, help="where `prepare` put its pieces")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    seeds = plan_figures.SEEDS
    parser.add_argument("--seeds", type=int, default=seeds, help="of each style, to measure with")


def run(arguments: argparse.Namespace) -> None:
    """Learn, measure and write.

    Raises:
        StudioError: The archive or the prepared lead sheets are missing.
    """
    songs = distinct(
        parse(text.decode(), path)
        for path, text in members(arguments.data, ARCHIVE, ".txt")
        if "/salami_chords/" in path
    )
    sheets = Shards(arguments.work / "pieces" / "openewld.npz")
    kept = [song for song in songs if tenth(song["title"]) >= TENTHS_HELD_OUT]
    held = [song for song in songs if tenth(song["title"]) < TENTHS_HELD_OUT]
    of_songs, of_held = ([s for song in part for s in stretches(song)] for part in (kept, held))
    of_sheets = [s for piece in sheets for s in sheet_stretches(piece)]
    books = {
        "songs": learnt(of_songs),
        "standards": learnt([s for s in of_sheets if tenth(s.title) >= TENTHS_HELD_OUT]),
    }
    plans = Plans(books, learnt_palettes(kept), learnt_forms(kept))
    figures = {
        "songs learnt from": len(kept),
        "songs held out": len(held),
        "nats a bar, a chord": _rounded(nats(books["songs"], of_held)),
        "lead sheets, nats a bar, a chord": _rounded(
            nats(books["standards"], [s for s in of_sheets if tenth(s.title) < TENTHS_HELD_OUT])
        ),
        **plan_figures.figures(plans, of_held, arguments.seeds),
    }
    for name, value in figures.items():
        _log.info("%s: %s", name, value)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(as_json(plans, {"licence": LICENCE, "figures": figures}), "utf-8")


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, 3) for value in values]


def tenth(title: str) -> int:
    """0-9 by a hash of the title; songs below `TENTHS_HELD_OUT` are held out."""
    return hashlib.sha256(title.lower().encode()).digest()[0] % 10


def distinct(songs: Iterable[Song]) -> list[Song]:
    """The first annotation of every song that has a tonic."""
    found: dict[tuple[str, str], Song] = {}
    for song in songs:
        if song["sections"] and all(section["tonic"] for section in song["sections"]):
            found.setdefault((song["title"].lower(), song["artist"].lower()), song)
    return list(found.values())


# --- chords -----------------------------------------------------------------------------------


def stretches(song: Song) -> Iterator[Stretch]:
    """The sections of a song, each kind of bars once."""
    minor = is_minor(song)
    done: set[tuple[Bar, ...]] = set()
    for section in song["sections"]:
        bars = numerals(section, minor)
        if len(bars) > 1 and bars not in done:
            done.add(bars)
            yield Stretch(song["title"], kind(section), minor, bars)


def kind(section: Section) -> str:
    """One of `forms.KINDS`."""
    return _KIND_OF.get(section["name"], section["name"])


def is_minor(song: Song) -> bool:
    """Whether the chords on the tonic are minor more often than major."""
    thirds = [
        3 in chord.intervals
        for section in song["sections"]
        for chord in chords(section)
        if chord.root == tonic(section) and {3, 4} & {*chord.intervals}
    ]
    return sum(thirds) * 2 > len(thirds)


def tonic(section: Section) -> int:
    return pitch_class(section["tonic"][0], section["tonic"][1:])


def chords(section: Section) -> Iterator[Chord]:
    """The chord of each beat where one sounds."""
    return (Chord.parse(text) for bar in section["bars"] for text in bar if text != NO_CHORD)


def numerals(section: Section, minor: bool) -> tuple[Bar, ...]:
    """The bars from the first chord on; silence goes on with the chord before it."""
    home, last = tonic(section), ""
    found: list[Bar] = []
    for bar in section["bars"]:
        row = []
        for quarter in range(QUARTERS):
            text = bar[quarter * len(bar) // QUARTERS]
            if text != NO_CHORD:
                chord = Chord.parse(text)
                last = numeral((chord.root - home) % 12, chord.quality, minor)
            row.append(last)
        if row[0]:
            found.append(tuple(row))
    return tuple(found)


def sheet_stretches(piece: Piece) -> Iterator[Stretch]:
    """A lead sheet in stretches of sixteen bars, from its first whole bar with a chord on."""
    names = ["" if name == "none" else name for name in QUALITIES]
    bars: list[Bar] = []
    last = ""
    for row in piece.bars:
        found = []
        for root, quality in zip(row["root"], row["quality"], strict=True):
            if root >= 0:
                degree = (int(root) - int(row["tonic"])) % 12
                last = numeral(degree, names[quality], bool(row["mode"]))
            found.append(last)
        if found[0]:
            bars.append(tuple(found))
    minor = bool(np.median(piece.bars["mode"]) > 0)
    for start in range(0, len(bars) - 3, _PHRASE):
        yield Stretch(piece.title, "theme", minor, tuple(bars[start : start + _PHRASE]))


def learnt_palettes(songs: Sequence[Song]) -> tuple[palettes.Qualities, ...]:
    """What the numerals are made of in songs of each colour."""
    found: list[Counts] = [defaultdict(lambda: defaultdict(float)) for _ in palettes.COLOURS]
    for song in songs:
        mode = "minor" if is_minor(song) else "major"
        turns: Counter[tuple[str, str]] = Counter()
        for section in song["sections"]:
            row = [(chord, tonic(section)) for chord in chords(section)]
            for index, (chord, home) in enumerate(row):
                if index == 0 or row[index - 1][0] != chord:
                    name = numeral((chord.root - home) % 12, chord.quality, mode == "minor")
                    turns[name, chord.quality] += 1
        more = sum(n for (_, quality), n in turns.items() if palettes.is_more_than_triad(quality))
        table = found[palettes.nearest_colour(more / max(sum(turns.values()), 1))]
        for name in {name for name, _ in turns}:
            whole = sum(n for (other, _), n in turns.items() if other == name)
            for (other, quality), count in turns.items():
                if other == name and quality != "5":
                    table[f"{mode} {name}"][quality] += round(count / whole, 2)
    return tuple(_common(table) for table in found)


def _common(table: Counts) -> palettes.Qualities:
    """Without what less than a song in all played, or less than one in twenty."""
    return {
        name: {
            quality: round(count, 1)
            for quality, count in sorted(row.items())
            if count >= max(0.05 * sum(row.values()), 0.1)
        }
        for name, row in sorted(table.items())
        if sum(row.values()) >= 1.0
    }


# --- forms ------------------------------------------------------------------------------------


def learnt_forms(songs: Sequence[Song]) -> Forms:
    """Which sections follow each other, how long they are, and over whose chords."""
    tables: list[Counts] = [defaultdict(lambda: defaultdict(float)) for _ in _FORM_WEIGHTS]
    lengths = {name: Counter({8: 1}) for name in KINDS}
    over: Counts = {name: {"own": 0.0, "verse": 0.0, "chorus": 0.0} for name in KINDS}
    for song in songs:
        kinds = [kind(section) for section in song["sections"] if len(section["bars"]) > 1]
        row = [START, START, *kinds, END]
        for index in range(2, len(row)):
            for table, context in zip(tables, contexts(*row[index - 2 : index]), strict=True):
                table[context][row[index]] += 1.0
        for name, count in _usual_lengths(song).items():
            lengths[name][min(LENGTHS, key=lambda bars: (abs(bars - count), bars))] += 1
        _count_over(over, song)
    plain = tuple({context: dict(row) for context, row in table.items()} for table in tables)
    return Forms(
        Smoothed(SECTION_NAMES, plain, _FORM_WEIGHTS),
        {name: dict(sorted(row.items())) for name, row in lengths.items()},
        over,
    )


def _usual_lengths(song: Song) -> dict[str, int]:
    """The length that each kind of section has most often."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for section in song["sections"]:
        found[kind(section)][len(section["bars"])] += 1
    return {name: row.most_common(1)[0][0] for name, row in found.items()}


def _count_over(over: Counts, song: Song) -> None:
    """Count which sections begin with the four bars that the verse or the chorus begins with."""
    minor = is_minor(song)
    first: dict[str, tuple[Bar, ...]] = {}
    for section in song["sections"]:
        bars = numerals(section, minor)[:4]
        if len(bars) == 4:
            first.setdefault(kind(section), bars)
    for name, bars in first.items():
        same = [other for other in ("verse", "chorus") if other != name]
        same = [other for other in same if first.get(other) == bars]
        over[name][same[0] if same else "own"] += 1.0
