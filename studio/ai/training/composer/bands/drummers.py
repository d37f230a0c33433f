"""Bands with a human drummer: performances of groove-midi in place of a band's own drums.

The drummers are those of the Groove MIDI Dataset (Gillick et al., ICML 2019), CC BY 4.0.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from studio.ai.training.composer.bands.archives import members
from studio.ai.training.composer.bands.charts import Chart
from studio.ai.training.composer.bands.songs import Band, Made, Studio, saved
from studio.ai.training.composer.bands.styles import ROWS, StyleRow
from studio.ai.training.composer.bands.tracks import TPQ, Table, Track, columns, unoverlapped

LICENCE = "CC-BY-4.0"
BAR = 4 * TPQ
PHRASE_BARS = 4
EARLY = TPQ // 8  # a hit so shortly before a bar line belongs to the bar
FEWEST_PHRASES = 2
TOMS = (41, 43, 45, 47, 48, 50)
TRIES = 12
HELD_OUT_EVERY = 12
FIRST_NUMBER = 100_000  # so that no chart is one of the songs without drummers
CHARTS = (0.0, 0.0, 0.6, 0.4)  # shares of `songs.SOURCES`: none whose title is elsewhere
SPLITS = {"train": "train", "validation": "valid", "test": "test"}
# Keys of the drummers' kit that General MIDI does not know or calls otherwise.
_KEYS = {22: 42, 26: 46, 58: 43, 40: 38}
# The drummer's style, the longest name first -> how the style words of fitting bands begin.
_STYLES = (
    ("rock/shuffle", "blues; rock"), ("rock/folk", "folk"), ("rock", "rock; pop, rock; metal"),
    ("funk", "funk; jazz, funk; soul"), ("hiphop", "hip hop; lo-fi; trap; soul"),
    ("jazz/funk", "funk; jazz, funk"), ("jazz/fusion", "jazz, funk; jazz, rock"),
    ("jazz/march", "march"), ("jazz/klezmer", "polka; jazz"), ("jazz", "jazz; swing"),
    ("afrobeat", "afro; funk"), ("afrocuban", "afro; latin; salsa"), ("soul", "soul; gospel"),
    ("latin/brazilian", "samba; bossa nova"), ("latin/reggaeton", "reggae"),
    ("latin/samba", "samba"), ("latin", "latin; salsa"), ("pop/soft", "ballad, pop"),
    ("pop", "pop"), ("dance/disco", "disco; house"), ("dance", "electronic; house; disco"),
    ("neworleans", "funk; soul; blues"), ("country", "country"), ("reggae", "reggae"),
    ("gospel", "gospel; soul"), ("punk", "metal; rock"), ("blues", "blues"),
    ("highlife", "afro; latin"), ("middleeastern", "latin"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """What one drummer played in one go, in four quarters.

    Attributes:
        notes: In ticks of `TPQ` from the first bar line, played timing and all.
        split: "train", "valid" or "test", as published.
    """

    name: str
    drummer: str
    style: str
    bpm: float
    split: str
    notes: Table

    @property
    def bars(self) -> int:
        return int((self.notes["start"].max() + EARLY) // BAR) + 1 if len(self.notes) else 0


def performances(data: Path) -> Iterator[Performance]:
    """The long performances in four quarters: grooves, not single fills."""
    files = dict(members(data, "groove-midi", ""))
    table = next(name for name in files if name.endswith("info.csv"))
    home = table.removesuffix("info.csv")
    for row in csv.DictReader(files[table].decode("utf-8").splitlines()):
        if row["beat_type"] != "beat" or row["time_signature"] != "4-4":
            continue
        notes = _notes(files[home + row["midi_filename"]])
        played = Performance(
            row["id"], row["drummer"], row["style"], float(row["bpm"]), SPLITS[row["split"]], notes
        )
        if len(phrases(played)) >= FEWEST_PHRASES:
            yield played


def _notes(midi: bytes) -> Table:
    score: Any = symusic.Score.from_midi(midi)
    scale = TPQ / score.ticks_per_quarter
    return columns(
        (n.start * scale, n.end * scale, _KEYS.get(n.pitch, n.pitch), n.velocity)
        for track in score.tracks
        for n in track.notes
    )


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Four bars of a performance; ticks from its first bar line, the earliest slightly before.

    Attributes:
        fill: How much the last bar departs from the others: toms, crashes, more or fewer hits.
    """

    notes: Table
    fill: float


def phrases(played: Performance) -> list[Phrase]:
    """The performance in phrases of four bars, without those that have an empty bar."""
    found = []
    for start in range(0, played.bars - PHRASE_BARS + 1, PHRASE_BARS):
        low = start * BAR - EARLY
        at = played.notes["start"]
        notes = played.notes[(at >= low) & (at < low + PHRASE_BARS * BAR)].copy()
        for name in ("start", "end"):
            notes[name] -= start * BAR
        bars = (notes["start"] + EARLY) // BAR
        hits = np.bincount(bars, minlength=PHRASE_BARS)
        if hits.min() > 0:
            found.append(Phrase(notes, _fill(notes, bars, hits)))
    return found


def _fill(notes: Table, bars: Table, hits: Table) -> float:
    toms = np.bincount(bars[np.isin(notes["pitch"], TOMS)], minlength=PHRASE_BARS)
    return float(toms[-1] - toms[:-1].mean() + 0.5 * abs(hits[-1] - np.median(hits[:-1])))


def drum_track(played: Performance, chart: Chart, first: int) -> Track:
    """The performance over a chart: its phrases in turn, one with a fill at each section's end.

    Args:
        first: Index of the phrase that the song begins with.
    """
    table = phrases(played)
    usual = float(np.median([p.fill for p in table]))
    ends = [p for p in table if p.fill > usual] or table
    plain = [p for p in table if p.fill <= usual] or table
    rows, bar, nth = [], 0, first
    for number, section in enumerate(chart.sections):
        left = len(section.bars)
        while left > 0:
            count = min(left, PHRASE_BARS)
            last = left <= PHRASE_BARS
            phrase = ends[(first + number) % len(ends)] if last else plain[nth % len(plain)]
            rows.append(_placed(phrase.notes, bar, count))
            bar, left, nth = bar + count, left - count, nth + (not last)
    notes = np.concatenate(rows)
    return Track("Drums", 0, True, unoverlapped(notes[np.argsort(notes["start"], kind="stable")]))


def _placed(notes: Table, bar: int, count: int) -> Table:
    """The last `count` bars of a phrase, from this bar of the song on."""
    skipped = (PHRASE_BARS - count) * BAR
    kept = notes[notes["start"] >= skipped - EARLY].copy()
    kept["start"] = np.maximum(kept["start"] - skipped + bar * BAR, 0)
    kept["end"] = np.maximum(kept["end"] - skipped + bar * BAR, kept["start"] + 1)
    return kept


def shuffled(played: Performance) -> bool | None:
    """Whether the drummer swings eighths; None where too few off-beats tell."""
    within = (played.notes["start"] % TPQ) / TPQ
    half = int(((within > 0.42) & (within < 0.56)).sum())
    third = int(((within > 0.6) & (within < 0.72)).sum())
    return third > 2 * half if half + third >= len(within) / 40 else None


def fitting_rows(style: str) -> list[StyleRow]:
    """The rows of bands, with drums of their own, that a drummer of this style may play with."""
    wanted = tuple(next((w for name, w in _STYLES if style.startswith(name)), "?").split("; "))
    return [row for row in ROWS if ", ".join(row.words).startswith(wanted) and not row.drums]


def band_for(studio: Studio, played: Performance, rng: np.random.Generator) -> Band | None:
    """A band of the drummer's style, near in tempo, that swings if and only if the drummer does."""
    rows = [r for r in fitting_rows(played.style) if studio.fitting(r.files, (4, 4))]
    if not rows:
        return None
    far = np.array([max(r.bpm[0] - played.bpm, played.bpm - r.bpm[1], 0) for r in rows])
    weights = np.array([r.weight for r in rows]) * np.exp(-far / 15)
    swing = shuffled(played)
    for _ in range(TRIES):
        row = rows[int(rng.choice(len(rows), p=weights / weights.sum()))]
        bands = studio.fitting(row.files, (4, 4))
        family = bands[int(rng.integers(len(bands)))]
        if None in (swing, studio.swings(family)) or swing == studio.swings(family):
            return Band(row, family, None)
    return None


def drawn(studio: Studio, played: Performance, seed: int, number: int) -> Made | None:
    """The song of this number with this drummer, at the drummer's tempo."""
    rng = np.random.default_rng([seed, FIRST_NUMBER + number])
    chart = studio.chart(rng, FIRST_NUMBER + number, CHARTS)
    band = band_for(studio, played, rng)
    if band is None:
        return None
    made = studio.made(chart, band, played.bpm, rng, number)
    rest = [track for track in made.tracks if not track.drums] if made is not None else []
    if made is None or not rest:
        return None
    drums = drum_track(played, chart, int(rng.integers(1000)))
    swing = shuffled(played)
    return replace(made, tracks=(drums, *rest), swing=made.swing if swing is None else swing)


def told(played: Performance, made: Made) -> dict[str, Any]:
    """What is to be told beside what is told of every song."""
    licence = f"chords {made.chart.licence}; patterns GPL-2.0-or-later; drums {LICENCE}"
    return {
        "licence": licence,
        "source": "performed",
        "origin": "Groove MIDI Dataset over MMA",
        "group": f"groove {played.name}",  # where the performance itself goes, the song goes
        "groove_split": played.split,
        "drummer": played.drummer,
        "performance": played.name,
        "performed_tracks": ["Drums"],
        "has_deviation": True,
        "has_tempo": False,
    }


def turn(table: Sequence[Performance], number: int) -> Performance:
    """Whose turn it is: one song in `HELD_OUT_EVERY` has a drummer who is not learnt from."""
    held, step = divmod(number, HELD_OUT_EVERY)
    last = step == HELD_OUT_EVERY - 1
    chosen = [p for p in table if (p.split != "train") == last] or table
    return chosen[(held if last else held * (HELD_OUT_EVERY - 1) + step) % len(chosen)]


def make(studio: Studio, data: Path, folder: Path, *, seed: int, songs: int) -> int:
    """Writes songs, each performance as often as the next, few of them held out; old ones stay.

    Returns:
        How many songs there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = list(performances(data))
    count = 0
    for number in range(songs):
        stem, played = f"{seed}-{number:05d}", turn(table, number)
        if not (folder / f"{stem}.json").exists():
            made = drawn(studio, played, seed, number)
            if made is None:
                continue
            saved(folder, stem, made, told(played, made))
        count += 1
    return count
